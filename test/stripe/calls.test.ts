/** Every call that the desk makes to Stripe, with every parameter that it sends: a new one is added here on purpose. */
import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectStripe } from '../../src/admin/connect-stripe.ts';
import { checkLive } from '../../src/admin/doctor-live.ts';
import { importCustomers } from '../../src/admin/import-customers.ts';
import { readBackEffect } from '../../src/domain/payment.ts';
import { openStripe } from '../../src/effects/stripe/client.ts';
import { stripeProvider } from '../../src/effects/stripe/provider.ts';
import { furnishDemoAccount } from '../../src/effects/stripe/setup/demo-account.ts';
import { checkPermissions, type Permission, permissionsFor } from '../../src/effects/stripe/setup/permissions.ts';
import { prepareEndpoint } from '../../src/effects/stripe/setup/webhook-endpoint.ts';
import { monthlyPrice } from '../simulators/opened.ts';
import { freshWorkspace, staffStage, stageOf } from '../support/examples.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { sourceFiles } from '../support/source-tree.ts';
import { draftInvoice, paidInvoice } from '../support/stripe-billing.ts';
import { accountPayee, customerPayee, grant, grantReferee, type RewardWanted, releaseAll } from '../support/stripe-rewards.ts';
import { openStripeWorld, type StripeWorld, secretKey } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

/** What something sends, as `METHOD /path` and the names of its parameters; `key …`: the idempotency key. */
type Calls = Readonly<Record<string, readonly string[]>>;

interface Purpose {
  /** The kinds of reward that need it; absent: every program does; null: it happens in a trial account alone, whose key may do everything. */
  readonly kinds?: readonly string[] | null;
  readonly calls: Calls;
}

const mark = ['metadata[frontdesk_fulfilment]', 'metadata[frontdesk_reward]', 'metadata[frontdesk_tenant]'];
const undone = ['metadata[frontdesk_effect]', 'metadata[frontdesk_reward]', 'metadata[frontdesk_tenant]'];
const key = (...what: readonly string[]) => what.map((one) => `key frontdesk:{id}:{id}:${one}:v1`);
const page = ['limit', 'starting_after'];
const probe: readonly string[] = ['limit'];

