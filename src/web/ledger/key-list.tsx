import type * as z from 'zod';
import { createApiKey } from '../../operations/api/create-key.ts';
import type { listApiKeys } from '../../operations/api/list-keys.ts';
import { isLiveKey, mayRotateKey } from '../../operations/api/offers.ts';
import { revokeApiKey } from '../../operations/api/revoke-key.ts';
import { rotateApiKey } from '../../operations/api/rotate-key.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { ActionForm } from '../parts/form.tsx';
import { State } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { keysWords } from '../words/keys.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { NewKey } from './new-key.tsx';
import { organizationPath } from './organization-ids.tsx';

type Page = z.output<typeof listApiKeys.output>;
type Key = Page['data'][number];

/** Keys that were given out, and the form that makes another one. */
export function KeyList({ page, scene }: { page: Page; scene: Scene }) {
  const { locale, desk, query } = scene;
  const words = keysWords[locale];
  return (
    <>
      <div class="head">
        <h1>{shellWords[locale].nav_keys}</h1>
      </div>
      {scene.may(createApiKey) ? <NewKey scene={scene} /> : null}
      <OrganizationFilter scene={scene} />
      <section class="panel flush">
        {page.data.length === 0 ? (
          <Empty
            title={query('organization_id') ? administrationWords[locale].nothingFits : words.empty}
            call={`curl ${desk.origin}/v1/api-keys -H "Authorization: Bearer $KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H 'Content-Type: application/json' -d '{"scopes":["referrals:read"]}'`}
          >
            {words.emptyText}
          </Empty>
        ) : (
          <Table caption={words.caption} columns={columnsOf(scene)} rows={page.data} />
        )}
        <Pager next={page.next_cursor} scene={scene} />
      </section>
    </>
  );
}

/** For whoever sees keys of several. */
function OrganizationFilter({ scene }: { scene: Scene }) {
  const { locale, query, principal } = scene;
  const own = principal.person?.organizationIds ?? [];
  if (own.length === 1) return null;
  return (
    <FilterForm scene={scene}>
      <label>
        {administrationWords[locale].organization}
        <br />
        <input type="search" name="organization_id" value={query('organization_id') ?? ''} placeholder="org_…" maxlength={40} />
      </label>
    </FilterForm>
  );
}

function columnsOf(scene: Scene): readonly Column<Key>[] {
  const { locale } = scene;
  const [words, shared] = [keysWords[locale], administrationWords[locale]];
  const columns: readonly Column<Key>[] = [
    {
      head: words.key,
      cell: ({ id, last4 }) => (
        <>
          <span class="id">…{last4}</span> <span class="soft small">{<Id id={id} />}</span>
        </>
      ),
    },
    {
      head: shared.organization,
      cell: ({ organization_id }) =>
        organization_id === null ? words.backEnd : <Id id={organization_id} href={organizationPath(organization_id)} />,
    },
    { head: words.agent, cell: ({ agent_id }) => (agent_id === null ? '–' : <Id id={agent_id} />) },
    { head: words.scopes, cell: ({ scopes }) => <Scopes scopes={scopes} scene={scene} /> },
    { head: shared.created, cell: ({ created_at }) => <Instant at={created_at} locale={locale} day /> },
    {
      head: words.ends,
      cell: ({ expires_at }) =>
        expires_at === null ? <span class="soft">{words.never}</span> : <Instant at={expires_at} locale={locale} />,
    },
    { head: shared.state, cell: (key) => <State state={stateOf(key, scene)} locale={locale} /> },
  ];
  if (!scene.may(revokeApiKey)) return columns;
  return [...columns, { head: words.actions, cell: (key) => (isLiveKey(key, scene.now) ? <Actions of={key} scene={scene} /> : null) }];
}

function stateOf(key: Key, { now }: Scene): 'active' | 'expired' | 'revoked' {
  if (key.revoked_at !== null) return 'revoked';
  return isLiveKey(key, now) ? 'active' : 'expired';
}

function Scopes({ scopes, scene: { locale } }: { scopes: readonly string[]; scene: Scene }) {
  return (
    <details>
      <summary>{keysWords[locale].scopeCount(scopes.length)}</summary>
      <code class="small">{scopes.join(', ')}</code>
    </details>
  );
}

/** `of` and not `key`, which the framework keeps for itself. */
function Actions({ of: key, scene }: { of: Key; scene: Scene }) {
  const words = keysWords[scene.locale];
  const overlaps = [
    { value: '24', text: words.overlaps.day },
    { value: '168', text: words.overlaps.week },
    { value: '0', text: words.overlaps.now },
  ];
  return (
    <details>
      <summary>
        {administrationWords[scene.locale].change}
        <span class="visually-hidden"> …{key.last4}</span>
      </summary>
      {scene.may(rotateApiKey) && mayRotateKey(key, scene.principal, scene.now) ? (
        <ActionForm action={`/ledger/keys/${key.id}/rotate`}>
          <Choose name="overlap_hours" label={words.overlap} value="24" options={overlaps} />
          <p class="small soft">{words.rotateText}</p>
          <button type="submit">{words.rotate}</button>
        </ActionForm>
      ) : null}
      <ActionForm action={`/ledger/keys/${key.id}/revoke`}>
        <p class="small soft">{words.revokeText}</p>
        <button class="danger" type="submit">
          {words.revoke}
        </button>
      </ActionForm>
    </details>
  );
}
