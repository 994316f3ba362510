import { Client } from 'pg';
import type { Context, Statement } from '../src/db/batch.ts';
import { toWire } from '../src/db/drivers/wire.ts';
import { queries } from '../src/db/queries.ts';
import type { ReferralFilter } from '../src/db/referral-queries.ts';
import { encodeValue } from '../src/db/types.ts';
import { type ReferralStatus, referralStatuses } from '../src/domain/referral-state.ts';
import { big } from './big-tenant.ts';
import type { Figure } from './figure.ts';
import { median } from './http.ts';

/** Milliseconds of the database for the first page of every filter, oldest first too where that is worse. */
export async function filterRows(adminUrl: string, tenant: string, fingerprint: string): Promise<Figure[]> {
  const partner = (organization: string): Context => ({
    role: 'reader',
    tenant,
    reach: { kind: 'organizations', organizations: [organization] },
  });
  const viewers: readonly Context[] = [
    { role: 'reader', tenant, reach: { kind: 'tenant' } },
    partner(big.organization(1)),
    partner(big.organization(78)),
  ];
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const rows: Figure[] = [];
  const worst = async (statements: readonly Statement[]) => {
    const took: string[] = [];
    for (const viewer of viewers) {
      let most = 0;
      for (const statement of statements) most = Math.max(most, await executionMs(client, viewer, statement));
      took.push(most.toFixed(1));
    }
    return took.join(' / ');
  };
  const row = async (what: string, ...statements: readonly Statement[]) =>
    rows.push({ what, measured: `${await worst(statements)} ms`, reach: '< 50 ms', aim: '< 10 ms' });
  for (const [name, filter] of Object.entries(filters(fingerprint))) {
    const asked = (oldestFirst: boolean) =>
      queries.searchReferrals({ filter: { ...none, ...filter }, after: null, oldestFirst, limit: 50 });
    await row(`referrals by ${name}: operator / partner with two fifths / partner with few`, asked(false), asked(true));
  }
  const page = { after: null, limit: 50 };
  await row('list_referrals', queries.referrals({ ...page, filter: none, oldestFirst: false }));
  await row('list_workspaces', queries.workspaces({ ...page, status: null }));
  await row('list_workspaces, rare status', queries.workspaces({ ...page, status: 'suspended' }));
  await row('list_disputes', queries.disputes({ ...page, status: null }));
  await row('list_disputes, rare status', queries.disputes({ ...page, status: 'open' }));
  await row('list_rewards', queries.rewards({ ...page, status: null, organizationId: null, referralId: null }));
  await row('list_rewards, rare status', queries.rewards({ ...page, status: 'reversed', organizationId: null, referralId: null }));
  const anyReward = { organizationId: null, currency: null, kind: null };
  await row('search_rewards, rare status', queries.rewardsSearched({ ...page, ...anyReward, status: 'reversed' }));
  await row('list_ledger_entries', queries.ledgerEntries({ ...page, organizationId: null }));
  await client.end();
  return rows;
}

const none: ReferralFilter = {
  ...{ statuses: referralStatuses, organizationId: null, agentId: null, campaign: null, from: null, to: null, about: null },
};

function filters(fingerprint: string): Readonly<Record<string, Partial<ReferralFilter>>> {
  const only = (...statuses: ReferralStatus[]) => ({ statuses });
  const { agent, campaign, organization } = big;
  return {
    'no filter': {},
    'status common': only('rewarded'),
    'status of which there are three': only('quarantined'),
    'status of which there is none': only('disputed'),
    'two statuses': only('pending', 'quarantined'),
    'organization with two fifths': { organizationId: organization(1) },
    'organization with few': { organizationId: organization(78) },
    'agent with two fifths': { agentId: agent.hot },
    'agent with two': { agentId: agent.rare },
    'campaign with a quarter': { campaign: campaign.hot },
    'campaign with two': { campaign: campaign.rare },
    'campaign that nobody has': { campaign: campaign.none },
    'a day long ago': { from: new Date('2025-12-24'), to: new Date('2025-12-25') },
    domain: { about: { kind: 'fingerprint', value: fingerprint } },
    workspace: { about: { kind: 'workspace', value: `ws_${'31338'.padStart(26, '0')}` } },
    'organization, rare status': { organizationId: organization(1), ...only('quarantined') },
    'organization, no campaign of its own': { organizationId: organization(1), campaign: campaign.none },
    'agent, rare status': { agentId: agent.hot, ...only('quarantined') },
    'agent, campaign that nobody has': { agentId: agent.hot, campaign: campaign.none },
    'campaign, rare status, a year ago': { campaign: campaign.hot, ...only('reversed'), to: new Date('2025-12-01') },
    'everything at once': {
      ...{ organizationId: organization(1), agentId: agent.hot, campaign: campaign.hot, ...only('expired', 'rejected') },
      ...{ from: new Date('2026-01-01'), to: new Date('2026-02-01') },
    },
  };
}

/** The larger of two medians, as EXPLAIN ANALYZE says: planned for these values, and by a plan that is kept. */
async function executionMs(client: Client, context: Context, statement: Statement): Promise<number> {
  const [setting] = toWire(context, [statement]);
  if (!setting) throw new Error('no context');
  const values = statement.values.map((value) => {
    const text = encodeValue(value);
    return text === null ? 'null' : client.escapeLiteral(text);
  });
  let most = 0;
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await client.query(`deallocate all; begin; set local plan_cache_mode = ${mode}`);
    await client.query(setting.text, [...setting.params]);
    await client.query('set local statement_timeout = 0');
    await client.query(`prepare asked as ${statement.text}`);
    const took: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { rows } = await client.query(`explain (analyze, timing off, format json) execute asked(${values.join(', ')})`);
      took.push(rows[0]['QUERY PLAN'][0]['Execution Time']);
      // What takes that long takes it every time.
      if ((took[0] ?? 0) > 2000) break;
    }
    await client.query('rollback');
    most = Math.max(most, median(took));
  }
  return most;
}
