/** What a new data folder of the embedded default begins with: played once, through the doors, and true to the ledger. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyExport } from '../../scripts/verify-ledger/verify-export.ts';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Row } from '../../src/db/batch.ts';
import { readJwks } from '../../src/domain/verification/jwks.ts';
import type { Act } from '../../src/embedded/history/acts.ts';
import { historySeed, planHistory } from '../../src/embedded/history/plan.ts';
import { type OpenedWorld, openWorld } from '../../src/open-world.ts';
import { brokenInvariants } from '../support/ledger-invariants.ts';

const origin = 'http://localhost:8787';
let folder: string;
let opened: OpenedWorld;
let eventsKey: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontdesk-history-'));
  await open();
  eventsKey = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')).events_key;
}, 240_000);
afterAll(async () => {
  await opened?.close();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function open(): Promise<void> {
  opened = await openWorld(readConfig({ FRONTDESK_DATA_DIR: folder }), { serves: true });
  await opened.announce(origin);
}

let count = 0;
async function sql(text: string): Promise<readonly Row[]> {
  const { deps, admin } = opened.world;
  const desk = await deps.desks.find('localhost');
  const [rows] = await admin.db.batch({ role: 'writer', tenant: desk?.tenant ?? '' }, [
    { name: `history.${count++}`, text, values: [], read: (read) => read },
  ]);
  return rows;
}

const counted = async (text: string) => Object.fromEntries((await sql(text)).map(({ what, n }) => [String(what), Number(n)]));

describe('the plan', () => {
  it('is the same for the same seed and weekday, and ends the same on every weekday', () => {
    expect(planHistory(historySeed, 3)).toEqual(planHistory(historySeed, 3));
    expect(planHistory(2, 3)).not.toEqual(planHistory(historySeed, 3));
    const counts = [0, 1, 2, 3, 4, 5, 6].map((weekday) => {
      const acts = planHistory(historySeed, weekday);
      const of = (kind: Act['kind']) => acts.filter((act) => act.kind === kind).length;
      const conversions = acts.flatMap((act) => (act.kind === 'convert' ? act.conversions : []));
      const claimed = conversions.filter(({ hasWorkspace }) => hasWorkspace).length;
      const recorded = acts.flatMap((act) => (act.kind === 'record' ? act.prospects : [])).length;
      return {
        recorded,
        sandboxes: of('provision'),
        conversions: conversions.length,
        claimed,
        disputes: of('dispute'),
        refunds: of('refund'),
      };
    });
    const always = { recorded: 364, sandboxes: 36, conversions: 108, claimed: 12, disputes: 6, refunds: 4 };
    expect(counts).toEqual(counts.map(() => always));
  });
});

describe('the history', () => {
  it('has referrals in every state', async () => {
    const states = await counted('select s.status as what, count(*) as n from frontdesk.referral_states s group by 1');
    expect(Object.keys(states).sort()).toEqual(['expired', 'pending', 'qualified', 'rejected', 'reversed', 'rewarded']);
    expect(Object.values(states).reduce((sum, n) => sum + n, 0)).toBe(400);
    expect(states).toMatchObject({ expired: 82, rejected: expect.any(Number), reversed: expect.any(Number) });
    expect(
      await counted(`select case when s.risk_holds > 0 then 'quarantined' else 'disputed' end as what, count(*) as n
        from frontdesk.referral_states s where s.risk_holds + s.dispute_holds > 0 group by 1`),
    ).toEqual({ quarantined: 18, disputed: 2 });
  });

  it('has rewards in three currencies, in escrow, available, settled and taken back', async () => {
    const rewards = await sql('select s.kind, s.currency, s.status, s.reversed_minor from frontdesk.reward_states s');
    const seen = (name: string) => new Set(rewards.map((row) => String(row[name])));
    expect(seen('currency')).toEqual(new Set(['usd', 'eur', 'jpy', 'xxx']));
    expect(seen('status')).toEqual(new Set(['accrued', 'available', 'fulfilled', 'reversed']));
    expect(seen('kind')).toEqual(new Set(['external', 'stripe_balance_credit', 'stripe_subscription_discount']));
    const isPartly = ({ status, reversed_minor }: Row) => status === 'fulfilled' && Number(reversed_minor) > 0;
    expect(rewards.filter(isPartly).length).toBeGreaterThan(0);
  });

  it('has fourteen agents of nine organizations, sandboxes, members, applications and disputes of every end', async () => {
    expect(
      await sql(`select (select count(*)::int from frontdesk.organizations o where o.prospect_id is null) as organizations,
        (select count(*)::int from frontdesk.agents a where a.organization_id is not null) as agents`),
    ).toEqual([{ organizations: 9, agents: 14 }]);
    expect(await counted('select w.status as what, count(*) as n from frontdesk.workspaces w group by 1')).toEqual({
      ...{ active: 6, claimed: 12, expired: 14, revoked: 4 },
    });
    expect(await counted('select a.state as what, count(*) as n from frontdesk.partner_applications a group by 1')).toEqual({
      ...{ approved: 1, open: 3, refused: 1 },
    });
    const roles = await counted('select p.role as what, count(*) as n from frontdesk.people p group by 1');
    expect(Object.keys(roles).sort()).toEqual(['auditor', 'channel_manager', 'operator', 'partner']);
    const ends = await counted(
      `select d.status || ' ' || coalesce(d.because, '') as what, count(*) as n from frontdesk.disputes d group by 1`,
    );
    expect(ends).toEqual({
      ...{ 'open ': 2, 'upheld first_contact_shown': 1, 'withdrawn withdrawn': 1 },
      ...{ 'denied evidence_insufficient': 1, 'denied time_limit': 1 },
    });
  });

  it('has nine organizations that refer, of which every one has proven its domain that is verified', async () => {
    const rows = await sql(`select o.tier, coalesce(o.domain, '') <> '' as named,
      exists (select 1 from frontdesk.domain_proofs p where p.organization_id = o.organization_id and p.state = 'verified'
        and p.checked_at > now() - interval '9 days') as proven
      from frontdesk.organizations o where exists (select 1 from frontdesk.referrals r where r.organization_id = o.organization_id)`);
    expect(rows.filter(({ named }) => named).length).toBe(9);
    expect(rows.filter(({ proven }) => !proven).map(({ tier }) => tier)).toEqual(['key_bound']);
  });

  it('ends with an audit that found nothing and verified every block', async () => {
    const verified = await sql(`select v.ok, v.from_block, v.to_block = (select max(b.number) from frontdesk.blocks b) as whole
      from frontdesk.verifications v order by v.verification_id limit 1`);
    expect(verified).toEqual([{ ok: true, from_block: 0, whole: true }]);
    expect(await sql('select distinct a.ok from frontdesk.audits a')).toEqual([{ ok: true }]);
  });

  it('names no prospect in the ids of what was reported', async () => {
    const [reported] = await sql(`select count(*)::int as n, count(*) filter (where r.report_id like '%.example')::int as named
      from frontdesk.reports r`);
    expect(reported).toEqual({ n: expect.any(Number), named: 0 });
  });

  it('lies in the last hundred and twenty days, in the order of its ids', async () => {
    const [span] = await sql(`select min(r.created_at) < now() - interval '110 days' as early, max(r.created_at) <= now() as past,
      min(r.created_at) > now() - interval '121 days' as late,
      (select bool_and(x.created_at >= x.before) from (
         select q.created_at, lag(q.created_at) over (order by q.referral_id) as before from frontdesk.referrals q) x) as ordered
      from frontdesk.referrals r`);
    expect(span).toEqual({ early: true, past: true, late: true, ordered: true });
  });

  it('leaves nothing due, and one delivery that was given up', async () => {
    expect(
      await counted(`select o.kind || ' ' || o.state as what, count(*) as n from frontdesk.outbox o
        where o.state <> 'done' and (o.state = 'dead' or o.due_at <= now()) group by 1`),
    ).toEqual({
      'webhook.deliver dead': 1,
    });
  });

  it('agrees with Stripe, keeps every invariant of the ledger, and passes the isolation audit', { timeout: 60_000 }, async () => {
    expect(await sql('select distinct r.ok from frontdesk.reconciliations r')).toEqual([{ ok: true }]);
    expect(await brokenInvariants(async (text) => (await sql(text)) as unknown as readonly never[])).toEqual([]);
    expect(await opened.world.schedules.audit?.()).toMatchObject({ tenants: 1, failed: 0, unrecorded: 0 });
    expect(await opened.world.health()).toMatchObject({ ok: true });
  });

  it('is sealed in blocks over the days, and its export verifies', { timeout: 60_000 }, async () => {
    const app = createApp({ ...opened.world, assets: new Map() });
    const ask = async (path: string, headers: Record<string, string> = {}) =>
      (
        await app.fetch(new Request(`${origin}${path}`, { headers: { Host: 'localhost:8787', ...headers } }), {
          incoming: { socket: { remoteAddress: '127.0.0.1' } },
        })
      ).text();
    const lines = (await ask('/v1/ledger/export', { Authorization: `Bearer ${eventsKey}` })).trim().split('\n');
    const keys = readJwks(JSON.parse(await ask('/.well-known/jwks.json'))) ?? [];
    const report = await verifyExport(lines, { keys });
    expect(report).toMatchObject({ ok: true, foreign: 0 });
    expect(report.ok && report.blocks).toBeGreaterThan(25);
  });

  it('is played once: a second start finds it', { timeout: 60_000 }, async () => {
    const before = await readFile(join(folder, 'demo.json'), 'utf8');
    await opened.close();
    await open();
    expect(JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')).organizations).toEqual(JSON.parse(before).organizations);
    expect(await sql('select count(*)::int as n from frontdesk.referrals')).toEqual([{ n: 400 }]);
  });
});
