import type { Statement } from './batch.ts';
import { many } from './query.ts';

/** The statements of the worker that performs effects. Each runs as the writer of one tenant, unless it says otherwise. */

/**
 * Takes up to `limit` effects that are due and that nobody holds, under a lease. None of them stands behind an open breaker, behind an
 * earlier one of its aggregate, or before one of the `busy` destinations; none is of a kind that begins as one of `without`. Two workers
 * never take the same.
 */
export const claimEffects = ({
  now,
  until,
  limit,
  busy,
  without,
}: {
  now: Date;
  until: Date;
  limit: number;
  busy: readonly string[];
  without: readonly string[];
}) =>
  many<Claimed>(
    'outbox.claim',
    `with due as (
       select o.effect_id from frontdesk.outbox o
       where o.state = 'waiting' and o.due_at <= $1::timestamptz and (o.leased_until is null or o.leased_until <= $1)
         and (o.destination is null or o.destination <> all ($4::text[]))
         and not exists (select from unnest($5::text[]) w (start) where starts_with(o.kind, w.start))
         and not exists (select from frontdesk.breakers b where b.destination = o.destination and b.open_until > $1)
         and ${isFirst}
       order by o.due_at, o.effect_id limit $3 for update of o skip locked)
     update frontdesk.outbox o set lease = o.lease + 1, attempts = o.attempts + 1, leased_until = $2
     from due where o.effect_id = due.effect_id
     returning o.effect_id, o.kind, o.aggregate, o.destination, o.organization_id, o.payload, o.attempts, o.lease, o.created_at`,
    [now, until, limit, busy, without],
  );

/**
 * Writes into `due_work` when the next effect can be taken, leases and breakers considered; `recheck` at the latest. That bound is needed:
 * a commit that is under way found the old, earlier date and left it alone, and its effect cannot be seen here yet.
 */
export const restUntilDue = (recheck: Date): Statement<void> => ({
  name: 'due_work.rest',
  text: `update frontdesk.due_work d set at = least($1::timestamptz, (
      select min(greatest(o.due_at, o.leased_until, b.open_until)) from frontdesk.outbox o
      left join frontdesk.breakers b on b.destination = o.destination
      where o.state = 'waiting' and ${isFirst}))
    where d.kind = 'drain' and d.tenant_id = nullif(current_setting('frontdesk.tenant', true), '')`,
  values: [recheck],
  read: () => undefined,
});

/** The host by which a tenant's desk is opened: the first by name. Without a tenant's context. */
export const hostOfTenant = (tenant: string): Statement<string | null> => ({
  name: 'tenant_hosts.of_tenant',
  text: 'select min(h.host) as host from frontdesk.tenant_hosts h where h.tenant_id = $1',
  values: [tenant],
  read: (rows) => (typeof rows[0]?.host === 'string' ? rows[0].host : null),
});

/** An effect that a worker has claimed: it alone performs it until the lease is over. */
export interface Claimed {
  readonly effect_id: string;
  readonly kind: string;
  readonly aggregate: string;
  readonly destination: string | null;
  readonly organization_id: string | null;
  readonly payload: unknown;
  /** This one included. */
  readonly attempts: number;
  /** How often it was claimed: the fencing token. */
  readonly lease: number;
  readonly created_at: string;
}

/** Nothing of the same aggregate is waiting before it. */
const isFirst = `not exists (
  select from frontdesk.outbox e where e.state = 'waiting' and e.aggregate = o.aggregate
    and (e.position, e.effect_id) < (o.position, o.effect_id))`;
