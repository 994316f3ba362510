/** Real Postgres: however many judge a prospect at once, it is decided once. */
import { beforeAll, expect, test } from 'vitest';
import { addEvidence, stepReferral } from '../../src/domain/referral-step.ts';
import { type EventVendor, openEventVendor, reportOf } from '../support/event-vendor.ts';
import { openPostgresWorld, type PostgresWorld } from '../support/postgres-world.ts';

let t: PostgresWorld;
let vendor: EventVendor;
beforeAll(async () => {
  t = await openPostgresWorld({ max: 16 });
  vendor = await openEventVendor(t, {
    reward: {
      rules: [{ id: 'bounty', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 5000, currency: 'usd' }],
      caps: [{ per: 'organization', period: 'all_time', amount_minor: 60_000, currency: 'usd' }],
    },
  });
});

const now = () => t.world.deps.now();
const record = async (key: string, domain: string) => {
  const sent = await t.send('POST', '/v1/referrals', { host: vendor.host, key, body: { prospect: { name: 'P', domain } } });
  return sent.body.referral.id as string;
};
const report = (event: object) => t.send('POST', '/v1/events', { host: vendor.host, key: vendor.backEnd, body: event });
const times = <T>(n: number, work: (i: number) => Promise<T>) => Promise.all(Array.from({ length: n }, (_, i) => work(i)));

test('50 reports that each qualify a referral, drained by 8 workers: one step, one reward, one decision', async () => {
  const key = await vendor.organization('acme-ops.example');
  const id = await record(key, 'once.example');
  const sent = await times(50, (i) => report(reportOf(`q-${i}`, 'signup.completed', { referral_id: id }, now())));
  expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([202]));
  await times(8, () => t.settle());
  expect(
    await t.see(`select to_state, count(*)::int as n from frontdesk.referral_transitions where referral_id = '${id}' group by 1`),
  ).toEqual([{ to_state: 'qualified', n: 1 }]);
  expect(
    await t.see(`select count(*)::int as n, sum(amount_minor)::int as amount from frontdesk.rewards where referral_id = '${id}'`),
  ).toEqual([{ n: 1, amount: 5000 }]);
  expect(await t.see(`select count(*)::int as n from frontdesk.evidence where referral_id = '${id}'`)).toEqual([{ n: 50 }]);
  expect(t.reported).toEqual([]);
});

test('50 redemptions of one token for one prospect at once: one referral', async () => {
  const key = await vendor.organization('acme-ops.example');
  const { body } = await t.send('POST', '/v1/referral-tokens', { host: vendor.host, key, body: {} });
  const other = await vendor.organization('redeemer.example');
  const sent = await times(50, () =>
    t.send('POST', '/v1/referrals', {
      host: vendor.host,
      key: other,
      body: { prospect: { name: 'P', domain: 'redeemed.example' }, attribution: { referral_token: body.token } },
    }),
  );
  expect(new Set(sent.map(({ body }) => body.referral.id)).size).toBe(1);
  expect(sent.filter(({ body }) => body.attribution.outcome === 'attributed')).toHaveLength(1);
});

test('two organizations racing for one prospect: one winner, one loser who is told why', async () => {
  for (let round = 0; round < 5; round++) {
    const domain = `race-${round}.example`;
    const keys = await Promise.all(['acme-ops.example', 'procura.example'].map((of) => vendor.organization(of)));
    const ids = await Promise.all(keys.map((key) => record(key, domain)));
    await Promise.all(ids.map((id, i) => report(reportOf(`race-${round}-${i}`, 'signup.completed', { referral_id: id }, now()))));
    await times(4, () => t.settle());
    const rows = await t.see<{ to_state: string; because: string }>(
      `select to_state, because from frontdesk.referral_transitions where referral_id in ('${ids.join("', '")}') order by 1`,
    );
    expect(rows.map(({ to_state }) => to_state)).toEqual(['qualified', 'rejected']);
    expect(rows.filter(({ because }) => because === 'attribution.lost')).toHaveLength(1);
  }
});

test('a cap is never exceeded, whoever judges at the same time', async () => {
  const key = await vendor.organization('capped.example');
  const ids = await times(32, (i) => record(key, `capped-${i}.example`));
  await times(32, (i) => report(reportOf(`cap-${i}`, 'signup.completed', { referral_id: ids[i] }, now())));
  await times(8, () => t.settle());
  await t.settle();
  const [sum] = await t.see<{ amount: number; n: number }>(
    `select sum(amount_minor)::int as amount, count(*)::int as n from frontdesk.rewards where referral_id in ('${ids.join("', '")}')`,
  );
  expect(sum).toEqual({ amount: 60_000, n: 12 });
  const [qualified] = await t.see(
    `select count(*)::int as n from frontdesk.referral_states where status = 'qualified' and referral_id in ('${ids.join("', '")}')`,
  );
  expect(qualified).toEqual({ n: 32 });
});

test('a batch that is sent 20 times at once under one key is recorded once', async () => {
  const key = await vendor.organization('bulk.example');
  const referrals = Array.from({ length: 100 }, (_, i) => ({ prospect: { name: 'P', domain: `b-${i % 90}.example` } }));
  const idempotencyKey = crypto.randomUUID();
  const sent = await times(20, () =>
    t.send('POST', '/v1/referrals/batch', { host: vendor.host, key, idempotencyKey, body: { referrals } }),
  );
  expect(new Set(sent.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(sent[0]?.status).toBe(201);
  expect(
    sent[0]?.body.data.filter(({ attribution }: { attribution: { outcome: string } }) => attribution.outcome === 'attributed'),
  ).toHaveLength(90);
  expect(
    await t.see(
      "select count(*)::int as n from frontdesk.referrals r join frontdesk.organizations o using (organization_id) where o.domain = 'bulk.example'",
    ),
  ).toEqual([{ n: 90 }]);
});

test.each([
  ['a step, then evidence', false],
  ['evidence, then a step', true],
])('%s, both decided from the same sight: the second is decided anew, and a place among the declared is freed once', async (_, turned) => {
  const key = await vendor.organization('declared.example');
  const id = await record(key, `declared-${turned}.example`);
  const [seen] = await t.see<{ organization_id: string; prospect_id: string; tenant_id: string }>(
    `select * from frontdesk.referral_states where referral_id = '${id}'`,
  );
  const desk = await t.world.deps.desks.find(vendor.host);
  if (!seen || !desk) throw new Error('the referral was recorded');
  const given = t.world.deps.given(desk, now());
  const referral = { referralId: id, organizationId: seen.organization_id, status: 'pending' as const, seq: 1, evidenced: false };
  const step = stepReferral(referral, 'rejected', { tenant: desk.tenant, actor: 'test', because: 'test' }, given).changes;
  const found = { kind: 'report' as const, source: 'race', occurredAt: now() };
  const evidence = addEvidence(desk.tenant, referral, seen.prospect_id, found, given).changes;
  const told: string[] = [];
  for (const changes of turned ? [evidence, step] : [step, evidence]) told.push(await t.world.deps.memory.commit(desk.tenant, changes));
  expect(told).toEqual(['done', 'again']);
});
