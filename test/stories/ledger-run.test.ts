/** The ledger under whatever comes, sampled; `npm run soak` does the same at length. And the cases that such runs once found. */
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { earn } from '../support/earned.ts';
import { type EventVendor, openEventVendor, reportOf } from '../support/event-vendor.ts';
import { stormKeys } from '../support/key-storm.ts';
import { brokenInvariants } from '../support/ledger-invariants.ts';
import { runLedger } from '../support/ledger-run.ts';
import { runProgram } from '../support/ledger-scene.ts';
import { migratedPglite } from '../support/migrated-pglite.ts';
import { openPostgresWorld, type PostgresWorld, serverOfItsOwn } from '../support/postgres-world.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

const start = { startAt: '2026-03-01T00:00:00Z', pause: async () => {} };

it('whatever comes in whatever order: every answer, state and balance is what the oracle says, and every invariant holds', {
  timeout: 120_000,
}, async () => {
  const t = await openTestWorld(start);
  const { commands, checks } = await runLedger(t, 300, 20_260_301, 150);
  expect(commands).toBeGreaterThanOrEqual(300);
  expect(checks).toBeGreaterThan(1);
});

it('1,000 calls by 16 writers over 60 keys: 60 effects and one answer for each key, and every invariant holds', {
  timeout: 120_000,
}, async () => {
  const t = await openPostgresWorld({ max: 16 }, await serverOfItsOwn());
  const { calls, effects, replayed } = await stormKeys(t, t.see, { writers: 16, keys: 60, calls: 1_000, seed: 20_260_301 });
  expect([effects, calls >= 1_000]).toEqual([60, true]);
  expect(calls - replayed).toBe(60);
});

it('an invariant that is broken is named', { timeout: 120_000 }, async () => {
  // A server of its own: everything is to be sealed, and on the shared one transactions of other files would be waited for.
  const t = await openPostgresWorld({}, await serverOfItsOwn());
  await runLedger(t, 150, 20_260_302, 1_000);
  const tampering: Readonly<Record<string, string>> = {
    'a balance is the sum of its postings': 'update frontdesk.balances set balance_minor = balance_minor + 1',
    'the postings of an entry sum to zero in each currency': 'update frontdesk.postings set amount_minor = amount_minor + 1 where leg = 1',
    'a referral is where its last step led': 'update frontdesk.referral_states set seq = seq + 1',
    'the steps of a referral follow one another from pending': 'update frontdesk.referral_transitions set seq = seq + 100',
    'the counter referrals.open_declared counts what there is':
      "update frontdesk.counters set value = value + 1 where name like 'referrals%'",
    // The database itself refuses a body that is not its leaf's, even now; both changed together are no longer what is sealed.
    'what is sealed is in the ledger':
      "update frontdesk.ledger_events set body = body || ' ', leaf = sha256('\\x00'::bytea || convert_to(body || ' ', 'UTF8'))",
    'a block root is that of its leaves': 'update frontdesk.leaves set leaf = sha256(leaf)',
    'blocks are one chain': 'update frontdesk.blocks set previous = hash where number = 1',
    'the stream is numbered without a gap': 'delete from frontdesk.events where sequence = 5',
  };
  for (const [rule, text] of Object.entries(tampering)) {
    const seen = await brokenAfter(t, text);
    expect(
      seen.filter((broken) => broken.startsWith(rule)),
      rule,
    ).not.toEqual([]);
  }
  expect(await brokenInvariants(t.see)).toEqual([]);
});

/** What is broken after something that only a superuser can do, in a transaction that is rolled back. */
async function brokenAfter({ database }: PostgresWorld, text: string): Promise<string[]> {
  const client = new Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    await client.query(`begin; set local session_replication_role = replica; ${text}`);
    return await brokenInvariants(async (asked) => (await client.query(asked)).rows);
  } finally {
    await client.end();
  }
}

