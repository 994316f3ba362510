import type { Changes } from '../domain/decision.ts';
import type { Statement } from './batch.ts';
import type { Beside } from './memory.ts';

/** The only writer: one decision, one statement, all or nothing (`frontdesk.commit`, `migrations/0010_identity_functions.sql`). */
export function commit(changes: Changes & Beside): Statement<void> {
  return { name: 'commit', text: 'select frontdesk.commit($1::jsonb)', values: [{ ...changes }], read: () => undefined };
}
