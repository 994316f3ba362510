import type * as z from 'zod';
import { overviewDays } from '../../domain/overview.ts';
import type { ReferralStatus } from '../../domain/referral-state.ts';
import { getOverview } from '../../operations/overviews/get.ts';
import type { overview as overviewSchema } from '../../operations/overviews/schemas.ts';
import { count } from '../format.ts';
import { DayColumns, type DayCounts, statusStyles, totalOf } from '../parts/chart.tsx';
import { LiveStrip } from '../parts/live.tsx';
import { stateWord } from '../parts/states.tsx';
import { addressWith, Empty, Table } from '../parts/table.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { Stranger } from '../parts/text.tsx';
import { overviewWords } from '../words/overview.ts';
import { shellWords } from '../words/shell.ts';
import { definePage, type LedgerAction, type LedgerPage, type Scene } from './definition.ts';
import { Earned, Funnel, TopAgents, TopOrganizations } from './overview-tables.tsx';
import { Tiles } from './overview-tiles.tsx';

export type Overview = z.output<typeof overviewSchema>;

const overview = definePage({
  path: '/ledger',
  nav: 'overview',
  title: (_, { locale }) => overviewWords[locale].title,
  asks: { overview: getOverview },
  input: ({ query }) => ({
    overview: {
      // Long enough for what was recorded to have become something. What is no such number of days and no status, the operation says.
      days: (query('days') ?? '90') as '90',
      status: query('status') as ReferralStatus | undefined,
      organization_id: query('organization_id'),
      agent_id: query('agent_id'),
      campaign: query('campaign'),
    },
  }),
  render: ({ overview: sums }, scene) => (sums.since === null ? <Nothing scene={scene} /> : <Sums sums={sums} scene={scene} />),
});

/** The overview. */
export const overviewPages: readonly LedgerPage[] = [overview];
export const overviewActions: readonly LedgerAction[] = [];

function Nothing({ scene: { locale, desk } }: { scene: Scene }) {
  const words = overviewWords[locale];
  return (
    <>
      <div class="head">
        <h1>{words.title}</h1>
      </div>
      <section class="panel">
        <Empty title={words.emptyTitle} call={firstCall(desk.origin)}>
          {words.empty}
        </Empty>
      </section>
    </>
  );
}

const firstCall = (
  origin: string,
): string => `curl ${origin}/v1/referrals -H "Authorization: Bearer $KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H "Content-Type: application/json" \\
  -d '{"prospect": {"name": "Northwind Freight", "domain": "northwind-freight.example"}}'`;

function Sums({ sums, scene }: { sums: Overview; scene: Scene }) {
  const { locale, url } = scene;
  const words = overviewWords[locale];
  const periods = overviewDays.map((days) => ({
    href: addressWith(url, { days: String(days) }),
    text: words.days(count(days, locale)),
  }));
  return (
    <div class="stack">
      <div class="head">
        <div>
          <h1>{words.title}</h1>
          <p class="soft small">{words.against(count(sums.period.days, locale))}</p>
        </div>
        <Tabs label={words.period} here={addressWith(url, { days: String(sums.period.days) })} parts={periods} />
      </div>
      <Chips sums={sums} scene={scene} />
      <Tiles sums={sums} scene={scene} />
      <ByDay sums={sums} scene={scene} />
      {sums.funnel.provisioned === null ? null : (
        <div class="columns">
          <Funnel sums={sums} scene={scene} />
          {sums.rewards === null ? null : <Earned rewards={sums.rewards} scene={scene} />}
        </div>
      )}
      <div class="columns">
        <TopAgents sums={sums} scene={scene} />
        <TopOrganizations sums={sums} scene={scene} />
      </div>
      <LiveStrip scene={scene} />
    </div>
  );
}

/** What narrows the sums now, each to be taken away by itself. */
function Chips({ sums, scene: { query, url, locale } }: { sums: Overview; scene: Scene }) {
  const words = overviewWords[locale];
  const organization = sums.organizations.find(({ id }) => id === query('organization_id'));
  const named = {
    status: (value: string) => stateWord(value, locale),
    organization_id: (value: string) => organization?.domain ?? organization?.untrusted.name ?? value,
    agent_id: (value: string) => sums.agents.find(({ id }) => id === value)?.untrusted.name ?? value,
    campaign: (value: string) => `${words.campaign}: ${value}`,
  };
  const chips = Object.entries(named).flatMap(([name, say]) => {
    const value = query(name);
    return value === undefined ? [] : [{ name, text: say(value) || value }];
  });
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label={words.filters}>
      {chips.map(({ name, text }) => (
        <li>
          <a href={addressWith(url, { [name]: null })} aria-label={words.remove(text)}>
            <Stranger>{text}</Stranger>
          </a>
        </li>
      ))}
    </ul>
  );
}

function ByDay({ sums: { series }, scene }: { sums: Overview; scene: Scene }) {
  const { locale, url } = scene;
  const words = overviewWords[locale];
  const sumOf = (status: ReferralStatus) => series.reduce((sum, day) => sum + day[status], 0);
  const total = series.reduce((sum, day) => sum + totalOf(day), 0);
  const description = words.byDayDescription(count(total, locale), count(series.length, locale));
  return (
    <section class="panel">
      <h2>{words.byDay}</h2>
      {total === 0 ? (
        <p class="soft">{words.noneInPeriod}</p>
      ) : (
        <>
          <DayColumns days={series} locale={locale} title={words.byDay} description={description} />
          <ul class="legend">
            {statusStyles.map(({ status, class: name, pale }) =>
              sumOf(status) === 0 ? null : (
                <li>
                  <span class={pale ? `key pale ${name}` : `key ${name}`} aria-hidden="true"></span>
                  <a href={addressWith(url, { status })} aria-label={words.only(stateWord(status, locale))}>
                    {stateWord(status, locale)}
                  </a>{' '}
                  <span class="soft">{count(sumOf(status), locale)}</span>
                </li>
              ),
            )}
          </ul>
          <details>
            <summary>{shellWords[locale].table}</summary>
            <Table caption={words.byDay} columns={columnsOf(scene)} rows={series.filter((day) => totalOf(day) > 0)} />
          </details>
        </>
      )}
    </section>
  );
}

function columnsOf({ locale }: Scene) {
  const words = overviewWords[locale];
  const number = (of: (day: DayCounts) => number) => ({ num: true as const, cell: (day: DayCounts) => count(of(day), locale) });
  return [
    { head: words.day, cell: (day: DayCounts) => <time datetime={day.day}>{day.day}</time> },
    { head: words.total, ...number(totalOf) },
    ...statusStyles.map(({ status }) => ({ head: stateWord(status, locale), ...number((day) => day[status]) })),
  ];
}
