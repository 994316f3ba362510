import { type Given, together } from './decision.ts';
import { ok, type Result, refuse } from './result.ts';
import type { Cause } from './reward.ts';
import type { RewardFile } from './reward-file.ts';
import { type Outcome, type Settled, settleSent } from './settle-reward.ts';

/** The effect that finds out what became of a reward that was sent. */
export interface Finder {
  readonly effectId: string;
  readonly state: 'waiting' | 'dead';
}

/**
 * Takes the vendor's word on a reward that was sent to the payment provider, whose outcome nobody finds out any more: its effect was given
 * up (null: discarded), and is discarded in the same commit, so that it cannot act afterwards. `paid` wants the name of the object at the
 * provider (https://docs.stripe.com/api: `cbtxn_…`, `tr_…`), which is then compared like any other. What failed is available again and
 * sent later, as after any refusal. The same word again changes nothing. `state.forbidden` for anything else.
 */
export function confirmGivenUp(
  file: RewardFile,
  said: Outcome,
  finder: Finder | null,
  cause: Cause,
  given: Given,
): Result<Settled, 'state.forbidden'> {
  const { reward, sent } = file;
  const isRepeated = file.settled.some(({ outcome, reference }) => outcome === said.outcome && reference === said.reference);
  if (isRepeated) return ok({ reward, changes: {} });
  if (sent === null || finder?.state === 'waiting') {
    return forbidden(
      'Rewards of this kind are settled by the payment provider. Only what it was asked for and was given up is yours to confirm.',
    );
  }
  if (said.outcome === 'paid' && !objectAtProvider.test(said.reference)) {
    return forbidden('Name what was paid by its id at the payment provider.');
  }
  const arrival = said.outcome === 'paid' ? said : ({ obstacle: 'provider_refused', reference: said.reference } as const);
  const settled = settleSent(file, sent.fulfilmentId, arrival, cause, given);
  if (settled === null) return forbidden('It is not under way any more.');
  if (finder === null) return ok(settled);
  const discarded = {
    effect_id: finder.effectId,
    from_state: 'dead',
    state: 'discarded',
    due_at: null,
    at: given.now.toISOString(),
  } as const;
  return ok({ reward: settled.reward, changes: together(settled.changes, { revived_effects: [discarded] }) });
}

const objectAtProvider = /^[a-z]{2,12}_[A-Za-z0-9_]{1,100}$/;
const forbidden = (detail: string) => refuse('state.forbidden', { detail });
