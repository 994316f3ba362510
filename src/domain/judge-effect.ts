import type { Given } from './decision.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** Has a prospect judged soon: after whatever was committed with it. */
export function judgeEffect(prospectId: string, given: Given): StagedEffect {
  return stageEffect(given, { kind: 'prospect.judge', aggregate: `prospect:${prospectId}`, payload: { prospect_id: prospectId } });
}

/** Has a prospect judged when time alone may have changed the verdict. Not in the prospect's own order: nothing waits for it. */
export function judgeTimer(prospectId: string, at: Date, given: Given): StagedEffect {
  return { ...judgeEffect(prospectId, given), aggregate: `prospect-timer:${prospectId}`, due_at: at.toISOString() };
}
