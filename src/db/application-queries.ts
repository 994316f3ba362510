import type { PartnerApplication } from '../domain/partner-application.ts';
import { first, many, one, reaches } from './query.ts';

/** Questions about organizations that want to be partners. */
export const applicationQueries = {
  /** What decides whether an application is kept: who is known by the address, whether it waits already, and how many do, to `most`. */
  applicationGround: (email: string, most: number) =>
    one<ApplicationGroundRow>(
      'partner_applications.ground',
      `select exists (select from frontdesk.people p where p.email = $1 and p.state = 'active') as is_known,
         exists (select from frontdesk.partner_applications a where a.email = $1 and a.state = 'open') as is_waiting,
         (select count(*)::int4 from (select from frontdesk.partner_applications a where a.state = 'open' limit $2) a) as open`,
      [email, most],
    ),

  application: (applicationId: string) =>
    one<PartnerApplication>(
      'partner_applications.one',
      `select ${applicationColumns} from frontdesk.partner_applications a where a.application_id = $1`,
      [applicationId],
    ),

  /** Whether an active person has the address that an application was made with. */
  isApplicantKnown: (applicationId: string) =>
    one<{ readonly person_id: string }>(
      'partner_applications.applicant',
      `select p.person_id from (select a.email from frontdesk.partner_applications a where a.application_id = $1 limit 1) a
       cross join lateral (select p.person_id from frontdesk.people p where p.email = a.email and p.state = 'active' limit 1) p`,
      [applicationId],
    ),

  /** Oldest first: who waits longest comes first. One more than `limit`, each with whoever has its domain. */
  applications: (page: { after: string | null; limit: number; state: string | null }) =>
    many<ApplicationListed>(
      'partner_applications.page',
      `select ${applicationColumns}, o.organization_id as holder_id
       from (
         select * from frontdesk.partner_applications a
         where ${reaches('tenant')} and a.application_id > $1 and ($2::text is null or a.state = $2) order by a.application_id limit $3) a
       left join lateral (select o.organization_id from frontdesk.organizations o where o.domain = a.domain limit 1) o on true
       order by a.application_id`,
      [page.after ?? first, page.state, page.limit + 1],
    ),
} as const;

const applicationColumns = `a.application_id, a.email, a.organization_name, a.domain, a.note, a.state, a.version, a.created_at, a.decided_at,
  a.decided_by, a.reason, a.organization_id`;

export interface ApplicationGroundRow {
  readonly is_known: boolean;
  readonly is_waiting: boolean;
  readonly open: number;
}

export type ApplicationListed = PartnerApplication & { readonly holder_id: string | null };
