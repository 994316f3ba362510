import type { Db } from './batch.ts';
import { type EventRow, eventQueries } from './event-queries.ts';

/** Reads a whole tenant's events, for whoever cuts them to what each follower may see. */
export interface EventReader {
  /** The sequence of the newest event; 0 where there is none. */
  newest(tenant: string): Promise<number>;
  /** What comes after a sequence, oldest first, at most `limit`. */
  after(tenant: string, sequence: number, limit: number): Promise<readonly EventRow[]>;
}

/** Rejects as {@link Db.batch} does. */
export function eventReader(db: Db): EventReader {
  const context = (tenant: string) => ({ role: 'reader', tenant, reach: { kind: 'tenant' } }) as const;
  return {
    async newest(tenant) {
      const [end] = await db.batch(context(tenant), [eventQueries.newestEvent()]);
      return Number(end?.sequence ?? 0);
    },
    async after(tenant, sequence, limit) {
      const [rows] = await db.batch(context(tenant), [eventQueries.events({ after: sequence, type: null, limit: limit - 1 })]);
      return rows;
    },
  };
}
