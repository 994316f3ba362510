import type * as z from 'zod';
import type { getWorkspace } from '../../operations/workspaces/get.ts';
import { count } from '../format.ts';
import { ActionForm } from '../parts/form.tsx';
import { State } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Badge, Id, Instant, Stranger, type Tone } from '../parts/text.tsx';
import { workspacesWords } from '../words/workspaces.ts';
import type { Scene } from './definition.ts';
import { Ends, type FoundWorkspace, Organization, Prospect } from './workspace-parts.tsx';

type Workspace = z.output<typeof getWorkspace.output>;

interface Props {
  readonly workspace: Workspace;
  /** Null where who looks is not shown whose it is. */
  readonly found: FoundWorkspace | null;
  readonly scene: Scene;
  readonly mayReissue: boolean;
  readonly mayRevoke: boolean;
}

/** One workspace: what it is, its schema, what became of the schema that was sent, and what may be done with it. */
export function WorkspaceDetail({ workspace, found, scene, mayReissue, mayRevoke }: Props) {
  const words = workspacesWords[scene.locale];
  const isActive = workspace.status === 'active';
  return (
    <div class="stack">
      <div class="head">
        <h1>
          <Prospect written={workspace.untrusted} />
        </h1>
        <State state={workspace.status} locale={scene.locale} />
      </div>
      <div class="columns">
        <Facts workspace={workspace} found={found} scene={scene} />
        {isActive && (mayReissue || mayRevoke) ? (
          <section class="panel stack" aria-labelledby="actions">
            <h2 id="actions">{words.actions}</h2>
            {mayReissue ? (
              <ActionForm action={`/ledger/workspaces/${workspace.id}/claim-link`}>
                <p class="soft">{words.reissueText}</p>
                <button type="submit">{words.reissue}</button>
              </ActionForm>
            ) : null}
            {mayRevoke ? (
              <details>
                <summary>{words.revoke}</summary>
                <ActionForm action={`/ledger/workspaces/${workspace.id}/revoke`} confirm={words.revokeSure}>
                  <p>{words.revokeText}</p>
                  <button type="submit" class="danger">
                    {words.revoke}
                  </button>
                </ActionForm>
              </details>
            ) : null}
          </section>
        ) : null}
      </div>
      <Schema workspace={workspace} scene={scene} />
      <Mapping workspace={workspace} scene={scene} />
    </div>
  );
}

function Facts({ workspace, found, scene }: Pick<Props, 'workspace' | 'found' | 'scene'>) {
  const { locale, now } = scene;
  const words = workspacesWords[locale];
  const { limits, host } = workspace;
  const numbers = [limits.rows, limits.rows_per_call, limits.requests_per_second].map((n) => count(n, locale));
  return (
    <section class="panel" aria-label={words.workspace}>
      <dl>
        <dt>{words.workspace}</dt>
        <dd>
          <span class="id">{workspace.id}</span>
        </dd>
        {found === null ? null : (
          <>
            <dt>{words.organization}</dt>
            <dd>
              <Organization of={found} scene={scene} />
            </dd>
            <dt>{found.status === 'active' || found.status === 'claimed' ? words.ends : words.ended}</dt>
            <dd>
              <Ends of={found} now={now} scene={scene} />
            </dd>
            <dt>{words.claimed}</dt>
            <dd>{found.claimed_at === null ? words.notClaimed : <Instant at={found.claimed_at} locale={locale} />}</dd>
          </>
        )}
        <dt>{words.referral}</dt>
        <dd>
          {workspace.referral_id === null ? '–' : <Id id={workspace.referral_id} href={`/ledger/referrals/${workspace.referral_id}`} />}
        </dd>
        <dt>{words.created}</dt>
        <dd>
          <Instant at={workspace.created_at} locale={locale} />
        </dd>
        <dt>{words.host}</dt>
        <dd>{Object.entries(words.hosts).find(([name]) => name === host)?.[1] ?? host}</dd>
        <dt>{words.limits}</dt>
        <dd>{words.limitsText(numbers[0] ?? '', numbers[1] ?? '', numbers[2] ?? '')}</dd>
        <dt>{words.api}</dt>
        <dd>
          <code>{workspace.api_base}</code>
        </dd>
      </dl>
    </section>
  );
}

function Schema({ workspace: { entities }, scene: { locale } }: { workspace: Workspace; scene: Scene }) {
  const words = workspacesWords[locale];
  return (
    <section class="panel stack" aria-labelledby="schema">
      <h2 id="schema">{words.schema}</h2>
      {entities.map(({ name, fields, row_count }, at) => (
        <details open={at < openEntities}>
          <summary>
            <code>{name}</code> <span class="soft">{words.rowsOf(count(row_count, locale))}</span>
          </summary>
          <Table
            caption={`${words.schema} ${name}`}
            rows={fields}
            columns={[
              { head: words.field, cell: (field) => <code>{field.name}</code> },
              { head: words.type, cell: ({ type, nullable }) => <code>{nullable ? `${type} | null` : type}</code> },
              { head: words.constraints, cell: (field) => constraintsOf(field, words.required) },
            ]}
          />
        </details>
      ))}
    </section>
  );
}

const openEntities = 3;

/** As they stand in the schema: `required, maxLength: 120`. What was typed into a schema is text of a stranger. */
function constraintsOf(
  { name: _name, type: _type, nullable: _nullable, required, ...rest }: Workspace['entities'][number]['fields'][number],
  word: string,
) {
  const others = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key}: ${short(JSON.stringify(value))}`);
  return <Stranger>{[...(required ? [word] : []), ...others].join(', ') || '–'}</Stranger>;
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

const tones: Readonly<Record<Workspace['mapping'][number]['outcome'], Tone>> = { mapped: 'good', coerced: 'warn', dropped: 'bad' };

function Mapping({ workspace: { mapping }, scene: { locale } }: { workspace: Workspace; scene: Scene }) {
  const words = workspacesWords[locale];
  if (mapping.length === 0) return <p class="soft">{words.noMapping}</p>;
  return (
    <section class="panel flush" aria-labelledby="mapping">
      <h2 id="mapping">{words.mapping}</h2>
      <Table
        caption={words.mapping}
        rows={mapping}
        columns={[
          {
            head: words.pointer,
            cell: ({ pointer }) => (
              <code>
                <Stranger>{pointer === '' ? '/' : pointer}</Stranger>
              </code>
            ),
          },
          { head: words.outcome, cell: ({ outcome }) => <Badge tone={tones[outcome]}>{words.outcomes[outcome]}</Badge> },
          { head: words.reason, cell: ({ reason }) => <code>{reason}</code> },
        ]}
      />
    </section>
  );
}
