import type * as z from 'zod';
import type { getReceipt } from '../../operations/receipts/get.ts';
import type { ReferralFile } from '../../operations/referrals/get-file.ts';
import { State, stateWord } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { causeWord, happeningWord } from '../words/happenings.ts';
import { referralWords } from '../words/referral.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { Credit } from './referral-credit.tsx';
import { Disputes, Holds } from './referral-disputes.tsx';
import { Doing, doingsOf } from './referral-doings.tsx';
import { Rewards } from './referral-rewards.tsx';
import { Timeline } from './referral-timeline.tsx';

export type Proven = z.output<typeof getReceipt.output>;

/** One referral: where it stands, how it came there, what belongs to it, and what can be done with it. */
export function FileOfReferral({ file, proven, scene }: { file: ReferralFile; proven: Proven | null; scene: Scene }) {
  const { locale } = scene;
  const words = referralWords[locale];
  return (
    <div class="stack referral">
      <div class="head">
        <h1>{prospectName(file) === null ? words.referral : <Stranger>{prospectName(file)}</Stranger>}</h1>
        <p class="row">
          <State state={file.status} locale={locale} />
          <span class="id">{file.id}</span>
          <button type="button" class="copy needs-script no-print" data-copy={file.id}>
            {shellWords[locale].copy}
          </button>
        </p>
      </div>
      <Doing file={file} scene={scene} />
      <div class="columns">
        <div class="stack">
          {file.timeline === null ? null : <Timeline entries={file.timeline} scene={scene} />}
          <Connections file={file} scene={scene} />
        </div>
        <div class="stack">
          <Facts file={file} scene={scene} />
          {file.rewards === null ? null : <Rewards rewards={file.rewards} file={file} scene={scene} />}
          <Disputes file={file} scene={scene} />
          <Holds file={file} scene={scene} />
          {mayReason(scene) ? (
            <section class="panel">
              <h2>{words.credit}</h2>
              <Credit attribution={file.attribution} scene={scene} />
            </section>
          ) : null}
          {proven === null ? null : <Proof proven={proven} file={file} scene={scene} />}
        </div>
      </div>
      <Api file={file} scene={scene} />
    </div>
  );
}

/** What strangers call the company; masked where the reader is not to know. */
export function prospectName({ untrusted }: Pick<ReferralFile, 'untrusted'>): string | null {
  const { name, domain } = prospectOf(untrusted);
  return name ?? domain;
}

export function prospectOf(untrusted: Readonly<Record<string, unknown>>) {
  const { prospect } = untrusted;
  const fields: Readonly<Record<string, unknown>> = typeof prospect === 'object' && prospect !== null ? { ...prospect } : {};
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  return { name: text('name'), domain: text('domain') };
}

/** The vendor's own people: to everybody else the trace is null, decided or not. */
const mayReason = ({ principal: { person } }: Scene): boolean => person?.role === 'operator' || person?.role === 'auditor';

function Facts({ file, scene }: { file: ReferralFile; scene: Scene }) {
  const { locale } = scene;
  const words = referralWords[locale];
  const doings = doingsOf(file, scene).filter(({ of }) => of === null);
  const { domain } = prospectOf(file.untrusted);
  return (
    <section class="panel">
      <h2>{words.facts}</h2>
      <dl>
        <dt>{words.prospect}</dt>
        <dd>{domain === null ? '–' : <Stranger>{domain}</Stranger>}</dd>
        <dt>{words.organization}</dt>
        <dd>
          <a href={`/ledger/organizations/${file.organization_id}`}>
            <Stranger>{file.organization.untrusted.name ?? file.organization.domain ?? file.organization_id}</Stranger>
          </a>
        </dd>
        <dt>{words.agent}</dt>
        <dd>
          {file.agent === null ? '–' : <Stranger>{file.agent.name ?? ''}</Stranger>}{' '}
          {file.agent === null ? null : <Id id={file.agent.id} />}
        </dd>
        <dt>{words.campaign}</dt>
        <dd>{file.campaign ?? '–'}</dd>
        <dt>{words.terms}</dt>
        <dd>
          <a href={file.terms.url}>{words.version(file.terms.version)}</a>
        </dd>
        <dt>{words.known}</dt>
        <dd>{file.evidenced ? words.evidenced : words.declared}</dd>
        {file.state === null || file.state === file.status ? null : (
          <>
            <dt>{words.state}</dt>
            <dd>
              <State state={file.state} locale={locale} />
            </dd>
          </>
        )}
        <dt>{words.created}</dt>
        <dd>
          <Instant at={file.created_at} locale={locale} />
        </dd>
        <dt>{words.expires}</dt>
        <dd>
          <Instant at={file.expires_at} locale={locale} day />
        </dd>
        <dt>{words.risk}</dt>
        <dd>
          <Risk file={file} scene={scene} />
        </dd>
      </dl>
      {doings.length === 0 ? null : (
        <p class="row no-print">
          {doings.map(({ what, href }) => (
            <a class="button" href={href}>
              {words.actions[what]}
            </a>
          ))}
        </p>
      )}
    </section>
  );
}

