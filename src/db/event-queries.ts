import { many, one, reachedOrganizations, reaches } from './query.ts';

/** What happened, in the order of its sequence: without gaps in a tenant, so that whoever asks for what comes after n misses nothing. */
export const eventQueries = {
  /** Oldest first; one more than `limit`. A type is looked for among all that comes after. */
  events: (page: { after: number; type: string | null; limit: number }) =>
    many<EventRow>(
      'events.page',
      `select e.event_id, e.type, e.organization_id, e.data, e.occurred_at, e.sequence from (
         (select * from frontdesk.events e where ${reaches('tenant')} and ${onPage} order by e.sequence limit $3)
         union all
         (select e.* from ${reachedOrganizations} cross join lateral (
           select * from frontdesk.events e where e.organization_id = o.id and ${onPage} order by e.sequence limit $3) e)) e
       order by e.sequence limit $3`,
      [page.after, page.type, page.limit + 1],
    ),

  /** The first that is kept and in reach: what came before it was swept, or is somebody else's. */
  oldestEvent: () => one<{ sequence: bigint | null }>('events.oldest', `select min(e.sequence) as sequence from ${endInReach('asc')}`, []),

  /** The last that has a sequence and is in reach. */
  newestEvent: () => one<{ sequence: bigint | null }>('events.newest', `select max(e.sequence) as sequence from ${endInReach('desc')}`, []),
} as const;

export interface EventRow {
  readonly event_id: string;
  readonly type: string;
  readonly organization_id: string | null;
  readonly data: { readonly [key: string]: unknown };
  readonly occurred_at: string;
  readonly sequence: bigint;
}

const onPage = 'e.sequence > $1 and ($2::text is null or e.type = $2)';

function endInReach(order: 'asc' | 'desc'): string {
  return `(
    (select e.sequence from frontdesk.events e where ${reaches('tenant')} and e.sequence > 0 order by e.sequence ${order} limit 1)
    union all
    (select e.sequence from ${reachedOrganizations} cross join lateral (
      select e.sequence from frontdesk.events e where e.organization_id = o.id and e.sequence > 0 order by e.sequence ${order} limit 1) e)) e`;
}
