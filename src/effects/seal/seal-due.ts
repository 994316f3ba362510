import { DatabaseError } from '../../db/batch.ts';
import type { DueTenant } from '../../db/due-work.ts';
import { doneSealing, goOnSealing, rest, tenantsToSeal } from '../../db/seal-due.ts';
import { Unavailable } from '../../domain/result.ts';
import { type SealDeps, type Sealed, sealTenant } from './seal-tenant.ts';

export interface SealDueDeps extends SealDeps {
  /** A bug: told to the operator. */
  readonly report: (error: unknown, about: string) => void;
}

/** What one round came to. */
export interface SealedDue {
  readonly tenants: number;
  readonly blocks: number;
  readonly leaves: number;
  /** Tenants whose unsealed rest waits for a transaction that is still running. */
  readonly waiting: number;
  /** Tenants that could not be sealed; they stay due. */
  readonly failed: number;
}

/** Seals every tenant that has something to seal, up to a hundred a round. Safe to run many times at once. Rejects only when the list cannot be read. */
export async function sealDue(deps: SealDueDeps): Promise<SealedDue> {
  const [due] = await deps.db.batch({ role: 'writer' }, [tenantsToSeal(deps.now())]);
  const total = { tenants: due.length, blocks: 0, leaves: 0, waiting: 0, failed: 0 };
  for (const each of due) {
    try {
      const sealed = await sealTenant(deps, each.tenant_id);
      total.blocks += sealed.blocks;
      total.leaves += sealed.leaves;
      total.waiting += sealed.left === 'waiting' ? 1 : 0;
      await note(deps, each, sealed);
    } catch (error) {
      // One tenant's trouble must not keep the others waiting.
      total.failed += 1;
      if (!(error instanceof Unavailable || error instanceof DatabaseError)) deps.report(error, 'seal');
    }
  }
  return total;
}

/**
 * Says when this tenant is looked at again. A writer that finds the row due leaves it alone, and may commit after we looked: so the row
 * goes only after it was put off, which makes every later writer say so, and after everybody who saw it due has ended.
 */
async function note({ db, now }: SealDueDeps, due: DueTenant, { blocks, left }: Sealed): Promise<void> {
  if (left !== 'sealed') return;
  const at = now();
  const statement = blocks > 0 ? goOnSealing(at) : new Date(due.at) > at ? doneSealing(due) : rest(at, due);
  await db.batch({ role: 'writer', tenant: due.tenant_id }, [statement]);
}
