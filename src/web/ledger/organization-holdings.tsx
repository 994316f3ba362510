import { revokeAgent } from '../../operations/agents/revoke.ts';
import { revokeApiKey } from '../../operations/api/revoke-key.ts';
import { durationText } from '../duration.ts';
import { count } from '../format.ts';
import type { Locale } from '../locale.ts';
import type { Content } from '../markup.ts';
import { ActionForm } from '../parts/form.tsx';
import { State } from '../parts/states.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Badge, Id, Instant, Stranger, type Tone } from '../parts/text.tsx';
import { organizationsWords } from '../words/organizations.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import type { File } from './organization-file.tsx';
import { counted, share } from './organization-parts.tsx';

interface Held<Row> {
  readonly title: string;
  readonly none: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly hasMore: boolean;
  readonly locale: Locale;
}

/** The newest of what an organization has, as a table under a head. */
function Holdings<Row>({ title, none, rows, columns, hasMore, locale }: Held<Row>) {
  return (
    <section class="panel flush">
      <h2>{title}</h2>
      {rows.length === 0 ? <p class="soft inset">{none}</p> : <Table caption={title} columns={columns} rows={rows} />}
      {hasMore ? <p class="soft small inset">{organizationsWords[locale].more}</p> : null}
    </section>
  );
}

type Agent = File['agents'][number];

interface OfOrganization {
  readonly hasMore: boolean;
  readonly organizationId: string;
  readonly scene: Scene;
}

export function Agents({ agents, hasMore, organizationId, scene }: OfOrganization & { agents: readonly Agent[] }) {
  const { locale } = scene;
  const words = organizationsWords[locale];
  const columns: readonly Column<Agent>[] = [
    {
      head: words.agent,
      cell: ({ id, untrusted }) => (
        <>
          <Stranger>{untrusted.name}</Stranger> <Id id={id} href={`/ledger/referrals?agent_id=${id}`} />
        </>
      ),
    },
    { head: words.status, cell: ({ status }) => <State state={status} locale={locale} /> },
    { head: words.kind, cell: (agent) => <KnownBy agent={agent} locale={locale} /> },
    { head: words.workspaces, num: true, cell: ({ workspaces }) => count(workspaces, locale) },
    { head: words.referrals, num: true, cell: ({ activity: { referrals, is_all } }) => counted(referrals, is_all, locale) },
    { head: words.rewarded, num: true, cell: ({ activity }) => count(activity.rewarded, locale) },
    { head: words.conversion, num: true, cell: ({ activity }) => share(activity.conversion, locale) },
    { head: words.firstCall, num: true, cell: ({ first_call_s }) => (first_call_s === null ? '–' : durationText(first_call_s, locale)) },
    { head: words.lastSeen, cell: ({ last_seen_at }) => (last_seen_at === null ? '–' : <Instant at={last_seen_at} locale={locale} day />) },
  ];
  const revoke: Column<Agent> = {
    head: words.revoke,
    cell: ({ id, status }) =>
      status === 'revoked' ? null : (
        <Revoke action={`/ledger/organizations/${organizationId}/agents/${id}/revoke`} of={id} ask={words.revokeAgentAsk} locale={locale} />
      ),
  };
  const all = scene.may(revokeAgent) ? [...columns, revoke] : columns;
  return <Holdings title={words.agents} none={words.noAgents} rows={agents} columns={all} hasMore={hasMore} locale={locale} />;
}

/** How it became known; its keys (RFC 7638 thumbprints) and address, where they are shown. */
function KnownBy({ agent: { kind, client_id, keys }, locale }: { agent: Agent; locale: Locale }) {
  const words = organizationsWords[locale];
  if (client_id === null && (keys === null || keys.length === 0)) return <>{words.kinds[kind]}</>;
  return (
    <details>
      <summary>{words.kinds[kind]}</summary>
      {client_id === null ? null : (
        <p class="small">
          <Stranger>{client_id}</Stranger>
        </p>
      )}
      {(keys ?? []).map(({ thumbprint, status }) => (
        <p class="small">
          <code>{thumbprint}</code> <KeyState status={status} locale={locale} />
        </p>
      ))}
    </details>
  );
}

function KeyState({ status, locale }: { status: 'active' | 'retired' | 'revoked'; locale: Locale }) {
  return status === 'retired' ? <Badge tone="quiet">{organizationsWords[locale].retired}</Badge> : <State state={status} locale={locale} />;
}

type Key = NonNullable<File['api_keys']>[number];

