/** What Stripe tells twice, at once or not at all, on a real Postgres. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { migratedDatabase } from '../support/postgres-world.ts';
import { sql } from '../support/sql.ts';
import { paidInvoice } from '../support/stripe-billing.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';

let t: StripeWorld;
let customer: string;
beforeAll(async () => {
  const database = await migratedDatabase();
  afterAll(() => database.drop());
  t = await openStripeWorld({ db: connectPostgres(database.appUrl), pause: async () => {} });
  customer = (await t.stripe.customers.create({})).id;
});

const eventOf = (type: 'invoice.paid' | 'invoice.finalized', invoice: string) =>
  t.simulator.webhooks.events({ type }).find(({ data }) => 'id' in data.object && data.object.id === invoice)?.id ?? '';
const heard = (object: string) =>
  sql(t, 'select s.event_id, s.type from frontdesk.stripe_events s where s.object_id = $1 order by s.event_id', [object]);
const translated = (object: string) =>
  sql(t, "select o.state from frontdesk.outbox o where o.kind = 'stripe.event' and o.payload ->> 'object_id' = $1", [object]);
const payments = (invoice: string) => sql(t, 'select p.paid_minor from frontdesk.payments p where p.invoice_id = $1', [invoice]);

describe('an event', () => {
  it('that comes a hundred times at once is stored and translated once', async () => {
    t.simulator.webhooks.pause();
    const { id } = await paidInvoice(t, { customer, amount: 2900 });
    const statuses = await t.simulator.webhooks.duplicate(eventOf('invoice.paid', id), 100);
    t.simulator.webhooks.drop();
    t.simulator.webhooks.resume();
    expect([statuses.length, new Set(statuses)]).toEqual([100, new Set([200])]);
    expect([(await heard(id)).length, (await translated(id)).length]).toEqual([1, 1]);
    await t.settle();
    expect([await translated(id), await payments(id)]).toEqual([[{ state: 'done' }], [{ paid_minor: 2900n }]]);
  });

  it('that is told again as another event comes to the same', async () => {
    const { id } = await paidInvoice(t, { customer, amount: 3900 });
    await t.simulator.webhooks.emitAgain(eventOf('invoice.paid', id));
    await t.settle();
    expect((await heard(id)).filter(({ type }) => type === 'invoice.paid')).toHaveLength(2);
    expect([new Set((await translated(id)).map(({ state }) => state)), await payments(id)]).toEqual([
      new Set(['done']),
      [{ paid_minor: 3900n }],
    ]);
  });

  it('about something that is gone by then is done with', async () => {
    const draft = await t.stripe.invoices.create({ customer });
    await t.stripe.invoices.del(draft.id);
    await t.settle();
    expect(await translated(draft.id)).toEqual([{ state: 'done' }]);
  });
});

describe('webhooks that were lost', () => {
  const compare = async () => t.world.schedules.reconcile?.();

  it('are found in Stripe’s own list, each once', async () => {
    t.simulator.webhooks.pause();
    const { id } = await paidInvoice(t, { customer, amount: 4900 });
    const lost = t.simulator.webhooks.drop();
    t.simulator.webhooks.resume();
    await t.settle();
    expect([lost > 0, await payments(id)]).toEqual([true, []]);
    expect(await compare()).toMatchObject({ tenants: 1, failed: 0 });
    await t.settle();
    expect(await payments(id)).toEqual([{ paid_minor: 4900n }]);
    const before = await heard(id);
    await t.advance(16 * 60_000);
    expect(await compare()).toMatchObject({ tenants: 1, events: 0 });
    expect(await heard(id)).toEqual(before);
  });

  it('are found after three days without any, a day at a time, beyond one page of the list', async () => {
    t.simulator.webhooks.pause();
    const invoices: string[] = [];
    for (let n = 0; n < 40; n++) invoices.push((await paidInvoice(t, { customer, amount: 1000 + n })).id);
    t.simulator.webhooks.drop();
    t.simulator.webhooks.resume();
    await t.advance(3 * 86_400_000, { working: false });
    for (let rounds = 0; rounds < 5; rounds++) await compare();
    await t.settle();
    const [counted] = await sql(t, 'select count(*) as paid from frontdesk.payments p where p.invoice_id = any($1::text[])', [invoices]);
    expect(counted).toEqual({ paid: 40n });
    const [account] = await sql(t, 'select a.events_seen_at from frontdesk.stripe_accounts a');
    expect(t.world.deps.now().getTime() - Date.parse(String(account?.events_seen_at))).toBeLessThan(60_000);
  });

  it('stay to be found while Stripe does not answer', async () => {
    const seen = await sql(t, 'select a.events_seen_at from frontdesk.stripe_accounts a');
    await t.advance(16 * 60_000);
    t.simulator.faults.add({ kind: 'error_500', method: 'GET', path: '/v1/events' });
    expect(await compare()).toMatchObject({ failed: 1 });
    expect(await sql(t, 'select a.events_seen_at from frontdesk.stripe_accounts a')).toEqual(seen);
  });
});
