/** Connecting a tenant to an account at Stripe: what the key may do, which endpoints stand there, what is kept of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStripeSimulator, type StripeSimulator } from '../../simulators/stripe/simulator.ts';
import { openDesk } from '../../src/access/open-desk.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { connectStripe, type StripeWanted } from '../../src/admin/connect-stripe.ts';
import { apiVersion, openStripe } from '../../src/effects/stripe/client.ts';
import { translators } from '../../src/effects/stripe/events/translators.ts';
import { openDatabase, select, type TestDesk, vendorFile } from './database.ts';

const secretKey = 'sk_test_connect1';

let desk: TestDesk;
/** A tenant of its own for each test. */
let host: string;
let tenant: string;
let simulator: StripeSimulator;
/** Webhooks that left, with their signatures. */
let sent: { readonly url: string; readonly signature: string; readonly body: string }[];

beforeAll(async () => {
  desk = await openDatabase();
});
afterAll(() => desk.db.close());

let tenants = 0;
beforeEach(async () => {
  host = `desk-${++tenants}.example.com`;
  const applied = await applyVendor(desk, { raw: vendorFile(), hosts: [host] });
  if (!applied.ok) throw new Error(applied.code);
  tenant = applied.value.tenant;
  sent = [];
  simulator = createStripeSimulator({
    now: () => Math.floor(desk.clock.getTime() / 1000),
    deliver: async (url, headers, body) => {
      sent.push({ url, signature: headers['stripe-signature'] ?? '', body });
      return 200;
    },
  });
});
const connect = (wanted: Partial<StripeWanted> = {}) => connectStripe(desk, { host, secretKey, ...wanted }, { fetch: simulator.fetch });
const stripe = () => openStripe({ secretKey }, { fetch: simulator.fetch });
const endpoints = async () => (await stripe().webhookEndpoints.list()).data;
const connection = async () => (await openDesk(desk, host, null))?.stripe;
const mode = async () => {
  const [row] = await select(
    desk,
    tenant,
    "select body::jsonb #>> '{referral,rewards_mode}' as mode from frontdesk.documents where kind = 'capabilities'",
  );
  return row?.mode;
};

describe('a first connection', () => {
  it('keeps account and secrets sealed, makes the endpoint with the pinned version, and says so in the capabilities', async () => {
    expect(await mode()).toBe('disabled');
    const before = await openDesk(desk, host, null);
    const connected = await connect();
    expect(connected).toMatchObject({
      ok: true,
      value: {
        tenant,
        accountId: simulator.account,
        livemode: false,
        revision: (before?.revision ?? 0) + 1,
        endpoints: [{ outcome: 'made' }],
      },
    });
    const [endpoint] = await endpoints();
    expect(endpoint).toMatchObject({
      ...{ url: `https://${host}/v1/webhooks/stripe`, api_version: apiVersion, status: 'enabled' },
      metadata: { frontdesk_tenant: tenant },
    });
    expect(endpoint?.enabled_events).toEqual(
      Object.keys(translators)
        .filter((type) => !type.startsWith('account.'))
        .sort(),
    );
    expect(await connection()).toMatchObject({
      accountId: simulator.account,
      livemode: false,
      secretKey,
      webhookSecrets: [expect.stringMatching(/^whsec_/)],
    });
    const [row] = await select(desk, tenant, 'select sealed from frontdesk.stripe_accounts');
    expect(row?.sealed).toEqual(expect.not.stringContaining(secretKey));
    expect(await mode()).toBe('live');
  });

  it('has the key that signs what the endpoint is told', async () => {
    await connect();
    await stripe().customers.create({ email: 'billing@acme.example' });
    await simulator.settled();
    const [webhook] = sent;
    const secret = (await connection())?.webhookSecrets[0] ?? '';
    const at = desk.clock.getTime();
    expect(webhook?.url).toBe(`https://${host}/v1/webhooks/stripe`);
    await expect(
      stripe().webhooks.constructEventAsync(webhook?.body ?? '', webhook?.signature ?? '', secret, 300, undefined, at),
    ).resolves.toMatchObject({
      object: 'event',
    });
  });

  it('makes a second endpoint, for connected accounts, where rewards are paid to them', async () => {
    const file = vendorFile();
    const raw = JSON.parse(JSON.stringify(file).replace('"stripe_balance_credit"', '"stripe_transfer"'));
    expect(await applyVendor(desk, { raw, hosts: [host] })).toMatchObject({ ok: true });
    expect(await connect()).toMatchObject({ ok: true, value: { endpoints: [{ scope: 'account' }, { scope: 'connect' }] } });
    const ofConnect = (await endpoints()).filter(({ metadata }) => metadata.frontdesk_scope === 'connect');
    expect(ofConnect.map(({ enabled_events: types }) => types)).toEqual([
      Object.keys(translators).filter((type) => type.startsWith('account.')),
    ]);
    expect((await connection())?.webhookSecrets).toHaveLength(2);
  });
});

