import { reaches, type Tier } from './actor.ts';
import type { Changes, Given } from './decision.ts';
import type { PaymentChanges } from './payment-changes.ts';
import { invariant, ok, type Result, refuse } from './result.ts';

type Payee = NonNullable<PaymentChanges['payees']>[number];

/** Where money of an organization can go: its customer on the vendor's bill, or its connected account. */
export type PayeeKind = Payee['kind'];

/** What is known before an organization is linked to `kind` at the provider. */
export interface PayeeFile {
  readonly organizationId: string;
  readonly tier: Tier;
  readonly kind: PayeeKind;
  /** What it is linked to now; null: nothing. */
  readonly current: {
    readonly stripeId: string;
    readonly source: Payee['source'];
    readonly linkedBy: string;
    readonly linkedAt: string;
    readonly frozenUntil: string | null;
    readonly obstacle: string | null;
  } | null;
  /** The organization that the wanted one is linked to; null: none. */
  readonly holder: string | null;
}

/** A payee as it is stored, with its organization. Null where there is no such organization, or no such payee. */
export interface StoredPayee {
  readonly organization_id: string | null;
  readonly tier: Tier | null;
  readonly kind: PayeeKind;
  readonly stripe_id: string | null;
  readonly source: Payee['source'] | null;
  readonly linked_by: string | null;
  readonly linked_at: string | null;
  readonly frozen_until: string | null;
  readonly obstacle: string | null;
  readonly holder: string | null;
}

/** The file that a stored payee is; null: there is no such organization. */
export function payeeFile(stored: StoredPayee | undefined): PayeeFile | null {
  if (stored === undefined) return null;
  const { organization_id, tier, kind, stripe_id, source, linked_by, linked_at, frozen_until, obstacle, holder } = stored;
  if (organization_id === null || tier === null) return null;
  const linked = stripe_id !== null && source !== null && linked_by !== null && linked_at !== null;
  return {
    ...{ organizationId: organization_id, tier, kind, holder },
    current: linked ? { stripeId: stripe_id, source, linkedBy: linked_by, linkedAt: linked_at, frozenUntil: frozen_until, obstacle } : null,
  };
}

export interface PayeeWanted {
  /** `cus_…` or `acct_…`. */
  readonly stripeId: string;
  /** Who says so. Only an operator changes what is linked; events, metadata and onboarding make the first link. */
  readonly source: Payee['source'];
  /** The principal, or the event of the provider. */
  readonly linkedBy: string;
  /** Why nothing can be sent to it yet; null: it can. */
  readonly obstacle?: string | null;
}

/** How long nothing is paid after a payee was changed, or was linked by whoever had an agent's link to the onboarding. */
export const freezeDays = 7;

/**
 * Links an organization to where its money goes. The first link raises its tier to `payout_bound`; a change freezes payouts for seven
 * days, and so does a first link by onboarding, which an agent's key alone begins: the organization has that long to object. What is linked
 * already changes nothing. `resource.conflict`: another organization has it; `state.forbidden`: a change that the
 * source may not make.
 */
export function linkPayee(
  file: PayeeFile,
  wanted: PayeeWanted,
  given: Pick<Given, 'now'>,
): Result<Changes, 'resource.conflict' | 'state.forbidden'> {
  const { organizationId, kind, current, holder, tier } = file;
  if (holder !== null && holder !== organizationId) return refuse('resource.conflict', { detail: 'Another organization is linked to it.' });
  if (current?.stripeId === wanted.stripeId) return ok({});
  if (current !== null && wanted.source !== 'operator') {
    return refuse('state.forbidden', { detail: 'The organization is linked already; only the vendor’s own people change that.' });
  }
  const at = given.now.toISOString();
  const isSettled = current === null && wanted.source !== 'onboarding';
  const frozenUntil = isSettled ? null : new Date(given.now.getTime() + freezeDays * 86_400_000).toISOString();
  const payee: Payee = {
    ...{ organization_id: organizationId, kind, stripe_id: wanted.stripeId, source: wanted.source, linked_by: wanted.linkedBy },
    ...{ linked_at: at, frozen_until: frozenUntil, obstacle: wanted.obstacle ?? null },
    ...(current === null ? {} : { from_id: current.stripeId }),
  };
  const raised = !reaches(tier, 'payout_bound');
  return ok({
    payees: [payee],
    ...(raised ? { organization_tiers: [{ organization_id: organizationId, from_tier: tier, tier: 'payout_bound' }] } : {}),
  });
}

/** The same payee with another reason, or none, why nothing can be sent to it now. What is so already changes nothing. */
export function obstructPayee({ organizationId, kind, current }: PayeeFile, obstacle: string | null): Changes {
  invariant(current !== null, 'only what is linked has an obstacle');
  if (current.obstacle === obstacle) return {};
  const { stripeId, source, linkedBy, linkedAt, frozenUntil } = current;
  return {
    payees: [
      {
        ...{ organization_id: organizationId, kind, stripe_id: stripeId, from_id: stripeId, source, linked_by: linkedBy },
        ...{ linked_at: linkedAt, frozen_until: frozenUntil, obstacle },
      },
    ],
  };
}

/** An id at the provider as those see it who did not link it: its kind and its last four characters. */
export function maskedId(stripeId: string): string {
  return `${stripeId.slice(0, stripeId.indexOf('_') + 1)}…${stripeId.slice(-4)}`;
}
