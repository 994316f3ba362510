import { getWorkspace } from '../../operations/workspaces/get.ts';
import { reissueWorkspaceClaimLink } from '../../operations/workspaces/reissue-claim-link.ts';
import { revokeWorkspace } from '../../operations/workspaces/revoke.ts';
import { searchWorkspaces } from '../../operations/workspaces/search.ts';
import { count } from '../format.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { Once } from '../parts/once.tsx';
import { State, stateWord } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant } from '../parts/text.tsx';
import { shellWords } from '../words/shell.ts';
import { workspacesWords } from '../words/workspaces.ts';
import { defineAction, definePage, type LedgerAction, type LedgerPage, type Place, type Scene } from './definition.ts';
import { WorkspaceDetail } from './workspace-detail.tsx';
import { Ends, type FoundWorkspace, Organization, Prospect } from './workspace-parts.tsx';

type Status = FoundWorkspace['status'];

const statuses: readonly Status[] = ['active', 'claimed', 'expired', 'revoked'];

const list = definePage({
  path: '/ledger/workspaces',
  nav: 'workspaces',
  title: (_, { locale }) => shellWords[locale].nav_workspaces,
  asks: { page: searchWorkspaces },
  input: ({ query }: Place) => ({
    page: {
      // What is none, the operation refuses.
      status: query('status') as Status | undefined,
      organization_id: query('organization_id')?.trim(),
      q: query('q'),
      cursor: query('cursor'),
    },
  }),
  render({ page }, scene) {
    const { locale, query } = scene;
    const words = workspacesWords[locale];
    const isFiltered = ['status', 'organization_id', 'q'].some((name) => query(name) !== undefined);
    return (
      <div class="stack">
        <div class="head">
          <div>
            <h1>{shellWords[locale].nav_workspaces}</h1>
            <p class="soft">{words.lead}</p>
          </div>
        </div>
        {page.data.length === 0 && !isFiltered ? null : <Filters scene={scene} />}
        {page.data.length > 0 ? (
          <section class="panel flush">
            <Table caption={shellWords[locale].nav_workspaces} columns={columnsOf(scene)} rows={page.data} />
            <Pager next={page.next_cursor} scene={scene} />
          </section>
        ) : isFiltered ? (
          <Empty title={words.none}>{words.noneText}</Empty>
        ) : (
          <Empty title={words.empty} call={provisionCall(scene.desk.origin)}>
            {words.emptyText}
          </Empty>
        )}
      </div>
    );
  },
});

function Filters({ scene }: { scene: Scene }) {
  const { locale, query } = scene;
  const words = workspacesWords[locale];
  return (
    <FilterForm scene={scene}>
      <Choose
        name="status"
        label={words.status}
        value={query('status') ?? ''}
        options={[{ value: '', text: shellWords[locale].all }, ...statuses.map((value) => ({ value, text: stateWord(value, locale) }))]}
      />
      <label>
        {words.find}
        <br />
        <input name="q" value={query('q') ?? ''} maxlength={253} autocomplete="off" />
      </label>
      <label>
        {words.organizationId}
        <br />
        <input name="organization_id" value={query('organization_id') ?? ''} maxlength={40} autocomplete="off" />
      </label>
    </FilterForm>
  );
}

function columnsOf(scene: Scene): readonly Column<FoundWorkspace>[] {
  const { locale, now } = scene;
  const words = workspacesWords[locale];
  return [
    { head: words.workspace, cell: ({ id }) => <Id id={id} href={`/ledger/workspaces/${id}`} /> },
    { head: words.status, cell: ({ status }) => <State state={status} locale={locale} /> },
    { head: words.prospect, cell: ({ untrusted }) => <Prospect written={untrusted} brief /> },
    { head: words.organization, cell: (workspace) => <Organization of={workspace} scene={scene} /> },
    {
      head: words.size,
      num: true,
      cell: ({ entities, rows }) => `${count(entities, locale)} × ${rows === null ? '–' : count(rows, locale)}`,
    },
    { head: words.created, cell: ({ created_at }) => <Instant at={created_at} locale={locale} day /> },
    { head: words.ends, cell: (workspace) => <Ends of={workspace} now={now} scene={scene} /> },
    {
      head: words.referral,
      cell: ({ referral_id }) => (referral_id === null ? '–' : <Id id={referral_id} href={`/ledger/referrals/${referral_id}`} />),
    },
  ];
}

const provisionCall = (origin: string): string =>
  [
    `curl -s -X POST ${origin}/v1/workspaces/provision -H "Idempotency-Key: $(uuidgen)" \\`,
    `  -H 'Content-Type: application/json' -d '{"prospect":{"name":"Northwind Freight","domain":"northwind-freight.example"}}'`,
  ].join('\n');

const detail = definePage({
  path: '/ledger/workspaces/{workspace_id}',
  nav: 'workspaces',
  title: (_, { locale, params }) => `${workspacesWords[locale].workspace} ${params.workspace_id}`,
  asks: { workspace: getWorkspace },
  // Whose it is and how it stands, which an agent that works in it knows.
  besides: { found: searchWorkspaces },
  input: ({ params: { workspace_id = '' } }) => ({ workspace: { workspace_id }, found: { q: workspace_id, limit: 1 } }),
  render: ({ workspace, found }, scene) => (
    <WorkspaceDetail
      workspace={workspace}
      found={found?.data[0] ?? null}
      scene={scene}
      mayReissue={scene.may(reissueWorkspaceClaimLink)}
      mayRevoke={scene.may(revokeWorkspace)}
    />
  ),
});

const pageOfOne = ({ workspace_id }: Readonly<Record<string, string>>): string => `/ledger/workspaces/${workspace_id}`;

const reissue = defineAction({
  path: '/ledger/workspaces/{workspace_id}/claim-link',
  operation: reissueWorkspaceClaimLink,
  input: (_, { workspace_id }) => ({ workspace_id }),
  page: pageOfOne,
  shown({ workspace_id, claim }, { locale }) {
    const words = workspacesWords[locale];
    const body = (
      <Once title={words.reissue} secret={claim?.url ?? null} back={pageOfOne({ workspace_id })} locale={locale}>
        {claim === null ? null : (
          <>
            <dl>
              <dt>{words.code}</dt>
              <dd>
                <code>{claim.user_code}</code>
              </dd>
              <dt>{words.linkEnds}</dt>
              <dd>
                <Instant at={claim.expires_at} locale={locale} />
              </dd>
            </dl>
            <p class="soft">{words.codeText}</p>
          </>
        )}
      </Once>
    );
    return { title: words.reissue, body };
  },
});

const revoke = defineAction({
  path: '/ledger/workspaces/{workspace_id}/revoke',
  operation: revokeWorkspace,
  input: (_, { workspace_id }) => ({ workspace_id }),
  page: pageOfOne,
});

/** Workspaces, and one of them. */
export const workspacesPages: readonly LedgerPage[] = [list, detail];
export const workspacesActions: readonly LedgerAction[] = [reissue, revoke];