const purposes: Readonly<Record<string, Purpose>> = {
  'reads what an event is about': {
    calls: {
      'GET /v1/charges/{id}': [],
      'GET /v1/checkout/sessions/{id}': [],
      'GET /v1/credit_notes/{id}': [],
      'GET /v1/customers/{id}': [],
      'GET /v1/disputes/{id}': [],
      'GET /v1/invoices/{id}': ['expand[]'],
      'GET /v1/refunds/{id}': [],
      'GET /v1/subscriptions/{id}': [],
      'GET /v1/transfers/{id}': [],
    },
  },
  'reads everything that was given back of a payment': {
    calls: {
      'GET /v1/credit_notes': ['invoice', ...page],
      'GET /v1/disputes': ['payment_intent', ...page],
      'GET /v1/invoice_payments': ['invoice', 'payment[payment_intent]', 'payment[type]', ...page],
      'GET /v1/refunds': ['payment_intent', ...page],
    },
  },
  'puts credit on a bill, reads what consumed it, and takes it back; never the absolute `balance` of a customer': {
    calls: {
      'GET /v1/customers/{id}': ['expand[]'],
      'GET /v1/customers/{id}/balance_transactions': ['invoice', ...page],
      'GET /v1/invoices/{id}': ['expand[]'],
      'POST /v1/customers/{id}/balance_transactions': ['amount', 'currency', 'description', ...mark, ...undone, ...key('credit', 'debit')],
    },
  },
  'puts a discount beside others, and takes it off again': {
    kinds: ['stripe_subscription_discount'],
    calls: {
      'GET /v1/coupons/{id}': [],
      'GET /v1/subscriptions': ['customer', 'expand[]', 'limit'],
      'POST /v1/coupons': ['duration', 'duration_in_months', 'id', 'max_redemptions', 'name', 'percent_off', ...mark, ...key('coupon')],
      'POST /v1/subscriptions/{id}': [
        ...['discounts', 'discounts[][coupon]', 'discounts[][discount]', 'expand[]'],
        ...key('discount.1.0', 'discount_end.1'),
      ],
    },
  },
  'grants usage credits, and ends them': {
    kinds: ['stripe_credit_grant'],
    calls: {
      'GET /v1/billing/credit_grants': ['customer', ...page],
      'GET /v1/billing/credit_grants/{id}': [],
      'POST /v1/billing/credit_grants': [
        ...['amount[monetary][currency]', 'amount[monetary][value]', 'amount[type]', 'applicability_config[scope][price_type]'],
        ...['category', 'customer', 'expires_at', 'name', ...mark, ...key('credit_grant')],
      ],
      'POST /v1/billing/credit_grants/{id}/expire': key('expire'),
      'POST /v1/billing/credit_grants/{id}/void': key('void'),
    },
  },
  'unlocks a feature, for longer, and locks it': {
    kinds: ['entitlement_unlock'],
    calls: {
      'GET /v1/prices': ['active', 'limit', 'lookup_keys[]'],
      'GET /v1/subscription_items/{id}': [],
      'GET /v1/subscriptions': ['customer', 'expand[]', 'limit'],
      'POST /v1/subscription_items': [
        ...['price', 'proration_behavior', 'quantity', 'subscription', 'metadata[frontdesk_until]', ...mark, ...key('unlock.{id}')],
      ],
      'POST /v1/subscription_items/{id}': ['metadata[frontdesk_until]', ...mark, ...key('unlock_longer', 'hand_back')],
      'DELETE /v1/subscription_items/{id}': ['proration_behavior', ...key('revoke')],
    },
  },
  'sends money to a payee, and fetches it back': {
    kinds: ['stripe_transfer'],
    calls: {
      'GET /v1/accounts/{id}': [],
      'GET /v1/transfers': ['destination', 'transfer_group', ...page],
      'GET /v1/transfers/{id}/reversals': page,
      'POST /v1/account_links': ['account', 'refresh_url', 'return_url', 'type', 'key frontdesk:{id}'],
      'POST /v1/accounts': [
        ...['capabilities[transfers][requested]', 'metadata[frontdesk_organization]', 'metadata[frontdesk_tenant]', 'type'],
        ...key('account'),
      ],
      'POST /v1/transfers': ['amount', 'currency', 'destination', 'transfer_group', ...mark, ...key('transfer')],
      'POST /v1/transfers/{id}/reversals': ['amount', ...undone, ...key('reverse')],
    },
  },
  'opens a checkout': {
    calls: {
      'GET /v1/prices': ['active', 'limit', 'lookup_keys[]'],
      'POST /v1/checkout/sessions': [
        ...['cancel_url', 'client_reference_id', 'line_items[][price]', 'line_items[][quantity]', 'mode', 'success_url'],
        ...['tenant', 'workspace', 'referral'].flatMap((of) => [
          `metadata[frontdesk_${of}]`,
          `subscription_data[metadata][frontdesk_${of}]`,
        ]),
        ...['discounts[][coupon]', 'key frontdesk:{id}'],
      ],
    },
  },
  'opens it with the discount of a referred customer': {
    kinds: ['stripe_subscription_discount'],
    calls: {
      'GET /v1/coupons/{id}': [],
      'POST /v1/coupons': [
        ...['duration', 'duration_in_months', 'id', 'max_redemptions', 'name', 'percent_off', 'key frontdesk:{id}:v1'],
        ...['tenant', 'referral', 'rule'].map((of) => `metadata[frontdesk_${of}]`),
      ],
    },
  },
  'looks for events that no webhook brought': {
    calls: { 'GET /v1/events': ['created[gte]', 'created[lte]', 'types[]', ...page] },
  },
  'compares the books': {
    calls: {
      'GET /v1/customers/{id}/balance_transactions': ['limit'],
      'GET /v1/customers/{id}/balance_transactions/{id}': [],
    },
  },
  'compares the books, of transfers': {
    kinds: ['stripe_transfer'],
    calls: { 'GET /v1/transfers/{id}': [] },
  },
  'connects an account, imports its customers, and looks after it': {
    calls: {
      'GET /v1/account': [],
      'GET /v1/customers': page,
      'GET /v1/events': ['created[gte]', 'created[lte]', 'limit', 'types[]'],
      'GET /v1/webhook_endpoints': ['limit'],
      'POST /v1/webhook_endpoints': [
        ...['api_version', 'connect', 'description', 'enabled_events[]', 'metadata[frontdesk_scope]', 'metadata[frontdesk_tenant]', 'url'],
      ],
      'POST /v1/webhook_endpoints/{id}': ['disabled', 'enabled_events[]', 'metadata[frontdesk_secret]', 'url'],
      'DELETE /v1/webhook_endpoints/{id}': [],
    },
  },
  'finds out what its key may do': {
    calls: {
      'GET /v1/credit_notes': probe,
      'GET /v1/disputes': probe,
      'GET /v1/events': probe,
      'GET /v1/invoices': probe,
      'GET /v1/prices': probe,
      'GET /v1/refunds': probe,
      'GET /v1/subscriptions': probe,
      'GET /v1/transfers': probe,
      'POST /v1/checkout/sessions/{id}/expire': [],
      'POST /v1/customers/{id}/balance_transactions': ['amount', 'currency', 'description'],
      'POST /v1/webhook_endpoints/{id}': [],
    },
  },
  'finds out what its key may do for such rewards': {
    kinds: ['stripe_credit_grant', 'stripe_subscription_discount', 'stripe_transfer'],
    calls: {
      'GET /v1/accounts': probe,
      'POST /v1/account_links': ['account', 'type'],
      'POST /v1/billing/credit_grants/{id}/expire': [],
      'POST /v1/coupons/{id}': [],
      'POST /v1/subscriptions/{id}': [],
      'POST /v1/transfers/{id}': [],
    },
  },
  'furnishes the account of a demo': {
    kinds: null,
    calls: {
      'GET /v1/customers': ['email', 'limit'],
      'GET /v1/prices': ['active', 'limit'],
      'POST /v1/customers': ['email', 'name'],
      'POST /v1/prices': ['currency', 'lookup_key', 'product', 'recurring[interval]', 'unit_amount'],
      'POST /v1/products': ['name'],
      'POST /v1/subscriptions': ['customer', 'items[][price]'],
    },
  },
};

