/** Existing customers of an account, remembered by the hash of their domain. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStripeSimulator, type StripeSimulator } from '../../simulators/stripe/simulator.ts';
import { givenFor } from '../../src/admin/admin-deps.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { connectStripe } from '../../src/admin/connect-stripe.ts';
import { importCustomers } from '../../src/admin/import-customers.ts';
import { fingerprintOf } from '../../src/domain/prospect.ts';
import { openStripe } from '../../src/effects/stripe/client.ts';
import { openDatabase, select, type TestDesk, vendorFile } from './database.ts';

const host = 'desk.example.com';
const secretKey = 'sk_test_import12';
const day = 86_400_000;

let desk: TestDesk;
let tenant: string;
let simulator: StripeSimulator;
beforeAll(async () => {
  desk = await openDatabase();
  const applied = await applyVendor(desk, { raw: vendorFile() });
  if (!applied.ok) throw new Error(applied.code);
  tenant = applied.value.tenant;
  simulator = createStripeSimulator({ now: () => Math.floor(desk.clock.getTime() / 1000), deliver: async () => 200 });
});
afterAll(() => desk.db.close());

const customer = (email?: string) =>
  openStripe({ secretKey }, { fetch: simulator.fetch }).customers.create(email === undefined ? {} : { email });
const page = (after: string | null = null) => importCustomers(desk, { host, after }, { fetch: simulator.fetch });
const reports = () =>
  select(
    desk,
    tenant,
    `select r.report_id, r.stripe_customer, r.occurred_at, encode(p.fingerprint, 'hex') as fingerprint from frontdesk.reports r
     left join frontdesk.prospects p on p.prospect_id = r.prospect_id where r.source = 'stripe' and r.type = 'customer.existing' order by r.report_id`,
  );

it('needs a connected account', async () => {
  expect(await page()).toMatchObject({ ok: false, code: 'state.forbidden' });
  expect(await connectStripe(desk, { host, secretKey }, { fetch: simulator.fetch })).toMatchObject({ ok: true });
});

it('keeps of each customer since when it is one, and of its company the hash alone; of free mail only that there is a customer', async () => {
  const own = await customer('Ops@mail.Northwind.example');
  const same = await customer('billing@northwind.example');
  const free = await customer('somebody@gmail.com');
  const silent = await customer();
  expect(await page()).toEqual({ ok: true, value: { seen: 4, reported: 4, next: null } });
  const fingerprint = fingerprintOf('northwind.example', givenFor(desk, tenant, desk.now()).derive);
  const of = (id: string, more: object) => expect.objectContaining({ report_id: id, occurred_at: desk.clock.toISOString(), ...more });
  expect(await reports()).toEqual(
    expect.arrayContaining([
      ...[own, same].map(({ id }) => of(id, { fingerprint, stripe_customer: null })),
      ...[free, silent].map(({ id }) => of(id, { fingerprint: null, stripe_customer: id })),
    ]),
  );
  const [kept] = await select(
    desk,
    tenant,
    "select string_agg(r::text, '') || (select string_agg(p::text, '') from frontdesk.prospects p) as all from frontdesk.reports r",
  );
  expect(kept?.all).not.toMatch(/northwind|gmail/i);
});

it('adds nothing when it is done again, page by page', async () => {
  const before = await reports();
  for (let n = 0; n < 99; n++) await customer(`billing@company-${n}.example`);
  const first = await page();
  expect(first).toMatchObject({ ok: true, value: { seen: 100, reported: 99, next: expect.stringMatching(/^cus_/) } });
  expect(await page(first.ok ? first.value.next : null)).toEqual({ ok: true, value: { seen: 3, reported: 0, next: null } });
  expect(await reports()).toHaveLength(before.length + 99);
  expect(await page()).toMatchObject({ ok: true, value: { reported: 0 } });
});

it('leaves out a customer that is linked, and says of every other one since when it is one', async () => {
  const { derive } = givenFor(desk, tenant, desk.now());
  const before = await customer('old@referred.example');
  const since = desk.clock.toISOString();
  desk.clock = new Date(desk.clock.getTime() + 2 * day);
  const at = desk.clock.toISOString();
  const prospect_id = desk.newId('pro');
  const [brought, linked] = [await customer('new@referred.example'), await customer('pays@other.example')];
  await desk.memory.commit(tenant, {
    prospects: [{ prospect_id, fingerprint: fingerprintOf('referred.example', derive), created_at: at }],
    customers: [{ stripe_customer: linked.id, prospect_id, linked_at: at }],
  });
  expect(await page()).toMatchObject({ ok: true, value: { reported: 2 } });
  const known = new Map((await reports()).map(({ report_id, occurred_at }) => [report_id, occurred_at]));
  expect([before.id, brought.id, linked.id].map((id) => known.get(id))).toEqual([since, at, undefined]);
});
