import { beforeAll, describe, expect, it } from 'vitest';
import { together } from '../../src/domain/decision.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { accrue } from '../../src/domain/reward.ts';
import { freshProspect, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { freshReward } from '../support/fresh-reward.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

const day = 86_400_000;
let t: TestWorld;
let acme: Stage;
let other: Stage;
let staff: Stage;
let acmeId: string;
let acmeAgent: string;

/**
 * 45 days ago acme brought one that qualified. Ten days ago acme brought one that was rewarded two days later, and the other one that still
 * waits. Today acme brought one, and the other one that earned in yen and is held, and one that was paid in dollars.
 */
beforeAll(async () => {
  t = await openTestWorld();
  t.advance(-45 * day);
  acme = await stageOf(t, { domain: 'acme-overview.example' });
  other = await stageOf(t, { domain: 'other-overview.example' });
  await step(await record(acme), 'qualified');
  t.advance(35 * day);
  const rewarded = await record(acme);
  await record(other);
  t.advance(2 * day);
  await step(await step(rewarded, 'qualified'), 'rewarded');
  t.advance(8 * day);
  ({ id: acmeId, agent: acmeAgent } = await record(acme));
  staff = await staffStage(t);
  const held = await step(await record(other), 'qualified');
  await earn(held, 'jpy', 700n);
  await made201(staff, `/v1/referrals/${held.referral}/holds`, { kind: 'risk', reason: 'suspected_fraud' });
  const { reward_id } = await freshReward(other, 'sent');
  const confirmed = await t.send('POST', `/v1/rewards/${reward_id}/confirm`, { key: staff.key, body: { reference: 'transfer-7' } });
  expect(confirmed.status, confirmed.text).toBe(200);
});

interface Recorded {
  readonly referral: string;
  /** Its organization and its agent. */
  readonly id: string;
  readonly agent: string;
  readonly status: 'pending' | 'qualified' | 'rewarded';
  readonly seq: number;
}

async function record(stage: Stage): Promise<Recorded> {
  const { referral } = await made201(stage, '/v1/referrals', { prospect: freshProspect() });
  const { body } = await t.send('GET', `/v1/referrals/${referral.id}`, { key: stage.key });
  return { referral: referral.id, id: referral.organization_id, agent: body.agent_id, status: 'pending', seq: 1 };
}

async function step(recorded: Recorded, to: 'qualified' | 'rewarded'): Promise<Recorded> {
  const { desk, given } = await sceneAt(t, demoHost);
  const { referral: referralId, id: organizationId, status, seq } = recorded;
  const judged = { referralId, organizationId, status, seq, evidenced: false };
  await commitAt(t, demoHost, stepReferral(judged, to, { tenant: desk.tenant, actor: 'test', because: 'test' }, given).changes);
  return { ...recorded, status: to, seq: seq + 1 };
}

async function earn({ referral, id }: Recorded, currency: string, amountMinor: bigint): Promise<void> {
  const { desk, given } = await sceneAt(t, demoHost);
  const of = { tenant: desk.tenant, referralId: referral, organizationId: id, side: 'referrer', rule: 'bounty', occasion: 'once' } as const;
  const reward = { ...of, kind: 'external', currency, amountMinor, program: desk.program, availableAt: given.now };
  await commitAt(t, demoHost, together(accrue(reward, given).changes));
}

const overview = async (query = '', { key } = staff) => {
  const { status, body, text } = await t.send('GET', `/v1/overview${query}`, { key });
  expect(status, text).toBe(200);
  return body;
};

describe('get_overview', () => {
  it('counts what was recorded in the period by what it is now, against as many days before', async () => {
    const sums = await overview();
    expect(sums.period.days).toBe(30);
    expect([sums.referrals, sums.qualified, sums.rewarded]).toEqual([
      { now: 5, before: 1 },
      { now: 2, before: 1 },
      { now: 2, before: 0 },
    ]);
    expect(sums.funnel).toMatchObject({ referrals: 5, qualified: 2, rewarded: 2, visits: 0 });
    // Of two days and of none.
    expect(sums.hours_to_reward).toBe(24);
  });

  it('puts each referral on the day in UTC on which it was recorded, under what callers see of it', async () => {
    const { series } = await overview();
    const today = t.world.deps.now();
    const on = (daysAgo: number) => {
      const date = new Date(today.getTime() - daysAgo * day).toISOString().slice(0, 10);
      return series.find((row: { day: string }) => row.day === date);
    };
    expect(series).toHaveLength(30);
    expect(series.at(-1)).toMatchObject({ pending: 1, rewarded: 1, quarantined: 1, qualified: 0 });
    expect(on(10)).toMatchObject({ pending: 1, rewarded: 1, quarantined: 0 });
  });

  it('looks back as far as it is asked to, and no further', async () => {
    expect((await overview('?days=7')).referrals).toEqual({ now: 3, before: 2 });
    expect((await overview('?days=90')).referrals).toEqual({ now: 6, before: 0 });
    expect((await t.send('GET', '/v1/overview?days=31', { key: staff.key })).status).toBe(400);
  });

  it('sums up rewards per currency, and what was settled of each', async () => {
    const { rewards, rewards_stopped } = await overview();
    expect(rewards).toMatchObject([
      { currency: 'jpy', accrued_minor: 700, settled_minor: 0, reversed_minor: 0 },
      { currency: 'usd', accrued_minor: 5000, settled_minor: 5000, reversed_minor: 0, before: { accrued_minor: 0 } },
    ]);
    expect(rewards_stopped).toBe(1);
  });

  it('calls qualified what the list and the file of an organization call so: rewarded ones as well', async () => {
    const { body } = await t.send('GET', `/v1/organizations?q=${acmeId}`, { key: staff.key });
    const file = await t.send('GET', `/v1/organizations/${acmeId}/file`, { key: staff.key });
    const counted = { referrals: 3, qualified: 2, rewarded: 1, conversion: 0.6667 };
    expect([body.data[0].activity, file.body.activity]).toMatchObject([counted, counted]);
  });

  it('names those with most qualified referrals first', async () => {
    const { organizations, agents } = await overview();
    expect(organizations.map(({ domain, qualified }: { domain: string; qualified: number }) => [domain, qualified])).toEqual([
      ['other-overview.example', 1],
      ['acme-overview.example', 1],
    ]);
    expect(organizations[0].settled).toEqual([{ currency: 'usd', amount_minor: 5000 }]);
    expect(agents.find(({ id }: { id: string }) => id === acmeAgent)).toMatchObject({ organization_id: acmeId, referrals: 2, rewarded: 1 });
  });

  it('narrows everything by an organization or an agent, and only referrals by what they are', async () => {
    const byOrganization = await overview(`?organization_id=${acmeId}`);
    expect(byOrganization).toMatchObject({ referrals: { now: 2, before: 1 }, rewards: [], rewards_stopped: 0 });
    expect(await overview(`?agent_id=${acmeAgent}`)).toMatchObject({ referrals: { now: 2, before: 1 }, rewards: [] });
    expect(await overview('?campaign=nobody')).toMatchObject({ referrals: { now: 0, before: 0 }, rewards: [], agents: [] });
    const byStatus = await overview('?status=quarantined');
    expect(byStatus).toMatchObject({ referrals: { now: 1, before: 0 }, rewards: null, workspaces_claimed: null, rewards_stopped: 1 });
    expect(byStatus.organizations).toMatchObject([{ domain: 'other-overview.example', settled: null }]);
  });

  it('tells an organization of its own alone, and nobody but the vendor how often links were followed', async () => {
    const own = await overview('', acme);
    expect(own).toMatchObject({ referrals: { now: 2, before: 1 }, rewards: [], funnel: { visits: null } });
    expect(own.organizations.map(({ id }: { id: string }) => id)).toEqual([acmeId]);
    expect(await overview(`?organization_id=${(await overview('', other)).organizations[0].id}`, acme)).toMatchObject({
      referrals: { now: 0, before: 0 },
      organizations: [],
    });
  });
});

describe('the page', () => {
  it('is one round trip, and every number on it leads to what it counts', async () => {
    const operator = await roleBrowser(t, 'operator');
    const before = t.roundTrips();
    const { status, text } = await operator.get('/ledger');
    expect(status).toBe(200);
    expect(t.roundTrips() - before).toBe(1);
    const from = new Date(t.world.deps.now().getTime() - 89 * day).toISOString().slice(0, 10);
    expect(text).toContain(`href="/ledger/referrals?status=qualified&amp;status=rewarded&amp;from=${from}"`);
    expect(text).toContain(`href="/ledger?agent_id=${acmeAgent}"`);
    expect(text).toContain('href="/ledger?status=quarantined"');
    expect(text).toMatch(/¥700[\s\S]*\$5,000|\$50\.00/);
  });

  it('keeps the filter from period to period and takes each away by itself', async () => {
    const operator = await roleBrowser(t, 'operator');
    const { text } = await operator.get(`/ledger?days=7&organization_id=${acmeId}&status=pending`);
    expect(text).toContain(`href="/ledger?days=90&amp;organization_id=${acmeId}&amp;status=pending"`);
    expect(text).toContain(`href="/ledger?days=7&amp;status=pending"`);
    expect(text).toContain(`href="/ledger?days=7&amp;organization_id=${acmeId}"`);
  });

  it('tells a partner of its own organization only', async () => {
    const partner = await roleBrowser(t, 'partner', { organizationIds: [acmeId] });
    const { status, text } = await partner.get('/ledger');
    expect(status).toBe(200);
    expect(text).toContain('acme-overview.example');
    expect(text).not.toContain('other-overview.example');
    expect(text).not.toContain('¥');
  });

  it('shows whoever sees nothing yet the call that makes the first referral', async () => {
    const manager = await roleBrowser(t, 'channel_manager', { organizationIds: [] });
    const { text } = await manager.get('/ledger');
    expect(text).toContain('/v1/referrals -H');
    expect(text).not.toContain('<svg');
  });
});
