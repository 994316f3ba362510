import type { IdentityChanges } from '../domain/identity-changes.ts';
import type { Correspondent, StoredLink } from '../domain/sign-in.ts';
import { first, last, many, one, reaches } from './query.ts';

/** Questions about people who sign in. Asked as the writer: whoever signs in is nobody yet. */
export const peopleQueries = {
  /**
   * An active person by address, in lower case, with the number of sign-in mails that count against the next: of a browser that a mail
   * signed this person in at, those that it asked for itself; else all. `browserHash`: SHA-256 in hex of what the browser keeps.
   */
  correspondent: (email: string, browserHash: string, now: Date) =>
    one<Correspondent>(
      'people.correspondent',
      `select p.person_id, l.last_hour, l.last_day
       from frontdesk.people p
       cross join lateral (${signedInAt("p.person_id, decode($3, 'hex')")}) k
       cross join lateral (
         select count(*) filter (where l.created_at > $2::timestamptz - interval '1 hour')::int as last_hour, count(*)::int as last_day
         from frontdesk.sign_in_links l
         where l.person_id = p.person_id and l.purpose = 'sign_in' and l.created_at > $2::timestamptz - interval '1 day'
           and (l.browser_hash = decode($3, 'hex') or not k.known)) l
       where p.email = $1 and p.state = 'active'`,
      [email, now, browserHash],
    ),

  /** A link by the SHA-256 of its token, in hex. */
  signInLink: (tokenHash: string) =>
    one<StoredLink>(
      'sign_in_links.one',
      `select l.link_id, l.person_id, p.email, p.state as person_state, l.purpose, encode(l.browser_hash, 'hex') as browser_hash, l.expires_at,
         l.used_at, exists (select from frontdesk.sessions s where s.person_id = l.person_id) as was_here
       from (select * from frontdesk.sign_in_links l where l.token_hash = decode($1, 'hex') limit 1) l
       cross join lateral (select * from frontdesk.people p where p.person_id = l.person_id limit 1) p`,
      [tokenHash],
    ),

  /** What a mail with a link needs: to whom, whether it can still be used, and the how manieth in an hour and a day it is. */
  mailedLink: (linkId: string) =>
    one<MailedLinkRow>(
      'sign_in_links.mailed',
      `select l.purpose, l.created_at, l.expires_at, l.used_at, p.email, p.state as person_state, n.in_hour, n.in_day
       from (select * from frontdesk.sign_in_links l where l.link_id = $1 limit 1) l
       cross join lateral (select * from frontdesk.people p where p.person_id = l.person_id limit 1) p
       cross join lateral (${signedInAt('l.person_id, l.browser_hash')}) k
       cross join lateral (
         select count(*) filter (where o.created_at > l.created_at - interval '1 hour')::int as in_hour, count(*)::int as in_day
         from frontdesk.sign_in_links o
         where o.person_id = l.person_id and o.purpose = l.purpose and o.created_at > l.created_at - interval '1 day'
           and (o.created_at, o.link_id) <= (l.created_at, l.link_id)
           and (o.browser_hash = l.browser_hash or not k.known)) n`,
      [linkId],
    ),

  /** Who is bound to a provider's subject, and who is known by an address; two people at most. */
  vouchedPeople: (issuer: string, subject: string, email: string | null) =>
    many<PersonRow>(
      'people.vouched',
      `select ${personColumns} from frontdesk.people p where p.oidc_issuer = $1 and p.oidc_subject = $2
       union
       select ${personColumns} from frontdesk.people p where p.email = $3`,
      [issuer, subject, email],
    ),

  /** An active person by address, in lower case. */
  personByEmail: (email: string) =>
    one<{ readonly person_id: string }>(
      'people.by_address',
      `select p.person_id from frontdesk.people p where p.email = $1 and p.state = 'active'`,
      [email],
    ),

  person: (personId: string) =>
    one<PersonRow>('people.one', `select ${personColumns} from frontdesk.people p where p.person_id = $1`, [personId]),

  /** An active operator beside this person: always the same one, whoever asks. */
  otherOperator: (personId: string) =>
    one<PersonRow>(
      'people.other_operator',
      `select ${personColumns} from frontdesk.people p where p.role = 'operator' and p.state = 'active' and p.person_id <> $1
       order by p.person_id limit 1`,
      [personId],
    ),

  membershipsOf: (personId: string) =>
    many<{ readonly organization_id: string }>(
      'memberships.of_person',
      'select m.organization_id from frontdesk.memberships m where m.person_id = $1 order by m.organization_id',
      [personId],
    ),

  /** Which of these organizations there are. */
  organizationsAmong: (organizationIds: readonly string[]) =>
    many<{ readonly organization_id: string }>(
      'organizations.among',
      `select o.organization_id from unnest($1::text[]) x (id)
       cross join lateral (select o.organization_id from frontdesk.organizations o where o.organization_id = x.id limit 1) o`,
      [organizationIds],
    ),

  /** Newest first; one more than `limit`. */
  people: (page: { after: string | null; limit: number; role: string | null; state: string | null }) =>
    many<PersonListed>(
      'people.page',
      `select p.person_id, p.email, p.name, p.role, p.state, p.created_at, (
         select coalesce(jsonb_agg(m.organization_id order by m.organization_id), '[]') from frontdesk.memberships m
         where m.person_id = p.person_id) as organization_ids
       from frontdesk.people p
       where ${reaches('tenant')} and p.person_id > '${first}' and p.person_id < $1 and ($2::text is null or p.role = $2) and ($3::text is null or p.state = $3)
       order by p.person_id desc limit $4`,
      [page.after ?? last, page.role, page.state, page.limit + 1],
    ),

  /** Whether something that can be used once was. `digest`: SHA-256 in hex. */
  spent: (kind: string, digest: string) =>
    one<{ readonly kind: string }>('spent.one', 'select s.kind from frontdesk.spent s where s.kind = $1 and s.digest = $2', [kind, digest]),
} as const;

/** Whether a mail signed this person in at this browser. `of`: expressions for both. */
const signedInAt = (of: string) => `select exists (select from frontdesk.sign_in_links u
         where (u.person_id, u.browser_hash) = (${of}) and u.purpose = 'sign_in' and u.used_at is not null) as known`;

const personColumns = `p.person_id, p.email, p.name, p.role, p.state, p.version, p.oidc_issuer, p.oidc_subject, p.created_at`;

export type PersonRow = NonNullable<IdentityChanges['people']>[number];

export type PersonListed = Pick<PersonRow, 'person_id' | 'email' | 'name' | 'role' | 'state' | 'created_at'> & {
  readonly organization_ids: readonly string[];
};

export interface MailedLinkRow {
  readonly purpose: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly used_at: string | null;
  readonly email: string;
  readonly person_state: string;
  readonly in_hour: number;
  readonly in_day: number;
}
