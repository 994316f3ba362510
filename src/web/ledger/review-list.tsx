import type * as z from 'zod';
import type { listReviews } from '../../operations/reviews/list.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { Empty, Pager, Table } from '../parts/table.tsx';
import { Badge, Id, Instant, Money, Stranger } from '../parts/text.tsx';
import { causeWord } from '../words/happenings.ts';
import { reviewWords } from '../words/review.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { prospectName } from './referral-file.tsx';

type Page = z.output<typeof listReviews.output>;
type Review = Page['data'][number];

/** What waits for a decision, of every kind, the oldest first. */
export function ReviewQueue({ page, scene }: { page: Page; scene: Scene }) {
  const { locale, query } = scene;
  const words = reviewWords[locale];
  const kinds = [{ value: '', text: shellWords[locale].all }, ...entries(words.kinds).map(([value, text]) => ({ value, text }))];
  return (
    <>
      <div class="head">
        <h1>{words.title}</h1>
        <p class="soft">{words.text}</p>
      </div>
      <FilterForm scene={scene}>
        <Choose name="kind" label={words.kind} value={query('kind') ?? ''} options={kinds} />
      </FilterForm>
      <section class="panel flush">
        {page.data.length === 0 ? <Nothing scene={scene} /> : <Rows rows={page.data} scene={scene} />}
        <Pager next={page.next_cursor} scene={scene} />
      </section>
    </>
  );
}

const entries = (kinds: Readonly<Record<string, string>>) => Object.entries(kinds);

function Nothing({ scene }: { scene: Scene }) {
  const { locale, query, desk } = scene;
  const words = reviewWords[locale];
  if (query('kind') !== undefined) return <Empty title={words.noMatch} />;
  const call = `curl -s ${desk.origin}/v1/disputes \\
  -H "Authorization: Bearer $KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H 'Content-Type: application/json' \\
  -d '{"referral_id":"ref_…","claim":"We introduced them."}'`;
  return (
    <Empty title={words.none} call={call}>
      {words.noneText}
    </Empty>
  );
}

function Rows({ rows, scene }: { rows: readonly Review[]; scene: Scene }) {
  const { locale } = scene;
  const words = reviewWords[locale];
  return (
    <Table
      caption={words.text}
      rows={rows}
      columns={[
        { head: words.about, cell: (row) => <About row={row} /> },
        { head: words.why, cell: (row) => <Why row={row} scene={scene} /> },
        { head: words.organization, cell: (row) => <Stranger>{row.untrusted.organization ?? row.organization_id}</Stranger> },
        { head: words.waits, num: true, cell: (row) => <Waits row={row} scene={scene} /> },
        { head: words.since, cell: ({ opened_at }) => <Instant at={opened_at} locale={locale} day /> },
        {
          head: words.by,
          cell: ({ decide_by }) => (decide_by === null ? '–' : <TimeLeft until={decide_by} scene={scene} />),
        },
      ]}
    />
  );
}

/** Where it is decided: a dispute has a page of its own, a hold stands on its referral's. */
function About({ row }: { row: Review }) {
  const href = row.kind === 'dispute' ? `/ledger/review/${row.id}` : `/ledger/referrals/${row.referral_id}`;
  const name = prospectName({ untrusted: row.untrusted.prospect });
  return name === null ? (
    <Id id={row.kind === 'dispute' ? row.id : (row.referral_id ?? row.id)} href={href} />
  ) : (
    <a href={href}>
      <Stranger>{name}</Stranger>
    </a>
  );
}

/** As much of a claim as the operation gives. */
const beginning = 135;

function Why({ row: { kind, cause, untrusted }, scene: { locale } }: { row: Review; scene: Scene }) {
  return (
    <>
      <Badge tone={kind === 'risk' ? 'bad' : 'warn'}>{reviewWords[locale].kinds[kind]}</Badge>{' '}
      {cause === null || kind === 'contested' ? null : <span class="small">{causeWord(cause, locale)}</span>}
      {untrusted.claim === null ? null : (
        <span class="small soft">
          <Stranger>{untrusted.claim}</Stranger>
          {untrusted.claim.length < beginning ? null : '…'}
        </span>
      )}
    </>
  );
}

function Waits({ row: { rewards, held }, scene: { locale } }: { row: Review; scene: Scene }) {
  const words = reviewWords[locale];
  if (rewards === 0) return <span class="soft">{words.nothing}</span>;
  if (held === null || held.length === 0) return <>{words.rewards(rewards)}</>;
  return (
    <>
      {held.map((amount) => (
        <div>
          <Money amount={amount} locale={locale} />
        </div>
      ))}
    </>
  );
}

const hour = 3_600_000;

/** How much time is left, as of when the page was made; the last two days are marked. */
export function TimeLeft({ until, scene: { locale, now } }: { until: string; scene: Scene }) {
  const words = reviewWords[locale];
  const hours = Math.floor((Date.parse(until) - now.getTime()) / hour);
  if (hours < 0) return <Badge tone="bad">{words.over}</Badge>;
  return <Badge tone={hours < 48 ? 'warn' : 'quiet'}>{words.left(Math.floor(hours / 24), hours % 24)}</Badge>;
}
