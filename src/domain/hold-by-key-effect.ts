import type { Given } from './decision.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

/** Has every open referral held that a token under this key touched; those after the referral `after`, when a part is done already. */
export function holdByKeyEffect(kid: string, after: string, given: Pick<Given, 'now' | 'newId'>): StagedEffect {
  const payload = after === '' ? { kid } : { kid, after };
  return stageEffect(given, { kind: 'signing_key.revoked', aggregate: `key:${kid}`, payload });
}