const made = { calls: new Map<string, Set<string>>(), versions: new Set<string | null>(), refused: new Set<string>() };

async function record(request: Request): Promise<string> {
  const { pathname, searchParams } = new URL(request.url);
  const call = `${request.method} ${pathname.replace(/\/(?!v1\/)[^/]*[0-9A-Z-][^/]*/g, '/{id}')}`;
  const sent = made.calls.get(call) ?? new Set();
  made.calls.set(call, sent);
  const body = new URLSearchParams(request.method === 'GET' ? '' : await request.text());
  for (const name of [...searchParams.keys(), ...body.keys()]) sent.add(name.replace(/\[\d+\]/g, '[]'));
  made.versions.add(request.headers.get('Stripe-Version'));
  const known = request.headers.get('Idempotency-Key');
  // The package makes one up where none is given.
  if (known !== null && !known.startsWith('stripe-node-'))
    sent.add(`key ${known.replace(/(?:ten|org|ful|eff|sub)_[A-Za-z0-9]+|fd-referee-[\w-]+|[0-9a-f]{64}/g, '{id}')}`);
  return call;
}

/** A first page says that there is more, and shows nothing by our marks: so the second is asked for wherever somebody goes on. */
async function asOneOfMany(request: Request, answer: Response): Promise<Response> {
  if (request.method !== 'GET' || !answer.ok || request.url.includes('starting_after=')) return answer;
  const shown = await answer.clone().json();
  if (shown.object !== 'list') return answer;
  const isOurs = (one: Stripe.Transfer) => one.metadata?.frontdesk_reward !== undefined;
  const data = shown.data.map((one: Stripe.Transfer) => (isOurs(one) ? { ...one, metadata: {} } : one));
  return Response.json({ ...shown, data, has_more: true }, { headers: answer.headers });
}

