import { queries } from '../../db/queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import { obstructPayee, payeeFile } from '../../domain/payee.ts';
import { ask } from './answer.ts';
import { accountObstacle } from './events/accounts.ts';
import type { StripeScene } from './translator.ts';

/**
 * Reads the connected accounts again that nothing can be sent to, and notes what is so now: should the webhook have been lost by which
 * Stripe told that one became ready, nobody would ever ask. A hundred at most, those that were linked last. What cannot be read stays as it
 * is.
 */
export async function rereadAccounts({ stripe, consult }: Pick<StripeScene, 'stripe' | 'consult'>): Promise<Changes> {
  const [obstructed] = await consult([queries.obstructedAccounts(mostAccounts)]);
  const changes: Changes[] = [];
  for (const row of obstructed) {
    const file = payeeFile(row);
    const account = file?.current?.stripeId;
    if (!file || account === undefined) continue;
    const seen = await ask('account', () => stripe.accounts.retrieve(account));
    if (seen.kind === 'ok') changes.push(obstructPayee(file, accountObstacle(seen.value)));
    if (seen.kind === 'later') break;
  }
  return together(...changes);
}

const mostAccounts = 100;
