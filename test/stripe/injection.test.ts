/** Credit on an organization's own bill: from `invoice.created` to the bills that consumed it, at the simulator, through the door and the outbox. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Changes } from '../../src/domain/decision.ts';
import { injectEffect } from '../../src/domain/payment.ts';
import { openHold } from '../../src/domain/referral-step.ts';
import { undoEffect } from '../../src/domain/take-back.ts';
import { staffStage } from '../support/examples.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import {
  billed,
  customerPayee,
  drafted,
  effectsOf,
  grant,
  ours,
  type Payee,
  releaseAll,
  released,
  seen,
} from '../support/stripe-rewards.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost } from '../support/world.ts';

let t: StripeWorld;
beforeAll(async () => {
  t = await openStripeWorld();
});

const commit = (changes: Changes) => commitAt(t, demoHost, changes);
const balance = async ({ key }: Payee) => (await t.send('GET', '/v1/balance', { key })).body.balances[0];
const payeeRow = async ({ organizationId, stripeId }: Payee, more: { frozen_until?: string; obstacle?: string }) => ({
  ...{ organization_id: organizationId, kind: 'customer' as const, stripe_id: stripeId, from_id: stripeId, source: 'operator' as const },
  ...{ linked_by: 'test', linked_at: t.world.deps.now().toISOString(), frozen_until: null, obstacle: null, ...more },
});

describe('a reward of 50.00 against bills of 29.00', () => {
  it('is credited whole when the first is drafted, and pays that and most of the next; the bills that it paid are named', async () => {
    const acme = await customerPayee(t);
    const { rewardId, referralId } = await released(t, acme);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'available', held_reason: null, applied_to: [] });
    const first = await billed(t, acme.stripeId);
    expect([first.status, first.amount_due, first.ending_balance]).toEqual(['paid', 0, -2100]);
    const second = await billed(t, acme.stripeId);
    expect([second.status, second.amount_paid, second.ending_balance]).toEqual(['paid', 800, 0]);
    const now = await seen(t, acme, rewardId);
    expect(now).toMatchObject({
      ...{ status: 'fulfilled', payable_minor: 0, fulfilments: [{ attempt: 1, status: 'confirmed', amount_minor: 5000 }] },
      applied_to: [
        { invoice_id: first.id, amount_minor: 2900 },
        { invoice_id: second.id, amount_minor: 2100 },
      ],
    });
    expect(now.fulfilments[0].reference).toMatch(/^cbtxn_/);
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
    expect(await balance(acme)).toMatchObject({ available_minor: 0, sending_minor: 0, applied_minor: 5000 });
    expect((await t.send('GET', `/v1/referrals/${referralId}`, { key: acme.key })).body.status).toBe('rewarded');
  });

  it('waits for the next bill where it was released too late for this one', async () => {
    const acme = await customerPayee(t);
    await billed(t, acme.stripeId);
    const { rewardId } = await released(t, acme);
    expect(ours(t, acme.stripeId)).toEqual([]);
    await billed(t, acme.stripeId);
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });
});

describe('one fulfilment per reward', () => {
  it('however often and by how many events the bill is told, and with two bills drafted at once', async () => {
    const acme = await customerPayee(t);
    const rewards = [await released(t, acme), await released(t, acme, { amountMinor: 700n })];
    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const { given } = await sceneAt(t, demoHost);
        await commit({ effects: [injectEffect(acme.stripeId, 'usd', `in_${n % 2}`, given)] });
      }),
    );
    await Promise.all([t.settle(), t.settle(), drafted(t, acme.stripeId)]);
    expect([...ours(t, acme.stripeId)].sort()).toEqual(
      [
        [-5000, rewards[0]?.rewardId],
        [-700, rewards[1]?.rewardId],
      ].sort(),
    );
    const rows = await sql(t, 'select f.status from frontdesk.fulfilments f where f.organization_id = $1', [acme.organizationId]);
    expect(rows.map(({ status }) => status)).toEqual(['confirmed', 'confirmed']);
  });
});

describe('what goes wrong at Stripe', () => {
  const path = '/v1/customers/*/balance_transactions';

  it.each([
    ['the answer is lost after it was done', 'timeout_after'],
    ['it fails after it was done, and says so again for a day', 'error_500_stored'],
    ['nothing was done', 'timeout_before'],
    ['it is too much at once', 'rate_limit'],
    ['the customer is locked', 'conflict'],
  ] as const)('is one credit all the same: %s', async (_, kind) => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    const before = t.simulator.faults.happened()[kind] ?? 0;
    t.simulator.faults.add({ kind, method: 'POST', path });
    await drafted(t, acme.stripeId);
    await t.advance(60_000);
    expect(t.simulator.faults.happened()[kind]).toBe(before + 1);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });

  it('is one credit all the same: the answer is lost, and so is the key before anybody asks again', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    const { given } = await sceneAt(t, demoHost);
    await commit({ effects: [injectEffect(acme.stripeId, 'usd', 'in_1', given)] });
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path });
    // Whoever looks up meanwhile gets no answer.
    t.simulator.faults.add({ kind: 'timeout_before', method: 'GET', path, times: 3 });
    await t.settle();
    await t.advance(26 * 3_600_000, { working: false });
    t.simulator.faults.clear();
    await t.settle();
    await t.advance(60_000);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });

  it('is one credit all the same: the answer was lost, the effect given up, and a person tries it again days later', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    const { given } = await sceneAt(t, demoHost);
    await commit({ effects: [injectEffect(acme.stripeId, 'usd', 'in_1', given)] });
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path });
    t.simulator.faults.add({ kind: 'timeout_before', method: 'GET', path, times: 3 });
    await t.settle();
    const given_up = "update frontdesk.outbox o set state = 'dead' where o.kind = $1 and o.state = 'waiting' returning o.effect_id";
    const [effect] = await sql(t, given_up, ['stripe.balance.credit']);
    t.simulator.faults.clear();
    await t.advance(3 * 86_400_000);
    const at = t.world.deps.now().toISOString();
    await commit({ revived_effects: [{ effect_id: String(effect?.effect_id), from_state: 'dead', state: 'waiting', due_at: at, at }] });
    await t.settle();
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });

  it('is done once the failure that Stripe keeps under our key is forgotten, where nothing was done', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    t.simulator.faults.add({ kind: 'error_500_stored_unapplied', method: 'POST', path });
    await drafted(t, acme.stripeId);
    for (let hours = 0; hours < 60 && (await seen(t, acme, rewardId)).status !== 'fulfilled'; hours += 3) await t.advance(3 * 3_600_000);
    expect((await seen(t, acme, rewardId)).status).toBe('fulfilled');
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });

  it('is available again, and says why, where the customer is gone', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    const { given } = await sceneAt(t, demoHost);
    await t.stripe.customers.del(acme.stripeId);
    await commit({ effects: [injectEffect(acme.stripeId, 'usd', 'in_late', given)] });
    await t.world.schedules.drain?.();
    await t.settle();
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'customer_deleted', payable_minor: 5000 });
  });
});

