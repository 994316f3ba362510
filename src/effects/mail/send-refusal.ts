import { queries } from '../../db/queries.ts';
import type { RefusalPayload } from '../../domain/partner-application.ts';
import type { Performer } from '../effect.ts';
import type { Mail, MailTransport } from './transport.ts';

/**
 * Tells an applicant that they were not taken. The effect holds an id only: the address is read now. The letter is constant but for the
 * vendor's name; the reason that was noted is not for them. Null: no mail leaves from here, which a person has to see to.
 */
export function sendRefusal(transport: MailTransport | null): Performer {
  return async (effect, scene) => {
    // Staged by `decideApplication`, in this form.
    const { application_id } = effect.payload as RefusalPayload;
    const [application] = await scene.consult([queries.application(application_id)]);
    if (application === null || application.state !== 'refused') return { kind: 'done', note: 'application_gone' };
    if (transport === null) return { kind: 'dead', error: 'mail_unconfigured', counts: false };
    const sent = await transport({ to: application.email, ...refusalLetter(scene.desk.name) }, effect.effect_id);
    if (sent.sent) return { kind: 'done' };
    const { error, status, afterS } = sent;
    const told = { error, ...(status === undefined ? {} : { status }) };
    return sent.again ? { kind: 'retry', ...told, ...(afterS === undefined ? {} : { afterS }) } : { kind: 'dead', ...told };
  };
}

function refusalLetter(vendor: string): Omit<Mail, 'to'> {
  const lines = [
    `Thank you for applying to become a referral partner of ${vendor}.`,
    '',
    'We cannot take your organization as a partner at this time. Agents can still try the product and record referrals by themselves;',
    'how is written on our pages for agents. You are welcome to apply again when things have changed.',
    '',
    'If you did not apply, somebody gave your address by mistake, and you need not do anything.',
  ];
  return { subject: `Your application to ${vendor}`, text: `${lines.join('\n')}\n` };
}
