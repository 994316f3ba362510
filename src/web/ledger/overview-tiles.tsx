import { mostDisputesCounted } from '../../domain/overview.ts';
import { type ReferralStatus, referralStatuses } from '../../domain/referral-state.ts';
import { listReviews } from '../../operations/reviews/list.ts';
import { count, percent } from '../format.ts';
import type { Locale } from '../locale.ts';
import type { Content } from '../markup.ts';
import { Sparkline } from '../parts/chart.tsx';
import { overviewWords } from '../words/overview.ts';
import type { Scene } from './definition.ts';
import type { Overview } from './overview.tsx';
import { addressOf } from './referral-filters.ts';

interface Props {
  readonly sums: Overview;
  readonly scene: Scene;
}

/** The numbers of the period, each leading to what it counts. */
export function Tiles({ sums, scene }: Props) {
  const { locale, query } = scene;
  const words = overviewWords[locale];
  const review = (kind?: string) => (scene.may(listReviews) ? `/ledger/review${kind ? `?kind=${kind}` : ''}` : undefined);
  const daily = (statuses: readonly ReferralStatus[]) => sums.series.map((day) => statuses.reduce((sum, status) => sum + day[status], 0));
  const list = (statuses: readonly ReferralStatus[]) => referralsLike({ sums, scene }, statuses);
  return (
    <div class="tiles quarters">
      <Compared label={words.referrals} of={sums.referrals} locale={locale} href={list([])}>
        <Sparkline values={daily(referralStatuses)} class="s1" />
      </Compared>
      {query('status') !== undefined ? null : (
        <>
          <SoFar
            {...{ label: words.qualified, hint: words.qualifiedHint, of: sums.qualified, all: sums.referrals.now, locale }}
            href={list(['qualified', 'rewarded'])}
          >
            <Sparkline values={daily(['qualified', 'rewarded'])} class="s4" />
          </SoFar>
          <SoFar label={words.rewarded} of={sums.rewarded} all={sums.referrals.now} locale={locale} href={list(['rewarded'])}>
            <Sparkline values={daily(['rewarded'])} class="s2" />
          </SoFar>
        </>
      )}
      {sums.workspaces_claimed === null ? null : (
        <Compared label={words.claimed} of={sums.workspaces_claimed} locale={locale} href="/ledger/workspaces?status=claimed" />
      )}
      <Tile label={words.pace} value={sums.hours_to_reward === null ? '–' : lasting(sums.hours_to_reward, locale)}>
        <span class="delta">{sums.hours_to_reward === null ? words.noPace : words.median}</span>
      </Tile>
      <Tile
        label={words.disputes}
        value={`${count(sums.disputes_open, locale)}${sums.disputes_open < mostDisputesCounted ? '' : '+'}`}
        href={review('dispute')}
      >
        <span class="delta">{words.now}</span>
      </Tile>
      <Tile label={words.stopped} value={count(sums.rewards_stopped, locale)} href={review()}>
        <span class="delta">{words.now}</span>
      </Tile>
    </div>
  );
}

/** The list of the referrals that a number counts. A status that is filtered by stays. */
function referralsLike({ sums, scene: { query } }: Props, statuses: readonly ReferralStatus[]): string {
  const status = query('status');
  const wanted = statuses.length === 0 && status !== undefined ? [status] : statuses;
  const filters = Object.fromEntries(
    ['organization_id', 'agent_id', 'campaign'].flatMap((name) => {
      const value = query(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return addressOf('/ledger/referrals', {
    ...filters,
    ...(wanted.length === 0 ? {} : { status: wanted.join(',') }),
    from: sums.period.from.slice(0, 10),
  });
}

interface ComparedProps {
  readonly label: string;
  readonly hint?: string;
  readonly of: { readonly now: number; readonly before: number };
  readonly locale: Locale;
  readonly href: string;
  readonly children?: Content;
}

function Compared({ of: { now, before }, locale, children, ...tile }: ComparedProps) {
  return (
    <Tile {...tile} value={count(now, locale)}>
      <Change now={now} before={before} locale={locale} />
      {children}
    </Tile>
  );
}

/** What takes its time: how many of all it is by now. The stretch before had longer, so that a change would say nothing. */
function SoFar({ of: { now, before }, all, locale, children, ...tile }: ComparedProps & { readonly all: number }) {
  const share = percent(all === 0 ? 0 : now / all, locale);
  return (
    <Tile {...tile} value={count(now, locale)}>
      <span class="delta">{overviewWords[locale].soFar(share, count(before, locale))}</span>
      {children}
    </Tile>
  );
}

/** Against the period before, in words: an arrow or a colour alone would tell not everybody. */
export function Change({ now, before, locale }: { now: number; before: number; locale: Locale }) {
  const words = overviewWords[locale];
  if (before === 0) return <span class="delta">{now === 0 ? words.noneBoth : words.noneBefore}</span>;
  if (now === before) return <span class="delta">{words.same}</span>;
  const share = percent(Math.abs(now - before) / before, locale);
  return now > before ? <span class="delta up">{words.more(share)}</span> : <span class="delta down">{words.fewer(share)}</span>;
}

interface TileProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly href?: string | undefined;
  readonly children?: Content;
}

function Tile({ label, hint, value, href, children }: TileProps) {
  const inside = (
    <>
      <span class="label">
        {label}
        {hint === undefined ? null : <span class="visually-hidden"> ({hint})</span>}
      </span>
      <span class="value">{value}</span>
      {children}
    </>
  );
  return href === undefined ? (
    <div class="tile figure">{inside}</div>
  ) : (
    <a class="tile figure" href={href} title={hint}>
      {inside}
    </a>
  );
}

/** Up to two days in hours, more in days. */
function lasting(hours: number, locale: Locale): string {
  const words = overviewWords[locale];
  const rounded = (n: number) => count(n < 10 ? Math.round(n * 10) / 10 : Math.round(n), locale);
  return hours < 48 ? words.hours(rounded(hours)) : words.dayCount(rounded(hours / 24));
}
