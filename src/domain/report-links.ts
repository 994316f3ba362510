import { type ClaimableWorkspace, isClaimable, takeOver } from './claim.ts';
import { type Changes, type Given, together } from './decision.ts';
import { linkPayee, type PayeeFile } from './payee.ts';

/** A vendor's report that is stored now, as far as it links something: what it names, and what is known of that. */
export interface LinkingReport {
  readonly type: string;
  readonly prospectId: string | null;
  readonly stripeCustomer: string | null;
  /** The prospect that the customer is linked to already. */
  readonly customerOf: string | null;
  /** The organization that it names, with its customer. */
  readonly payee: PayeeFile | null;
  /** The workspace that it names. */
  readonly workspace: ClaimableWorkspace | null;
}

/** Why a link that was reported was not made: the customer is another organization's, or the organization has another customer. */
export type Unlinked = 'customer_taken' | 'linked_otherwise';

export interface Linked {
  readonly changes: Changes;
  readonly unlinked: Unlinked | null;
  /** It names a customer that an earlier report of the same call links to another prospect. */
  readonly contradicts: boolean;
}

/**
 * What reports of one call link, each told in turn, in the commit that stores them: customers to prospects, so that payments that came
 * before are judged; organizations to their customers; and workspaces to the humans who took them over. Nobody is shown the new key.
 */
export function linker(environment: string, reportedBy: string, given: Given): (report: LinkingReport) => Linked {
  const prospects = new Map<string, string>();
  const payees = new Map<string, string>();
  const holders = new Map<string, string>();
  const claimed = new Set<string>();

  function customer({ prospectId, stripeCustomer, customerOf }: LinkingReport): Linked {
    if (prospectId === null || stripeCustomer === null || customerOf !== null) return nothing;
    const before = prospects.get(stripeCustomer);
    if (before !== undefined) return { ...nothing, contradicts: before !== prospectId };
    prospects.set(stripeCustomer, prospectId);
    const row = { stripe_customer: stripeCustomer, prospect_id: prospectId, linked_at: given.now.toISOString() };
    return { ...nothing, changes: { customers: [row] } };
  }

  function organization({ payee, stripeCustomer }: LinkingReport): Linked {
    if (payee === null || stripeCustomer === null) return nothing;
    const { organizationId } = payee;
    const before = payees.get(organizationId);
    if (before === stripeCustomer) return nothing;
    if (before !== undefined) return { ...nothing, unlinked: 'linked_otherwise' };
    const file = { ...payee, holder: holders.get(stripeCustomer) ?? payee.holder };
    const linked = linkPayee(file, { stripeId: stripeCustomer, source: 'event', linkedBy: reportedBy }, given);
    if (!linked.ok) return { ...nothing, unlinked: linked.code === 'resource.conflict' ? 'customer_taken' : 'linked_otherwise' };
    if (linked.value.payees === undefined) return nothing;
    payees.set(organizationId, stripeCustomer);
    holders.set(stripeCustomer, organizationId);
    return { ...nothing, changes: linked.value };
  }

  function claim({ workspace }: LinkingReport): Linked {
    if (workspace === null || !isClaimable(workspace, given.now) || claimed.has(workspace.workspace_id)) return nothing;
    claimed.add(workspace.workspace_id);
    return { ...nothing, changes: takeOver(workspace, environment, given).changes };
  }

  return (report) => {
    switch (report.type) {
      case 'customer.linked':
        return customer(report);
      case 'organization.linked':
        return organization(report);
      case 'workspace.claimed':
        return claim(report);
      default:
        return nothing;
    }
  };
}

const nothing: Linked = { changes: together(), unlinked: null, contradicts: false };
