import { invariant } from '../../domain/result.ts';
import { openStripe, type StripeAccess } from '../../effects/stripe/client.ts';
import type { CurrencyCode } from './cast.ts';

/** Who pays the vendor, at what stands in for Stripe. */
export interface Payers {
  /** A customer that pays once a year, now for the first time; answers its id. */
  subscribe(who: { readonly name: string; readonly email: string }, currency: CurrencyCode, interval: Interval): Promise<string>;
  /** A customer without a subscription. */
  register(who: { readonly name: string; readonly email: string }): Promise<string>;
  /** Gives back a share of what the customer paid first. */
  refund(customer: string, percent: number): Promise<void>;
}

type Interval = 'month' | 'year';

/** Minor units of the currency: of a month, and of a year. Yen have no smaller unit. */
const prices: Readonly<Record<CurrencyCode, Readonly<Record<Interval, number>>>> = {
  usd: { month: 9900, year: 99_000 },
  eur: { month: 9200, year: 92_000 },
  jpy: { month: 15_000, year: 150_000 },
};

/** Anything of this form opens what stands in for Stripe. */
const secretKey = 'sk_test_standin0';

export function openPayers(access: StripeAccess): Payers {
  const stripe = openStripe({ secretKey }, access);
  const made = new Map<string, Promise<string>>();
  const priceOf = (currency: CurrencyCode, interval: Interval): Promise<string> => {
    const name = `${currency} ${interval}`;
    const known = made.get(name) ?? makePrice(currency, interval);
    made.set(name, known);
    return known;
  };
  async function makePrice(currency: CurrencyCode, interval: Interval): Promise<string> {
    const product = await stripe.products.create({ name: `Team, by the ${interval}` });
    const amount = prices[currency][interval];
    return (await stripe.prices.create({ product: product.id, currency, unit_amount: amount, recurring: { interval } })).id;
  }
  return {
    async subscribe(who, currency, interval) {
      const [customer, price] = await Promise.all([stripe.customers.create(who), priceOf(currency, interval)]);
      await stripe.subscriptions.create({ customer: customer.id, items: [{ price }] });
      return customer.id;
    },
    register: async (who) => (await stripe.customers.create(who)).id,
    async refund(customer, percent) {
      const invoice = (await stripe.invoices.list({ customer, limit: 100 })).data.at(-1);
      invariant(invoice !== undefined, 'who is given money back has paid');
      const [paid] = (await stripe.invoicePayments.list({ invoice: invoice.id })).data;
      const intent = paid?.payment.payment_intent;
      invariant(typeof intent === 'string', 'an invoice is paid by a payment intent');
      await stripe.refunds.create({ payment_intent: intent, amount: Math.floor((invoice.amount_paid * percent) / 100) });
    },
  };
}
