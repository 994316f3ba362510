import type * as z from 'zod';
import { discardEffect, isDiscardable } from '../../operations/effects/discard.ts';
import type { listEffects } from '../../operations/effects/list.ts';
import { retryEffect } from '../../operations/effects/retry.ts';
import type { listReconciliations } from '../../operations/reconciliations/list.ts';
import { durationText } from '../duration.ts';
import { count, money } from '../format.ts';
import type { Locale } from '../locale.ts';
import { ActionForm } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Badge, Id, Instant } from '../parts/text.tsx';
import { rewardsWords } from '../words/rewards.ts';
import type { Scene } from './definition.ts';
import { RewardTabs, wordOf } from './reward-parts.tsx';

type Runs = z.output<typeof listReconciliations.output>;
type Run = Runs['data'][number];
type Letters = z.output<typeof listEffects.output>;
type Letter = Letters['data'][number];

/** Whether ledger and provider agree, and what was given up. */
export function Reconciliation({ runs, letters, scene }: { runs: Runs; letters: Letters | null; scene: Scene }) {
  const words = rewardsWords[scene.locale];
  const [newest, ...earlier] = runs.data;
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.reconciliation}</h1>
      </div>
      <RewardTabs scene={scene} />
      {newest === undefined ? (
        <section class="panel">
          <Empty title={words.neverRan}>{words.neverRanText}</Empty>
        </section>
      ) : (
        <LastRun run={newest} scene={scene} />
      )}
      {letters === null ? null : <DeadLetters letters={letters} scene={scene} />}
      {earlier.length === 0 ? null : (
        <section class="panel flush">
          <h2>{words.runs}</h2>
          <Table caption={words.runs} columns={runColumns(scene.locale)} rows={earlier} />
        </section>
      )}
    </div>
  );
}

function LastRun({ run, scene: { locale, now } }: { run: Run; scene: Scene }) {
  const words = rewardsWords[locale];
  const age = Math.max(0, Math.floor((now.getTime() - Date.parse(run.ran_at)) / 1000));
  return (
    <section class="panel flush">
      <h2>{words.lastRun}</h2>
      <div class="row inset">
        <Outcome run={run} locale={locale} />
        <span class="soft">
          {words.ran}: <Instant at={run.ran_at} locale={locale} /> ({durationText(age, locale)}) ·{' '}
          {words.compared(count(run.checks, locale))}
        </span>
      </div>
      {run.findings.length === 0 ? null : <Table caption={words.whatIsOpen} columns={findingColumns(locale)} rows={run.findings} />}
    </section>
  );
}

function Outcome({ run: { ok, findings, checks }, locale }: { run: Run; locale: Locale }) {
  const words = rewardsWords[locale];
  if (ok && checks === 0) return <Badge tone="quiet">{words.nothingToCompare}</Badge>;
  return ok ? <Badge tone="good">{words.agree}</Badge> : <Badge tone="bad">{words.findings(findings.length)}</Badge>;
}

function runColumns(locale: Locale): readonly Column<Run>[] {
  const words = rewardsWords[locale];
  return [
    { head: words.ran, cell: ({ ran_at }) => <Instant at={ran_at} locale={locale} /> },
    { head: words.outcome, cell: (run) => <Outcome run={run} locale={locale} /> },
    { head: words.checks, num: true, cell: ({ checks }) => count(checks, locale) },
  ];
}

type Finding = Run['findings'][number];

function findingColumns(locale: Locale): readonly Column<Finding>[] {
  const words = rewardsWords[locale];
  return [
    {
      head: words.what,
      cell: ({ what, effect, count: times }) => (
        <>
          {wordOf(words.whats, what)}
          {effect === undefined ? null : <code class="small"> {effect}</code>}
          {times === undefined ? null : ` · ${words.times(times)}`}
        </>
      ),
    },
    { head: words.about, cell: (finding) => <About finding={finding} /> },
    {
      head: words.openAmount,
      num: true,
      cell: ({ amount_minor, currency }) =>
        amount_minor === undefined || currency === undefined ? '–' : money({ amount_minor: Number(amount_minor), currency }, locale),
    },
    { head: words.age, num: true, cell: ({ age_s }) => (age_s === undefined ? '–' : durationText(age_s, locale)) },
  ];
}

function About({ finding: { organization, reward, fulfilment, reference } }: { finding: Finding }) {
  return (
    <span class="row">
      {organization === undefined ? null : <Id id={organization} href={`/ledger/organizations/${organization}`} />}
      {[reward, fulfilment, reference].map((id) => (id === undefined ? null : <Id id={id} />))}
    </span>
  );
}

function DeadLetters({ letters, scene }: { letters: Letters; scene: Scene }) {
  const words = rewardsWords[scene.locale];
  return (
    <section class="panel flush">
      <h2>{words.deadLetters}</h2>
      {letters.data.length === 0 ? (
        <Empty title={words.noDeadLetters}>{words.noDeadLettersText}</Empty>
      ) : (
        <>
          <div class="inset">
            <p class="soft">{words.deadLettersText}</p>
            {scene.may(retryEffect) ? <PasskeyFirst operation={retryEffect} scene={scene} /> : null}
          </div>
          <Table caption={words.deadLetters} columns={letterColumns(scene)} rows={letters.data} />
        </>
      )}
      <Pager next={letters.next_cursor} scene={scene} />
    </section>
  );
}

function letterColumns(scene: Scene): readonly Column<Letter>[] {
  const { locale } = scene;
  const words = rewardsWords[locale];
  const facts: readonly Column<Letter>[] = [
    { head: words.letter, cell: ({ id }) => <Id id={id} /> },
    { head: words.what, cell: ({ kind }) => <code>{kind}</code> },
    {
      head: words.organization,
      cell: ({ organization_id }) =>
        organization_id === null ? '–' : <Id id={organization_id} href={`/ledger/organizations/${organization_id}`} />,
    },
    { head: words.attempts, num: true, cell: ({ attempts }) => count(attempts, locale) },
    {
      head: words.error,
      cell: ({ last_error, last_http_status }) =>
        last_http_status !== null && (last_error === null || last_error === `http_${last_http_status}`)
          ? `HTTP ${last_http_status}`
          : (last_error?.replaceAll('_', ' ') ?? '–'),
    },
    { head: words.died, cell: ({ died_at }) => <Instant at={died_at} locale={locale} /> },
  ];
  if (!scene.may(retryEffect) && !scene.may(discardEffect)) return facts;
  return [...facts, { head: words.act, cell: (letter) => <Decide letter={letter} scene={scene} /> }];
}

function Decide({ letter: { id, kind }, scene }: { letter: Letter; scene: Scene }) {
  const words = rewardsWords[scene.locale];
  return (
    <div class="row">
      {scene.may(retryEffect) ? (
        <ActionForm action={`/ledger/rewards/dead-letters/${id}/retry`}>
          <button type="submit">
            {words.retry}
            <span class="visually-hidden"> {id}</span>
          </button>
        </ActionForm>
      ) : null}
      {scene.may(discardEffect) && isDiscardable(kind) ? (
        <details>
          <summary>
            {words.discard}
            <span class="visually-hidden"> {id}</span>
          </summary>
          <p class="small">{words.discardAsk}</p>
          <ActionForm action={`/ledger/rewards/dead-letters/${id}/discard`}>
            <button type="submit" class="danger">
              {words.discard}
            </button>
          </ActionForm>
        </details>
      ) : null}
    </div>
  );
}
