import { balancesOf } from '../billing/balance.ts';
import { invalid } from '../failure.ts';
import type { TableName } from '../state.ts';
import { find, select, type World } from '../world.ts';
import { inlineList } from './pages.ts';

const deepest = 4;

/** The answer with every `expand[]` path put in place of its id, or added where Stripe leaves a member out unless asked. */
export function expanded(world: World, answer: object, paths: readonly string[]): object {
  return paths.reduce((object, path) => {
    const segments = path.split('.');
    if (segments.length > deepest) throw invalid('You cannot expand more than 4 levels of a property.', { param: 'expand' });
    return members(world, object, segments, path);
  }, answer);
}

function members(world: World, target: object, [name = '', ...rest]: readonly string[], path: string): object {
  const refused = invalid(`This property cannot be expanded (${path.slice(0, 100)}).`, { param: 'expand' });
  const current = Object.entries(target).find(([key]) => key === name)?.[1] ?? onDemand(world, target, name);
  if (current === undefined) throw refused;
  return { ...target, [name]: value(world, current, rest, path, refused) };
}

function value(world: World, current: unknown, rest: readonly string[], path: string, refused: Error): unknown {
  if (current === null) return null;
  if (Array.isArray(current)) return current.map((entry) => value(world, entry, rest, path, refused));
  const object = typeof current === 'string' ? objectOf(world, current) : current;
  if (typeof object !== 'object' || object === null) throw refused;
  return rest.length === 0 ? object : members(world, object, rest, path);
}

/** Members that Stripe adds only when asked. */
function onDemand(world: World, target: object, name: string): unknown {
  if (!('object' in target) || !('id' in target) || typeof target.id !== 'string') return undefined;
  const { id } = target;
  const member = `${target.object}.${name}`;
  if (member === 'customer.invoice_credit_balance') return creditsOf(world, id);
  if (member === 'customer.subscriptions') {
    const running = select(world, 'subscriptions', ({ customer, status }) => customer === id && status !== 'canceled');
    return inlineList(running, `/v1/customers/${id}/subscriptions`);
  }
  if (member === 'invoice.payments')
    return inlineList(
      select(world, 'invoice_payments', ({ invoice }) => invoice === id),
      '/v1/invoice_payments',
    );
  if (member === 'charge.refunds')
    return inlineList(
      select(world, 'refunds', ({ charge }) => charge === id),
      `/v1/charges/${id}/refunds`,
    );
  return undefined;
}

/** Positive is credit here, unlike `balance`. */
function creditsOf(world: World, customer: string): Record<string, number> {
  return Object.fromEntries(balancesOf(world, customer).map(({ currency, amount }) => [currency, amount === 0 ? 0 : -amount]));
}

const tableOf: Readonly<Record<string, TableName>> = {
  acct: 'accounts',
  cbtxn: 'balance_transactions',
  ch: 'charges',
  cn: 'credit_notes',
  cs: 'checkout_sessions',
  credgr: 'credit_grants',
  cus: 'customers',
  di: 'discounts',
  du: 'disputes',
  feat: 'features',
  in: 'invoices',
  pi: 'payment_intents',
  price: 'prices',
  prod: 'products',
  promo: 'promotion_codes',
  re: 'refunds',
  sub: 'subscriptions',
  tr: 'transfers',
  trr: 'transfer_reversals',
};

function objectOf(world: World, id: string): object | undefined {
  const table = tableOf[id.slice(0, id.indexOf('_'))];
  if (table !== undefined) {
    const object = find(world, table, id);
    if (object !== undefined) return object;
  }
  if (Object.hasOwn(world.state.deletedCustomers, id)) return { id, object: 'customer', deleted: true };
  // Coupons and products may have an id that their owner chose.
  return find(world, 'coupons', id) ?? find(world, 'products', id);
}