describe('what stays where it is', () => {
  it('credit under a hold, until the hold is closed', async () => {
    const acme = await customerPayee(t);
    const { rewardId, referralId } = await released(t, acme);
    const { desk, given } = await sceneAt(t, demoHost);
    await commit(
      openHold(
        desk.tenant,
        { referralId, organizationId: acme.organizationId },
        { kind: 'review', cause: 'a look', actor: 'a person' },
        given,
      ),
    );
    await drafted(t, acme.stripeId);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'review' });
    expect(ours(t, acme.stripeId)).toEqual([]);
  });

  it('credit of an organization whose customer was changed, for as long as that freezes it', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    const later = await grant(t, acme);
    const frozen_until = new Date(t.world.deps.now().getTime() + 7 * 86_400_000).toISOString();
    await commit({ payees: [await payeeRow(acme, { frozen_until })] });
    await releaseAll(t);
    await drafted(t, acme.stripeId);
    expect(ours(t, acme.stripeId)).toEqual([]);
    expect(await seen(t, acme, later.rewardId)).toMatchObject({ status: 'held', held_reason: 'organization_frozen' });
    await t.advance(7 * 86_400_000);
    await drafted(t, acme.stripeId);
    expect(ours(t, acme.stripeId)).toEqual([[-5000, rewardId]]);
  });

  it('credit in another currency than the bill’s, which says so and goes to a bill that fits', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme, { currency: 'eur' });
    await drafted(t, acme.stripeId);
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'held', held_reason: 'customer_currency_differs' });
    const { given } = await sceneAt(t, demoHost);
    await commit({ effects: [injectEffect(acme.stripeId, 'eur', 'in_eur', given)] });
    await t.settle();
    expect(await seen(t, acme, rewardId)).toMatchObject({ status: 'fulfilled', held_reason: null });
  });
});

