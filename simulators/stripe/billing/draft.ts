import { inlineList } from '../http/pages.ts';
import type { Invoice, InvoiceItem, InvoiceLine } from '../wire.ts';
import { created, known, patch, put, schedule, select, type World } from '../world.ts';
import { balanceOf } from './balance.ts';
import { couponsOf } from './discounts.ts';
import { shared, totalsOf } from './totals.ts';

/** What an invoice is made of. */
export interface DraftWish {
  readonly customer: string;
  readonly currency: string;
  readonly billingReason: Invoice['billing_reason'];
  readonly collectionMethod: Invoice['collection_method'];
  readonly autoAdvance: boolean;
  readonly daysUntilDue?: number | null;
  readonly description?: string | null;
  readonly discounts: readonly string[];
  readonly metadata: Record<string, string>;
  readonly period: { readonly start: number; readonly end: number };
  readonly subscription?: { readonly id: string; readonly metadata: Record<string, string> };
}
export type LineWish = Pick<
  InvoiceLine,
  'amount' | 'description' | 'discountable' | 'metadata' | 'parent' | 'period' | 'pricing' | 'quantity' | 'subscription'
>;

/** An hour passes between a draft and its finalisation; three days when `invoice.created` is not acknowledged. */
export const draftSeconds = 3600;
export const unacknowledgedSeconds = 72 * 3600;

/** Stores a draft, takes the pending items in, and lets `invoice.created` happen. */
export function draftInvoice(world: World, wish: DraftWish, lines: readonly LineWish[], pending: readonly InvoiceItem[] = []): Invoice {
  const customer = known(world, 'customers', wish.customer);
  const base = created(world, 'in');
  for (const item of pending) patch(world, 'invoice_items', item, { invoice: base.id });
  const own = [...lines, ...pending.map(lineOfItem)].map((line) => storedLine(world, base.id, wish.currency, line));
  const invoice: Invoice = {
    ...base,
    object: 'invoice',
    ...emptyMembers,
    auto_advance: wish.autoAdvance,
    automatically_finalizes_at: wish.autoAdvance ? world.now() + draftSeconds : null,
    billing_reason: wish.billingReason,
    collection_method: wish.collectionMethod,
    currency: wish.currency,
    customer: customer.id,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    description: wish.description ?? null,
    due_date: wish.collectionMethod === 'send_invoice' ? world.now() + (wish.daysUntilDue ?? 30) * 86_400 : null,
    metadata: wish.metadata,
    parent: parentOf(wish.subscription),
    period_end: wish.period.end,
    period_start: wish.period.start,
    ...summed(world, wish, own, inlineList<InvoiceLine>([], `/v1/invoices/${base.id}/lines`)),
  };
  put(world, 'invoices', invoice, 'invoice.created');
  if (wish.autoAdvance) {
    world.state.windows[invoice.id] = world.now();
    schedule(world, world.now() + draftSeconds, 'invoice.finalize', invoice.id);
  }
  return invoice;
}

/** A draft again summed up after its lines or discounts changed. */
export function retotal(world: World, invoice: Invoice, lines: readonly InvoiceLine[], discounts = invoice.discounts): Invoice {
  return patch(world, 'invoices', invoice, summed(world, { ...invoice, discounts }, lines, invoice.lines), 'invoice.updated');
}

/** Items that wait for the customer's next invoice in a currency. */
export function pendingItems(world: World, customer: string, currency: string, subscription: string | null): InvoiceItem[] {
  return select(world, 'invoice_items', (item) => {
    const own = item.parent?.subscription_details?.subscription ?? null;
    return item.customer === customer && item.currency === currency && item.invoice === null && (own === null || own === subscription);
  });
}

export function lineOfItem(item: InvoiceItem): LineWish {
  const subscription = item.parent?.subscription_details?.subscription ?? null;
  return {
    amount: item.amount,
    description: item.description,
    discountable: item.discountable,
    metadata: item.metadata ?? {},
    parent: {
      invoice_item_details: { invoice_item: item.id, proration: false, proration_details: null, subscription },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
    period: item.period,
    pricing: item.pricing,
    quantity: item.quantity,
    subscription,
  };
}

export function storedLine(world: World, invoice: string, currency: string, line: LineWish): InvoiceLine {
  const { id } = created(world, 'il');
  return {
    ...line,
    id,
    object: 'line_item',
    currency,
    discount_amounts: [],
    discounts: [],
    invoice,
    livemode: false,
    pretax_credit_amounts: [],
    quantity_decimal: line.quantity === null ? null : String(line.quantity),
    subtotal: line.amount,
    taxes: [],
  };
}

interface Summed {
  readonly customer: string;
  readonly currency: string;
  readonly discounts: readonly string[];
}

/** Every member of an invoice that follows from its lines, its discounts and the customer's balance. */
function summed(world: World, { customer, currency, discounts }: Summed, given: readonly InvoiceLine[], list: Invoice['lines']) {
  const totals = totalsOf(given, couponsOf(world, discounts), world.taxPercent());
  const balance = balanceOf(world, customer, currency);
  const due = Math.max(0, totals.total + balance);
  const weights = given.map(({ amount, discountable }) => (discountable ? Math.max(0, amount) : 0));
  const parts = totals.discounted.map((amount) => shared(amount, weights));
  const data = given.map((line, at) => ({
    ...line,
    discount_amounts: discounts.map((discount, index) => ({ amount: parts[index]?.[at] ?? 0, discount })),
  }));
  return {
    amount_due: due,
    amount_remaining: due,
    discounts: [...discounts],
    lines: { ...list, data },
    starting_balance: balance,
    subtotal: totals.subtotal,
    subtotal_excluding_tax: totals.subtotal,
    total: totals.total,
    total_discount_amounts: discounts.map((discount, index) => ({ amount: totals.discounted[index] ?? 0, discount })),
    total_excluding_tax: totals.totalExcludingTax,
    total_taxes: totals.tax === 0 ? [] : [taxMember(totals.tax, totals.totalExcludingTax)],
  };
}

const taxMember = (amount: number, taxable: number) => ({
  amount,
  tax_behavior: 'exclusive' as const,
  tax_rate_details: { tax_rate: 'txr_simulated' },
  taxability_reason: 'standard_rated' as const,
  taxable_amount: taxable,
  type: 'tax_rate_details' as const,
});

const parentOf = (subscription: DraftWish['subscription']): Invoice['parent'] =>
  subscription === undefined
    ? null
    : {
        quote_details: null,
        subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
        type: 'subscription_details',
      };

/** What no invoice of the simulator has, or has only later. */
const emptyMembers = {
  account_country: 'US',
  account_name: 'Simulated account',
  account_tax_ids: null,
  amount_overpaid: 0,
  amount_paid: 0,
  amount_paid_off_stripe: 0,
  amount_shipping: 0,
  application: null,
  attempt_count: 0,
  attempted: false,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
  custom_fields: null,
  customer_account: null,
  customer_address: null,
  customer_phone: null,
  customer_shipping: null,
  customer_tax_exempt: 'none',
  customer_tax_ids: [],
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  effective_at: null,
  ending_balance: null,
  footer: null,
  from_invoice: null,
  hosted_invoice_url: null,
  invoice_pdf: null,
  issuer: { type: 'self' },
  last_finalization_error: null,
  latest_revision: null,
  next_payment_attempt: null,
  number: null,
  on_behalf_of: null,
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  statement_descriptor: null,
  status: 'draft',
  status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
  test_clock: null,
  total_pretax_credit_amounts: [],
  webhooks_delivered_at: null,
} satisfies Partial<Invoice>;
