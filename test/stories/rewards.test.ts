import { beforeAll, describe, expect, it } from 'vitest';
import { closeHold, openHold } from '../../src/domain/referral-step.ts';
import { day, earn, holdPeriod, release } from '../support/earned.ts';
import { type EventVendor, eventProgram, openEventVendor } from '../support/event-vendor.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { contentsOf } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let vendor: EventVendor;
let host: string;
let made = 0;
beforeAll(async () => {
  t = await openTestWorld();
  vendor = await openEventVendor(t);
  host = vendor.host;
});

const organization = (tier?: 'key_bound' | 'domain_verified' | 'payout_bound') => vendor.organization(`earner-${++made}.example`, tier);
const get = async (path: string, key: string = vendor.backEnd) => (await t.send('GET', path, { host, key })).body;
const post = (path: string, body: object, key: string = vendor.backEnd) => t.send('POST', path, { host, key, body });
const confirm = (id: string, reference: string, more: object = {}) => post(`/v1/rewards/${id}/confirm`, { reference, ...more });
const reverse = (id: string, more: object = {}) => post(`/v1/rewards/${id}/reverse`, { reason: 'refunded', ...more });
const reward = (id: string) => get(`/v1/rewards/${id}`);
const balance = async (key: string) => (await get('/v1/balance', key)).balances[0];
const pass = (ms: number) => t.advance(ms);

/** A reward of a new organization whose hold period is over, as the schedule leaves it. */
async function due(tier?: Parameters<typeof organization>[0]) {
  const key = await organization(tier);
  const earned = await earn(t, vendor, key);
  pass(holdPeriod);
  await release(t, host);
  return { key, ...earned };
}

async function paid() {
  const earned = await due();
  expect((await confirm(earned.rewardId, 'bank-1')).body.status).toBe('fulfilled');
  return earned;
}

async function hold(referralId: string, organizationId: string) {
  const { desk, given } = await sceneAt(t, host);
  const changes = openHold(desk.tenant, { referralId, organizationId }, { kind: 'review', cause: 'a look', actor: 'a person' }, given);
  await commitAt(t, host, changes);
  const holdId = String(changes.holds[0]?.hold_id);
  return async () => {
    const { given: later } = await sceneAt(t, host);
    const closed = { holdId, kind: 'review', actor: 'a person', because: 'looked_at' } as const;
    await commitAt(t, host, closeHold(desk.tenant, { referralId, organizationId }, closed, later));
  };
}