const between =
  (send: typeof fetch): typeof fetch =>
  async (input, init) => {
    const request = new Request(input, init);
    const call = await record(request.clone());
    const answer = await send(request.clone());
    if (!answer.ok) {
      const { code, message } = (await answer.clone().json()).error;
      // Nothing is there any more, or by the id of a probe: the call itself was understood.
      if (code !== 'resource_missing') made.refused.add(`${call}: ${message}`);
    }
    return asOneOfMany(request, answer);
  };

const promised = { amountMinor: 0n, currency: 'xxx' };
const wanted: readonly RewardWanted[] = [
  {},
  { ...promised, kind: 'stripe_subscription_discount', details: { percent_bps: 5000, months: 2 } },
  { ...promised, kind: 'stripe_subscription_discount', details: { percent_bps: 1000, months: null } },
  { ...promised, kind: 'stripe_credit_grant', details: { value_minor: 2500, currency: 'usd', expires_days: 30 } },
  { ...promised, kind: 'stripe_credit_grant', details: { value_minor: 1100, currency: 'usd', expires_days: 30 } },
  { ...promised, kind: 'entitlement_unlock', details: { feature_id: 'sso', days: 30 } },
  { ...promised, kind: 'entitlement_unlock', details: { feature_id: 'sso', days: 60 } },
];
const allKinds = ['entitlement_unlock', 'stripe_balance_credit', 'stripe_credit_grant', 'stripe_subscription_discount', 'stripe_transfer'];

let t: StripeWorld;
beforeAll(async () => {
  t = await openStripeWorld({ between });
  await handOverAndTakeBack();
  await payAndGiveBack();
  await openPages();
  await setUp();
});

/** Every kind of reward. The first answer to each is lost, so that every look-up is made as well. */
async function handOverAndTakeBack(): Promise<void> {
  t.simulator.setPlatformBalance('usd', 1_000_000);
  const plan = await monthlyPrice(t.stripe);
  const product = await t.stripe.products.create({ name: 'Single sign-on' });
  const recurring = { interval: 'month' } as const;
  await t.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 0, recurring, lookup_key: 'frontdesk-unlock-sso' });
  const [acme, payee] = [await customerPayee(t), await accountPayee(t)];
  await t.stripe.subscriptions.create({ customer: acme.stripeId, items: [{ price: plan.id }] });
  await t.settle();
  const granted = [];
  for (const each of wanted) granted.push(await grant(t, acme, each));
  granted.push(await grant(t, payee, { kind: 'stripe_transfer' }));
  await grantReferee(t, acme, { kind: 'stripe_subscription_discount', details: { percent_bps: 2000, months: 1 } });
  losesAnswers('/v1/customers/*/balance_transactions', '/v1/billing/credit_grants', '/v1/transfers');
  await releaseAll(t);
  await workOff();
  const draft = await draftInvoice(t, { customer: acme.stripeId, amount: 1000 });
  await workOff();
  await t.stripe.invoices.finalizeInvoice(draft.id);
  const { given } = await sceneAt(t, demoHost);
  await commitAt(t, demoHost, { effects: [readBackEffect(acme.stripeId, draft.id, given)] });
  await t.settle();
  expect(await t.world.schedules.reconcile?.()).toMatchObject({ tenants: 1, failed: 0 });

  const grants = await t.stripe.billing.creditGrants.list({ customer: acme.stripeId });
  t.simulator.useGrant(grants.data.find(({ amount }) => amount.monetary?.value === 1100)?.id ?? '', 100);
  const staff = await staffStage(t);
  losesAnswers('/v1/customers/*/balance_transactions', '/v1/transfers/*/reversals');
  for (const { rewardId } of granted) {
    const reversed = await t.send('POST', `/v1/rewards/${rewardId}/reverse`, { key: staff.key, body: { reason: 'refunded' } });
    expect(reversed.status).toBe(200);
  }
  await workOff();
}

/** Until what was staged is done, with what that stages in turn, and each attempt after one whose answer was lost. */
async function workOff(): Promise<void> {
  await t.settle();
  for (let waits = 0; waits < 3; waits++) await t.advance(60_000);
}

function losesAnswers(...paths: readonly string[]): void {
  for (const path of paths) t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path });
}