describe('connecting again', () => {
  it('changes nothing where everything stands so', async () => {
    await connect();
    const [before, stands] = [await connection(), await endpoints()];
    expect(await connect()).toMatchObject({ ok: true, value: { revision: null, endpoints: [{ outcome: 'kept' }] } });
    expect([await connection(), await endpoints()]).toEqual([before, stands]);
  });

  it('mends an endpoint that was moved, narrowed or switched off', async () => {
    await connect();
    const [made] = await endpoints();
    await stripe().webhookEndpoints.update(made?.id ?? '', {
      url: 'https://elsewhere.example/',
      enabled_events: ['invoice.paid'],
      disabled: true,
    });
    expect(await connect()).toMatchObject({ ok: true, value: { revision: null, endpoints: [{ outcome: 'updated' }] } });
    expect(await endpoints()).toEqual([made]);
  });

  it('replaces an endpoint of which no secret is known, and keeps no second one beside it', async () => {
    await stripe().webhookEndpoints.create({ url: `https://${host}/v1/webhooks/stripe`, enabled_events: ['*'], api_version: apiVersion });
    expect(await connect()).toMatchObject({ ok: true, value: { endpoints: [{ outcome: 'made' }] } });
    expect((await endpoints()).map(({ metadata }) => metadata.frontdesk_tenant)).toEqual([tenant]);
  });

  it('leaves the endpoints of others alone', async () => {
    const other = await stripe().webhookEndpoints.create({
      url: 'https://other.example/hook',
      enabled_events: ['*'],
      api_version: apiVersion,
    });
    await connect({ rotate: true });
    expect((await endpoints()).map(({ id }) => id)).toContain(other.id);
  });

  it('takes up a new signing secret before the old one goes when it rotates', async () => {
    await connect();
    const old = (await connection())?.webhookSecrets ?? [];
    expect(await connect({ rotate: true })).toMatchObject({ ok: true, value: { endpoints: [{ outcome: 'made' }] } });
    expect(await endpoints()).toHaveLength(1);
    const secrets = (await connection())?.webhookSecrets ?? [];
    expect(secrets).toEqual([expect.not.stringMatching(old[0] ?? '-'), ...old]);
  });

  it('takes another key of the same account', async () => {
    await connect();
    expect(await connect({ secretKey: 'rk_test_another2' })).toMatchObject({ ok: true, value: { endpoints: [{ outcome: 'kept' }] } });
    expect((await connection())?.secretKey).toBe('rk_test_another2');
  });
});

describe('what is refused', () => {
  it('names every permission that a restricted key lacks, and connects nothing', async () => {
    simulator.setPermissions('rk_test_narrow12', [
      '*:read',
      'webhook_endpoints:write',
      'checkout/sessions:write',
      'coupons:write',
      'promotion_codes:write',
      'subscriptions:write',
    ]);
    const refused = await connect({ secretKey: 'rk_test_narrow12' });
    expect(refused).toMatchObject({
      ok: false,
      code: 'request.invalid',
      issues: [{ code: 'permission', message: expect.stringMatching(/^Customers: write/) }],
    });
    expect([await connection(), await endpoints()]).toEqual([null, []]);
  });

  it.each([
    ['in the embedded default, whatever is said', 'dev', true],
    ['elsewhere, unless it is said', 'live', false],
  ])('takes no live key %s', async (_, environment, live) => {
    const refused = await connectStripe(
      { ...desk, environment },
      { host, secretKey: `sk_${'live'}_connect1`, live },
      { fetch: simulator.fetch },
    );
    expect(refused).toMatchObject({ ok: false, code: 'request.invalid', issues: [{ code: 'live' }] });
  });

  it.each(['pk_test_publishable', 'whsec_notakey', ''])('takes nothing that is no secret key: %s', async (key) => {
    expect(await connect({ secretKey: key })).toMatchObject({ ok: false, code: 'request.invalid', issues: [{ code: 'form' }] });
  });

  it('knows no tenant at another host', async () => {
    expect(await connect({ host: 'elsewhere.example.com' })).toMatchObject({ ok: false, code: 'tenant.unknown' });
  });

  it('does not take another account once payments of the connected one are known', async () => {
    await connect();
    const other = createStripeSimulator({ seed: 2, deliver: async () => 200 });
    const elsewhere = () => connectStripe(desk, { host, secretKey }, { fetch: other.fetch });
    const at = desk.clock.toISOString();
    const payment = {
      invoice_id: 'in_1',
      stripe_customer: 'cus_1',
      currency: 'usd',
      collected_minor: '1',
      paid_minor: '1',
      status: 'paid',
    } as const;
    await desk.memory.commit(tenant, { payments: [{ ...payment, out_of_band: false, subscription: null, paid_at: at, seen_at: at }] });
    expect(await elsewhere()).toMatchObject({ ok: false, code: 'resource.conflict' });
    expect((await connection())?.accountId).toBe(simulator.account);
  });

  it('says what Stripe answered when it cannot be asked', async () => {
    simulator.faults.add({ kind: 'error_500', path: '/v1/account', times: 1 });
    expect(await connect()).toMatchObject({ ok: false, code: 'upstream.unavailable', detail: expect.stringMatching(/500/) });
  });
});
