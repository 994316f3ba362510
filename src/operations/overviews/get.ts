import * as z from 'zod';
import type { OverviewAsked, OverviewReferralsRow, OverviewRewardsRow } from '../../db/overview-queries.ts';
import { wireAmount } from '../../domain/money.ts';
import { overviewDays } from '../../domain/overview.ts';
import { type ReferralStatus, referralStatuses } from '../../domain/referral-state.ts';
import { ok } from '../../domain/result.ts';
import { isStaff, mayAsk } from '../../domain/visibility.ts';
import { agentId } from '../agents/schemas.ts';
import { defineRead } from '../operation.ts';
import { campaign, referralStatus } from '../referrals/schemas.ts';
import { organizationId } from '../vocabulary.ts';
import { overview } from './schemas.ts';

const usualDays = 30;
/** After as many days a followed link is forgotten. */
const visitsKeptDays = 90;
const dayMs = 86_400_000;

const input = z.strictObject({
  days: z
    .union([z.literal(overviewDays), z.literal(overviewDays.map(String))])
    .optional()
    .describe(`How many days, today included: ${overviewDays.join(', ')}. Default ${usualDays}.`),
  organization_id: organizationId.optional(),
  agent_id: agentId.optional(),
  campaign: campaign.optional(),
  status: referralStatus.optional(),
});

export const getOverview = defineRead({
  name: 'get_overview',
  title: 'Get an overview',
  summary: 'What came of referrals in a period, in sums',
  description:
    'Sums up the referrals that you may see: how many were recorded in the last days and what they are now, against as many days before; ' +
    'what they earned per currency; a row per day; the agents and organizations that brought most. Every filter narrows all of it; by ' +
    'status only referrals are counted, and what has no status is null; so are amounts for who may not read rewards. Use list_referrals for the referrals themselves.',
  rest: { method: 'get', path: '/v1/overview', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input,
  output: overview,
  failures: [],
  sideEffect: 'none',
  load(queries, { input: given, now }) {
    const asked = askedFor(given, now);
    return {
      recorded: queries.overviewReferrals(asked),
      pace: queries.overviewPace(asked),
      rewards: queries.overviewRewards(asked),
      open: queries.overviewOpen(asked),
    };
  },
  view({ recorded, pace, rewards, open }, { input: given, now, principal }) {
    const { days, before } = askedFor(given, now);
    const length = days.length - 1;
    const series = seriesOf(recorded?.days ?? [], days);
    const referrals = sumOf(series, referralStatuses);
    const qualified = sumOf(series, ['qualified', 'rewarded']);
    const rewarded = sumOf(series, ['rewarded']);
    const hasStatus = given.status !== undefined;
    const known = <T>(value: T): T | null => (hasStatus ? null : value);
    const seesMoney = mayAsk(principal, { kind: 'read', scope: 'rewards:read' });
    const isVisitKnown = isStaff(principal) && length <= visitsKeptDays;
    return ok({
      period: { from: iso(days[0]), to: now.toISOString(), days: length },
      before: { from: iso(before[0]), to: iso(before[1]) },
      since: pace?.since ?? null,
      referrals: { now: referrals, before: pace?.referrals ?? 0 },
      qualified: { now: qualified, before: pace?.qualified ?? 0 },
      rewarded: { now: rewarded, before: pace?.rewarded ?? 0 },
      workspaces_claimed: known({ now: open?.claimed ?? 0, before: open?.claimed_before ?? 0 }),
      disputes_open: open?.disputes ?? 0,
      rewards_stopped: open?.held ?? 0,
      hours_to_reward: typeof pace?.seconds === 'number' ? Math.round(Math.max(0, pace.seconds) / 360) / 10 : null,
      rewards: seesMoney ? known(perCurrency(rewards)) : null,
      series,
      funnel: {
        visits: isVisitKnown ? known(open?.visits ?? 0) : null,
        ...{ provisioned: known(open?.provisioned ?? 0), claimed: known(open?.claimed ?? 0), referrals, qualified, rewarded },
      },
      agents: (recorded?.agents ?? []).map(({ name, ...agent }) => ({ ...agent, untrusted: { name } })),
      organizations: (recorded?.organizations ?? []).map(({ name, settled, ...organization }) => ({
        ...organization,
        settled: seesMoney ? known(settled.map(({ currency, minor }) => ({ currency, amount_minor: wireAmount(BigInt(minor)) }))) : null,
        untrusted: { name },
      })),
    });
  },
});

/** The days end with today; the stretch before ends at this time of its last day, so that a day that has begun is compared with its like. */
function askedFor({ days = usualDays, ...given }: z.output<typeof input>, now: Date): OverviewAsked {
  const length = Number(days);
  const tomorrow = (Math.floor(now.getTime() / dayMs) + 1) * dayMs;
  const at = (daysAgo: number) => new Date(tomorrow - daysAgo * dayMs);
  return {
    days: Array.from({ length: length + 1 }, (_, n) => at(length - n)),
    before: [at(2 * length), new Date(now.getTime() - length * dayMs)],
    filter: {
      organizationId: given.organization_id ?? null,
      agentId: given.agent_id ?? null,
      campaign: given.campaign ?? null,
      status: given.status ?? null,
    },
  };
}

type Day = { day: string } & Record<ReferralStatus, number>;

function seriesOf(counted: OverviewReferralsRow['days'], days: readonly Date[]): Day[] {
  const none = { pending: 0, qualified: 0, rewarded: 0, rejected: 0, reversed: 0, expired: 0, quarantined: 0, disputed: 0 };
  const series: Day[] = days.slice(0, -1).map((day) => ({ day: iso(day).slice(0, 10), ...none }));
  for (const { day, status, referrals } of counted) {
    const row = series[day - 1];
    if (row) row[status] = referrals;
  }
  return series;
}

const sumOf = (series: readonly Day[], statuses: readonly ReferralStatus[]): number =>
  series.reduce((sum, day) => sum + statuses.reduce((of, status) => of + day[status], 0), 0);

function perCurrency(rows: readonly OverviewRewardsRow[]) {
  const sums = (row: OverviewRewardsRow | undefined) => ({
    accrued_minor: wireAmount(row?.accrued_minor ?? 0n),
    settled_minor: wireAmount(row?.settled_minor ?? 0n),
    reversed_minor: wireAmount(row?.reversed_minor ?? 0n),
  });
  // What is promised and is no money has no amount.
  const earned = rows.filter(({ accrued_minor }) => accrued_minor > 0n);
  return [...new Set(earned.map(({ currency }) => currency))].map((currency) => {
    const found = (isNow: boolean) => rows.find((row) => row.currency === currency && row.is_now === isNow);
    return { currency, ...sums(found(true)), before: sums(found(false)) };
  });
}

const iso = (at: Date | undefined): string => (at ?? new Date(0)).toISOString();
