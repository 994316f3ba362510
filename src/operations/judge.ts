import type { Entry } from '../db/memory.ts';
import type { Principal } from '../domain/actor.ts';
import { canonicalize, sha256Hex } from '../domain/canonical.ts';
import type { Given } from '../domain/decision.ts';
import { isSteppedUp } from '../domain/passkey.ts';
import { invariant, ok, type Result, refuse } from '../domain/result.ts';
import { mayAsk } from '../domain/visibility.ts';
import type { Call } from './call.ts';
import type { Stranger } from './challenges/stranger.ts';
import type { Operation, Plan } from './operation.ts';
import { invalidCredential, required } from './recognise.ts';

/** The fixed order in which a call can be refused. A known key is an answer, whatever limits and challenges say. */
export function judge(
  operation: Operation,
  call: Call,
  entry: Entry,
  examined: Result<Plan>,
  stranger: Stranger | null,
  given: Given,
): Result<{ plan: Plan; principal: Principal }> {
  const { principal, limit, earlier, respent } = entry;
  invariant(operation.access !== 'public', 'public operations are documents');
  const { scope, anonymous, stepUp } = operation.access;
  if (!principal) return invalidCredential(operation);
  if (respent != null && respent !== 'challenge') {
    return invalidCredential(operation, respent === 'dpop' && call.dpop ? 'invalid_dpop_proof' : undefined);
  }
  if (call.credential.kind === 'none' && !anonymous) return refuse('auth.required', required(operation.access));
  if (call.credential.kind !== 'none' && !mayAsk(principal, { kind: operation.kind, scope })) {
    return refuse('scope.missing', { ...required(operation.access), ...held(principal) });
  }
  if (stepUp && principal.person && !isSteppedUp(principal.person.steppedUpAt, given.now)) {
    return refuse('challenge.required', { detail: 'This moves money, or says who may: confirm with your passkey first.' });
  }
  const crowded = earlier ? null : crowdedOut(entry, stranger, given);
  if (crowded) return crowded;
  if (limit && !limit.allowed && !earlier) return refuse('rate.limited', { retryAfterS: limit.t });
  if (!examined.ok) return examined;
  if (earlier && earlier.fingerprint !== fingerprint(examined.value)) return refuse('idempotency.mismatch');
  return ok({ plan: examined.value, principal });
}

/** Whether all strangers together are too many, or an answer to that did not hold: proof of work lets the call in. */
function crowdedOut({ limit, respent }: Entry, stranger: Stranger | null, given: Given) {
  if (stranger === null) return null;
  if (limit && !limit.allowed) return limit.name === 'strangers' ? stranger.challenge(limit.load ?? 1, given, limit.t) : null;
  return stranger.failed || respent === 'challenge' ? stranger.challenge(loadOf(limit), given) : null;
}

/** How many calls stand against a limit, this one included. */
const loadOf = (limit: Entry['limit']): number => (limit ? (limit.load ?? limit.q - limit.r) : 0);

/** SHA-256 of the canonical input, path parameters included (draft-ietf-httpapi-idempotency-key-header, fingerprint). */
export function fingerprint(plan: Plan): string {
  return sha256Hex(canonicalize(plan.input));
}

/** What a token carries already: a client that asks for more must name it again, or it loses it. */
const held = ({ via, scopes }: Principal) => (via?.kind === 'access_token' ? { heldScopes: scopes } : {});
