import * as z from 'zod';
import { queries } from '../../db/queries.ts';
import { judgeLook, type ProofMethod, readProof, type Seen } from '../../domain/domain-proof.ts';
import type { Performer } from '../effect.ts';

/** Looks for a proof at a registrable domain, in ASCII. Does not reject, and is through within ten seconds. */
export type LookForProof = (wanted: { readonly domain: string; readonly method: ProofMethod; readonly token: string }) => Promise<Seen>;

const payload = z.object({ proof_id: z.string(), version: z.int(), brought: z.enum(['domain', 'tier', 'nothing']) });

/**
 * `organization.domain.check`: looks whether the proof of a domain is published, decides what that means, and stages the next look. Of
 * two that were staged for one proof the older does nothing. It may look any number of times.
 */
export function checkDomain(look: LookForProof): Performer {
  return async (effect, { desk, given, consult }) => {
    const parsed = payload.safeParse(effect.payload);
    if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
    const { proof_id, version, brought } = parsed.data;
    const [row] = await consult([queries.proofFile(proof_id)]);
    const proof = row && readProof(row.proof);
    if (!proof || proof.version !== version || (proof.state !== 'pending' && proof.state !== 'verified')) return overtaken;
    const seen = await look(proof);
    const { organization, holder, has_payee, is_payee_named, agents_there, is_proven_elsewhere, is_contested } = row;
    const file = {
      ...{ tenant: desk.tenant, proof, organization, holder },
      ...{
        hasPayee: has_payee,
        isPayeeNamed: is_payee_named,
        agentsThere: agents_there,
        isProvenElsewhere: is_proven_elsewhere,
        isContested: is_contested,
      },
    };
    return { kind: 'done', changes: judgeLook(file, seen, brought, given), ...(seen === 'proven' ? {} : { note: seen }) };
  };
}

const overtaken = { kind: 'done', note: 'overtaken' } as const;
