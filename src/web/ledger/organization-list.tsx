import type * as z from 'zod';
import { tiers } from '../../domain/actor.ts';
import { mostCounted } from '../../domain/referral-activity.ts';
import { isStaff } from '../../domain/visibility.ts';
import type { listOrganizations } from '../../operations/organizations/list.ts';
import type { listOrganizationJoins } from '../../operations/organizations/list-joins.ts';
import { count } from '../format.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { addressWith, type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Instant, Stranger } from '../parts/text.tsx';
import { organizationsWords } from '../words/organizations.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { counted, OrganizationTabs, Stops, share, TierBadge } from './organization-parts.tsx';

type Listed = z.output<typeof listOrganizations.output>;
type Row = Listed['data'][number];

interface Props {
  readonly organizations: Listed;
  readonly joins: z.output<typeof listOrganizationJoins.output> | null;
  readonly scene: Scene;
}

/** Newest first, many are companies that were only ever referred. */
export const usualOrder = 'referrals';

export function OrganizationList({ organizations, joins, scene }: Props) {
  const { locale } = scene;
  const words = organizationsWords[locale];
  return (
    <div class="stack">
      <div class="head">
        <h1>{shellWords[locale].nav_organizations}</h1>
      </div>
      <OrganizationTabs scene={scene} />
      {joins === null || joins.data.length === 0 ? null : (
        <p class="said tone warn">
          {words.joinsWait} <a href="/ledger/organizations/waiting">{words.waiting}</a>
        </p>
      )}
      <Filters scene={scene} />
      <section class="panel flush">
        {organizations.data.length === 0 ? (
          <Nothing scene={scene} />
        ) : (
          <Table caption={words.list} columns={columnsFor(scene)} rows={organizations.data} />
        )}
        <Pager next={organizations.next_cursor} scene={scene} />
      </section>
      {isByReferrals(scene) && isStaff(scene.principal) ? (
        <p class="soft small">
          {words.onlyBusy} <a href={addressWith(scene.url, { sort: 'created', cursor: null })}>{words.newest}</a>
        </p>
      ) : null}
      {organizations.data.every(({ activity }) => activity.is_all) ? null : (
        <p class="soft small">{words.counted(count(mostCounted, locale))}</p>
      )}
    </div>
  );
}

function Filters({ scene }: { scene: Scene }) {
  const { locale, query } = scene;
  const words = organizationsWords[locale];
  return (
    <FilterForm scene={scene}>
      <label>
        {words.find}
        <br />
        <input type="search" name="q" value={query('q') ?? ''} maxlength={253} autocomplete="off" />
      </label>
      <Choose
        name="tier"
        label={words.tier}
        value={query('tier') ?? ''}
        options={[{ value: '', text: shellWords[locale].all }, ...tiers.map((value) => ({ value, text: words.tiers[value] }))]}
      />
      <Choose
        name="sort"
        label={words.order}
        value={query('sort') ?? usualOrder}
        options={[
          { value: 'referrals', text: words.busiest },
          { value: 'created', text: words.newest },
        ]}
      />
    </FilterForm>
  );
}

const isByReferrals = ({ query }: Scene): boolean => (query('sort') ?? usualOrder) === 'referrals' && query('q') === undefined;

function columnsFor(scene: Scene): readonly Column<Row>[] {
  const { locale, url } = scene;
  const words = organizationsWords[locale];
  const sortedBy = (sort: string, isNow: boolean): NonNullable<Column<Row>['sort']> => ({
    href: addressWith(url, { sort, cursor: null }),
    now: isNow ? 'descending' : 'none',
  });
  return [
    {
      head: words.domain,
      cell: ({ id, domain, untrusted }) => (
        <>
          <a href={`/ledger/organizations/${id}`}>
            <Stranger>{domain ?? untrusted.name}</Stranger>
          </a>
          {domain === null ? null : (
            <span class="soft small under">
              <Stranger>{untrusted.name}</Stranger>
            </span>
          )}
        </>
      ),
    },
    {
      head: words.tier,
      cell: ({ tier, frozen_until, disputed_since }) => (
        <span class="row">
          <TierBadge tier={tier} locale={locale} />
          <Stops frozen={frozen_until} disputed={disputed_since} locale={locale} />
        </span>
      ),
    },
    { head: words.proven, cell: ({ proofs }) => proofs.map((method) => words.methods[method]).join(', ') || '–' },
    { head: words.agents, num: true, cell: ({ agents }) => counted(agents, agents < mostCounted, locale) },
    {
      head: words.referrals,
      num: true,
      sort: sortedBy('referrals', isByReferrals(scene)),
      cell: ({ id, activity: { referrals, is_all } }) => (
        <a href={`/ledger/referrals?organization_id=${id}`}>{counted(referrals, is_all, locale)}</a>
      ),
    },
    { head: words.qualified, num: true, cell: ({ activity }) => count(activity.qualified, locale) },
    { head: words.rewarded, num: true, cell: ({ activity }) => count(activity.rewarded, locale) },
    { head: words.conversion, num: true, cell: ({ activity }) => share(activity.conversion, locale) },
    {
      head: words.since,
      sort: sortedBy('created', !isByReferrals(scene)),
      cell: ({ created_at }) => <Instant at={created_at} locale={locale} day />,
    },
  ];
}

function Nothing({ scene }: { scene: Scene }) {
  const { locale, query, url, desk, principal } = scene;
  const words = organizationsWords[locale];
  if (query('q') === undefined && query('tier') === undefined && query('cursor') === undefined) {
    const call = `# An agent becomes known by itself:\ncurl ${desk.origin}/auth.md`;
    return (
      <Empty title={isByReferrals(scene) && isStaff(principal) ? words.noneBusy : words.none} call={call}>
        {words.noneText}
      </Empty>
    );
  }
  return (
    <Empty title={words.noMatch}>
      {words.noMatchText} <a href={url.pathname}>{shellWords[locale].clear}</a>
    </Empty>
  );
}
