import type { Stripe } from 'stripe';

/** `T` with some of its fields narrowed to what this simulator stores: ids instead of "id or object", decimals as the text on the wire. */
type Narrowed<T, Fields> = Omit<T, keyof Fields> & Fields;

export type Price = Narrowed<Stripe.Price, { product: string; unit_amount_decimal: string | null }>;
export type Plan = Narrowed<Stripe.Plan, { amount_decimal: string | null; product: string }>;
export type SubscriptionItem = Narrowed<Stripe.SubscriptionItem, { discounts: string[]; plan: Plan; price: Price; quantity: number }>;
export type Subscription = Narrowed<
  Stripe.Subscription,
  { customer: string; discounts: string[]; items: Stripe.ApiList<SubscriptionItem>; latest_invoice: string | null }
>;

export type LinePricing = { price_details?: { price: string; product: string }; type: 'price_details'; unit_amount_decimal: string | null };
export type InvoiceLine = Narrowed<
  Stripe.InvoiceLineItem,
  { discounts: string[]; pricing: LinePricing | null; quantity_decimal: string | null; subscription: string | null }
>;
export type Invoice = Narrowed<
  Stripe.Invoice,
  {
    customer: string;
    discounts: string[];
    lines: Stripe.ApiList<InvoiceLine>;
    status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  }
>;
export type InvoiceItem = Narrowed<
  Stripe.InvoiceItem,
  { customer: string; discounts: string[]; invoice: string | null; pricing: LinePricing | null; quantity_decimal: string }
>;
export type InvoicePayment = Narrowed<
  Stripe.InvoicePayment,
  { invoice: string; payment: { payment_intent: string; type: 'payment_intent' }; status: 'open' | 'paid' | 'canceled' }
>;
export type PaymentIntent = Narrowed<Stripe.PaymentIntent, { customer: string; latest_charge: string | null }>;
export type Charge = Narrowed<Stripe.Charge, { customer: string; payment_intent: string }>;
export type Refund = Narrowed<Stripe.Refund, { charge: string; payment_intent: string }>;
export type Dispute = Narrowed<Stripe.Dispute, { charge: string; payment_intent: string }>;
export type CreditNoteLine = Narrowed<Stripe.CreditNoteLineItem, { unit_amount_decimal: string | null }>;
export type CreditNote = Narrowed<Stripe.CreditNote, { customer: string; invoice: string; lines: Stripe.ApiList<CreditNoteLine> }>;

export type BalanceTransaction = Narrowed<Stripe.CustomerBalanceTransaction, { customer: string; invoice: string | null }>;
export type Discount = Narrowed<
  Stripe.Discount,
  { customer: string | null; promotion_code: string | null; source: { coupon: string; type: 'coupon' } }
>;
export type PromotionCode = Narrowed<Stripe.PromotionCode, { customer: string | null; promotion: { coupon: string; type: 'coupon' } }>;
export type CheckoutSession = Narrowed<
  Stripe.Checkout.Session,
  { customer: string | null; invoice: string | null; line_items: Stripe.ApiList<CheckoutLine>; subscription: string | null }
>;
export type CheckoutLine = Narrowed<Stripe.LineItem, { price: Price; quantity: number }>;
export type CreditGrant = Narrowed<
  Stripe.Billing.CreditGrant,
  { amount: { monetary: { currency: string; value: number }; type: 'monetary' }; customer: string }
>;
export type Transfer = Narrowed<Stripe.Transfer, { destination: string; source_transaction: string | null }>;
export type TransferReversal = Narrowed<Stripe.TransferReversal, { transfer: string }>;
export type ProductFeature = Stripe.ProductFeature & { readonly product: string };

/** An event as it is stored and sent: the object as it was at that moment. */
export interface Event {
  readonly id: string;
  readonly object: 'event';
  /** The connected account that it happened in; absent for the platform's own. */
  readonly account?: string;
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: object; readonly previous_attributes?: Readonly<Record<string, unknown>> };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: EventType;
}

export type EventType = Stripe.Event['type'];
