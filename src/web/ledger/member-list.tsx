import type * as z from 'zod';
import { roles } from '../../domain/actor.ts';
import { invitePerson } from '../../operations/people/invite.ts';
import type { listPeople } from '../../operations/people/list.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { ActionForm, Field } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { State, stateWord } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { membersWords } from '../words/members.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { OrganizationIds } from './organization-ids.tsx';

type People = z.output<typeof listPeople.output>;
type Person = People['data'][number];

/** Who may sign in, and the form that lets somebody in. */
export function MemberList({ people, scene }: { people: People; scene: Scene }) {
  const { locale, query } = scene;
  const [words, shell] = [membersWords[locale], shellWords[locale]];
  const all = { value: '', text: shell.all };
  const states = ['active', 'removed', 'all'].map((value) => ({ value, text: value === 'all' ? shell.all : stateWord(value, locale) }));
  return (
    <>
      <div class="head">
        <h1>{shell.nav_members}</h1>
      </div>
      {scene.may(invitePerson) ? <Invite scene={scene} /> : null}
      <FilterForm scene={scene}>
        <Choose
          name="role"
          label={words.role}
          value={query('role') ?? ''}
          options={[all, ...roles.map((value) => ({ value, text: shell.roles[value] }))]}
        />
        <Choose name="state" label={administrationWords[locale].state} value={query('state') ?? 'active'} options={states} />
      </FilterForm>
      <section class="panel flush">
        {people.data.length === 0 ? (
          <Empty title={words.empty}>{words.emptyText}</Empty>
        ) : (
          <Table caption={words.caption} columns={columnsOf(scene)} rows={people.data} />
        )}
        <Pager next={people.next_cursor} scene={scene} />
      </section>
    </>
  );
}

function columnsOf({ locale, principal }: Scene): readonly Column<Person>[] {
  const [words, shared, shell] = [membersWords[locale], administrationWords[locale], shellWords[locale]];
  return [
    {
      head: words.person,
      cell: ({ id, email, state, untrusted }) => (
        <>
          <a href={`/ledger/members/${id}`}>{state === 'removed' ? words.removedPerson : <Stranger>{email}</Stranger>}</a>
          {id === principal.id ? ` (${words.you})` : null}
          {untrusted.name === null ? null : (
            <span class="soft small">
              {' '}
              <Stranger>{untrusted.name}</Stranger>
            </span>
          )}
        </>
      ),
    },
    { head: words.role, cell: ({ role }) => shell.roles[role] },
    { head: shared.organizations, cell: (person) => <OrganizationIds ids={person.organization_ids} locale={locale} /> },
    { head: shared.state, cell: ({ state }) => <State state={state} locale={locale} /> },
    { head: words.since, cell: ({ created_at }) => <Instant at={created_at} locale={locale} day /> },
    { head: 'ID', cell: ({ id }) => <Id id={id} /> },
  ];
}

function Invite({ scene }: { scene: Scene }) {
  const words = membersWords[scene.locale];
  return (
    <details class="panel" open={(scene.problem?.issues.length ?? 0) > 0}>
      <summary>{words.invite}</summary>
      <PasskeyFirst operation={invitePerson} scene={scene} />
      <p class="soft">{words.inviteText}</p>
      <ActionForm action="/ledger/members/invite">
        <Field name="email" label={words.email} type="email" hint={words.emailHint} scene={scene} required />
        <Field name="name" label={words.name} hint={words.nameHint} max={80} scene={scene} />
        <RoleFields scene={scene} current="partner" organizationIds={[]} />
        <button class="main" type="submit">
          {words.send}
        </button>
      </ActionForm>
    </details>
  );
}

/** A role, and whom it reaches. */
export function RoleFields({ scene, current, organizationIds }: { scene: Scene; current: string; organizationIds: readonly string[] }) {
  const words = membersWords[scene.locale];
  const options = roles.map((value) => ({ value, text: words.roles[value] }));
  return (
    <>
      <Field name="role" label={words.role} scene={scene} value={current} options={options} required />
      <Field
        name="organization_ids"
        label={administrationWords[scene.locale].organizations}
        hint={words.organizationsHint}
        scene={scene}
        value={organizationIds.join(' ')}
        max={4000}
      />
    </>
  );
}
