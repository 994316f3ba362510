import type { Stripe } from 'stripe';
import type * as Wire from './wire.ts';

/** What is stored, by table. Objects are never changed in place: a change replaces them, so an event may keep what it saw. */
export interface Objects {
  accounts: Stripe.Account;
  balance_transactions: Wire.BalanceTransaction;
  charges: Wire.Charge;
  checkout_sessions: Wire.CheckoutSession;
  coupons: Stripe.Coupon;
  credit_grants: Wire.CreditGrant;
  credit_notes: Wire.CreditNote;
  customers: Stripe.Customer;
  discounts: Wire.Discount;
  disputes: Wire.Dispute;
  events: Wire.Event;
  features: Stripe.Entitlements.Feature;
  invoice_items: Wire.InvoiceItem;
  invoice_payments: Wire.InvoicePayment;
  invoices: Wire.Invoice;
  payment_intents: Wire.PaymentIntent;
  prices: Wire.Price;
  product_features: Wire.ProductFeature;
  products: Stripe.Product;
  promotion_codes: Wire.PromotionCode;
  refunds: Wire.Refund;
  subscriptions: Wire.Subscription;
  transfer_reversals: Wire.TransferReversal;
  transfers: Wire.Transfer;
  webhook_endpoints: Stripe.WebhookEndpoint;
}
export type TableName = keyof Objects;
export type Tables = { [Name in TableName]: Record<string, Objects[Name]> };

/** Something that will happen by itself at a moment of the virtual clock, unless it is stale by then. */
export interface Job {
  readonly at: number;
  readonly order: number;
  readonly kind: JobKind;
  readonly id: string;
}
export type JobKind =
  | 'checkout.expire'
  | 'invoice.finalize'
  | 'invoice.retry'
  | 'subscription.expire_incomplete'
  | 'subscription.renew'
  | 'webhook.attempt';

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly endpoint: string;
  readonly attempts: number;
  /** Seconds; null when nothing more will be tried. */
  readonly nextAt: number | null;
  readonly status: 'pending' | 'delivered' | 'failed' | 'dropped';
  /** The endpoint's last HTTP status, 0 when it could not be reached, null before the first attempt. */
  readonly lastStatus: number | null;
}

export interface StoredAnswer {
  readonly fingerprint: string;
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
  readonly at: number;
}

/** Everything the simulator remembers; plain JSON. Money is in minor units, times in seconds since 1970. */
export interface State {
  readonly seed: number;
  counter: number;
  /** How far the virtual clock is ahead of the clock it was started with. */
  offsetSeconds: number;
  readonly account: string;
  readonly objects: Tables;
  readonly deletedCustomers: Record<string, true>;
  readonly jobs: Job[];
  readonly deliveries: Record<string, Delivery>;
  readonly endpointSecrets: Record<string, string>;
  /** Endpoints that get the events of connected accounts, and only those. */
  readonly connectEndpoints: Record<string, true>;
  /** Answers under `{account}|{Idempotency-Key}`. */
  readonly answers: Record<string, StoredAnswer>;
  /** The default-currency-independent balances of customers: negative is credit. `{customer}|{currency}`. */
  readonly balances: Record<string, number>;
  /** Customers whose card declines. */
  readonly declining: Record<string, true>;
  /** When invoices were created whose finalisation follows the acknowledgement of `invoice.created`. */
  readonly windows: Record<string, number>;
  /** What each credit grant has lost to usage. */
  readonly grantsUsed: Record<string, number>;
  /** What a checkout session hands on to its subscription. */
  readonly sessionSubscriptions: Record<string, { readonly description: string | null; readonly metadata: Record<string, string> }>;
  /** Features each customer was last seen with, sorted. */
  readonly entitled: Record<string, readonly string[]>;
  readonly platform: { available: Record<string, number>; pending: Record<string, number> };
  /** What connected accounts still hold of transfers: `{account}|{currency}`. */
  readonly held: Record<string, number>;
  /** Permissions of restricted keys. A key that is not here may do everything, one that starts with `rk_test_ro` may only read. */
  readonly permissions: Record<string, readonly string[]>;
}

export function emptyState(seed: number): State {
  return {
    seed,
    counter: 0,
    offsetSeconds: 0,
    account: `acct_sim${seed.toString(36).padStart(8, '0')}`,
    objects: emptyTables(),
    deletedCustomers: {},
    jobs: [],
    deliveries: {},
    endpointSecrets: {},
    connectEndpoints: {},
    answers: {},
    balances: {},
    declining: {},
    windows: {},
    grantsUsed: {},
    sessionSubscriptions: {},
    entitled: {},
    platform: { available: {}, pending: {} },
    held: {},
    permissions: {},
  };
}

function emptyTables(): Tables {
  return {
    accounts: {},
    balance_transactions: {},
    charges: {},
    checkout_sessions: {},
    coupons: {},
    credit_grants: {},
    credit_notes: {},
    customers: {},
    discounts: {},
    disputes: {},
    events: {},
    features: {},
    invoice_items: {},
    invoice_payments: {},
    invoices: {},
    payment_intents: {},
    prices: {},
    product_features: {},
    products: {},
    promotion_codes: {},
    refunds: {},
    subscriptions: {},
    transfer_reversals: {},
    transfers: {},
    webhook_endpoints: {},
  };
}
