import type { Statement } from '../db/batch.ts';
import { ConnectionLost, DatabaseError } from '../db/batch.ts';
import { dueTenants } from '../db/due-work.ts';
import type { AdminDeps } from './admin-deps.ts';

/** What one round of time passing came to. */
export interface Expired {
  readonly tenants: number;
  /** Workspaces whose time was over. */
  readonly expired: number;
  /** Anonymous workspaces of which nothing is left. */
  readonly swept: number;
  /** Answers that are no longer kept for retries. */
  readonly forgotten: number;
  /** Tenants at which the database said no or nothing; they stay due. */
  readonly failed: number;
}

/**
 * Ends what is over at `now`, tenant by tenant, as far as one round goes (100 tenants, 50 batches of 500 each); the rest stays due.
 * Safe to run twice at once: two runs take different workspaces. Rejects only when the list of due tenants cannot be read.
 */
export async function expireDue({ db }: Pick<AdminDeps, 'db'>, now: Date): Promise<Expired> {
  const [tenants] = await db.batch({ role: 'writer' }, [dueTenants('expire', now)]);
  const total = { tenants: tenants.length, expired: 0, swept: 0, forgotten: 0, failed: 0 };
  for (const { tenant_id: tenant } of tenants) {
    try {
      for (let round = 1, more = true; more && round <= mostRounds; round++) {
        const [done] = await db.batch({ role: 'writer', tenant }, [expire(now)]);
        total.expired += done.expired;
        total.swept += done.swept;
        total.forgotten += done.forgotten;
        more = done.more;
      }
    } catch (error) {
      // One tenant's trouble, such as a deadlock with a request, must not keep the others waiting.
      if (!(error instanceof DatabaseError || error instanceof ConnectionLost)) throw error;
      total.failed += 1;
    }
  }
  return total;
}

const mostRounds = 50;
const batchSize = 500;

interface Done {
  readonly expired: number;
  readonly swept: number;
  readonly forgotten: number;
  readonly more: boolean;
}

const expire = (now: Date): Statement<Done> => ({
  name: 'expire',
  text: 'select frontdesk.expire($1, $2) as done',
  values: [now, batchSize],
  // The function answers exactly these fields (`db/migrations/0003_functions.sql`).
  read: (rows) => rows[0]?.done as Done,
});
