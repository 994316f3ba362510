import { many, one } from './query.ts';

/** What is asked when the payment provider has told something. */
export const paymentQueries = {
  /** Who a customer at Stripe is to us, and whether this invoice of it is known as a payment. */
  stripeCustomer: (stripeCustomer: string, invoiceId: string | null) =>
    one<StripeCustomerRow>(
      'stripe.customer',
      // Each a look-up of its own with a limit: joined freely, the planner may read the whole tenant.
      `select p.organization_id as payee, c.prospect_id as prospect, y.status as payment
       from (select 1) x
       left join lateral (select * from frontdesk.payees p where p.kind = 'customer' and p.stripe_id = $1 limit 1) p on true
       left join lateral (select * from frontdesk.customers c where c.stripe_customer = $1 limit 1) c on true
       left join lateral (select * from frontdesk.payments y where y.invoice_id = $2 limit 1) y on true`,
      [stripeCustomer, invoiceId],
    ),

  /** What metadata or a checkout names, and what of it is known already. */
  stripeSubject: (named: StripeSubject) =>
    one<StripeSubjectRow>(
      'stripe.subject',
      `select c.prospect_id as by_customer, w.prospect_id as by_workspace, w.workspace_id, w.referral_id as workspace_referral_id,
         s.prospect_id as by_referral, s.referral_id, k.token_id, r.report_id is not null as known
       from (select 1) x
       left join lateral (select * from frontdesk.customers c where c.stripe_customer = $1 limit 1) c on true
       left join lateral (select * from frontdesk.workspaces w where w.workspace_id = $2 limit 1) w on true
       left join lateral (select * from frontdesk.referral_states s where s.referral_id = $3 limit 1) s on true
       left join lateral (
         (select k.token_id from frontdesk.referral_tokens k where k.token_id = $4 limit 1)
         union all
         (select k.token_id from frontdesk.referral_tokens k where k.code_hash = decode($5, 'hex') limit 1)
         limit 1) k on true
       left join lateral (select * from frontdesk.reports r where r.source = 'stripe' and r.report_id = $6 limit 1) r on true`,
      [named.stripeCustomer, named.workspaceId, named.referralId, named.tokenId, named.codeHash, named.reportId],
    ),

  payeeOfAccount: (account: string) =>
    one<{ organization_id: string }>(
      'payees.of_account',
      `select p.organization_id from frontdesk.payees p where p.kind = 'account' and p.stripe_id = $1 limit 1`,
      [account],
    ),

  /** Which of up to a hundred events were heard. */
  heardEvents: (eventIds: readonly string[]) =>
    many<{ event_id: string }>(
      'stripe_events.heard',
      `select e.event_id from unnest($1::text[]) i (id)
       cross join lateral (select s.event_id from frontdesk.stripe_events s where s.event_id = i.id limit 1) e`,
      [eventIds],
    ),

  /** Up to when the list of events was compared. Null: no account is connected. */
  eventsSeen: () =>
    one<{ events_seen_at: string }>('stripe_accounts.events_seen', 'select a.events_seen_at from frontdesk.stripe_accounts a limit 1', []),
} as const;

export interface StripeCustomerRow {
  /** The organization whose payee it is. */
  readonly payee: string | null;
  /** The prospect that it is. */
  readonly prospect: string | null;
  readonly payment: string | null;
}

export interface StripeSubject {
  readonly reportId: string;
  readonly stripeCustomer: string | null;
  readonly workspaceId: string | null;
  readonly referralId: string | null;
  readonly tokenId: string | null;
  /** Hex. */
  readonly codeHash: string | null;
}

export interface StripeSubjectRow {
  readonly by_customer: string | null;
  readonly by_workspace: string | null;
  readonly workspace_id: string | null;
  readonly workspace_referral_id: string | null;
  readonly by_referral: string | null;
  readonly referral_id: string | null;
  readonly token_id: string | null;
  readonly known: boolean;
}
