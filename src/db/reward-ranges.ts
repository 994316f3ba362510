import type { RewardState, RewardStatus } from '../domain/reward-state.ts';
import { first, reachedOrganizations, reaches } from './query.ts';

/**
 * Where the states `s` of a page of rewards are read, newest first: one range of an index for each status in which they are stored and,
 * where it has to be, organization. What a filter asks stands in the text only where it is asked, so that every range begins with it.
 */
export function rewardRange({ status, organizationId, referralId, currency = null, kind = null }: RewardFilter): RewardRange {
  const values: (string | readonly string[])[] = [];
  // Behind a question of its own, so that no plan is made for one value: to the planner an organization with most of them looks like any.
  const bind = (value: string): string => `(select $${2 + values.push(value)}::text)`;
  const asked = organizationId === null ? null : bind(organizationId);
  const referral = referralId === null ? null : bind(referralId);
  const [stored, standing] = status === null ? [null, null] : storedAs[status];
  const states = stored && `$${2 + values.push(stored)}::text[]`;
  const rest = [currency && `s.currency = ${bind(currency)}`, kind && `s.kind = ${bind(kind)}`, standing, onPage];
  const name = [
    referral && 'referral',
    asked && 'organization',
    standing ? status : stored && 'status',
    currency && 'currency',
    kind && 'kind',
  ];
  const read = (...which: readonly (string | null)[]): string =>
    `(select * from frontdesk.reward_states s where ${[...which, ...rest].filter((one) => one !== null).join(' and ')}
       order by s.reward_id desc limit $2) s`;
  const readEach = (which: string | null): string =>
    states ? `unnest(${states}) k (status) cross join lateral ${read(which, 's.status = k.status')}` : `lateral ${read(which)}`;
  const everywhere = `select s.* from (select where ${reaches('tenant')}) t cross join ${readEach(null)}`;
  const ofEach = `select s.* from ${organizationsOf(asked)} cross join ${readEach('s.organization_id = o.id')}`;
  const ofReferral = `select s.* from ${read(
    `s.referral_id = ${referral}`,
    asked && `coalesce(s.organization_id, '') = ${asked}`,
    states && `coalesce(s.status, '') = any(${states})`,
  )}`;
  const text = referral ? ofReferral : asked ? ofEach : `(${everywhere}) union all (${ofEach})`;
  return { name: name.filter(Boolean).join('-') || 'all', text: `select s.* from (${text}) s order by s.reward_id desc limit $2`, values };
}

export interface RewardFilter {
  /** As callers see it. */
  readonly status: RewardStatus | null;
  readonly organizationId: string | null;
  readonly referralId: string | null;
  readonly currency?: string | null;
  readonly kind?: string | null;
}

export interface RewardPage {
  /** The last one of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

export interface RewardRange {
  /** Tells texts apart: a prepared statement has one. */
  readonly name: string;
  /** Its first parameter is the id before which the page begins, its second how many there are at most. */
  readonly text: string;
  /** From the third parameter on. */
  readonly values: readonly (string | readonly string[])[];
}

/** As `payeeKind` says it, of a reward's `kind`. */
export const payeeKindOf = (kind: string): string =>
  `case ${kind} when 'stripe_transfer' then 'account' when 'external' then '' else 'customer' end`;

/**
 * As `shownStatus` says what stops an available one. What stops many of them is listed once and looked up in memory, which `is true` sees
 * to: most are stopped by nothing, and a look into an index for each would take longer than all else.
 */
const stopped = `(s.obstacle is not null
  or (s.referral_id in (select h.referral_id from frontdesk.referral_states h
    where h.risk_holds > 0 or h.dispute_holds > 0 or h.other_holds > 0)) is true
  or (s.organization_id in (select z.organization_id from frontdesk.organizations z where z.frozen_at is not null)) is true
  or case when ((s.organization_id, ${payeeKindOf('s.kind')}) in (
      select y.organization_id, y.kind from frontdesk.payees y where y.obstacle is not null)) is true
    then (select r.side from frontdesk.rewards r where r.reward_id = s.reward_id) = 'referrer' else false end)`;

/** Under what a status is stored, and what else has to be so. */
const storedAs: Readonly<Record<RewardStatus, readonly [readonly RewardState[], string | null]>> = {
  held: [['accrued', 'available'], `(s.status = 'accrued' or ${stopped})`],
  available: [['available'], `not ${stopped}`],
  fulfilling: [['fulfilling'], null],
  fulfilled: [['fulfilled'], null],
  reversed: [['reversed'], null],
  expired: [['expired'], null],
};

/** Those in reach or, of a reader that sees the whole tenant, the one asked for. */
const organizationsOf = (asked: string | null): string =>
  asked === null
    ? reachedOrganizations
    : `(select o.id from ${reachedOrganizations} where o.id = ${asked} union all select ${asked} where ${reaches('tenant')}) o`;

/** From both ends, and nothing that the planner knows: it takes the range for narrow, and reads it in order rather than whole. */
const onPage = `s.reward_id > '${first}' and s.reward_id < (select $1::text)`;
