import { queries } from '../../db/queries.ts';
import { type ProofMailPayload, proofToken, proofUrl } from '../../domain/claim-proof.ts';
import type { Performer } from '../effect.ts';
import { proofLetter } from './letters.ts';
import type { MailTransport } from './transport.ts';

/**
 * Mails a link by which somebody shows that a mailbox is theirs. The effect holds an id only: the address is read now, and the link derived.
 * Null: no mail leaves from here, which a person has to see to.
 */
export function sendProof(transport: MailTransport | null): Performer {
  return async (effect, scene) => {
    // Staged by `askForProof`, in this form.
    const { proof_id } = effect.payload as ProofMailPayload;
    const [proof] = await scene.consult([queries.mailedProof(proof_id)]);
    if (proof === null || proof.proven_at !== null) return { kind: 'done', note: 'proof_gone' };
    if (Date.parse(proof.expires_at) <= scene.now.getTime()) return { kind: 'done', note: 'proof_expired' };
    if (transport === null) return { kind: 'dead', error: 'mail_unconfigured', counts: false };
    const { desk, given } = scene;
    const url = proofUrl(desk.origin, proofToken(given.derive, proof_id));
    // Counted from when it was asked for, so that a repetition says the same, as its idempotency key promises.
    const minutes = (Date.parse(proof.expires_at) - Date.parse(proof.created_at)) / 60_000;
    const sent = await transport({ to: proof.email, ...proofLetter({ vendor: desk.name, url, minutes }) }, effect.effect_id);
    if (sent.sent) return { kind: 'done' };
    const { error, status, afterS } = sent;
    const told = { error, ...(status === undefined ? {} : { status }) };
    return sent.again ? { kind: 'retry', ...told, ...(afterS === undefined ? {} : { afterS }) } : { kind: 'dead', ...told, counts: false };
  };
}
