import { queries } from '../../db/queries.ts';
import { mostMails } from '../../domain/sign-in.ts';
import { linkToken, linkUrl, type MailPayload } from '../../domain/sign-in-link.ts';
import type { Performer } from '../effect.ts';
import { letter } from './letters.ts';
import type { MailTransport } from './transport.ts';

/**
 * Mails a person a link. The effect holds ids only: the address is read now, and the link derived. A link that was used, has expired or is
 * one too many of its hour or day is not sent. Null: no mail leaves from here, which a person has to see to.
 */
export function sendMail(transport: MailTransport | null): Performer {
  return async (effect, scene) => {
    // Staged by `mailEffect`, in this form.
    const { mail, link_id } = effect.payload as MailPayload;
    const [link] = await scene.consult([queries.mailedLink(link_id)]);
    if (link === null || link.used_at !== null || link.person_state !== 'active') return { kind: 'done', note: 'link_gone' };
    const leftMs = Date.parse(link.expires_at) - scene.now.getTime();
    if (leftMs <= 0) return { kind: 'done', note: 'link_expired' };
    if (mail === 'sign_in' && (link.in_hour > mostMails.hour || link.in_day > mostMails.day)) return { kind: 'done', note: 'mail_capped' };
    if (transport === null) return { kind: 'dead', error: 'mail_unconfigured', counts: false };
    const { desk, given } = scene;
    // Counted from when it was staged, so that a repetition says the same, as its idempotency key promises.
    const minutes = (Date.parse(link.expires_at) - Date.parse(link.created_at)) / 60_000;
    const url = linkUrl(desk.origin, linkToken(given.derive, link_id));
    const sent = await transport({ to: link.email, ...letter(mail, { vendor: desk.name, url, minutes }) }, effect.effect_id);
    if (sent.sent) return { kind: 'done' };
    const { error, status, afterS } = sent;
    const told = { error, ...(status === undefined ? {} : { status }) };
    return sent.again ? { kind: 'retry', ...told, ...(afterS === undefined ? {} : { afterS }) } : { kind: 'dead', ...told, counts: false };
  };
}
