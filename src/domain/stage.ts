import type { Given } from './decision.ts';
import type { EventType } from './event-types.ts';
import type { PublishedEvent, StagedEffect } from './work-changes.ts';

type Moment = Pick<Given, 'now' | 'newId'>;

/** Something to be done after the commit, at once unless `due_at` says later. */
export function stageEffect(
  given: Moment,
  effect: Omit<StagedEffect, 'effect_id' | 'due_at' | 'created_at'> & Partial<Pick<StagedEffect, 'due_at'>>,
): StagedEffect {
  const at = given.now.toISOString();
  return { effect_id: given.newId('eff'), due_at: at, created_at: at, ...effect };
}

/** Something that happened now, beside the ledger, for subscribers. The sealer gives it its place. `data`: ids, amounts and times only. */
export function tell(
  given: Moment,
  event: Pick<PublishedEvent, 'organization_id' | 'subject_id' | 'data'> & { readonly type: EventType },
): PublishedEvent {
  return { event_id: given.newId('evt'), ...event, occurred_at: given.now.toISOString(), sequence: null };
}