describe('credit that is not earned any more', () => {
  const reverse = async (rewardId: string, amount_minor: number) => {
    const { key } = await staffStage(t);
    const answer = await t.send('POST', `/v1/rewards/${rewardId}/reverse`, { key, body: { amount_minor, reason: 'refunded' } });
    if (answer.status !== 200) throw new Error(answer.text);
    await t.settle();
  };

  it('is fetched back as far as bills have left it, and the rest is owed', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    await billed(t, acme.stripeId);
    await reverse(rewardId, 4000);
    expect(ours(t, acme.stripeId)).toEqual([
      [-5000, rewardId],
      [2100, rewardId],
    ]);
    expect(await balance(acme)).toMatchObject({ applied_minor: 2900, owed_minor: 1900 });
    expect(t.simulator.summary().balances[acme.stripeId]).toEqual({ usd: 0 });
    const { rewardId: next } = await released(t, acme, { amountMinor: 2000n });
    expect(await seen(t, acme, next)).toMatchObject({ status: 'available', netted_minor: 1900, payable_minor: 100 });
  });

  it('is fetched back once, although the answer was lost', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    await drafted(t, acme.stripeId);
    t.simulator.faults.add({ kind: 'timeout_after', method: 'POST', path: '/v1/customers/*/balance_transactions' });
    await reverse(rewardId, 5000);
    expect(await balance(acme)).toMatchObject({ applied_minor: 0, owed_minor: 0 });
    await t.advance(60_000);
    expect(ours(t, acme.stripeId).map(([amount]) => amount)).toEqual([-5000, 5000]);
    expect((await effectsOf(t, 'stripe.balance.debit')).at(-1)).toMatchObject({ state: 'done' });
  });

  it('is not fetched out of credit that the vendor put there', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    await t.stripe.customers.createBalanceTransaction(acme.stripeId, { amount: -1000, currency: 'usd' });
    await billed(t, acme.stripeId);
    await reverse(rewardId, 5000);
    expect(ours(t, acme.stripeId)).toContainEqual([2100, rewardId]);
    expect(t.simulator.summary().balances[acme.stripeId]).toEqual({ usd: -1000 });
    expect(await balance(acme)).toMatchObject({ applied_minor: 2900, owed_minor: 2900 });
  });

  it('is not fetched back where a bill consumed it before the first attempt came through', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    const bill = await drafted(t, acme.stripeId);
    t.simulator.faults.add({ kind: 'timeout_before', method: 'POST', path: '/v1/customers/*/balance_transactions', times: 20 });
    await reverse(rewardId, 5000);
    await t.stripe.invoices.finalizeInvoice(bill.id, { auto_advance: false });
    t.simulator.faults.clear();
    await t.advance(60_000);
    expect(ours(t, acme.stripeId)).toEqual([
      [-5000, rewardId],
      [2100, rewardId],
    ]);
    expect(await balance(acme)).toMatchObject({ applied_minor: 2900, owed_minor: 2900 });
  });

  it.each(['stripe_balance_credit', 'stripe_transfer'])('is decided for one reward after the other, whoever asks: %s', async (kind) => {
    const { given } = await sceneAt(t, demoHost);
    const reward = { rewardId: given.newId('rwd'), organizationId: given.newId('org'), kind };
    const [asked, askedWithTarget] = [undoEffect(reward, undefined, given), undoEffect(reward, 'cus_1', given)];
    expect(asked?.aggregate).toBe(`take-back:${reward.rewardId}`);
    expect(askedWithTarget?.aggregate).toBe(asked?.aggregate);
  });

  it('is owed again where Stripe does not give it back', async () => {
    const acme = await customerPayee(t);
    const { rewardId } = await released(t, acme);
    await drafted(t, acme.stripeId);
    t.simulator.faults.add({ kind: 'timeout_before', method: 'POST', path: '/v1/customers/*/balance_transactions' });
    await reverse(rewardId, 5000);
    await t.stripe.customers.del(acme.stripeId);
    await t.advance(60_000);
    expect(await balance(acme)).toMatchObject({ applied_minor: 5000, owed_minor: 5000 });
  });
});
