import type { Statement } from '../db/batch.ts';
import type { Desk } from '../operations/desk.ts';
import type { Scene } from './effect.ts';
import type { PaymentHands } from './stripe/hands.ts';
import { type RoundDeps, visitDue } from './tenant-rounds.ts';

/** What one round came to. */
export interface ReconciledTenants {
  readonly tenants: number;
  /** Events that no webhook had brought. */
  readonly events: number;
  /** What does not agree, and is left to a person. */
  readonly findings: number;
  /** Tenants at which the provider or the database said no or nothing: they come again, nothing is skipped. */
  readonly failed: number;
}

const everyMs = 15 * 60_000;

/**
 * Compares each tenant that is connected to a payment provider with it, every quarter of an hour: what its webhooks did not bring, and what
 * became of our money there. One that does not answer is asked again after as long, so that it does not take the place of the others.
 * Safe to run twice at once. Rejects only when the list of due tenants cannot be read.
 */
export async function reconcileDue(deps: RoundDeps, payments: PaymentHands | undefined): Promise<ReconciledTenants> {
  if (payments === undefined) return { tenants: 0, events: 0, findings: 0, failed: 0 };
  const total = { events: 0, findings: 0 };
  const visited = await visitDue(deps, 'reconcile', async (tenant) => {
    const desk = await deps.deskOf(tenant);
    const now = deps.now();
    const came = desk?.stripe ? await reconcileTenant(deps, desk, payments, now) : null;
    const next = came?.isComplete === false ? now : new Date(now.getTime() + everyMs);
    await deps.db.batch({ role: 'writer', tenant }, [compareAgain(next, now)]);
    total.events += came?.events ?? 0;
    total.findings += came?.findings ?? 0;
    return came !== null;
  });
  return { ...visited, ...total };
}

/** `isComplete`: what was told is read up to the present. Null: it could not be done. */
async function reconcileTenant(
  deps: RoundDeps,
  desk: Desk,
  payments: PaymentHands,
  now: Date,
): Promise<{ readonly events: number; readonly findings: number; readonly isComplete: boolean } | null> {
  const { tenant } = desk;
  const consult: Scene['consult'] = (statements) => deps.db.batch({ role: 'writer', tenant }, statements);
  const scene: Scene = { desk, now, given: deps.given(desk, now), consult };
  const lost = await payments.findLostEvents(scene, (changes) => deps.memory.commit(tenant, changes));
  if (!lost?.ok) return null;
  const reconciled = await payments.reconcile(scene);
  if (!reconciled || (await deps.memory.commit(tenant, reconciled.changes)) !== 'done') return null;
  return { events: lost.found, findings: reconciled.findings.length, isComplete: lost.isComplete };
}

const compareAgain = (at: Date, now: Date): Statement<void> => ({
  name: 'due_work.reconcile_again',
  text: `update frontdesk.due_work d set at = $1
    where d.tenant_id = (select current_setting('frontdesk.tenant')) and d.kind = 'reconcile' and d.at <= $2`,
  values: [at, now],
  read: () => undefined,
});