describe('an external reward', () => {
  it('is held, released after its hold period, paid by the vendor and confirmed; its referral is then rewarded', async () => {
    const key = await organization();
    const { referralId, rewardId } = await earn(t, vendor, key);
    const accrued = { id: rewardId, status: 'held', held_reason: 'hold_period', requires: [], beneficiary: 'referrer', period: null };
    const amount = { amount_minor: 5000, currency: 'usd' };
    expect((await get(`/v1/referrals/${referralId}`, key)).rewards).toMatchObject([{ ...accrued, amount }]);
    expect(await balance(key)).toMatchObject({ currency: 'usd', escrow_minor: 5000, available_minor: 0 });
    pass(holdPeriod - 60_000);
    await release(t, host);
    expect((await reward(rewardId)).status).toBe('held');
    pass(60_000);
    await release(t, host);
    const sending = await reward(rewardId);
    expect(sending).toMatchObject({ status: 'fulfilling', held_reason: null, payable_minor: 0 });
    expect(sending.fulfilments).toMatchObject([{ attempt: 1, status: 'sent', amount_minor: 5000, reference: null }]);
    expect(await balance(key)).toMatchObject({ escrow_minor: 0, sending_minor: 5000 });
    expect((await confirm(rewardId, 'bank-7')).body).toMatchObject({ status: 'fulfilled', reversed_minor: 0, netted_minor: 0 });
    expect(await balance(key)).toMatchObject({ sending_minor: 0, paid_out_minor: 5000, owed_minor: 0 });
    expect((await reward(rewardId)).fulfilments).toMatchObject([{ status: 'confirmed', reference: 'bank-7' }]);
    const { status, timeline } = await get(`/v1/referrals/${referralId}`, key);
    expect(status).toBe('rewarded');
    const kinds = timeline.map(({ kind }: { kind: string }) => kind);
    expect(kinds.slice(-5)).toEqual(['reward.accrued', 'reward.available', 'reward.sent', 'reward.fulfilled', 'referral.rewarded']);
  });

  it('is told to the vendor when it is to be paid, and again when it is asked for again', async () => {
    const { rewardId } = await due();
    await confirm(rewardId, 'bank-1', { outcome: 'failed' });
    pass(day);
    await release(t, host);
    await t.settle();
    const { data } = await get('/v1/events?type=reward.available&limit=100');
    const mine = data.filter((event: { data: { reward: string } }) => event.data.reward === rewardId);
    expect(mine).toHaveLength(2);
    expect(mine[1].data).toMatchObject({ attempt: 2, amount_minor: '5000' });
  });

  it('confirmed again under the same reference answers the same and writes nothing; under another it is refused', async () => {
    const { rewardId } = await paid();
    const before = (await contentsOf(t, host)).entries;
    const again = await confirm(rewardId, 'bank-1');
    expect([again.status, again.body.status]).toEqual([200, 'fulfilled']);
    expect((await confirm(rewardId, 'bank-2')).body.code).toBe('state.forbidden');
    expect((await confirm(rewardId, 'bank-1', { outcome: 'failed' })).body.code).toBe('state.forbidden');
    expect((await contentsOf(t, host)).entries).toBe(before);
  });

  it('whose payment failed is available, and asked for again after an hour', async () => {
    const { rewardId, key } = await due();
    expect((await confirm(rewardId, 'bank-1', { outcome: 'failed' })).body.status).toBe('available');
    expect((await confirm(rewardId, 'bank-1', { outcome: 'failed' })).body.status).toBe('available');
    expect(await balance(key)).toMatchObject({ available_minor: 5000, sending_minor: 0 });
    await release(t, host);
    expect((await reward(rewardId)).status).toBe('available');
    pass(3_600_000);
    await release(t, host);
    expect((await reward(rewardId)).status).toBe('fulfilling');
    expect((await confirm(rewardId, 'bank-1', { outcome: 'failed' })).body.status).toBe('fulfilling');
    expect((await confirm(rewardId, 'bank-2')).body.status).toBe('fulfilled');
    expect((await reward(rewardId)).fulfilments).toMatchObject([
      { attempt: 1, status: 'failed', reference: 'bank-1' },
      { attempt: 2, status: 'confirmed', reference: 'bank-2' },
    ]);
  });

  it('that is available may be confirmed before it is asked for again', async () => {
    const { rewardId } = await due();
    await confirm(rewardId, 'bank-1', { outcome: 'failed' });
    expect((await confirm(rewardId, 'bank-2')).body.status).toBe('fulfilled');
  });

  it('that is not released yet cannot be confirmed', async () => {
    const { rewardId } = await earn(t, vendor, await organization());
    expect((await confirm(rewardId, 'bank-1')).body).toMatchObject({ code: 'state.forbidden', status: 409 });
  });

  it('waits for an organization that can be paid, and says what is missing', async () => {
    const { key, rewardId } = await due('key_bound');
    expect((await get('/v1/rewards', key)).data).toMatchObject([
      { id: rewardId, status: 'held', held_reason: 'organization_not_payable', requires: ['domain_verified'] },
    ]);
  });
});

describe('while a hold is open', () => {
  it('nothing is released; once it is closed everything goes on', async () => {
    const key = await organization();
    const { referralId, rewardId } = await earn(t, vendor, key);
    const { organization_id } = await reward(rewardId);
    const close = await hold(referralId, organization_id);
    pass(holdPeriod);
    await release(t, host);
    expect(await reward(rewardId)).toMatchObject({ status: 'held', held_reason: 'review' });
    await close();
    pass(3_600_000);
    await release(t, host);
    expect((await reward(rewardId)).status).toBe('fulfilling');
  });

  it('what was sent before is awaited and confirmed; what is available is not', async () => {
    const [sent, failed] = [await due(), await due()];
    await confirm(failed.rewardId, 'bank-1', { outcome: 'failed' });
    for (const { referralId, rewardId } of [sent, failed]) await hold(referralId, (await reward(rewardId)).organization_id);
    expect(await reward(failed.rewardId)).toMatchObject({ status: 'held', held_reason: 'review' });
    expect((await confirm(failed.rewardId, 'bank-2')).body.code).toBe('state.forbidden');
    pass(day);
    await release(t, host);
    expect((await reward(failed.rewardId)).status).toBe('held');
    expect((await confirm(sent.rewardId, 'bank-1')).body.status).toBe('fulfilled');
  });
});

