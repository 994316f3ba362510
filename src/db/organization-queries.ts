import type { Tier } from '../domain/actor.ts';
import { mostCounted } from '../domain/referral-activity.ts';
import { first, last, many, reachedOrganizations, reaches } from './query.ts';

/** What people ask about organizations, side by side and one by one. Amounts in the currency's smallest unit. */
export const organizationQueries = {
  /** Organizations that something stands on the accounts of, newest first; one more than `limit`. */
  balanceSheets: (page: { after: string | null; limit: number }) =>
    many<BalanceSheetRow>(
      'balances.page',
      // Each organization has several balances: only the first of them is looked at.
      `with recursive walk (organization_id, n) as (
         select (${nextWithBalance('$1')}), 1
         union all
         select (${nextWithBalance('w.organization_id')}), w.n + 1 from walk w where w.organization_id is not null and w.n < $2)
       select o.organization_id, o.name, o.domain, (
         select coalesce(jsonb_agg(jsonb_build_object('currency', b.currency, 'account', b.account, 'balance_minor', b.balance_minor::text)
           order by b.currency, b.account), '[]')
         from frontdesk.balances b where b.organization_id = q.organization_id) as balances
       from (
         (select w.organization_id from walk w where w.organization_id is not null)
         union all
         (select o.id from ${reachedOrganizations}
           where o.id < $1 and exists (select from frontdesk.balances b where b.organization_id = o.id) order by o.id desc limit $2)) q
       cross join lateral ${organizationOf('q')} o
       order by o.organization_id desc`,
      [page.after ?? last, page.limit + 1],
    ),

  /** The sums of the first `most` balances in reach by currency and account, and how many balances each is made of. */
  balanceTotals: (most: number) =>
    many<{ currency: string; account: string; balance_minor: bigint; balances: bigint }>(
      'balances.totals',
      `select b.currency, b.account, sum(b.balance_minor)::int8 as balance_minor, count(*) as balances from (
         (select b.currency, b.account, b.balance_minor from frontdesk.balances b
           where ${reaches('tenant')} and b.organization_id > '${first}' order by b.organization_id limit $1)
         union all
         (select b.* from ${reachedOrganizations} cross join lateral (
           select b.currency, b.account, b.balance_minor from frontdesk.balances b where b.organization_id = o.id
           order by b.currency, b.account limit 1000) b limit $1)) b
       group by b.currency, b.account order by b.currency, b.account`,
      [most],
    ),

  /** Newest first; one more than `limit`. `named`: an id or a domain, exactly. */
  organizationsListed: (page: { after: string | null; limit: number; tier: Tier | null; named: string | null }) =>
    many<OrganizationListed>(
      'organizations.page',
      `select ${listedColumns}, 0 as busy from (
         select * from (
           (select o.organization_id from frontdesk.organizations o
             where ${reaches('tenant')} and $3::text is null and o.organization_id > '${first}' and o.organization_id < $1 ${ofTier('o')}
             order by o.organization_id desc limit $4)
           union all
           (select w.organization_id from ${reachedOrganizations} cross join lateral ${organizationOf('o', 'id')} w
             where $3::text is null and w.organization_id < $1 ${ofTier('w')} order by w.organization_id desc limit $4)
           union all
           (select o.organization_id from frontdesk.organizations o where o.organization_id = $3 and o.organization_id < $1 ${ofTier('o')})
           union all
           (select o.organization_id from frontdesk.organizations o where o.domain = $3 and o.organization_id < $1 ${ofTier('o')})) q
         order by q.organization_id desc limit $4) q
       cross join lateral ${organizationOf('q')} o ${particularsOfListed}
       order by o.organization_id desc`,
      [page.after ?? last, page.tier, page.named, page.limit + 1],
    ),

  /** Those with most of the newest `hundreds` hundred referrals first; of the tenant’s, those with none of them are left out. One more than `limit`. */
  organizationsByReferrals: (page: { after: { busy: number; id: string } | null; limit: number; tier: Tier | null; hundreds: number }) =>
    many<OrganizationListed>(
      'organizations.by_referrals',
      // A hundred at a time: asked for all at once, the planner would rather read all referrals that there are.
      `with recursive walk (lowest, n, organizations) as (
         select '${last}', 0, '{}'::text[]
         union all
         select c.lowest, w.n + 1, c.organizations from walk w cross join lateral (
           select min(s.referral_id) as lowest, array_agg(s.organization_id) as organizations from (
             select s.referral_id, s.organization_id from frontdesk.referral_states s
             where ${reaches('tenant')} and s.referral_id > '${first}' and s.referral_id < w.lowest order by s.referral_id desc limit 100) s) c
         where w.lowest is not null and w.n < $5)
       select ${listedColumns}, q.busy from (
         select c.organization_id, c.busy from (
           (select u.organization_id, count(*)::int4 as busy from walk w cross join lateral unnest(w.organizations) u (organization_id)
             group by u.organization_id)
           union all
           (select o.id, n.busy from ${reachedOrganizations} cross join lateral (
             select count(*)::int4 as busy from (
               select from frontdesk.referral_states s where s.organization_id = o.id order by s.referral_id desc limit ${mostCounted}) s) n)) c
         cross join lateral ${organizationOf('c')} o
         where (c.busy, c.organization_id) < ($1::int4, $2) ${ofTier('o', '$3')}
         order by c.busy desc, c.organization_id desc limit $4) q
       cross join lateral ${organizationOf('q')} o ${particularsOfListed}
       order by q.busy desc, o.organization_id desc`,
      [page.after?.busy ?? 2_147_483_647, page.after?.id ?? last, page.tier, page.limit + 1, page.hundreds],
    ),

  /** What became of the newest referrals of an organization, by the agents that brought them; and of their workspaces. */
  agentActivity: (organizationId: string) =>
    many<AgentActivityRow>(
      'agents.activity',
      `select x.agent_id, count(*) filter (where x.shown is not null)::int4 as referrals,
         count(*) filter (where x.shown = 'qualified')::int4 as qualified, count(*) filter (where x.shown = 'rewarded')::int4 as rewarded,
         count(*) filter (where x.shown in ('quarantined', 'disputed'))::int4 as held,
         count(*) filter (where x.shown is null)::int4 as workspaces, min(x.created_at) as first_at, max(x.created_at) as last_at
       from (
         (select s.agent_id, s.shown, s.created_at from frontdesk.referral_states s where s.organization_id = $1
           order by s.referral_id desc limit ${mostCounted})
         union all
         (select w.agent_id, null, w.created_at from frontdesk.workspaces w where w.organization_id = $1
           order by w.workspace_id desc limit ${mostCounted})) x
       group by x.agent_id order by x.agent_id`,
      [organizationId],
    ),

  /** People who reach an organization by membership; at most `limit`. */
  membersOf: (organizationId: string, limit: number) =>
    many<MemberRow>(
      'memberships.of_organization',
      `select p.person_id, p.email, p.name, p.role, p.state, m.granted_at from (
         select * from frontdesk.memberships m where m.organization_id = $1 order by m.person_id limit $2) m
       cross join lateral (select * from frontdesk.people p where p.person_id = m.person_id limit 1) p
       order by p.person_id`,
      [organizationId, limit],
    ),
} as const;

