import type * as z from 'zod';
import { getLedgerStatus } from '../../operations/ledger/get-status.ts';
import { listLedgerEntries } from '../../operations/ledger/list-entries.ts';
import { assetPath } from '../assets.ts';
import { count, money } from '../format.ts';
import type { Locale } from '../locale.ts';
import { Empty, Pager, Table } from '../parts/table.tsx';
import { Badge, Id, Instant } from '../parts/text.tsx';
import { proofWords } from '../words/proof.ts';
import { shellWords } from '../words/shell.ts';
import { definePage, type LedgerAction, type LedgerPage, type Scene } from './definition.ts';

type Status = z.output<typeof getLedgerStatus.output>;
type Entries = z.output<typeof listLedgerEntries.output>;
type Words = (typeof proofWords)['en'];

const exportPath = '/ledger/exports/ledger.ndjson';

const proof = definePage({
  path: '/ledger/proof',
  nav: 'proof',
  title: (_, { locale }) => shellWords[locale].nav_proof,
  asks: { status: getLedgerStatus, entries: listLedgerEntries },
  input: ({ query }) => ({ status: {}, entries: { limit: 25, ...cursorIn(query('cursor')) } }),
  scripts: ['verify.js'],
  render({ status, entries }, scene) {
    const words = proofWords[scene.locale];
    return (
      <div class="stack">
        <div class="head">
          <div>
            <h1>{shellWords[scene.locale].nav_proof}</h1>
            <p class="soft">{words.lead}</p>
          </div>
        </div>
        {status.checkpoint === null ? (
          <Empty title={words.noCheckpoint} call={firstEvent(scene.desk.origin)}>
            {words.noCheckpointText}
          </Empty>
        ) : (
          <>
            <div class="columns">
              <Checkpoint head={status.checkpoint} verification={status.verification} scene={scene} words={words} />
              <Verify size={status.checkpoint.size} scene={scene} words={words} />
            </div>
            <Blocks blocks={status.blocks} scene={scene} words={words} />
          </>
        )}
        <Entries entries={entries} scene={scene} words={words} />
        <Elsewhere origin={scene.desk.origin} words={words} />
      </div>
    );
  },
});

const cursorIn = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

function Checkpoint({
  head,
  verification,
  scene: { locale },
  words,
}: {
  head: NonNullable<Status['checkpoint']>;
  verification: Status['verification'];
  scene: Scene;
  words: Words;
}) {
  return (
    <section class="panel" aria-labelledby="checkpoint">
      <h2 id="checkpoint">{words.checkpoint}</h2>
      <dl>
        <dt>{words.blocks}</dt>
        <dd>{count(head.size, locale)}</dd>
        <dt>{words.leaves}</dt>
        <dd>{count(head.leaves, locale)}</dd>
        <dt>{words.sealedAt}</dt>
        <dd>
          <Instant at={head.sealed_at} locale={locale} />
        </dd>
        <dt>{words.root}</dt>
        <dd>
          <code>{head.root}</code>
        </dd>
        <dt>{words.key}</dt>
        <dd>{head.key_id === null ? words.keyGone : <code>{head.key_id}</code>}</dd>
        <dt>{words.lastVerified}</dt>
        <dd>{verification === null ? words.neverVerified : <Verification of={verification} locale={locale} words={words} />}</dd>
      </dl>
      <details class="field">
        <summary>{words.note}</summary>
        <pre tabindex={0}>{head.signed_note}</pre>
      </details>
      <p class="row">
        <a class="button" href="/v1/ledger/checkpoint" download="checkpoint.json">
          {words.saveNote}
        </a>
        <a class="button" href={exportPath} download>
          {words.saveLedger}
        </a>
      </p>
    </section>
  );
}

function Verification({ of, locale, words }: { of: NonNullable<Status['verification']>; locale: Locale; words: Words }) {
  const { ok, ran_at, from_block, to_block, finding } = of;
  return (
    <>
      <Badge tone={ok ? 'good' : 'bad'}>{ok ? words.intact : words.broken}</Badge> <Instant at={ran_at} locale={locale} />,{' '}
      {words.range(count(from_block, locale), count(to_block, locale))}
      {finding === null ? null : (
        <p>
          {Object.entries(words.faults).find(([code]) => code === finding.code)?.[1] ?? words.faults.other}{' '}
          {finding.entry === null ? null : <Id id={finding.entry} />}
        </p>
      )}
    </>
  );
}