/** A payment, of which everything is given back in every way. */
async function payAndGiveBack(): Promise<void> {
  const { id: customer } = await t.stripe.customers.create({});
  const invoice = await paidInvoice(t, { customer, amount: 4900 });
  const [payment] = (await t.stripe.invoicePayments.list({ invoice: invoice.id })).data;
  const intent = await t.stripe.paymentIntents.retrieve(String(payment?.payment.payment_intent));
  await t.stripe.refunds.create({ payment_intent: intent.id, amount: 1000 });
  await t.stripe.creditNotes.create({ invoice: invoice.id, amount: 500, out_of_band_amount: 500 });
  t.simulator.openDispute(String(intent.latest_charge), { amount: 1000 });
  await t.settle();
  await t.stripe.customers.del(customer);
  await t.settle();
}

/** What an agent asks for: a checkout, that is paid, and a page on which a payee is onboarded. */
async function openPages(): Promise<void> {
  const { id: product } = await t.stripe.products.create({ name: 'LedgerBridge' });
  const recurring = { currency: 'usd', recurring: { interval: 'month' as const }, product };
  await t.stripe.prices.create({ ...recurring, unit_amount: 9900, lookup_key: 'team' });
  const stage = await stageOf(t);
  const { id } = await freshWorkspace(stage);
  const opened = await t.send('POST', `/v1/workspaces/${id}/checkout`, { key: stage.key, body: { tier: 'team' } });
  t.simulator.completeCheckout(opened.body.checkout.id);
  await t.settle();
  expect(opened.status).toBe(201);
  const { desk, given } = await sceneAt(t, demoHost);
  const pages = { returnUrl: 'https://ledgerbridge.example/', refreshUrl: 'https://ledgerbridge.example/' };
  const wanted = { ...pages, organizationId: given.newId('org'), accountId: null };
  expect(await stripeProvider(t.access).openOnboarding(desk, wanted, `frontdesk:${'0'.repeat(64)}`)).toMatchObject({ ok: true });
  const [account] = (await t.stripe.accounts.list({ limit: 1 })).data;
  const created = Math.floor(t.world.deps.now().getTime() / 1000);
  const about = { id: account?.id, object: 'account' };
  const event = { id: 'evt_1AccountUpdated', object: 'event', type: 'account.updated', livemode: false, account: account?.id, created };
  expect((await t.post(JSON.stringify({ ...event, data: { object: about } }))).status).toBe(200);
  await t.settle();
}

/** What an operator does. */
async function setUp(): Promise<void> {
  const { admin } = t.world;
  const connected = () => connectStripe(admin, { host: demoHost, secretKey }, t.access);
  expect(await connected()).toMatchObject({ ok: true, value: { endpoints: [{ outcome: 'made' }], leftOver: [] } });
  const [endpoint] = (await t.stripe.webhookEndpoints.list()).data;
  await t.stripe.webhookEndpoints.update(endpoint?.id ?? '', { enabled_events: ['invoice.paid'] });
  expect(await connected()).toMatchObject({ ok: true, value: { endpoints: [{ outcome: 'updated' }] } });
  await checkLive(admin, demoHost, t.access);
  const first = await importCustomers(admin, { host: demoHost, after: null }, t.access);
  await importCustomers(admin, { host: demoHost, after: first.ok ? first.value.next : null }, t.access);

  const stripe = openStripe({ secretKey }, t.access);
  const [{ desk }, shared] = [await sceneAt(t, demoHost), { url: 'https://desk.example.com', types: ['account.updated'], secrets: [] }];
  const ofPayees = await prepareEndpoint(stripe, { ...shared, tenant: desk.tenant, scope: 'connect' });
  const permitted = await checkPermissions(stripe, allKinds);
  const furnished = await furnishDemoAccount(stripe, desk.vendor, { name: 'Acme', email: 'billing@acme-ops.example' });
  expect([ofPayees.kind, permitted.filter(({ state }) => state !== 'granted'), furnished.kind]).toEqual(['ok', [], 'ok']);
}