describe('a reversal', () => {
  it('of a part in escrow leaves the rest to be paid', async () => {
    const key = await organization();
    const { rewardId } = await earn(t, vendor, key);
    expect((await reverse(rewardId, { amount_minor: 2000, source: 're_1' })).body).toMatchObject({ reversed_minor: 2000, status: 'held' });
    expect(await balance(key)).toMatchObject({ escrow_minor: 3000 });
    pass(holdPeriod);
    await release(t, host);
    expect((await reward(rewardId)).fulfilments).toMatchObject([{ amount_minor: 3000 }]);
  });

  it('told twice takes nothing twice, and a larger total only what is new', async () => {
    const key = await organization();
    const { rewardId } = await earn(t, vendor, key);
    const first = await reverse(rewardId, { amount_minor: 2000, source: 're_1' });
    const before = (await contentsOf(t, host)).entries;
    const again = await reverse(rewardId, { amount_minor: 2000, source: 're_1' });
    expect(again.body).toEqual(first.body);
    expect((await contentsOf(t, host)).entries).toBe(before);
    expect((await reverse(rewardId, { amount_minor: 3000, source: 're_1' })).body.reversed_minor).toBe(3000);
    expect(await balance(key)).toMatchObject({ escrow_minor: 2000 });
  });

  it('of more than was earned is refused', async () => {
    const { rewardId } = await earn(t, vendor, await organization());
    const { body } = await reverse(rewardId, { amount_minor: 5001 });
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/amount_minor' }] });
  });

  it('after the payment is a debt, which the next rewards pay back before anything is paid', async () => {
    const { key, rewardId, referralId } = await paid();
    expect((await reverse(rewardId, { amount_minor: 3000 })).body.status).toBe('fulfilled');
    expect(await balance(key)).toMatchObject({ paid_out_minor: 5000, owed_minor: 3000 });
    expect((await get(`/v1/referrals/${referralId}`, key)).status).toBe('rewarded');
    const next = await earn(t, vendor, key);
    pass(holdPeriod);
    await release(t, host);
    expect(await reward(next.rewardId)).toMatchObject({ status: 'fulfilling', netted_minor: 3000, fulfilments: [{ amount_minor: 2000 }] });
    expect(await balance(key)).toMatchObject({ owed_minor: 0, sending_minor: 2000 });
  });

  it('that leaves nothing reverses the referral, too', async () => {
    const { key, referralId, rewardId } = await paid();
    expect((await reverse(rewardId)).body).toMatchObject({ status: 'reversed', reversed_minor: 5000 });
    expect((await get(`/v1/referrals/${referralId}`, key)).status).toBe('reversed');
    const next = await earn(t, vendor, key);
    pass(holdPeriod);
    await release(t, host);
    expect(await reward(next.rewardId)).toMatchObject({ status: 'fulfilled', netted_minor: 5000, fulfilments: [] });
    expect((await get(`/v1/referrals/${next.referralId}`, key)).status).toBe('rewarded');
  });

  it('while it is being sent waits for the outcome', async () => {
    const { key, rewardId, referralId } = await due();
    expect((await reverse(rewardId)).body).toMatchObject({ status: 'fulfilling', reversed_minor: 5000 });
    expect((await confirm(rewardId, 'bank-1', { outcome: 'failed' })).body.status).toBe('reversed');
    expect(await balance(key)).toMatchObject({ owed_minor: 0, available_minor: 0, sending_minor: 0 });
    expect((await get(`/v1/referrals/${referralId}`, key)).status).toBe('reversed');
  });
});

