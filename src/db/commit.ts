import type { Changes } from '../domain/decision.ts';
import type { Statement } from './batch.ts';
import type { Answered } from './memory.ts';

/** The only writer: one decision, one statement, all or nothing (`frontdesk.commit`, `migrations/0003_functions.sql`). */
export function commit(changes: Changes & { readonly idempotency?: Answered }): Statement<void> {
  return { name: 'commit', text: 'select frontdesk.commit($1::jsonb)', values: [{ ...changes }], read: () => undefined };
}
