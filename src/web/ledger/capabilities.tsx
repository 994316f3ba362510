import type * as z from 'zod';
import { getCapabilities } from '../../operations/capabilities/get.ts';
import { listCapabilitiesVersions } from '../../operations/capabilities/list-versions.ts';
import { verifyCapabilities } from '../../operations/capabilities/verify.ts';
import { count } from '../format.ts';
import { Pager, Table } from '../parts/table.tsx';
import { Badge, Instant, type Tone } from '../parts/text.tsx';
import { capabilitiesWords } from '../words/capabilities.ts';
import { shellWords } from '../words/shell.ts';
import { Offer } from './capabilities-offer.tsx';
import { definePage, type LedgerAction, type LedgerPage, type Scene } from './definition.ts';

type Versions = z.output<typeof listCapabilitiesVersions.output>;
type Verified = z.output<typeof verifyCapabilities.output>;
type Version = Versions['data'][number];
type Result = Verified['signatures'][number]['result'];

const capabilities = definePage({
  path: '/ledger/capabilities',
  nav: 'capabilities',
  title: (_, { locale }) => shellWords[locale].nav_capabilities,
  asks: { document: getCapabilities, verified: verifyCapabilities },
  // What it said before is for the vendor's own people.
  besides: { versions: listCapabilitiesVersions },
  input: ({ query }) => ({ document: {}, versions: { cursor: query('cursor') }, verified: {} }),
  render({ document, versions, verified }, scene) {
    const words = capabilitiesWords[scene.locale];
    return (
      <div class="stack">
        <div class="head">
          <div>
            <h1>{shellWords[scene.locale].nav_capabilities}</h1>
            <p class="soft">{words.lead}</p>
          </div>
          <a class="button" href="/v1/capabilities">
            {words.open}
          </a>
        </div>
        <Issue document={document} verified={verified} scene={scene} />
        {versions === null ? null : <Changes versions={versions} scene={scene} />}
        <Offer document={document} locale={scene.locale} />
        <details class="panel">
          <summary>{words.json}</summary>
          <pre tabindex={0}>{JSON.stringify(document, null, 2)}</pre>
        </details>
      </div>
    );
  },
});

const tones: Readonly<Record<Result, Tone>> = { valid: 'good', invalid: 'bad', unknown_key: 'bad' };

function Issue({
  document,
  verified,
  scene: { locale },
}: {
  document: z.output<typeof getCapabilities.output>;
  verified: Verified;
  scene: Scene;
}) {
  const words = capabilitiesWords[locale];
  const { referral } = document;
  return (
    <section class="panel" aria-labelledby="document">
      <h2 id="document">{words.document}</h2>
      <dl>
        <dt>{words.signature}</dt>
        <dd>
          {verified.signatures.map(({ result, key_id, algorithm }) => (
            <div>
              <Badge tone={tones[result]}>{words.results[result]}</Badge> <code>{[algorithm, key_id].filter(Boolean).join(' ')}</code>
            </div>
          ))}
        </dd>
        <dt>{words.issued}</dt>
        <dd>
          <Instant at={document.issued_at} locale={locale} />
        </dd>
        <dt>{words.valid}</dt>
        <dd>
          <Instant at={document.valid_until} locale={locale} />
        </dd>
        <dt>{words.size}</dt>
        <dd>{words.bytes(count(verified.bytes, locale))}</dd>
        <dt>{words.etag}</dt>
        <dd>
          <code>{verified.etag}</code>
        </dd>
        <dt>{words.issue}</dt>
        <dd>
          <span class="id">{document.document_id}</span>
        </dd>
        <dt>{words.program}</dt>
        <dd>
          <a href={new URL(referral.terms_url).pathname}>{words.termsVersion(String(referral.terms_version))}</a>
        </dd>
        <dt>{words.rewardsMode}</dt>
        <dd>{words.rewardsModes[referral.rewards_mode]}</dd>
      </dl>
    </section>
  );
}

/** Each version with what it says otherwise than the one before; the newest lies open. */
function Changes({ versions, scene }: { versions: Versions; scene: Scene }) {
  const { locale } = scene;
  const words = capabilitiesWords[locale];
  const isAlone = versions.data.length < 2 && scene.query('cursor') === undefined;
  return (
    <section class="panel stack" aria-labelledby="changes">
      <h2 id="changes">{words.changes}</h2>
      {isAlone ? <p class="soft">{words.unchanged}</p> : null}
      {versions.data.map((version, at) => (
        <details open={at === 0 && version.changes !== null}>
          <summary>
            {words.version(String(version.version))}{' '}
            <span class="soft small">
              <Instant at={version.issued_at} locale={locale} />{' '}
              {version.changes === null ? words.first : words.changed(count(version.changes.length, locale))}
            </span>
          </summary>
          {version.changes === null ? null : <Difference changes={version.changes} scene={scene} />}
        </details>
      ))}
      <Pager next={versions.next_cursor} scene={scene} />
    </section>
  );
}

function Difference({ changes, scene: { locale } }: { changes: NonNullable<Version['changes']>; scene: Scene }) {
  const words = capabilitiesWords[locale];
  return (
    <Table
      caption={words.changes}
      rows={changes}
      columns={[
        {
          head: words.where,
          cell: ({ pointer, item }) => (
            <>
              <code>{pointer}</code>
              {item === null ? null : <span class="soft small"> {item}</span>}
            </>
          ),
        },
        { head: words.before, cell: ({ kind, before }) => (kind === 'added' ? '–' : <del>{shown(before)}</del>) },
        { head: words.after, cell: ({ kind, after }) => (kind === 'removed' ? '–' : <ins>{shown(after)}</ins>) },
      ]}
    />
  );
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}

const mostShown = 240;

/** What an agent sees. */
export const capabilitiesPages: readonly LedgerPage[] = [capabilities];
export const capabilitiesActions: readonly LedgerAction[] = [];
