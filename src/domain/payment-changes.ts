/** What a decision wants written about the payment provider (`db/migrations/0008_payment_functions.sql`). Amounts are decimal text. */
export interface PaymentChanges {
  /** The tenant's account at Stripe, whole; `sealed` holds its secrets. */
  readonly stripe_account?: { account_id: string; livemode: boolean; sealed: string; at: string };
  /** Something that Stripe told. Where it is known already, nothing else of the decision is written. */
  readonly heard?: {
    event_id: string;
    type: string;
    object_id: string | null;
    account: string | null;
    created_at: string;
    received_at: string;
  };
  /** The provider's list of events was compared up to `at`; `before` is what the decision saw. */
  readonly events_seen?: { before: string; at: string };
  /** Invoices as the provider showed them at `seen_at`; an older look does not replace a newer one. */
  readonly payments?: readonly {
    invoice_id: string;
    stripe_customer: string;
    currency: string;
    /** Net of tax, discounts, applied balance and credits. */
    collected_minor: string;
    /** Tax included. */
    paid_minor: string;
    status: 'paid' | 'void' | 'uncollectible';
    out_of_band: boolean;
    subscription: string | null;
    paid_at: string;
    seen_at: string;
  }[];
  /** What was given back of an invoice, by its source, as the provider showed it at `seen_at`. Amounts as `paid_minor`. */
  readonly payment_reversals?: readonly {
    source_id: string;
    invoice_id: string;
    kind: 'refund' | 'credit_note' | 'dispute';
    currency: string;
    amount_minor: string;
    state: 'open' | 'effective' | 'void';
    at: string;
    seen_at: string;
  }[];
  /** Whole new versions of payees; `from_id`: the one that the decision saw, absent where there was none. */
  readonly payees?: readonly {
    organization_id: string;
    kind: 'customer' | 'account';
    stripe_id: string;
    from_id?: string;
    source: 'operator' | 'event' | 'metadata' | 'onboarding';
    linked_by: string;
    linked_at: string;
    frozen_until: string | null;
    obstacle: string | null;
  }[];
  readonly organization_tiers?: readonly { organization_id: string; from_tier: string; tier: string }[];
  /** Known ones are left alone. */
  readonly credit_uses?: readonly {
    transaction_id: string;
    organization_id: string;
    invoice_id: string;
    currency: string;
    amount_minor: string;
    at: string;
  }[];
  readonly reconciliations?: readonly {
    reconciliation_id: string;
    ran_at: string;
    ok: boolean;
    checks: number;
    findings: readonly object[];
  }[];
}
