/** The chain between a payment and a credit: each link that is broken is named, with what to do. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStripeSimulator, type StripeSimulator } from '../../simulators/stripe/simulator.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { connectStripe } from '../../src/admin/connect-stripe.ts';
import { checkLive } from '../../src/admin/doctor-live.ts';
import { openStripe } from '../../src/effects/stripe/client.ts';
import { asSuperuser, openDatabase, type TestDesk, vendorFile } from './database.ts';

const host = 'desk.example.com';
const secretKey = 'rk_test_doctor12';

let desk: TestDesk;
let tenant: string;
let simulator: StripeSimulator;
/** How far Stripe's clock is ahead, in seconds; null: it does not say. */
let ahead: number | null = null;
const stamped: typeof fetch = async (input, init) => {
  const answer = await simulator.fetch(input, init);
  if (ahead !== null) answer.headers.set('Date', new Date(desk.clock.getTime() + ahead * 1000).toUTCString());
  return answer;
};

beforeAll(async () => {
  desk = await openDatabase();
  const applied = await applyVendor(desk, { raw: vendorFile() });
  if (!applied.ok) throw new Error(applied.code);
  tenant = applied.value.tenant;
  simulator = createStripeSimulator({ now: () => Math.floor(desk.clock.getTime() / 1000), deliver: async () => 200 });
});
afterAll(() => desk.db.close());

const look = (changes: Partial<TestDesk> = {}) => checkLive({ ...desk, ...changes }, host, { fetch: stamped });
const broken = async (changes?: Partial<TestDesk>) => (await look(changes)).filter(({ ok }) => !ok).map(({ name }) => name);
const stripe = () => openStripe({ secretKey }, { fetch: simulator.fetch });
const inHours = (hours: number) => new Date(desk.clock.getTime() + hours * 3_600_000);

it('names what is missing before an account is connected', async () => {
  expect(await broken()).toEqual(['account']);
  expect(await checkLive(desk, 'elsewhere.example.com')).toMatchObject([{ name: 'tenant', ok: false }]);
});

it('finds nothing to mend once one is', async () => {
  expect(await connectStripe(desk, { host, secretKey }, { fetch: simulator.fetch })).toMatchObject({ ok: true });
  const links = await look();
  expect(links.filter(({ ok }) => !ok)).toEqual([]);
  expect(links.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'secrets',
      'key',
      'account',
      'clock',
      'permissions',
      'webhook',
      'events',
      'outbox',
      'payees',
      'unlinked',
      'books',
      'schedule_reconcile',
    ]),
  );
  for (const { detail, fix } of links) expect(`${detail} ${fix}`).not.toContain(secretKey);
});

it('tells another master key from a missing account', async () => {
  expect(await broken({ masterKey: new Uint8Array(32).fill(8) })).toEqual(['secrets']);
});

it('names a key that was rolled, and permissions that were taken away', async () => {
  simulator.setPermissions(secretKey, ['*:read']);
  expect(await broken()).toEqual(['permissions']);
  simulator.setPermissions(secretKey, ['events:read']);
  expect(await broken()).toContain('key');
  simulator.setPermissions(secretKey, ['*:write']);
});

it('names a clock that is wrong before webhooks are refused for it', async () => {
  for (const [skew, found] of [
    [0, []],
    [-50, []],
    [90, ['clock']],
    [-90, ['clock']],
  ] as const) {
    ahead = skew;
    expect(await broken()).toEqual(found);
  }
  ahead = null;
});

it('names an endpoint that was moved, narrowed, switched off or removed', async () => {
  const [made] = (await stripe().webhookEndpoints.list()).data;
  if (made === undefined) throw new Error('an account that is connected has an endpoint');
  const types = made.enabled_events as ['invoice.paid'];
  const named = async (change: Parameters<ReturnType<typeof stripe>['webhookEndpoints']['update']>[1]) => {
    await stripe().webhookEndpoints.update(made.id, change);
    const found = (await look()).find(({ name }) => name === 'webhook');
    await stripe().webhookEndpoints.update(made.id, { url: made.url, enabled_events: types, disabled: false });
    return found?.detail;
  };
  expect(await named({ url: 'https://elsewhere.example/' })).toMatch(/url/);
  expect(await named({ enabled_events: ['invoice.paid'] })).toMatch(/types/);
  expect(await named({ disabled: true })).toMatch(/status/);
  expect(await broken()).toEqual([]);
});

it('names events that did not arrive, and nothing once they have', async () => {
  const { id } = await stripe().customers.create({ email: 'billing@acme.example' });
  const later = { now: () => inHours(1) };
  expect(await broken(later)).toContain('events');
  const [event] = (await stripe().events.list({ type: 'customer.created' })).data;
  const heard = { event_id: event?.id ?? '', type: 'customer.created', object_id: id, account: null, created_at: desk.clock.toISOString() };
  await desk.memory.commit(tenant, { heard: { ...heard, received_at: desk.clock.toISOString() } });
  expect(await broken(later)).not.toContain('events');
});

it('names schedules that do not run', async () => {
  expect(await broken({ now: () => inHours(5) })).toEqual(
    expect.arrayContaining(['schedule_seal', 'schedule_qualify', 'schedule_reconcile']),
  );
});

it('names effects that were given up, obstacles of payees, and residuals of the books', async () => {
  const at = desk.clock.toISOString();
  const organization_id = desk.newId('org');
  await desk.memory.commit(tenant, {
    organizations: [{ organization_id, name: 'Acme', domain: 'acme.example', tier: 'domain_verified', created_at: at }],
    payees: [
      {
        ...{ organization_id, kind: 'customer', stripe_id: 'cus_1', source: 'operator', linked_by: 'test', linked_at: at },
        ...{ frozen_until: null, obstacle: 'customer_deleted' },
      },
    ],
    effects: [{ effect_id: desk.newId('eff'), kind: 'stripe.event', aggregate: 'stripe-event:x', payload: {}, due_at: at, created_at: at }],
    reconciliations: [{ reconciliation_id: desk.newId('rec'), ran_at: at, ok: false, checks: 3, findings: [{ kind: 'residual' }] }],
  });
  await asSuperuser(desk, "update frontdesk.outbox set state = 'dead'");
  expect(await broken()).toEqual(expect.arrayContaining(['outbox', 'payees', 'books']));
});
