import type * as z from 'zod';
import type { getCapabilities } from '../../operations/capabilities/get.ts';
import { count, money } from '../format.ts';
import type { Locale } from '../locale.ts';
import type { Content } from '../markup.ts';
import { type Column, Table } from '../parts/table.tsx';
import { Badge, Instant, type Tone } from '../parts/text.tsx';
import { capabilitiesWords } from '../words/capabilities.ts';
import { rewardsWords } from '../words/rewards.ts';

type Document = z.output<typeof getCapabilities.output>;
type Words = (typeof capabilitiesWords)['en'];
interface Part {
  readonly document: Document;
  readonly locale: Locale;
}

/** The document in sections that a person can read, in the order in which an agent weighs them. */
export function Offer({ document, locale }: Part) {
  const words = capabilitiesWords[locale];
  const parts = { document, locale };
  return (
    <>
      <Section id="features" title={words.features} rows={document.features} columns={featureColumns(words)} />
      <Section id="integrations" title={words.integrations} rows={document.integration_points} columns={integrationColumns(words)} />
      <Section id="compliance" title={words.compliance} rows={document.compliance} columns={complianceColumns(words)} />
      <Section id="residency" title={words.residency} rows={document.data_residency} columns={residencyColumns(words)} />
      <Section id="pricing" title={words.pricing} rows={document.pricing.tiers} columns={priceColumns(parts, words)} />
      <Section id="performance" title={words.performance} rows={document.performance} columns={performanceColumns(locale, words)} />
      <div class="columns">
        <Terms {...parts} />
        <Workspaces {...parts} />
        <Ways {...parts} />
      </div>
      <Section id="limits" title={words.limits} rows={document.rate_limits} columns={limitColumns(locale, words)} />
    </>
  );
}

function Section<Row>(props: { id: string; title: string; rows: readonly Row[]; columns: readonly Column<Row>[] }) {
  const { id, title, rows, columns } = props;
  if (rows.length === 0) return null;
  return (
    <section class="panel flush" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Table caption={title} rows={rows} columns={columns} />
    </section>
  );
}

const states: Readonly<Record<string, Tone>> = {
  ga: 'good',
  beta: 'note',
  planned: 'warn',
  certified: 'good',
  attested: 'info',
  in_progress: 'warn',
};
const StateBadge = ({ of }: { of: string }) => <Badge tone={states[of] ?? 'quiet'}>{of.replaceAll('_', ' ')}</Badge>;

