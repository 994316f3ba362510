import type * as z from 'zod';
import { exportReferrals } from '../../operations/referrals/export.ts';
import type { searchReferrals } from '../../operations/referrals/search.ts';
import { money } from '../format.ts';
import type { Content } from '../markup.ts';
import { LiveStrip } from '../parts/live.tsx';
import { State } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { referralsWords } from '../words/referrals.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { inPlace, ReferralFilterForm } from './referral-filter-form.tsx';
import { addressOf, type ReferralFilters, referralFilterOf } from './referral-filters.ts';

type Found = z.output<typeof searchReferrals.output>;
export type FoundReferral = Found['data'][number];

/** A page of referrals under what they are filtered by. With script, another filter changes the list and leaves the rest. */
export function ReferralList({ referrals, scene }: { referrals: Found; scene: Scene }) {
  const words = referralsWords[scene.locale];
  const filters = referralFilterOf(scene.url);
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.title}</h1>
      </div>
      <div id="referrals" class="stack">
        <ReferralFilterForm filters={filters} rows={referrals.data} scene={scene} />
        {referrals.data.length === 0 ? (
          <Nothing filters={filters} scene={scene} />
        ) : (
          <section class="panel flush">
            <Table caption={words.caption} columns={columnsOf(filters, scene)} rows={referrals.data} />
            <div class="head listed">
              <div {...inPlace}>
                <Pager next={referrals.next_cursor} scene={scene} />
              </div>
              {scene.may(exportReferrals) ? <Files filters={filters} scene={scene} /> : null}
            </div>
          </section>
        )}
      </div>
      <LiveStrip scene={scene} />
    </div>
  );
}

function Files({ filters, scene }: { filters: ReferralFilters; scene: Scene }) {
  const words = referralsWords[scene.locale];
  return (
    <div class="row no-print">
      <span class="soft">{words.exported}</span>
      <a class="button" href={addressOf('/ledger/exports/referrals.csv', filters)} download="">
        {words.csv}
      </a>
      <a class="button" href={addressOf('/ledger/exports/referrals.ndjson', filters)} download="">
        {words.ndjson}
      </a>
    </div>
  );
}

function Nothing({ filters, scene }: { filters: ReferralFilters; scene: Scene }) {
  const words = referralsWords[scene.locale];
  const { sort, ...narrowing } = filters;
  if (Object.keys(narrowing).length === 0 && scene.query('cursor') === undefined) {
    return (
      <section class="panel">
        <Empty title={words.noneTitle} call={firstCall(scene.desk.origin)}>
          {words.none}
        </Empty>
      </section>
    );
  }
  return (
    <section class="panel">
      <Empty title={words.noMatchTitle}>
        {words.noMatch} {filters.q === undefined ? null : words.noMatchExact}{' '}
        <a href="/ledger/referrals">{shellWords[scene.locale].clear}</a>
      </Empty>
    </section>
  );
}

const firstCall = (
  origin: string,
): string => `curl ${origin}/v1/referrals -H "Authorization: Bearer $KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H "Content-Type: application/json" -d '{"prospect": {"name": "Northwind Freight", "domain": "northwind-freight.example"}}'`;

function columnsOf(filters: ReferralFilters, scene: Scene): readonly Column<FoundReferral>[] {
  const { locale, principal, query, url } = scene;
  const words = referralsWords[locale];
  const only = (more: ReferralFilters) => addressOf(url.pathname, { ...filters, ...more }, query('limit'));
  const oldestFirst = filters.sort === 'created';
  // Who has one organization knows which.
  const isOwn = principal.person?.organizationIds?.length === 1;
  return [
    { head: words.referral, cell: ({ id }) => <Id id={id} href={`/ledger/referrals/${id}`} /> },
    {
      head: words.created,
      cell: ({ created_at }) => <Created at={created_at} scene={scene} />,
      sort: { href: only({ sort: oldestFirst ? '-created' : 'created' }), now: oldestFirst ? 'ascending' : 'descending' },
    },
    { head: words.prospect, cell: ({ untrusted }) => <Prospect content={untrusted.prospect} /> },
    { head: words.status, cell: ({ status }) => <State state={status} locale={locale} /> },
    { head: words.reward, num: true, cell: ({ rewards }) => <Rewards rewards={rewards} scene={scene} /> },
    {
      head: isOwn ? words.agent : `${words.agent}, ${words.organization}`,
      cell: ({ agent_id, untrusted, organization_id, organization_domain }) => (
        <Two
          first={
            <Narrow href={agent_id && filters.agent_id === undefined ? only({ agent_id }) : null}>
              {textOf(untrusted.agent_name) ?? agent_id ?? '–'}
            </Narrow>
          }
          second={
            isOwn ? null : (
              <Narrow href={filters.organization_id === undefined ? only({ organization_id }) : null}>
                {organization_domain ?? textOf(untrusted.organization_name) ?? organization_id}
              </Narrow>
            )
          }
        />
      ),
    },
    {
      head: words.campaign,
      cell: ({ campaign }) =>
        campaign === null ? <Nobody /> : <Narrow href={filters.campaign === undefined ? only({ campaign }) : null}>{campaign}</Narrow>,
    },
    {
      head: words.workspace,
      cell: ({ workspace }) => (workspace === null ? <Nobody /> : <State state={workspace.status} locale={locale} />),
    },
  ];
}

const Nobody = () => <span class="soft">–</span>;

/** One above the other, each cut where it would widen the table. */
const Two = ({ first, second }: { first: Content; second: Content }) => (
  <div class="two">
    <div>{first}</div>
    {second === null ? null : <div class="soft small">{second}</div>}
  </div>
);

/** A name that narrows the list to its own; as text where it does so already. */
function Narrow({ href, children }: { href: string | null; children: Content }) {
  return href === null ? (
    <Stranger>{children}</Stranger>
  ) : (
    <a href={href}>
      <Stranger>{children}</Stranger>
    </a>
  );
}

/** When, and how long ago. */
function Created({ at, scene }: { at: string; scene: Scene }) {
  return <Two first={<Instant at={at} locale={scene.locale} day />} second={ageText(scene.now.getTime() - Date.parse(at), scene)} />;
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function ageText(ms: number, { locale }: Scene): string {
  const [unit, size] = units.find(([, one]) => ms >= one) ?? units[2];
  return ageFormat(locale, unit).format(Math.max(0, Math.floor(ms / size)));
}

const ageFormats = new Map<string, Intl.NumberFormat>();
function ageFormat(locale: string, unit: string): Intl.NumberFormat {
  const name = `${locale} ${unit}`;
  const format = ageFormats.get(name) ?? new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' });
  ageFormats.set(name, format);
  return format;
}

function Prospect({ content }: { content: unknown }) {
  const { name, domain } = typeof content === 'object' && content !== null ? { name: undefined, domain: undefined, ...content } : {};
  return <Two first={<Stranger>{textOf(name) ?? '–'}</Stranger>} second={<Stranger>{textOf(domain)}</Stranger>} />;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Each currency by itself. */
function Rewards({ rewards, scene: { locale } }: { rewards: FoundReferral['rewards']; scene: Scene }) {
  if (rewards === null || rewards.length === 0) return <Nobody />;
  return (
    <>
      {rewards.map(({ currency, accrued_minor, reversed_minor }, at) => (
        <>
          {at === 0 ? null : ', '}
          {money({ amount_minor: accrued_minor, currency }, locale)}
          {reversed_minor === 0 ? null : (
            <div class="soft small">{referralsWords[locale].reversed(money({ amount_minor: reversed_minor, currency }, locale))}</div>
          )}
        </>
      ))}
    </>
  );
}
