import type { Invoice } from '../wire.ts';
import { created, known, patch, put, schedule, select, type World } from '../world.ts';
import { balanceOf, moveBalance } from './balance.ts';
import { draftSeconds, unacknowledgedSeconds } from './draft.ts';
import { attemptPayment, markPaid } from './payment.ts';
import { paymentIntentFor } from './payment-objects.ts';
import { minimumCharge } from './totals.ts';

/**
 * Draft to open: the customer's balance is applied, the rest of a credit stays for later invoices. Nothing left to pay makes it paid at
 * once, what is below the minimum charge is carried on the balance; else an invoice that advances by itself and charges is charged.
 */
export function finalizeInvoice(world: World, draft: Invoice, advances = draft.auto_advance === true): Invoice {
  const { currency } = draft;
  const starting = balanceOf(world, draft.customer, currency);
  const sum = draft.total + starting;
  const isTooSmall = sum > 0 && sum < minimumCharge(currency) && draft.total > 0;
  applyBalance(world, draft, Math.min(0, sum) - starting, 'applied_to_invoice');
  if (isTooSmall) applyBalance(world, draft, sum, 'invoice_too_small');
  const due = isTooSmall ? 0 : Math.max(0, sum);
  const current = known(world, 'invoices', draft.id);
  const open = patch(
    world,
    'invoices',
    current,
    {
      status: 'open',
      amount_due: due,
      amount_remaining: due,
      auto_advance: advances,
      automatically_finalizes_at: null,
      effective_at: world.now(),
      ending_balance: balanceOf(world, draft.customer, currency),
      hosted_invoice_url: `https://invoice.stripe.com/i/${world.state.account}/${draft.id}`,
      number: nextNumber(world, draft.customer),
      starting_balance: starting,
      status_transitions: { ...current.status_transitions, finalized_at: world.now() },
    },
    'invoice.finalized',
  );
  if (due === 0) return markPaid(world, open, 0);
  openPayment(world, open);
  return advances && open.collection_method === 'charge_automatically' ? attemptPayment(world, open) : open;
}

/** When a draft's hour is over: it waits for the acknowledgement of `invoice.created`, three days at most. */
export function finalizeWhenDue(world: World, id: string): void {
  const invoice = world.state.objects.invoices[id];
  if (invoice?.status !== 'draft' || invoice.auto_advance !== true) return;
  const due = invoice.automatically_finalizes_at;
  if (due === null || due > world.now()) return;
  const made = world.state.windows[id];
  const lastMoment = (made ?? 0) + unacknowledgedSeconds;
  if (made === undefined || invoice.webhooks_delivered_at !== null || world.now() >= lastMoment || !isAwaited(world, id)) {
    finalizeInvoice(world, invoice);
    return;
  }
  patch(world, 'invoices', invoice, { automatically_finalizes_at: lastMoment });
  schedule(world, lastMoment, 'invoice.finalize', id);
}

/** `invoice.created` was acknowledged by every endpoint: the hour counts from here, unless somebody set the time. */
export function createdAcknowledged(world: World, id: string): void {
  const invoice = world.state.objects.invoices[id];
  if (invoice?.status !== 'draft' || isAwaited(world, id)) return;
  const made = world.state.windows[id];
  const hourLater = Math.min(world.now() + draftSeconds, (made ?? 0) + unacknowledgedSeconds);
  const members = made === undefined ? {} : { automatically_finalizes_at: hourLater };
  patch(world, 'invoices', invoice, { ...members, webhooks_delivered_at: world.now() });
  if (made !== undefined) schedule(world, hourLater, 'invoice.finalize', id);
}

function isAwaited(world: World, id: string): boolean {
  const events = select(world, 'events', ({ type, data }) => type === 'invoice.created' && 'id' in data.object && data.object.id === id);
  const ids = new Set(events.map((event) => event.id));
  const endpoints = world.state.objects.webhook_endpoints;
  const own = Object.values(world.state.deliveries).filter(({ event, endpoint }) => ids.has(event) && Object.hasOwn(endpoints, endpoint));
  const reached = new Set(own.filter(({ status }) => status === 'delivered').map(({ endpoint }) => endpoint));
  return own.some(({ endpoint }) => !reached.has(endpoint));
}

function applyBalance(world: World, invoice: Invoice, amount: number, type: 'applied_to_invoice' | 'invoice_too_small'): void {
  if (amount === 0) return;
  moveBalance(world, known(world, 'customers', invoice.customer), { amount, currency: invoice.currency, type, invoice: invoice.id });
}

function nextNumber(world: World, id: string): string {
  const customer = known(world, 'customers', id);
  const sequence = customer.next_invoice_sequence ?? 1;
  patch(world, 'customers', customer, { next_invoice_sequence: sequence + 1 });
  return `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`;
}

/** Every open invoice has a payment intent, which its invoice payment names. */
function openPayment(world: World, invoice: Invoice): void {
  const intent = put(world, 'payment_intents', paymentIntentFor(world, invoice), 'payment_intent.created');
  put(world, 'invoice_payments', {
    ...created(world, 'inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
}
