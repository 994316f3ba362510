import { canonicalize, sha256Hex } from './canonical.ts';
import type { Changes, Given } from './decision.ts';
import { judgeEffect } from './judge-effect.ts';
import { ok, type Result, refuse } from './result.ts';

/** What the vendor wrote on a customer or a checkout about the prospect that it is. */
export interface NamedAtStripe {
  readonly workspaceId: string | null;
  readonly referralId: string | null;
  readonly tokenId: string | null;
  /** SHA-256 of a referral code, hex. */
  readonly codeHash: string | null;
}

/** Which of it there is, whose it is, and whether it was reported before. */
export interface FoundOfNamed {
  readonly by_customer: string | null;
  readonly by_workspace: string | null;
  readonly by_referral: string | null;
  readonly workspace_id: string | null;
  readonly workspace_referral_id: string | null;
  readonly referral_id: string | null;
  readonly token_id: string | null;
  readonly known: boolean;
}

export interface StripeReport {
  /** The same for the same thing told again. */
  readonly reportId: string;
  /** What it is evidence of: a checkout that was completed, or a customer's metadata. */
  readonly type: 'checkout.completed' | 'metadata.linked';
  readonly stripeCustomer: string | null;
  readonly named: NamedAtStripe;
  readonly occurredAt: Date;
}

/**
 * Links the customer to the prospect that is named, and keeps what names it as a report, from which judging makes evidence. Nothing where
 * it was reported before. `resource.not_found`: nothing of it is known here; `resource.conflict`: it names several prospects.
 */
export function reportOfStripe(
  report: StripeReport,
  found: FoundOfNamed,
  given: Given,
): Result<Changes, 'resource.not_found' | 'resource.conflict'> {
  const { reportId, type, stripeCustomer, named } = report;
  if (found.workspace_id === null && found.referral_id === null && found.token_id === null) return refuse('resource.not_found');
  const prospects = new Set([found.by_customer, found.by_workspace, found.by_referral].filter((id) => id !== null));
  if (prospects.size > 1) return refuse('resource.conflict');
  if (found.known) return ok({});
  const [prospect = null] = prospects;
  const at = given.now.toISOString();
  const row = {
    ...{ source: 'stripe' as const, report_id: reportId, type, occurred_at: report.occurredAt.toISOString(), received_at: at },
    fingerprint: sha256Hex(canonicalize({ type, customer: stripeCustomer, named: { ...named } })),
    ...{ prospect_id: prospect, referral_id: found.referral_id ?? found.workspace_referral_id, workspace_id: found.workspace_id },
    ...{ token_id: found.token_id, visited_at: null, organization_id: null, stripe_customer: stripeCustomer, data: {} },
  };
  // Without a prospect it is kept, and matched once the customer is linked to one.
  if (prospect === null) return ok({ reports: [row] });
  const link = stripeCustomer !== null && found.by_customer === null;
  return ok({
    reports: [row],
    ...(link ? { customers: [{ stripe_customer: stripeCustomer, prospect_id: prospect, linked_at: at }] } : {}),
    effects: [judgeEffect(prospect, given)],
  });
}
