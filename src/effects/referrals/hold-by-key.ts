import { queries } from '../../db/queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import { holdByKeyEffect } from '../../domain/hold-by-key-effect.ts';
import { openHold } from '../../domain/referral-step.ts';
import type { Performer, Scene } from '../effect.ts';

/**
 * `signing_key.revoked`: whoever had the key could have signed any token, so every open referral that a token under it ever touched is
 * held until a person has looked. At most a hundred holds a commit; what is left is an effect of its own, staged with them. Doing it
 * again holds nothing twice.
 */
export const holdByKey: Performer = async ({ payload }, scene) => {
  const asked = readPayload(payload);
  return asked ? { kind: 'done', changes: await holdNext(asked, scene) } : { kind: 'dead', error: 'payload_unreadable' };
};

/** Referrals looked at, and holds opened, in one commit. */
const mostLookedAt = 1000;
const mostHeld = 100;

async function holdNext({ kid, after }: { kid: string; after: string }, { desk, given, consult }: Scene): Promise<Changes> {
  const cause = `key:${kid}`;
  const [row] = await consult([queries.referralsOfKey({ kid, cause, after, look: mostLookedAt })]);
  if (!row || row.looked === null) return {};
  const held = row.found.slice(0, mostHeld);
  const holds = held.map(({ referral_id, organization_id }) =>
    openHold(
      desk.tenant,
      { referralId: referral_id, organizationId: organization_id },
      { kind: 'risk', cause, actor: 'system:signing_key.revoked' },
      given,
    ),
  );
  if (row.found.length <= mostHeld && row.seen < mostLookedAt) return together(...holds);
  const next = row.found.length > mostHeld ? (held.at(-1)?.referral_id ?? '') : row.looked;
  return together(...holds, { effects: [holdByKeyEffect(kid, next, given)] });
}

function readPayload(payload: unknown): { readonly kid: string; readonly after: string } | null {
  if (typeof payload !== 'object' || payload === null || !('kid' in payload) || typeof payload.kid !== 'string') return null;
  const after = 'after' in payload ? payload.after : '';
  return typeof after === 'string' ? { kid: payload.kid, after } : null;
}
