import { many } from './query.ts';

/** A tenant that has work of some kind, and since when, as the row says. */
export interface DueTenant {
  readonly tenant_id: string;
  readonly at: string;
}

/** What schedules look after. */
export type DueKind = 'expire' | 'qualify' | 'drain' | 'seal' | 'reconcile';

/** How many tenants one round of a schedule takes. */
const mostTenants = 100;

/** Tenants whose work of this kind is due at `now`, the longest due first. Without a tenant: the table is read across all of them. */
export const dueTenants = (kind: DueKind, now: Date) =>
  many<DueTenant>(
    'due_work.tenants',
    'select d.tenant_id, d.at from frontdesk.due_work d where d.kind = $1 and d.at <= $2 order by d.at, d.tenant_id limit $3',
    [kind, now, mostTenants],
  );
