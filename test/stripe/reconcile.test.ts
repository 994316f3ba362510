/** What the schedule finds when it compares the ledger with the objects at Stripe, what it repairs and what it leaves to people. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { staffStage } from '../support/examples.ts';
import { sql } from '../support/sql.ts';
import { billed, customerPayee, drafted, ours, type Payee, released, seen } from '../support/stripe-rewards.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';

const hour = 3_600_000;
let t: StripeWorld;
let staff: string;
beforeAll(async () => {
  t = await openStripeWorld();
  staff = (await staffStage(t)).key;
});

async function reconciled() {
  await t.advance(hour);
  const round = await t.world.schedules.reconcile?.();
  const [newest] = (await t.send('GET', '/v1/reconciliations?limit=1', { key: staff })).body.data;
  return { round, ...newest };
}

describe('with everything in order', () => {
  it('agrees, and says how much it has compared', async () => {
    const acme = await customerPayee(t);
    await released(t, acme);
    await billed(t, acme.stripeId);
    expect(await reconciled()).toMatchObject({
      ok: true,
      findings: [],
      checks: 2,
      round: { tenants: 1, events: 0, findings: 0, failed: 0 },
    });
  });

  it('does not compare again before a quarter of an hour has passed', async () => {
    await reconciled();
    expect(await t.world.schedules.reconcile?.()).toMatchObject({ tenants: 0 });
  });
});

describe('what does not agree', () => {
  let acme: Payee;
  let rewardId: string;
  beforeEach(async () => {
    await t.advance(72 * hour);
    acme = await customerPayee(t);
    ({ rewardId } = await released(t, acme));
    await drafted(t, acme.stripeId);
  });

  it('a credit that carries our name and that no fulfilment stands for is told with its reference', async () => {
    const [fulfilment] = (await seen(t, acme, rewardId)).fulfilments;
    const metadata = { frontdesk_tenant: await tenantOf(), frontdesk_reward: rewardId, frontdesk_fulfilment: fulfilment.id };
    const second = await t.stripe.customers.createBalanceTransaction(acme.stripeId, { amount: -5000, currency: 'usd', metadata });
    const { ok, findings } = await reconciled();
    expect([ok, findings]).toEqual([false, [{ what: 'object_unknown', reference: second.id, fulfilment: fulfilment.id }]]);
  });

  it('a credit that is not there any more is told with its amount', async () => {
    const [fulfilment] = (await seen(t, acme, rewardId)).fulfilments;
    await sql(t, "update frontdesk.fulfilments set reference = 'cbtxn_gone' where fulfilment_id = $1", [fulfilment.id]);
    const { findings } = await reconciled();
    expect(findings).toContainEqual({ what: 'object_missing', fulfilment: fulfilment.id, currency: 'usd', amount_minor: '5000' });
  });
});

describe('what is on its way', () => {
  it('is told with its age once nothing tries to find out any more, and found out by the day after', async () => {
    await t.advance(72 * hour);
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    // Applied, and never answered; then the effect gives up.
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path: '/v1/customers/*/balance_transactions' });
    await drafted(t, acme.stripeId);
    await sql(t, "update frontdesk.outbox set state = 'dead', due_at = $1 where kind = 'stripe.balance.credit' and state = 'waiting'", [
      t.world.deps.now(),
    ]);
    await t.advance(2 * hour);
    const first = await reconciled();
    expect(first.findings).toMatchObject([{ what: 'sent_without_outcome', reward: rewardId, currency: 'usd', amount_minor: '5000' }]);
    expect(first.findings[0].age_s).toBeGreaterThanOrEqual(3 * 3600);
    await t.advance(24 * hour);
    await reconciled();
    await t.settle();
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
    expect((await reconciled()).findings).toEqual([]);
  });
});

async function tenantOf(): Promise<string> {
  const [row] = await sql(t, "select min(tenant_id) as tenant_id from frontdesk.stripe_accounts where tenant_id <> ''", []);
  return String(row?.tenant_id);
}
