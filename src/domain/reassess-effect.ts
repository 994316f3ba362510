import type { Given } from './decision.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** Has everything that an invoice earned held against what was given back of it: after whatever was committed with it. */
export function reassessEffect(invoiceId: string, given: Pick<Given, 'now' | 'newId'>): StagedEffect {
  return stageEffect(given, { kind: 'rewards.reassess', aggregate: `invoice:${invoiceId}`, payload: { invoice_id: invoiceId } });
}

/** The same, later: once what is on its way will have arrived. Not in the invoice's own order: nothing waits for it. */
export function reassessTimer(invoiceId: string, at: Date, given: Pick<Given, 'now' | 'newId'>): StagedEffect {
  return { ...reassessEffect(invoiceId, given), aggregate: `invoice-timer:${invoiceId}`, due_at: at.toISOString() };
}