export function ApiKeys({ keys, hasMore, organizationId, scene }: OfOrganization & { keys: readonly Key[] }) {
  const { locale, now } = scene;
  const words = organizationsWords[locale];
  const isOver = ({ expires_at, revoked_at }: Key) =>
    revoked_at !== null || (expires_at !== null && Date.parse(expires_at) <= now.getTime());
  const columns: readonly Column<Key>[] = [
    {
      head: words.key,
      cell: ({ id, last4 }) => (
        <>
          <Id id={id} /> <code class="soft">…{last4}</code>
        </>
      ),
    },
    {
      head: words.status,
      cell: (key) => <State state={key.revoked_at !== null ? 'revoked' : isOver(key) ? 'expired' : 'active'} locale={locale} />,
    },
    { head: words.scopes, cell: ({ scopes }) => <Scopes scopes={scopes} /> },
    { head: words.created, cell: ({ created_at }) => <Instant at={created_at} locale={locale} day /> },
    { head: words.ends, cell: ({ expires_at }) => (expires_at === null ? '–' : <Instant at={expires_at} locale={locale} day />) },
  ];
  const revoke: Column<Key> = {
    head: words.revoke,
    cell: (key) =>
      isOver(key) ? null : (
        <Revoke
          action={`/ledger/organizations/${organizationId}/keys/${key.id}/revoke`}
          of={key.id}
          ask={words.revokeKeyAsk}
          locale={locale}
        />
      ),
  };
  const all = scene.may(revokeApiKey) ? [...columns, revoke] : columns;
  return <Holdings title={words.apiKeys} none={words.noApiKeys} rows={keys} columns={all} hasMore={hasMore} locale={locale} />;
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
  if (scopes.length < 4) return <>{scopes.join(', ') || '–'}</>;
  return (
    <details>
      <summary>{scopes.length}</summary>
      <p class="small">{scopes.join(', ')}</p>
    </details>
  );
}

/** Asked for in two steps, so that nothing is pressed by accident. */
function Revoke({ action, of, ask, locale }: { action: string; of: string; ask: string; locale: Locale }): Content {
  const words = organizationsWords[locale];
  return (
    <details>
      <summary>
        {words.revoke}
        <span class="visually-hidden"> {of}</span>
      </summary>
      <p class="small">{ask}</p>
      <ActionForm action={action}>
        <button type="submit" class="danger">
          {words.revoke}
          <span class="visually-hidden"> {of}</span>
        </button>
      </ActionForm>
    </details>
  );
}

const proofTones: Readonly<Record<string, Tone>> = { verified: 'good', pending: 'info', disputed: 'warn', lapsed: 'bad' };

export function Proofs({ proofs, locale }: { proofs: File['organization']['proofs']; locale: Locale }) {
  const words = organizationsWords[locale];
  const columns: readonly Column<File['organization']['proofs'][number]>[] = [
    { head: words.domain, cell: ({ domain }) => <Stranger>{domain}</Stranger> },
    { head: words.method, cell: ({ method }) => words.methods[method] },
    { head: words.state, cell: ({ state }) => <Badge tone={proofTones[state] ?? 'quiet'}>{words.states[state]}</Badge> },
    { head: words.checked, cell: ({ checked_at }) => (checked_at === null ? '–' : <Instant at={checked_at} locale={locale} />) },
    { head: words.ends, cell: ({ expires_at }) => (expires_at === null ? '–' : <Instant at={expires_at} locale={locale} />) },
  ];
  return <Holdings title={words.proofs} none={words.noProofs} rows={proofs} columns={columns} hasMore={false} locale={locale} />;
}

type Member = NonNullable<File['members']>[number];

export function Members({ members, hasMore, locale }: { members: readonly Member[]; hasMore: boolean; locale: Locale }) {
  const words = organizationsWords[locale];
  const columns: readonly Column<Member>[] = [
    {
      head: words.person,
      cell: ({ id, email }) => (
        <a href={`/ledger/members/${id}`}>
          <Stranger>{email}</Stranger>
        </a>
      ),
    },
    { head: words.name, cell: ({ untrusted: { name } }) => (name === null ? '–' : <Stranger>{name}</Stranger>) },
    { head: words.role, cell: ({ role }) => shellWords[locale].roles[role] },
    { head: words.status, cell: ({ state }) => <State state={state} locale={locale} /> },
    { head: words.since, cell: ({ granted_at }) => <Instant at={granted_at} locale={locale} day /> },
  ];
  return <Holdings title={words.members} none={words.noMembers} rows={members} columns={columns} hasMore={hasMore} locale={locale} />;
}