const named = (name: string, more: Content) => (
  <>
    {name}
    <div class="soft small">{more}</div>
  </>
);
const figures = (of: Readonly<Record<string, number>>, locale: Locale): string =>
  Object.entries(of)
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${count(value, locale)}`)
    .join(', ') || '–';

const featureColumns = (words: Words): readonly Column<Document['features'][number]>[] => [
  { head: words.name, cell: ({ name, description }) => named(name, description) },
  { head: words.state, cell: ({ status }) => <StateBadge of={status} /> },
  { head: words.tiers, cell: ({ tiers }) => tiers.join(', ') || words.all },
];

const integrationColumns = (words: Words): readonly Column<Document['integration_points'][number]>[] => [
  { head: words.name, cell: ({ name, kind }) => named(name, kind) },
  { head: words.system, cell: ({ system }) => system ?? words.all },
  { head: words.direction, cell: ({ direction }) => direction },
  { head: words.objects, cell: ({ objects }) => objects.join(', ') || '–' },
];

const complianceColumns = (words: Words): readonly Column<Document['compliance'][number]>[] => [
  { head: words.name, cell: ({ name, scope }) => named(name, scope) },
  { head: words.state, cell: ({ status }) => <StateBadge of={status} /> },
  { head: words.auditor, cell: ({ auditor }) => auditor ?? words.nobody },
  { head: words.until, cell: ({ expires_on }) => expires_on ?? '–' },
];

const residencyColumns = (words: Words): readonly Column<Document['data_residency'][number]>[] => [
  { head: words.region, cell: ({ region, location }) => named(region, location ?? '') },
  { head: words.storage, cell: ({ storage }) => (storage ? words.yes : words.no) },
  { head: words.processing, cell: ({ processing }) => (processing ? words.yes : words.no) },
];

function priceColumns({ document: { pricing }, locale }: Part, words: Words): readonly Column<Document['pricing']['tiers'][number]>[] {
  return [
    { head: words.name, cell: ({ name, model }) => named(name, model.replaceAll('_', ' ')) },
    {
      head: words.price,
      num: true,
      cell: ({ model, amount_minor, interval, unit }) => {
        if (amount_minor === null) return words.individually;
        if (model === 'free') return words.free;
        return [money({ amount_minor, currency: pricing.currency }, locale), unit, interval].filter(Boolean).join(' / ');
      },
    },
    { head: words.included, cell: ({ included }) => figures(included, locale) },
  ];
}

const performanceColumns = (locale: Locale, words: Words): readonly Column<Document['performance'][number]>[] => [
  { head: words.metric, cell: ({ metric, region, method }) => named(`${metric.replaceAll('_', ' ')} (${region})`, method) },
  {
    head: words.percentiles,
    num: true,
    cell: ({ p50, p95, p99, unit }) => `${[p50, p95, p99].map((value) => count(value, locale)).join(' / ')} ${unit.replaceAll('_', ' ')}`,
  },
  { head: words.samples, num: true, cell: ({ samples }) => count(samples, locale) },
  { head: words.measuredBy, cell: ({ measured_by, measured_at }) => named(measured_by, <Instant at={measured_at} locale={locale} day />) },
];

const limitColumns = (locale: Locale, words: Words): readonly Column<Document['rate_limits'][number]>[] => [
  { head: words.policy, cell: ({ policy }) => <code>{policy}</code> },
  { head: words.quota, num: true, cell: ({ q, w }) => words.window(count(q, locale), count(w, locale)) },
];

function Terms({ document: { referral }, locale }: Part) {
  const words = capabilitiesWords[locale];
  return (
    <section class="panel" aria-labelledby="terms">
      <h2 id="terms">{words.referral}</h2>
      <dl>
        <dt>{words.rewards}</dt>
        <dd>
          <ul>
            {referral.reward.rules.map((rule) => (
              <li>
                {worthOf(rule, locale)} <span class="soft">{Object.entries(words.sides).find(([side]) => side === rule.side)?.[1]}</span>
              </li>
            ))}
          </ul>
        </dd>
        <dt>{words.qualification}</dt>
        <dd>
          <ul>
            {referral.qualification.map(({ kind }) => (
              <li>
                <code>{kind}</code>
              </li>
            ))}
          </ul>
        </dd>
        <dt>{words.hold}</dt>
        <dd>{words.days(count(referral.hold_days, locale))}</dd>
        <dt>{words.exclusions}</dt>
        <dd>
          <ul>
            {referral.exclusions.map(({ description }) => (
              <li>{description}</li>
            ))}
          </ul>
        </dd>
      </dl>
    </section>
  );
}

/** What a rule gives: its amount or its share, and how it arrives. */
function worthOf(rule: Document['referral']['reward']['rules'][number], locale: Locale): string {
  const kind = Object.entries(rewardsWords[locale].kinds).find(([name]) => name === rule.kind)?.[1] ?? rule.kind;
  const amount =
    'amount_minor' in rule && 'currency' in rule ? money({ amount_minor: rule.amount_minor, currency: rule.currency }, locale) : null;
  const share = 'percent_bps' in rule && typeof rule.percent_bps === 'number' ? `${count(rule.percent_bps / 100, locale)} %` : null;
  return [amount ?? share, kind].filter(Boolean).join(' · ');
}

function Workspaces({ document: { provisioning }, locale }: Part) {
  const words = capabilitiesWords[locale];
  const { ttl, limits } = provisioning;
  return (
    <section class="panel" aria-labelledby="provisioning">
      <h2 id="provisioning">{words.provisioning}</h2>
      <dl>
        <dt>{words.lifetime}</dt>
        <dd>{words.hours(count(ttl.default_hours, locale), count(ttl.max_hours, locale))}</dd>
        <dt>{words.rowsPerWorkspace}</dt>
        <dd>{count(limits.rows_per_workspace, locale)}</dd>
        <dt>{words.active}</dt>
        <dd>{figures(limits.active_workspaces, locale)}</dd>
      </dl>
    </section>
  );
}

function Ways({ document: { auth }, locale }: Part) {
  const words = capabilitiesWords[locale];
  return (
    <section class="panel" aria-labelledby="auth">
      <h2 id="auth">{words.auth}</h2>
      <dl>
        <dt>{words.methods}</dt>
        <dd>{auth.methods.join(', ')}</dd>
        <dt>{words.scopes}</dt>
        <dd>
          <code>{auth.scopes.join(' ')}</code>
        </dd>
      </dl>
    </section>
  );
}
