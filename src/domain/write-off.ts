import type { Changes, Given } from './decision.ts';
import { enterMovement } from './ledger.ts';
import { ok, type Result, refuse } from './result.ts';
import type { Cause } from './reward.ts';

/** What an organization owes in one currency, and how much of it is not asked for any more. Amounts in the currency's smallest unit. */
export interface WriteOff {
  readonly organizationId: string;
  readonly currency: string;
  readonly owedMinor: bigint;
  /** Null: all of it. */
  readonly amountMinor: bigint | null;
}

/**
 * The vendor gives up a debt that no later reward will pay back (03: uncollectible). `state.forbidden` where nothing is owed,
 * `request.invalid` for more than is owed. A debt that was paid back meanwhile makes the commit refuse.
 */
export function writeOff(
  { organizationId, currency, owedMinor, amountMinor }: WriteOff,
  cause: Cause,
  given: Given,
): Result<
  { readonly writtenOffMinor: bigint; readonly owedMinor: bigint; readonly changes: Changes },
  'state.forbidden' | 'request.invalid'
> {
  if (owedMinor <= 0n) return refuse('state.forbidden', { detail: 'Nothing is owed in this currency.' });
  const writtenOffMinor = amountMinor ?? owedMinor;
  if (writtenOffMinor > owedMinor) return refuse('request.invalid', { issues: [tooMuch] });
  const { changes } = enterMovement(given, cause.tenant, {
    ...{ kind: 'balance.written_off', organizationId, referralId: null, rewardId: null, currency },
    flows: [{ from: 'write_off', to: 'receivable', amountMinor: writtenOffMinor }],
    facts: { because: cause.because, actor: cause.actor },
  });
  return ok({ writtenOffMinor, owedMinor: owedMinor - writtenOffMinor, changes });
}

const tooMuch = { pointer: '/amount_minor', code: 'too_big', message: 'This must not be above what is owed.' };
