import type { Changes, Given } from './decision.ts';
import type { HoldKind } from './ledger-changes.ts';
import { closeHold, openHold } from './referral-step.ts';
import { ok, type Result, refuse } from './result.ts';

/** Why people hold a referral, and why they let it go: closed lists, because the ledger keeps them. */
export const holdReasons = ['suspected_self_referral', 'suspected_fraud', 'unusual_volume', 'prospect_complained', 'manual_check'] as const;
export const releaseReasons = ['cleared', 'mistaken', 'settled_otherwise'] as const;

/** What is open against a referral. */
export interface OpenHold {
  readonly holdId: string;
  readonly kind: HoldKind;
  readonly cause: string;
}

interface Held {
  readonly referralId: string;
  readonly organizationId: string;
}

/** A person stops everything of a referral until it was looked into. Once for each kind and reason. */
export function holdByPerson(
  tenant: string,
  referral: Held & { readonly open: readonly OpenHold[] },
  wanted: { readonly kind: 'risk' | 'review'; readonly reason: (typeof holdReasons)[number]; readonly actor: string },
  given: Given,
): Result<{ readonly holdId: string; readonly cause: string; readonly changes: Changes }, 'state.forbidden'> {
  const cause = `person:${wanted.reason}`;
  if (referral.open.some((hold) => hold.kind === wanted.kind && hold.cause === cause))
    return refuse('state.forbidden', { detail: 'It is held for this reason already.' });
  const changes = openHold(tenant, referral, { kind: wanted.kind, cause, actor: wanted.actor }, given);
  return ok({ holdId: changes.holds[0]?.hold_id ?? '', cause, changes });
}

/** A person closes a hold. What a dispute or a payment provider opened ends with the decision there. */
export function releaseByPerson(
  tenant: string,
  hold: OpenHold & Held & { readonly closed: boolean },
  by: { readonly because: (typeof releaseReasons)[number]; readonly actor: string },
  given: Given,
): Result<Changes, 'state.forbidden'> {
  if (hold.closed) return refuse('state.forbidden', { detail: 'The hold is closed already.' });
  if (hold.kind === 'dispute') return refuse('state.forbidden', { detail: 'It ends with its dispute: decide that.' });
  if (hold.kind === 'payment_dispute') return refuse('state.forbidden', { detail: 'It ends with the payment dispute.' });
  return ok(closeHold(tenant, hold, { holdId: hold.holdId, kind: hold.kind, ...by }, given));
}
