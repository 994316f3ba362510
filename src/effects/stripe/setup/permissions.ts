import type Stripe from 'stripe';
import type { Answer } from '../answer.ts';
import { ask } from '../answer.ts';

/** What the key of a tenant's account has to be allowed, in the words of Stripe's page for restricted keys. */
export interface Permission {
  readonly resource: string;
  readonly access: 'read' | 'write';
  readonly why: string;
  /** The kinds of reward that need it; absent: every program does. */
  readonly kinds?: readonly string[];
}

export interface Permitted {
  readonly permission: Permission;
  /** `unknown`: Stripe could not be asked, or answered neither. */
  readonly state: 'granted' | 'missing' | 'unknown';
}

/** The permissions that a program with rewards of these kinds needs, in the order in which a person finds them. */
export function permissionsFor(kinds: readonly string[]): readonly Permission[] {
  return needed(kinds).map(({ permission }) => permission);
}

/**
 * Finds out which of them the key has, by one harmless call each: a list of one object, or a change of an object that cannot exist. Stripe
 * looks at the permission first (403), then for the object (404).
 */
export async function checkPermissions(stripe: Stripe, kinds: readonly string[]): Promise<readonly Permitted[]> {
  const checked: Permitted[] = [];
  for (const { permission, probe } of needed(kinds)) checked.push({ permission, state: stateOf(await probe(stripe)) });
  return checked;
}

interface Probed {
  readonly permission: Permission;
  readonly probe: (stripe: Stripe) => Promise<Answer<unknown>>;
}

const needed = (kinds: readonly string[]) =>
  probed.filter(({ permission }) => permission.kinds === undefined || permission.kinds.some((kind) => kinds.includes(kind)));

function stateOf(answer: Answer<unknown>): Permitted['state'] {
  switch (answer.kind) {
    case 'ok':
    case 'missing':
    case 'refused':
      return 'granted';
    case 'later':
      return answer.status === 401 || answer.status === 403 ? 'missing' : 'unknown';
  }
}

const one = { limit: 1 } as const;
/** No id of Stripe's holds a hyphen: nothing has these. */
const nobody = 'none-probe';

const reads = (resource: string, why: string, probe: Probed['probe'], kinds?: readonly string[]): Probed => ({
  permission: { resource, access: 'read', why, ...(kinds ? { kinds } : {}) },
  probe,
});
const writes = (resource: string, why: string, probe: Probed['probe'], kinds?: readonly string[]): Probed => ({
  permission: { resource, access: 'write', why, ...(kinds ? { kinds } : {}) },
  probe,
});

const probed: readonly Probed[] = [
  writes('Webhook Endpoints', 'makes and keeps the endpoint at which Stripe tells of invoices and refunds', (stripe) =>
    ask('webhook_endpoint', () => stripe.webhookEndpoints.update(`we_${nobody}`, { metadata: {} })),
  ),
  reads('Events', 'finds webhooks that were lost', (stripe) => ask('list', () => stripe.events.list(one))),
  writes('Customers', 'reads who a customer is, and credits its balance', (stripe) =>
    ask('customer_balance_transaction', () =>
      stripe.customers.createBalanceTransaction(`cus_${nobody}`, { amount: -1, currency: 'usd', description: 'permission probe' }),
    ),
  ),
  reads('Invoices', 'reads what was paid, and which invoice consumed a credit', (stripe) => ask('list', () => stripe.invoices.list(one))),
  reads('Credit notes', 'reads what was given back of an invoice', (stripe) => ask('list', () => stripe.creditNotes.list(one))),
  reads('Charges and Refunds', 'reads what was given back of a payment', (stripe) => ask('list', () => stripe.refunds.list(one))),
  reads('Disputes', 'stops rewards while a payment is disputed', (stripe) => ask('list', () => stripe.disputes.list(one))),
  reads('Prices', 'finds the price of a tier by its lookup key', (stripe) => ask('list', () => stripe.prices.list(one))),
  writes('Checkout Sessions', 'opens a checkout that carries workspace and referral', (stripe) =>
    ask('checkout.session', () => stripe.checkout.sessions.expire(`cs_${nobody}`)),
  ),
  // Endpoint and list of events tell every program of these two: without leave to look, such events would wait and be given up.
  reads('Subscriptions', 'looks at a new subscription, for which a reward may wait', (stripe) =>
    ask('list', () => stripe.subscriptions.list(one)),
  ),
  reads('Transfers', 'looks at a transfer that was reversed', (stripe) => ask('list', () => stripe.transfers.list(one))),
  writes(
    'Subscriptions',
    'discounts a subscription, or adds the item that unlocks a feature',
    (stripe) => ask('subscription', () => stripe.subscriptions.update(`sub_${nobody}`, { metadata: {} })),
    ['stripe_subscription_discount', 'entitlement_unlock'],
  ),
  writes(
    'Coupons',
    'makes the coupon of a discount, for a referred customer also',
    (stripe) => ask('coupon', () => stripe.coupons.update(`frontdesk-${nobody}`, { metadata: {} })),
    ['stripe_subscription_discount'],
  ),
  writes(
    'Credit Grants',
    'grants usage credits',
    (stripe) => ask('billing.credit_grant', () => stripe.billing.creditGrants.expire(`credgr_${nobody}`)),
    ['stripe_credit_grant'],
  ),
  writes(
    'Connected Accounts',
    'opens an account for a payee, and reads whether it can be paid',
    // To who may not touch an account Stripe says the same as of one that does not exist, so that reading has to do.
    (stripe) => ask('list', () => stripe.accounts.list(one)),
    ['stripe_transfer'],
  ),
  writes(
    'Account Links',
    'opens the page on which a payee is onboarded',
    // For the same reason no account is named at all, which is refused once the permission was looked at.
    (stripe) => ask('account_link', () => stripe.accountLinks.create({ account: '', type: 'account_onboarding' })),
    ['stripe_transfer'],
  ),
  writes(
    'Transfers',
    'pays a reward to a connected account',
    (stripe) => ask('transfer', () => stripe.transfers.update(`tr_${nobody}`, { metadata: {} })),
    ['stripe_transfer'],
  ),
];
