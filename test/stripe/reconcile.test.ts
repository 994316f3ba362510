/** What the schedule finds when it compares the ledger with the objects at Stripe, what it repairs and what it leaves to people. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Scene } from '../../src/effects/effect.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import { staffStage } from '../support/examples.ts';
import { sceneAt } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import { billed, customerPayee, drafted, ours, type Payee, released, seen } from '../support/stripe-rewards.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

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

describe('an effect that was given up', () => {
  const died = (kind: string, error: string, status: number | null = null) =>
    sql(
      t,
      `update frontdesk.outbox o set state = 'dead', due_at = $2, last_error = $3, last_status = $4
       where o.kind = $1 and o.state = 'waiting' returning o.effect_id`,
      [kind, t.world.deps.now(), error, status],
    );
  /** A payment that is heard of and cannot be read: the effect then gives up. */
  async function unread(error: string, status: number | null = null): Promise<string> {
    const { id } = await t.stripe.customers.create({ email: 'billing@northwind.example' });
    t.simulator.faults.add({ kind: 'error_500', method: 'GET', path: '/v1/invoices/*', times: 1000 });
    const { id: invoice } = await billed(t, id);
    await died('stripe.event', error, status);
    t.simulator.faults.clear();
    return invoice ?? '';
  }
  const isRead = async (invoice: string) =>
    (await sql(t, 'select from frontdesk.payments p where p.invoice_id = $1', [invoice])).length > 0;

  it('because of something passing is tried again a day later, whatever it was for, and told until then', async () => {
    const invoice = await unread('stripe_api_error', 500);
    const { findings } = await reconciled();
    expect(findings).toContainEqual(expect.objectContaining({ what: 'effect_given_up', effect: 'stripe.event' }));
    await t.settle();
    expect(await isRead(invoice)).toBe(false);
    await t.advance(24 * hour);
    expect((await reconciled()).findings).toEqual([]);
    await t.settle();
    expect(await isRead(invoice)).toBe(true);
  });

  it('because its key was refused is tried again as soon as there is one', async () => {
    const invoice = await unread('stripe_invalid_api_key', 401);
    await reconciled();
    await t.settle();
    expect(await isRead(invoice)).toBe(true);
  });

  it('because of an answer about something else stays a dead letter, and is told by its kind', async () => {
    const invoice = await unread('stripe_answer_differs');
    await t.advance(72 * hour);
    const { ok, findings } = await reconciled();
    const [told] = findings;
    expect([ok, told]).toEqual([false, { what: 'effect_given_up', effect: 'stripe.event', count: expect.any(Number), age_s: told.age_s }]);
    expect(told.age_s).toBeGreaterThan(72 * 3600);
    await t.settle();
    expect(await isRead(invoice)).toBe(false);
    await sql(t, "delete from frontdesk.outbox o where o.state = 'dead'");
  });
});