/** What the browser's verification is shown with; its script finds these places by their ids. */
function Verify({ size, scene: { desk }, words }: { size: number; scene: Scene; words: Words }) {
  const said = JSON.stringify({ ...words.run, faults: words.faults });
  return (
    <section class="panel" aria-labelledby="verify-title">
      <h2 id="verify-title">{words.verify}</h2>
      <p class="soft">{words.verifyText}</p>
      <noscript>
        <p>{words.noScript}</p>
      </noscript>
      <p class="needs-script">
        <button
          type="button"
          class="main"
          id="verify"
          data-ledger={desk.tenant}
          data-export={exportPath}
          data-script={assetPath('verifier.js')}
          data-words={said}
        >
          {words.verify}
        </button>
      </p>
      <p id="verify-kept" class="row small" hidden>
        <span class="soft">
          {words.keptBefore} <time></time>; {words.keptAfter} <span data-blocks></span>
        </span>
        <button type="button" class="link" id="verify-forget">
          {words.forget}
        </button>
      </p>
      <progress id="verify-progress" max={size} value={0} aria-labelledby="verify-title" hidden></progress>
      <div id="verify-status" role="status"></div>
      <ol id="verify-blocks" class="blocks" aria-label={words.verifiedBlocks}></ol>
    </section>
  );
}

function Blocks({ blocks, scene: { locale }, words }: { blocks: Status['blocks']; scene: Scene; words: Words }) {
  return (
    <section class="panel flush" aria-labelledby="blocks">
      <h2 id="blocks">{words.recent}</h2>
      <Table
        caption={words.recent}
        rows={blocks}
        columns={[
          { head: words.number, cell: ({ number }) => count(number, locale) },
          { head: words.events, num: true, cell: ({ leaves }) => count(leaves, locale) },
          { head: words.sealedAt, cell: ({ sealed_at }) => <Instant at={sealed_at} locale={locale} /> },
          { head: words.hash, cell: ({ hash }) => <Hash of={hash} /> },
        ]}
      />
    </section>
  );
}

function Entries({ entries, scene, words }: { entries: Entries; scene: Scene; words: Words }) {
  const { locale } = scene;
  if (entries.data.length === 0) {
    return (
      <section class="panel flush">
        <Empty title={words.noEntries}>{words.noEntriesText}</Empty>
      </section>
    );
  }
  return (
    <section class="panel flush" aria-labelledby="entries">
      <h2 id="entries">{words.entries}</h2>
      <Table
        caption={words.entries}
        rows={entries.data}
        columns={[
          { head: words.time, cell: ({ recorded_at }) => <Instant at={recorded_at} locale={locale} /> },
          { head: words.kind, cell: ({ kind }) => <span class="id">{kind}</span> },
          {
            head: words.about,
            cell: ({ referral_id, organization_id }) =>
              referral_id === null ? (
                <Id id={organization_id} href={`/ledger/organizations/${organization_id}`} />
              ) : (
                <Id id={referral_id} href={`/ledger/referrals/${referral_id}`} />
              ),
          },
          {
            head: words.postings,
            cell: ({ postings }) => (
              <span class="small">
                {postings.map(({ account, amount_minor, currency }) => (
                  <span class="posting">
                    {account} {money({ amount_minor, currency }, locale)}
                  </span>
                ))}
              </span>
            ),
          },
          { head: words.leaf, cell: ({ leaf }) => <Hash of={leaf} /> },
        ]}
      />
      <Pager next={entries.next_cursor} scene={scene} />
    </section>
  );
}

/** A hash by its beginning; whole on hover and for whoever copies it from there. */
const Hash = ({ of }: { of: string }) => (
  <span class="id" title={of}>
    {of.slice(0, 12)}…
  </span>
);

function Elsewhere({ origin, words }: { origin: string; words: Words }) {
  const lines = [
    `curl -s ${origin}/.well-known/jwks.json > keys.json`,
    `curl -s -H "Authorization: Bearer $KEY" ${origin}/v1/ledger/export > export.ndjson`,
    'npm run ledger:verify -- export.ndjson --keys keys.json',
  ];
  return (
    <section class="panel" aria-labelledby="elsewhere">
      <h2 id="elsewhere">{words.elsewhere}</h2>
      <p class="soft">{words.elsewhereText}</p>
      <pre tabindex={0}>{lines.join('\n')}</pre>
    </section>
  );
}

const firstEvent = (origin: string): string =>
  [
    `curl -s -X POST ${origin}/v1/referrals -H "Authorization: Bearer $KEY" -H "Idempotency-Key: $(uuidgen)" \\`,
    `  -H 'Content-Type: application/json' -d '{"prospect":{"name":"Northwind Freight","domain":"northwind.example"}}'`,
  ].join('\n');

/** The proof of the ledger. */
export const proofPages: readonly LedgerPage[] = [proof];
export const proofActions: readonly LedgerAction[] = [];