describe('what the desk asks of Stripe', () => {
  it('is this list', () => {
    const sorted = (lists: Iterable<readonly [string, Iterable<string>]>) =>
      Object.fromEntries([...lists].map(([call, sent]) => [call, [...new Set(sent)].sort()]));
    const expected = new Map<string, string[]>();
    for (const { calls } of Object.values(purposes))
      for (const [call, sent] of Object.entries(calls)) expected.set(call, [...(expected.get(call) ?? []), ...sent]);
    expect(sorted(made.calls)).toEqual(sorted(expected));
  });

  it('is taken by it, but for what is asked in order to be refused', () => {
    expect([...made.refused].sort()).toEqual([
      "POST /v1/account_links: You passed an empty string for 'account'. It cannot be unset.",
      'POST /v1/billing/credit_grants/{id}/void: A credit grant that was used cannot be voided.',
    ]);
    expect([...made.versions]).toEqual(['2026-10-28.endive']);
    expect(t.reported).toEqual([]);
  });

  it('is what its source calls, without exception', async () => {
    const calls = await Promise.all(calledMethods().map(callOf));
    expect([...new Set(calls)].sort()).toEqual([...made.calls.keys()].sort());
  });

  it('is what the key of the account is permitted, by the kinds of reward of the program', () => {
    const lacking = Object.entries(purposes).flatMap(([purpose, { kinds = [], calls }]) => {
      const permitted = kinds === null ? null : permissionsFor(kinds);
      return Object.keys(calls).flatMap((call) => (permitted === null || isPermitted(call, permitted) ? [] : `${purpose}: ${call}`));
    });
    expect(lacking).toEqual([]);
  });
});

/** `customers.retrieve` and the like, wherever the source says so. */
function calledMethods(): readonly string[] {
  const texts = sourceFiles('src/effects/stripe').map(({ text }) => text);
  // `const { creditGrants } = scene.stripe.billing`
  const aliases = texts.flatMap((text) => [...text.matchAll(/const \{ ([\w, ]+) \} = (?:\w+\.)?stripe((?:\.\w+)*);/g)]);
  const named = aliases.flatMap(([, names = '', parent]) => names.split(', ').map((name) => [name, `${parent}.${name}`] as const));
  const roots = new Map<string, string>([['stripe', ''], ...named]);
  const call = new RegExp(String.raw`\b(${[...roots.keys()].join('|')})((?:\s*\.\s*\w+)+)\(`, 'g');
  const chains = texts.flatMap((text) => [...text.matchAll(call)].map(([, root = '', rest = '']) => `${roots.get(root)}${rest}`));
  return [...new Set(chains.map((chain) => chain.replace(/\s/g, '').replace(/^\./, '')))];
}

/** The call that a method of the package makes. */
async function callOf(method: string): Promise<string> {
  let call = '';
  const send: typeof fetch = async (input, init) => {
    const { method: verb, url } = new Request(input, init);
    call = `${verb} ${decodeURIComponent(new URL(url).pathname)}`;
    return Response.json({});
  };
  const names = method.split('.');
  const resource = names.slice(0, -1).reduce((of: object, name) => Reflect.get(of, name), openStripe({ secretKey }, { fetch: send }));
  await Reflect.apply(Reflect.get(resource, names.at(-1) ?? ''), resource, ['{id}', '{id}', {}]);
  return call;
}

/** Where Stripe's page for restricted keys has the resources of paths; null: any key may. */
const resources: Readonly<Record<string, string | null>> = {
  ...{ account: null, account_links: 'Account Links', accounts: 'Connected Accounts', credit_grants: 'Credit Grants' },
  ...{ charges: 'Charges and Refunds', refunds: 'Charges and Refunds', sessions: 'Checkout Sessions', coupons: 'Coupons' },
  ...{ credit_notes: 'Credit notes', customers: 'Customers', disputes: 'Disputes', events: 'Events', invoices: 'Invoices' },
  ...{ invoice_payments: 'Invoices', prices: 'Prices', subscriptions: 'Subscriptions', subscription_items: 'Subscriptions' },
  ...{ transfers: 'Transfers', webhook_endpoints: 'Webhook Endpoints' },
};

function isPermitted(call: string, permissions: readonly Permission[]): boolean {
  const [verb, noun = ''] = call.split(/ \/v1\/(?:billing\/|checkout\/)?|\//);
  const resource = resources[noun];
  if (resource === null) return true;
  return permissions.some(({ resource: of, access }) => of === resource && (access === 'write' || verb === 'GET'));
}