describe('a reward whose outcome nobody finds out', () => {
  let acme: Payee;
  let rewardId: string;
  let letter: string;
  const path = '/v1/customers/*/balance_transactions';
  const confirm = (body: object) => t.send('POST', `/v1/rewards/${rewardId}/confirm`, { key: staff, body });
  const stateOfLetter = () => sql(t, 'select o.state from frontdesk.outbox o where o.effect_id = $1', [letter]);
  /** Asked for and never answered; `kind` says whether it was done. */
  async function lost(kind: 'timeout_after' | 'timeout_before') {
    await t.advance(72 * hour);
    acme = await customerPayee(t);
    ({ rewardId } = await released(t, acme));
    t.simulator.faults.add({ kind, method: 'POST', path });
    await drafted(t, acme.stripeId);
    const [row] = await sql(t, "select o.effect_id from frontdesk.outbox o where o.kind = 'stripe.balance.credit' and o.state = 'waiting'");
    letter = String(row?.effect_id);
  }
  const givesUp = () =>
    sql(t, "update frontdesk.outbox set state = 'dead', due_at = $2 where effect_id = $1", [letter, t.world.deps.now()]);

  it('is not settled by a person while its effect still finds out', async () => {
    await lost('timeout_after');
    const answer = await confirm({ reference: 'cbtxn_1' });
    expect([answer.body.code, (await seen(t, acme, rewardId)).status]).toEqual(['state.forbidden', 'fulfilling']);
    await t.advance(hour);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
  });

  it('keeps its dead letter: it can be tried again, and not be discarded', async () => {
    await lost('timeout_after');
    await givesUp();
    expect((await t.send('POST', `/v1/dead-letters/${letter}/discard`, { key: staff })).body.code).toBe('state.forbidden');
    expect(await stateOfLetter()).toEqual([{ state: 'dead' }]);
    expect((await t.send('POST', `/v1/dead-letters/${letter}/retry`, { key: staff })).status).toBe(200);
    await t.settle();
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
  });

  it('is not tried again while its reward is held or its payee frozen, and then is', async () => {
    await lost('timeout_before');
    await givesUp();
    const retry = async () => (await t.send('POST', `/v1/dead-letters/${letter}/retry`, { key: staff })).body;
    const [reward] = await sql(t, 'select referral_id from frontdesk.rewards where reward_id = $1', [rewardId]);
    const path = `/v1/referrals/${reward?.referral_id}/holds`;
    const hold = await t.send('POST', path, { key: staff, body: { kind: 'risk', reason: 'suspected_fraud' } });
    expect(hold.status, hold.text).toBe(201);
    expect((await retry()).code).toBe('state.forbidden');
    const released = await t.send('POST', `/v1/holds/${hold.body.id}/release`, { key: staff, body: { because: 'cleared' } });
    expect(released.status, released.text).toBe(200);
    const freeze = 'update frontdesk.organizations set frozen_at = $2 where organization_id = $1';
    await sql(t, freeze, [acme.organizationId, t.world.deps.now()]);
    expect((await retry()).code).toBe('state.forbidden');
    expect(await stateOfLetter()).toEqual([{ state: 'dead' }]);
    await sql(t, freeze, [acme.organizationId, null]);
    expect((await retry()).status).toBe('waiting');
    await t.settle();
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
  });

  it('is settled as paid by staff that names the object, compared like any other, and leaves no dead letter', async () => {
    await lost('timeout_after');
    await givesUp();
    expect((await confirm({ reference: 'bank-7' })).body.code).toBe('state.forbidden');
    const { data } = await t.stripe.customers.listBalanceTransactions(acme.stripeId);
    const reference = data.find(({ metadata }) => metadata?.frontdesk_reward === rewardId)?.id;
    expect((await confirm({ reference })).body).toMatchObject({ status: 'fulfilled' });
    expect(await stateOfLetter()).toEqual([{ state: 'discarded' }]);
    expect((await confirm({ reference })).status).toBe(200);
    expect((await reconciled()).findings).toEqual([]);
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });

  it('is available again where staff says that it was not done, and is then given once', async () => {
    await lost('timeout_before');
    await givesUp();
    await confirm({ reference: 'ticket-7', outcome: 'failed' });
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'provider_refused', payable_minor: 5000 });
    expect(await stateOfLetter()).toEqual([{ state: 'discarded' }]);
    await drafted(t, acme.stripeId);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });
});

it('what is more than one comparison looks at is told with its number', async () => {
  const { desk, given } = await sceneAt(t, demoHost);
  const many = Array.from({ length: 203 }, (_, n) => ({
    ...{ fulfilment_id: `ful_${n}`, kind: 'entitlement_unlock', currency: 'xxx', amount_minor: 0n, target: 'cus_1', reference: 'ent_1' },
  }));
  const consult: Scene['consult'] = async (statements) => {
    const answers = await t.db.batch({ role: 'writer', tenant: desk.tenant }, statements);
    return statements.map(({ name }, n) => (name === 'fulfilments.confirmed_since' ? many : answers[n])) as typeof answers;
  };
  const came = await stripeHands(t.access).reconcile({ desk, given, now: given.now, consult });
  expect(came?.findings).toContainEqual({ what: 'not_compared', count: 3 });
});

it('a provider that does not answer is asked again after a quarter of an hour, not at once', async () => {
  await t.advance(hour);
  t.simulator.faults.add({ kind: 'error_500', method: 'GET', path: '/v1/events' });
  expect(await t.world.schedules.reconcile?.()).toMatchObject({ tenants: 1, failed: 1 });
  expect(await t.world.schedules.reconcile?.()).toMatchObject({ tenants: 0 });
  await t.advance(15 * 60_000 + 1000);
  expect(await t.world.schedules.reconcile?.()).toMatchObject({ tenants: 1, failed: 0 });
});

async function tenantOf(): Promise<string> {
  const [row] = await sql(t, "select min(tenant_id) as tenant_id from frontdesk.stripe_accounts where tenant_id <> ''", []);
  return String(row?.tenant_id);
}
