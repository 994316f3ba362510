import type * as z from 'zod';
import { decideDomainConflict } from '../../operations/domains/decide-conflict.ts';
import type { listDomainConflicts } from '../../operations/domains/list-conflicts.ts';
import { decideOrganizationJoin } from '../../operations/organizations/decide-join.ts';
import type { listOrganizationJoins } from '../../operations/organizations/list-joins.ts';
import { ActionForm, Field } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { organizationsWords } from '../words/organizations.ts';
import type { Scene } from './definition.ts';
import { OrganizationTabs } from './organization-parts.tsx';

type Joins = z.output<typeof listOrganizationJoins.output>;
type Conflicts = z.output<typeof listDomainConflicts.output>;

interface Props {
  readonly joins: Joins;
  readonly conflicts: Conflicts | null;
  readonly scene: Scene;
}

/** What somebody has to decide about organizations: who belongs to one, and whose a domain is. */
export function WaitingOrganizations({ joins, conflicts, scene }: Props) {
  const words = organizationsWords[scene.locale];
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.waiting}</h1>
      </div>
      <OrganizationTabs scene={scene} />
      <section class="panel flush">
        <h2>{words.joins}</h2>
        {joins.data.length === 0 ? (
          <Empty title={words.noJoins} />
        ) : (
          <>
            <div class="inset">
              <p class="soft">{words.joinsText}</p>
              {scene.may(decideOrganizationJoin) ? <PasskeyFirst operation={decideOrganizationJoin} scene={scene} /> : null}
            </div>
            <Table caption={words.joins} columns={joinColumns(scene)} rows={joins.data} />
          </>
        )}
        <Pager next={joins.next_cursor} scene={scene} />
      </section>
      {conflicts === null ? null : <DomainConflicts conflicts={conflicts} scene={scene} />}
    </div>
  );
}

function joinColumns(scene: Scene): readonly Column<Joins['data'][number]>[] {
  const { locale } = scene;
  const words = organizationsWords[locale];
  const facts: readonly Column<Joins['data'][number]>[] = [
    // Whole: it is compared with what somebody was told.
    { head: words.agent, cell: ({ agent_id }) => <span class="id">{agent_id}</span> },
    {
      head: words.wants,
      cell: ({ organization_id }) => <Id id={organization_id} href={`/ledger/organizations/${organization_id}`} />,
    },
    { head: words.asked, cell: ({ requested_at }) => <Instant at={requested_at} locale={locale} /> },
  ];
  if (!scene.may(decideOrganizationJoin)) return facts;
  return [
    ...facts,
    {
      head: words.decide,
      cell: ({ id, agent_id }) => (
        <ActionForm action={`/ledger/organizations/joins/${id}`} class="row">
          <button type="submit" name="approve" value="yes">
            {words.approve}
            <span class="visually-hidden"> {agent_id}</span>
          </button>
          <button type="submit" name="approve" value="no" class="danger">
            {words.refuse}
            <span class="visually-hidden"> {agent_id}</span>
          </button>
        </ActionForm>
      ),
    },
  ];
}

function DomainConflicts({ conflicts, scene }: { conflicts: Conflicts; scene: Scene }) {
  const words = organizationsWords[scene.locale];
  return (
    <section class="panel flush">
      <h2>{words.conflicts}</h2>
      {conflicts.data.length === 0 ? (
        <Empty title={words.noConflicts} />
      ) : (
        <>
          <p class="soft inset">{words.conflictsText}</p>
          <Table caption={words.conflicts} columns={conflictColumns(scene)} rows={conflicts.data} />
          {scene.may(decideDomainConflict) ? <DecideConflict conflicts={conflicts} scene={scene} /> : null}
        </>
      )}
    </section>
  );
}

function conflictColumns({ locale }: Scene): readonly Column<Conflicts['data'][number]>[] {
  const words = organizationsWords[locale];
  const party = (id: string) => <Id id={id} href={`/ledger/organizations/${id}`} />;
  return [
    { head: words.domain, cell: ({ domain }) => <Stranger>{domain}</Stranger> },
    { head: words.holder, cell: ({ holder_id }) => party(holder_id) },
    { head: words.challenger, cell: ({ challenger_id }) => party(challenger_id) },
    { head: words.proven, cell: ({ method }) => words.methods[method] },
    { head: words.checked, cell: ({ proven_at }) => (proven_at === null ? '–' : <Instant at={proven_at} locale={locale} />) },
    { head: words.asked, cell: ({ opened_at }) => <Instant at={opened_at} locale={locale} /> },
  ];
}

function DecideConflict({ conflicts, scene }: { conflicts: Conflicts; scene: Scene }) {
  const words = organizationsWords[scene.locale];
  return (
    <div class="inset">
      <h3>{words.decideConflict}</h3>
      <PasskeyFirst operation={decideDomainConflict} scene={scene} />
      <ActionForm action="/ledger/organizations/conflicts">
        <Field
          name="conflict_id"
          label={words.conflict}
          scene={scene}
          options={conflicts.data.map(({ id, domain, challenger_id }) => ({ value: id, text: `${domain} · ${challenger_id}` }))}
        />
        <Field
          name="outcome"
          label={words.outcome}
          scene={scene}
          options={[
            { value: 'keep', text: words.keep },
            { value: 'move', text: words.move },
          ]}
        />
        <Field name="reason" label={words.reason} hint={words.reasonHint} scene={scene} rows={3} max={500} required />
        <button type="submit" class="main">
          {words.decideConflict}
        </button>
      </ActionForm>
    </div>
  );
}