/** `balances` is JSON: amounts as decimal text. */
export interface BalanceSheetRow {
  readonly organization_id: string;
  readonly name: string;
  readonly domain: string | null;
  readonly balances: readonly { readonly currency: string; readonly account: string; readonly balance_minor: string }[];
}

export interface OrganizationListed {
  readonly organization_id: string;
  readonly name: string;
  readonly domain: string | null;
  readonly tier: Tier;
  readonly frozen_at: string | null;
  readonly created_at: string;
  /** The latest that one of its payees is frozen until. */
  readonly frozen_until: string | null;
  /** How its domain is proven now. */
  readonly methods: readonly string[];
  /** Not revoked; counted to `mostCounted`. */
  readonly agents: number;
  /** Of its newest referrals, at most `mostCounted`. */
  readonly referrals: number;
  readonly qualified: number;
  readonly rewarded: number;
  /** How many of the newest referrals in reach are its own, where it is asked for. */
  readonly busy: number;
}

export interface AgentActivityRow {
  /** Null: what no agent brought. */
  readonly agent_id: string | null;
  readonly referrals: number;
  readonly qualified: number;
  readonly rewarded: number;
  /** Quarantined or disputed. */
  readonly held: number;
  readonly workspaces: number;
  readonly first_at: string;
  readonly last_at: string;
}

export interface MemberRow {
  readonly person_id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: 'operator' | 'channel_manager' | 'partner' | 'auditor';
  readonly state: 'active' | 'removed';
  readonly granted_at: string;
}

/** One at a time: joined freely, the planner may read all organizations for a page of them. */
function organizationOf(of: string, column = 'organization_id'): string {
  return `(select w.* from frontdesk.organizations w where w.organization_id = ${of}.${column} limit 1)`;
}

/** The next organization of the tenant that something stands on the accounts of: one look into an index. */
const nextWithBalance = (below: string): string => `select b.organization_id from frontdesk.balances b
           where ${reaches('tenant')} and b.organization_id < ${below} order by b.organization_id desc limit 1`;
const ofTier = (o: string, tier = '$2'): string => `and (${tier}::text is null or ${o}.tier = ${tier})`;
const listedColumns = `o.organization_id, o.name, o.domain, o.tier, o.frozen_at, o.created_at, y.frozen_until, d.methods, a.agents, n.referrals,
  n.qualified, n.rewarded`;
const particularsOfListed = `
  cross join lateral (
    select max(p.frozen_until) as frozen_until from frontdesk.payees p where p.organization_id = o.organization_id) y
  cross join lateral (
    select coalesce(array_agg(distinct d.method), '{}') as methods from (
      select d.method, d.state from frontdesk.domain_proofs d where d.organization_id = o.organization_id order by d.proof_id desc limit 20) d
    where d.state = 'verified') d
  cross join lateral (
    select count(*)::int4 as agents from (
      select a.status from frontdesk.agents a where a.organization_id = o.organization_id order by a.agent_id desc limit ${mostCounted}) a
    where a.status = 'active') a
  cross join lateral (
    select count(*)::int4 as referrals, count(*) filter (where s.shown = 'qualified')::int4 as qualified,
      count(*) filter (where s.shown = 'rewarded')::int4 as rewarded
    from (
      select s.shown from frontdesk.referral_states s where s.organization_id = o.organization_id
      order by s.referral_id desc limit ${mostCounted}) s) n`;
