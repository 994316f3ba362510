import { queries } from '../../db/queries.ts';
import { together } from '../../domain/decision.ts';
import { lapseDispute, readDispute } from '../../domain/dispute.ts';
import type { Step } from '../tenant-rounds.ts';

const batch = 50;

/**
 * Disputes that nobody decided in time are denied, fifty a step, and what they held is free. One that a person decides at the same moment
 * makes the commit fail, and the step looks again. Goes before whatever moves the tenant's `expire` work on.
 */
export const lapseDisputes: Step = async ({ desk, given, now, consult }) => {
  const [overdue] = await consult([queries.overdueDisputes(now, batch)]);
  if (overdue.length === 0) return null;
  return { changes: together(...overdue.map((row) => lapseDispute(desk.tenant, readDispute(row), given))), count: overdue.length };
};
