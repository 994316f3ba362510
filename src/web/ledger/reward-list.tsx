import type * as z from 'zod';
import { rewardStatuses } from '../../domain/reward-state.ts';
import type { listBalances } from '../../operations/balances/list.ts';
import type { searchRewards } from '../../operations/rewards/search.ts';
import type { Locale } from '../locale.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { State, stateWord } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant } from '../parts/text.tsx';
import { rewardsWords } from '../words/rewards.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { BalanceTiles, type FoundReward, Organization, RewardTabs, Worth, wordOf } from './reward-parts.tsx';

interface Props {
  readonly rewards: z.output<typeof searchRewards.output>;
  readonly balances: z.output<typeof listBalances.output> | null;
  readonly scene: Scene;
}

export function RewardList({ rewards, balances, scene }: Props) {
  const words = rewardsWords[scene.locale];
  const isFiltered = filters.some((name) => scene.query(name) !== undefined);
  const totals = isFiltered ? null : (balances?.totals ?? null);
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.list}</h1>
      </div>
      <RewardTabs scene={scene} />
      {totals === null || totals.length === 0 ? null : <Totals totals={totals} locale={scene.locale} />}
      <Filters scene={scene} currencies={balances?.totals?.map(({ currency }) => currency) ?? []} />
      {rewards.data.length === 0 ? (
        <Nothing isFiltered={isFiltered} scene={scene} />
      ) : (
        <section class="panel flush">
          <Table caption={words.list} columns={columnsFor(scene.locale)} rows={rewards.data} />
          <Pager next={rewards.next_cursor} scene={scene} />
        </section>
      )}
    </div>
  );
}

const filters = ['status', 'organization_id', 'currency', 'kind'] as const;

export function Totals({ totals, locale }: { totals: Parameters<typeof BalanceTiles>[0]['balances']; locale: Locale }) {
  const words = rewardsWords[locale];
  return (
    <section>
      <h2>{words.totals}</h2>
      {totals.length > 1 ? <p class="soft small">{words.totalsText}</p> : null}
      <BalanceTiles balances={totals} locale={locale} />
    </section>
  );
}

function Filters({ scene, currencies }: { scene: Scene; currencies: readonly string[] }) {
  const { locale, query, desk } = scene;
  const words = rewardsWords[locale];
  const any = { value: '', text: shellWords[locale].all };
  const asked = query('currency')?.toLowerCase();
  const known = asked === undefined || currencies.includes(asked) ? currencies : [...currencies, asked];
  const kinds = [...new Set(desk.vendor.program.reward.rules.map(({ kind }) => kind))];
  return (
    <FilterForm scene={scene}>
      <Choose
        name="status"
        label={words.status}
        value={query('status') ?? ''}
        options={[any, ...rewardStatuses.map((value) => ({ value, text: stateWord(value, locale) }))]}
      />
      <Choose
        name="kind"
        label={words.kind}
        value={query('kind') ?? ''}
        options={[any, ...kinds.map((value) => ({ value, text: wordOf(words.kinds, value) }))]}
      />
      {known.length === 0 ? null : (
        <Choose
          name="currency"
          label={words.currency}
          value={asked ?? ''}
          options={[any, ...known.map((value) => ({ value, text: value.toUpperCase() }))]}
        />
      )}
      <label>
        {words.organizationId}
        <br />
        <input name="organization_id" value={query('organization_id') ?? ''} maxlength={40} autocomplete="off" />
      </label>
    </FilterForm>
  );
}

function columnsFor(locale: Locale): readonly Column<FoundReward>[] {
  const words = rewardsWords[locale];
  return [
    { head: words.reward, cell: ({ id, referral_id }) => <Id id={id} href={`/ledger/referrals/${referral_id}`} /> },
    {
      head: words.organization,
      cell: (reward) => (
        <Organization id={reward.organization_id} domain={reward.organization_domain} name={reward.untrusted.organization_name} />
      ),
    },
    {
      head: words.kind,
      cell: ({ kind, beneficiary }) => (
        <>
          {wordOf(words.kinds, kind)}
          {beneficiary === 'referee' ? <span class="soft small"> {words.prospectSide}</span> : null}
        </>
      ),
    },
    { head: words.amount, num: true, cell: (reward) => <Worth reward={reward} locale={locale} /> },
    {
      head: words.status,
      cell: ({ status, held_reason }) => (
        <>
          <State state={status} locale={locale} />
          {held_reason === null ? null : <span class="soft small"> {wordOf(words.reasons, held_reason)}</span>}
        </>
      ),
    },
    { head: words.created, cell: ({ created_at }) => <Instant at={created_at} locale={locale} day /> },
    { head: words.due, cell: ({ available_at }) => <Instant at={available_at} locale={locale} day /> },
  ];
}

function Nothing({ isFiltered, scene: { locale, url, desk, now } }: { isFiltered: boolean; scene: Scene }) {
  const words = rewardsWords[locale];
  if (!isFiltered) {
    return (
      <section class="panel">
        <Empty title={words.none} call={firstReport(desk.origin, now)}>
          {words.noneText}
        </Empty>
      </section>
    );
  }
  return (
    <section class="panel">
      <Empty title={words.noMatch}>
        {words.noMatchText} <a href={url.pathname}>{shellWords[locale].clear}</a>
      </Empty>
    </section>
  );
}

const firstReport = (origin: string, at: Date): string => `curl -X POST ${origin}/v1/events \\
  -H "Authorization: Bearer $FRONTDESK_KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H "Content-Type: application/json" \\
  -d '{"events": [{"id": "signup-1", "type": "signup.completed",
       "occurred_at": "${at.toISOString()}", "subject": {"referral_id": "ref_…"}}]}'`;