describe('what is shown', () => {
  it('to an organization is its own; to the vendor everything; to others nothing', async () => {
    const [mine, theirs] = [await due(), await organization()];
    const { organization_id } = await reward(mine.rewardId);
    expect((await t.send('GET', `/v1/rewards/${mine.rewardId}`, { host, key: theirs })).status).toBe(404);
    expect((await t.send('GET', `/v1/balance?organization_id=${organization_id}`, { host, key: theirs })).status).toBe(404);
    for (const list of ['/v1/rewards', '/v1/ledger/entries']) {
      expect((await get(list, theirs)).data).toEqual([]);
      expect((await get(`${list}?organization_id=${organization_id}`, theirs)).data).toEqual([]);
      expect((await get(`${list}?organization_id=${organization_id}`)).data.length).toBeGreaterThan(0);
    }
    expect((await get(`/v1/rewards?referral_id=${mine.referralId}`, theirs)).data).toEqual([]);
    expect((await get(`/v1/balance?organization_id=${organization_id}`)).balances).toMatchObject([{ sending_minor: 5000 }]);
    expect((await get('/v1/balance')).code).toBe('request.invalid');
  });

  it('of an entry are the legs that one may see: the vendor’s own only to the vendor, and then they sum to zero', async () => {
    const { key, rewardId } = await due();
    const { organization_id } = await reward(rewardId);
    const own = (await get('/v1/ledger/entries', key)).data;
    const all = (await get(`/v1/ledger/entries?organization_id=${organization_id}`)).data;
    expect(own.map(({ kind }: { kind: string }) => kind)).toEqual(['reward.sent', 'reward.available', 'reward.accrued']);
    const accounts = (entry: { postings: { account: string }[] }) => entry.postings.map(({ account }) => account).sort();
    expect([accounts(own[2]), accounts(all[2])]).toEqual([['escrow'], ['escrow', 'expense']]);
    for (const { postings } of all)
      expect(postings.reduce((sum: number, { amount_minor }: { amount_minor: number }) => sum + amount_minor, 0)).toBe(0);
    expect(all.map(({ id, leaf }: { id: string; leaf: string }) => [id, leaf])).toEqual(
      own.map(({ id, leaf }: { id: string; leaf: string }) => [id, leaf]),
    );
  });

  it('of a referral costs one round trip, with its rewards; who lost against it is shown to the vendor alone', async () => {
    const { key, referralId } = await due();
    const before = t.roundTrips();
    expect((await get(`/v1/referrals/${referralId}`, key)).attribution).toBeNull();
    expect(t.roundTrips() - before).toBe(1);
    expect((await get(`/v1/referrals/${referralId}`)).attribution).toMatchObject({
      referral_id: referralId,
      seq: 1,
      trace: { losers: [] },
    });
  });

  it('in lists is filtered by status and paged', async () => {
    const key = await organization();
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await earn(t, vendor, key)).rewardId);
    await reverse(ids[1] ?? '');
    const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
    expect(idsOf(await get('/v1/rewards?status=held', key))).toEqual([ids[2], ids[0]]);
    const first = await get('/v1/rewards?limit=2', key);
    expect([idsOf(first), first.has_more]).toEqual([[ids[2], ids[1]], true]);
    expect(idsOf(await get(`/v1/rewards?limit=2&cursor=${first.next_cursor}`, key))).toEqual([ids[0]]);
  });

  it('may not be settled or reversed by an agent', async () => {
    const { key, rewardId } = await due();
    for (const verb of ['confirm', 'reverse'] as const)
      expect((await post(`/v1/rewards/${rewardId}/${verb}`, { reference: 'x', reason: 'x' }, key)).status).toBe(403);
  });
});

describe('what a payment provider pays', () => {
  it('waits for somebody to send it to, is released and waits for a bill, and no confirmation settles it', async () => {
    const rules = [{ ...eventProgram.reward.rules[0], kind: 'stripe_balance_credit' }];
    const elsewhere = await openTestWorld();
    const other = await openEventVendor(elsewhere, { reward: { rules } });
    const earned = await earn(elsewhere, other, await other.organization('credit.example', 'payout_bound'));
    elsewhere.advance(holdPeriod);
    await release(elsewhere, host);
    const path = `/v1/rewards/${earned.rewardId}`;
    const held = (await elsewhere.send('GET', path, { host, key: other.backEnd })).body;
    expect(held).toMatchObject({ status: 'held', held_reason: 'no_payee' });
    const linked_at = elsewhere.world.deps.now().toISOString();
    const payee = {
      organization_id: held.organization_id,
      kind: 'customer',
      stripe_id: 'cus_1',
      source: 'operator',
      linked_by: 'a person',
    } as const;
    await commitAt(elsewhere, host, { payees: [{ ...payee, linked_at, frozen_until: null, obstacle: null }] });
    await release(elsewhere, host);
    expect((await elsewhere.send('GET', path, { host, key: other.backEnd })).body).toMatchObject({
      status: 'available',
      payable_minor: 5000,
    });
    const sent = await elsewhere.send('POST', `${path}/confirm`, { host, key: other.backEnd, body: { reference: 'x' } });
    expect(sent.body.code).toBe('state.forbidden');
  });
});
