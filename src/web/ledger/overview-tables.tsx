import { count, money, percent } from '../format.ts';
import type { Content } from '../markup.ts';
import { ShareBar } from '../parts/chart.tsx';
import { addressWith, type Column, Table } from '../parts/table.tsx';
import { Id, Stranger } from '../parts/text.tsx';
import { overviewWords } from '../words/overview.ts';
import type { Scene } from './definition.ts';
import type { Overview } from './overview.tsx';
import { Change } from './overview-tiles.tsx';

interface Props {
  readonly sums: Overview;
  readonly scene: Scene;
}

interface Step {
  readonly name: string;
  readonly number: number | null;
  readonly class: string;
  /** How many the step above counts, where this one is a part of it. */
  readonly of?: number;
}

/** Steps from a followed link to a reward. A step has a share only of one that it is a part of: a workspace is no referral. */
export function Funnel({ sums: { funnel }, scene: { locale } }: Props) {
  const words = overviewWords[locale];
  const { visits, referrals, qualified } = funnel;
  const provisioned = funnel.provisioned ?? 0;
  const steps: readonly Step[] = [
    { name: words.visits, number: visits, class: 's6' },
    { name: words.provisioned, number: provisioned, class: 's1' },
    { name: words.workspacesClaimed, number: funnel.claimed, class: 's1', of: provisioned },
    { name: words.recorded, number: referrals, class: 's4' },
    { name: words.referralsQualified, number: qualified, class: 's4', of: referrals },
    { name: words.referralsRewarded, number: funnel.rewarded, class: 's2', of: qualified },
  ];
  const most = Math.max(1, ...steps.map(({ number }) => number ?? 0));
  const columns: readonly Column<Step>[] = [
    { head: words.step, cell: ({ name }) => name },
    {
      head: words.number,
      num: true,
      cell: ({ number }) => (number === null ? <span class="soft">{words.notKnown}</span> : count(number, locale)),
    },
    { head: words.bar, cell: ({ number, class: name }) => <ShareBar share={(number ?? 0) / most} class={name} /> },
    {
      head: words.share,
      num: true,
      cell: ({ number, of }) => (of === undefined || of === 0 || number === null ? '' : percent(number / of, locale)),
    },
  ];
  return (
    <Panel title={words.funnel} class="small funnel">
      <Table caption={words.funnel} columns={columns} rows={steps} />
    </Panel>
  );
}

type Earning = NonNullable<Overview['rewards']>[number];

/** What was earned, a row for each currency: nothing is added up across them. */
export function Earned({ rewards, scene: { locale } }: { rewards: readonly Earning[]; scene: Scene }) {
  const words = overviewWords[locale];
  const amount = (of: (earning: Earning) => number) => ({
    num: true as const,
    cell: (earning: Earning) => money({ amount_minor: of(earning), currency: earning.currency }, locale),
  });
  const columns: readonly Column<Earning>[] = [
    { head: words.currency, cell: ({ currency }) => currency.toUpperCase() },
    { head: words.earned, ...amount(({ accrued_minor }) => accrued_minor) },
    {
      head: words.before,
      num: true,
      cell: ({ accrued_minor, before }) => <Change now={accrued_minor} before={before.accrued_minor} locale={locale} />,
    },
    { head: words.settled, ...amount(({ settled_minor }) => settled_minor) },
    { head: words.reversed, ...amount(({ reversed_minor }) => reversed_minor) },
  ];
  return (
    <Panel title={words.rewards} class="small">
      {rewards.length === 0 ? (
        <p class="soft inset">{words.noRewards}</p>
      ) : (
        <Table caption={words.rewards} columns={columns} rows={rewards} />
      )}
    </Panel>
  );
}

export function TopAgents({ sums: { agents }, scene }: Props) {
  const words = overviewWords[scene.locale];
  const columns: readonly Column<Overview['agents'][number]>[] = [
    { head: words.agent, cell: ({ id, untrusted }) => <FilterLink name="agent_id" id={id} text={untrusted.name} scene={scene} /> },
    ...countColumns(scene),
  ];
  return (
    <Panel title={words.agents} class="small">
      {agents.length === 0 ? <p class="soft inset">{words.noTop}</p> : <Table caption={words.agents} columns={columns} rows={agents} />}
    </Panel>
  );
}

export function TopOrganizations({ sums: { organizations }, scene }: Props) {
  const { locale } = scene;
  const words = overviewWords[locale];
  type Row = Overview['organizations'][number];
  const settled: Column<Row> = {
    head: words.settled,
    num: true,
    cell: (row) => (row.settled?.length ? row.settled.map((one) => <span class="posting">{money(one, locale)}</span>) : '–'),
  };
  const columns: readonly Column<Row>[] = [
    {
      head: words.organization,
      cell: ({ id, domain, untrusted }) => <FilterLink name="organization_id" id={id} text={domain ?? untrusted.name} scene={scene} />,
    },
    ...countColumns(scene).filter(({ head }) => head !== words.rate),
    ...(organizations.some((row) => row.settled !== null) ? [settled] : []),
  ];
  return (
    <Panel title={words.organizations} class="small">
      {organizations.length === 0 ? (
        <p class="soft inset">{words.noTop}</p>
      ) : (
        <Table caption={words.organizations} columns={columns} rows={organizations} />
      )}
    </Panel>
  );
}

interface Counted {
  readonly referrals: number;
  readonly qualified: number;
  readonly rewarded: number;
}

function countColumns({ locale }: Scene): readonly Column<Counted>[] {
  const words = overviewWords[locale];
  return [
    { head: words.referrals, num: true, cell: ({ referrals }) => count(referrals, locale) },
    { head: words.qualified, num: true, cell: ({ qualified }) => count(qualified, locale) },
    { head: words.rate, num: true, cell: ({ qualified, referrals }) => percent(referrals === 0 ? 0 : qualified / referrals, locale) },
    { head: words.rewarded, num: true, cell: ({ rewarded }) => count(rewarded, locale) },
  ];
}

/** Narrows everything on the page to one of them. Whoever has no name is known by its id. */
function FilterLink({ name, id, text, scene }: { name: string; id: string; text: string; scene: Scene }) {
  return <a href={addressWith(scene.url, { [name]: id })}>{text.trim() === '' ? <Id id={id} /> : <Stranger>{text}</Stranger>}</a>;
}

function Panel({ title, class: name, children }: { title: string; class?: string; children?: Content }) {
  return (
    <section class={name === undefined ? 'panel flush' : `panel flush ${name}`}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