/** What people or the vendor's systems hold it for, for whoever reviews; nothing assesses it by itself. */
function Risk({ file: { holds, status }, scene: { locale } }: { file: ReferralFile; scene: Scene }) {
  const risks = (holds ?? []).filter(({ kind }) => kind === 'risk');
  if (risks.length === 0 && status === 'quarantined') return <>{stateWord(status, locale)}</>;
  if (risks.length === 0) return <span class="soft">{referralWords[locale].notAssessed}</span>;
  return <>{risks.map(({ cause }) => causeWord(cause, locale)).join(', ')}</>;
}

function Connections({ file: { touches, evidence, workspaces }, scene: { locale } }: { file: ReferralFile; scene: Scene }) {
  const words = referralWords[locale];
  const rows = [
    ...touches.map(({ kind, via, at, token_id, workspace_id }) => ({ what: via, at, kind, source: token_id ?? workspace_id })),
    ...evidence.map(({ kind, occurred_at, source }) => ({ what: kind, at: occurred_at, kind: 'evidence' as const, source })),
  ].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return (
    <section class="panel flush">
      <h2>{words.evidence}</h2>
      <Table
        caption={words.evidenceText}
        rows={rows}
        columns={[
          { head: words.what, cell: ({ what }) => happeningWord('reasons', what, locale) },
          { head: words.known, cell: ({ kind }) => (kind === 'declared' ? words.declared : words.evidenced) },
          { head: words.source, cell: ({ source }) => (source === null ? '–' : <Id id={source} />) },
          { head: words.when, cell: ({ at }) => <Instant at={at} locale={locale} /> },
        ]}
      />
      {workspaces.length === 0 ? null : (
        <Table
          caption={words.workspaces}
          rows={workspaces}
          columns={[
            { head: words.workspaces, cell: ({ id }) => <Id id={id} /> },
            { head: words.status, cell: ({ status }) => <State state={status} locale={locale} /> },
            { head: words.until, cell: ({ expires_at }) => <Instant at={expires_at} locale={locale} /> },
          ]}
        />
      )}
    </section>
  );
}

function Proof({ proven, file, scene: { locale } }: { proven: Proven; file: ReferralFile; scene: Scene }) {
  const words = referralWords[locale];
  const text = JSON.stringify(proven, null, 2);
  return (
    <section class="panel">
      <h2>{words.proof}</h2>
      <p>{proven.proof === null ? words.unsealed : words.sealed(proven.proof.block)}</p>
      <p>
        {words.leaf} <code>{proven.leaf}</code>
      </p>
      <p class="row no-print">
        <a download={`${file.id}.json`} href={`data:application/json,${encodeURIComponent(text)}`}>
          {words.download}
        </a>
        <a href="/ledger/proof">{words.toProof}</a>
      </p>
      <details class="no-print">
        <summary>{words.receipt}</summary>
        <pre tabindex={0}>{text}</pre>
      </details>
    </section>
  );
}

function Api({ file, scene: { locale, desk } }: { file: ReferralFile; scene: Scene }) {
  const words = referralWords[locale];
  return (
    <section class="panel no-print">
      <h2>{words.api}</h2>
      <pre id="call" tabindex={0}>{`curl -s ${desk.origin}/v1/referrals/${file.id}/file -H "Authorization: Bearer $KEY"`}</pre>
      <p>
        <button type="button" class="copy needs-script" data-copy="#call">
          {shellWords[locale].copy}
        </button>
      </p>
      <details>
        <summary>{words.raw}</summary>
        <pre tabindex={0}>{JSON.stringify(file, null, 2)}</pre>
      </details>
    </section>
  );
}