describe('what such runs found', () => {
  const record = async (t: TestWorld, { host }: EventVendor, key: string, domain: string, code?: string) => {
    const attribution = code === undefined ? {} : { attribution: { referral_code: code } };
    const sent = await t.send('POST', '/v1/referrals', { host, key, body: { prospect: { name: 'P', domain }, ...attribution } });
    return sent.body.referral?.id as string;
  };
  const report = async (t: TestWorld, { host, backEnd }: EventVendor, ...events: readonly object[]) => {
    const sent = await t.send('POST', '/v1/events', { host, key: backEnd, body: { events } });
    expect(sent.status).toBe(202);
  };
  const codeOf = async (t: TestWorld, { host }: EventVendor, key: string): Promise<string> =>
    (await t.send('POST', '/v1/referral-tokens', { host, key, body: {} })).body.code;

  it('an organization whose cap is used up is credited all the same when the report that qualifies opens its referral', async () => {
    const t = await openTestWorld(start);
    const caps = [{ per: 'organization', period: 'all_time', amount_minor: 6_500, currency: 'usd' }];
    const vendor = await openEventVendor(t, { reward: { ...runProgram.reward, caps } });
    const key = await vendor.organization('capped.example');
    const code = await codeOf(t, vendor, key);
    t.advance(60_000);
    for (const n of [1, 2])
      await report(
        t,
        vendor,
        reportOf(`s-${n}`, 'signup.completed', { prospect_domain: `p-${n}.example`, referral_code: code }, t.world.deps.now()),
      );
    await t.settle();
    const list = await t.send('GET', '/v1/referrals', { host: vendor.host, key });
    expect(list.body.data.map(({ status }: { status: string }) => status)).toEqual(['qualified', 'qualified']);
    expect(await sql(t, 'select sum(amount_minor)::int as sum from frontdesk.rewards', [], vendor.host)).toEqual([{ sum: 6_500 }]);
  });

  it('a customer that was there before opens no referral, however often it is judged', async () => {
    const t = await openTestWorld(start);
    const vendor = await openEventVendor(t);
    const code = await codeOf(t, vendor, await vendor.organization('eager.example'));
    t.advance(60_000);
    const about = (id: string, type: string, more: object = {}, secondsAgo = 0) =>
      reportOf(id, type, { prospect_domain: 'old.example', ...more }, new Date(t.world.deps.now().getTime() - secondsAgo * 1000));
    await report(t, vendor, about('e', 'customer.existing', {}, 1), about('s', 'signup.completed', { referral_code: code }));
    for (const n of [1, 2, 3]) {
      await report(t, vendor, about(`u-${n}`, 'usage.reported'));
      await t.settle();
    }
    expect(await sql(t, 'select from frontdesk.referrals', [], vendor.host)).toEqual([]);
  });

  it('a prospect that redeems one token twice in one batch is recorded', async () => {
    const t = await openTestWorld(start);
    const vendor = await openEventVendor(t);
    const code = await codeOf(t, vendor, await vendor.organization('sender.example'));
    const key = await vendor.organization('redeemer.example');
    const one = { prospect: { name: 'P', domain: 'redeemer.example' }, attribution: { referral_code: code } };
    const sent = await t.send('POST', '/v1/referrals/batch', { host: vendor.host, key, body: { referrals: [one, one] } });
    expect([sent.status, sent.body.data?.map((each: { attribution: { outcome: string } }) => each.attribution.outcome)]).toEqual([
      201,
      ['attributed', 'existing_referral'],
    ]);
  });

  it('a referral that a dispute credited frees its place among the declared ones once, though its prospect redeems a token later', async () => {
    const t = await openTestWorld(start);
    const vendor = await openEventVendor(t);
    const { host, backEnd } = vendor;
    const [winner, claimant] = [await vendor.organization('winner.example'), await vendor.organization('claimant.example')];
    const prospect = await vendor.organization('prospect.example');
    await record(t, vendor, claimant, 'another.example');
    const mine = await record(t, vendor, claimant, 'prospect.example');
    const theirs = await record(t, vendor, winner, 'prospect.example');
    await report(t, vendor, reportOf('s', 'signup.completed', { referral_id: theirs }, t.world.deps.now()));
    await t.settle();
    const dispute = await t.send('POST', '/v1/disputes', { host, key: claimant, body: { referral_id: mine, claim: 'It was us.' } });
    const ruling = { outcome: 'upheld', reason: 'evidence_shown' };
    await t.send('POST', `/v1/disputes/${dispute.body.id}/decide`, { host, key: backEnd, body: ruling });
    await record(t, vendor, prospect, 'prospect.example', await codeOf(t, vendor, claimant));
    const open = "select value::int from frontdesk.counters c where c.name = 'referrals.open_declared' and c.subject = $1";
    const of = await sql(t, 'select organization_id as id from frontdesk.referral_states where referral_id = $1', [mine], host);
    expect(await sql(t, open, [String(of[0]?.id)], host)).toEqual([{ value: 1 }]);
  });

  it('a payment that failed while another reward paid back the same debt is taken, and the debt is paid back once', async () => {
    const inner = await migratedPglite();
    let meanwhile: (() => Promise<unknown>) | null = null;
    const db: Db = {
      close: () => inner.close(),
      async batch(context, statements) {
        const work = statements.some(({ name }) => name === 'commit') ? meanwhile : null;
        if (work) meanwhile = null;
        await work?.();
        return inner.batch(context, statements);
      },
    };
    const t = await openTestWorld({ ...start, db });
    const vendor = await openEventVendor(t, { hold_days: 0 });
    const { host, backEnd } = vendor;
    const key = await vendor.organization('debtor.example');
    const release = async () => t.world.schedules.qualify?.();
    const post = (path: string, body: object) => t.send('POST', path, { host, key: backEnd, body });
    const first = await earn(t, vendor, key);
    await release();
    await post(`/v1/rewards/${first.rewardId}/reverse`, { amount_minor: 3_000, reason: 'refund' });
    await earn(t, vendor, key);
    t.advance(60_000);
    meanwhile = release;
    const failed = await post(`/v1/rewards/${first.rewardId}/confirm`, { reference: 'bank-1', outcome: 'failed' });
    expect([failed.status, failed.body.status]).toEqual([200, 'available']);
    const { body } = await t.send('GET', '/v1/balance', { host, key });
    expect(body.balances).toMatchObject([{ owed_minor: 0, sending_minor: 2_000, available_minor: 5_000 }]);
    expect(await brokenInvariants(async (asked) => (await sql(t, asked, [], host)) as never)).toEqual([]);
    expect(t.reported).toEqual([]);
  });
});
