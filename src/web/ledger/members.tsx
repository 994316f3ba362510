import { type Role, roles } from '../../domain/actor.ts';
import { decidePartnerApplication } from '../../operations/partners/decide-application.ts';
import { listPartnerApplications } from '../../operations/partners/list-applications.ts';
import { getPerson } from '../../operations/people/get.ts';
import { invitePerson } from '../../operations/people/invite.ts';
import { listPeople } from '../../operations/people/list.ts';
import { removePerson } from '../../operations/people/remove.ts';
import { updatePerson } from '../../operations/people/update.ts';
import { shellWords } from '../words/shell.ts';
import { Applications } from './applications.tsx';
import { defineAction, definePage, type LedgerAction, type LedgerPage, type Place } from './definition.ts';
import { Member } from './member.tsx';
import { MemberList } from './member-list.tsx';

type State = 'active' | 'removed';

const members = definePage({
  path: '/ledger/members',
  nav: 'members',
  title: (_, { locale }) => shellWords[locale].nav_members,
  asks: { people: listPeople },
  // What is no role or state, the operation refuses.
  input: ({ query }) => ({
    people: { role: query('role') as Role | undefined, state: stateAsked(query, 'active') as State | undefined, cursor: query('cursor') },
  }),
  render: ({ people }, scene) => <MemberList people={people} scene={scene} />,
});

const member = definePage({
  path: '/ledger/members/{person_id}',
  nav: 'members',
  title: (_, { locale }) => shellWords[locale].nav_members,
  asks: { person: getPerson },
  input: ({ params }) => ({ person: { person_id: params.person_id ?? '' } }),
  render: ({ person }, scene) => <Member person={person} scene={scene} />,
});

const applications = definePage({
  path: '/ledger/applications',
  nav: 'applications',
  title: (_, { locale }) => shellWords[locale].nav_applications,
  asks: { applications: listPartnerApplications },
  input: ({ query }) => ({
    applications: { state: stateAsked(query, 'open') as 'open' | undefined, cursor: query('cursor') },
  }),
  render: ({ applications: page }, scene) => <Applications page={page} scene={scene} />,
});

/** What most people look for, where nothing is asked for; `all` asks for everything. */
function stateAsked(query: Place['query'], usual: string): string | undefined {
  const state = query('state') ?? usual;
  return state === 'all' ? undefined : state;
}

const atMember = ({ person_id }: Readonly<Record<string, string>>) => `/ledger/members/${person_id}`;
/** Ids as they are typed or pasted: with spaces, commas or lines between them. */
const idsIn = (text: string | null): readonly string[] => (text ?? '').split(/[\s,;]+/).filter((id) => id !== '');

const invite = defineAction({
  path: '/ledger/members/invite',
  operation: invitePerson,
  input: (form) => ({
    email: form.get('email') ?? '',
    ...(form.get('name')?.trim() && { name: form.get('name')?.trim() }),
    role: roles.find((role) => role === form.get('role')),
    organization_ids: idsIn(form.get('organization_ids')),
  }),
  page: () => '/ledger/members',
});

const change = defineAction({
  path: '/ledger/members/{person_id}/change',
  operation: updatePerson,
  input: (form, { person_id }) => ({
    person_id,
    role: roles.find((role) => role === form.get('role')),
    organization_ids: idsIn(form.get('organization_ids')),
  }),
  page: atMember,
});

const remove = defineAction({
  path: '/ledger/members/{person_id}/remove',
  operation: removePerson,
  input: (_, { person_id }) => ({ person_id }),
  page: () => '/ledger/members',
});

const decide = defineAction({
  path: '/ledger/applications/{application_id}/decide',
  operation: decidePartnerApplication,
  input: (form, { application_id }) => ({
    application_id,
    // Which button it was; without one nothing is decided.
    approve: { yes: true, no: false }[form.get('approve') ?? ''],
    ...(form.get('reason') && { reason: form.get('reason') }),
    ...(form.get('approve') === 'yes' && form.get('tier') && { tier: form.get('tier') }),
  }),
  page: () => '/ledger/applications',
});

/** Members and partner applications. */
export const membersPages: readonly LedgerPage[] = [members, member, applications];
export const membersActions: readonly LedgerAction[] = [invite, change, remove, decide];
