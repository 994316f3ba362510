import type Stripe from 'stripe';
import { queries } from '../../../db/queries.ts';
import type { Obstacle } from '../../../domain/obstacle.ts';
import { linkPayee, obstructPayee, payeeFile } from '../../../domain/payee.ts';
import { ask, unanswered } from '../answer.ts';
import type { Translator } from '../translator.ts';

/**
 * `account.updated` (https://docs.stripe.com/connect/handling-api-verification): a connected account that we had made for an organization.
 * Once its details were submitted it is where the organization is paid; whether transfers can be sent to it shows as its obstacle.
 */
export const accountUpdated: Translator = async ({ objectId, eventId }, { desk, given, stripe, consult }) => {
  if (objectId === null) return { kind: 'done', note: 'no_account' };
  const seen = await ask('account', () => stripe.accounts.retrieve(objectId));
  if (seen.kind === 'missing') return { kind: 'done', note: 'account_deleted' };
  if (seen.kind !== 'ok') return unanswered(seen);
  const { metadata, details_submitted } = seen.value;
  const organization_id = metadata?.frontdesk_organization;
  if (organization_id === undefined || metadata?.frontdesk_tenant !== desk.tenant) return { kind: 'done', note: 'account_of_others' };
  const [[found]] = await consult([queries.payeeFiles([{ organization_id, kind: 'account', stripe_id: objectId }])]);
  const file = payeeFile(found);
  if (file === null) return { kind: 'done', note: 'organization_unknown' };
  const obstacle = accountObstacle(seen.value);
  if (file.current?.stripeId === objectId) return { kind: 'done', changes: obstructPayee(file, obstacle) };
  if (!details_submitted) return { kind: 'done', note: 'account_unfinished' };
  const linked = linkPayee(file, { stripeId: objectId, source: 'onboarding', linkedBy: eventId, obstacle }, given);
  return linked.ok ? { kind: 'done', changes: linked.value } : { kind: 'done', note: 'linked_otherwise' };
};

/** Why nothing can be sent to a connected account now; null: it can (https://docs.stripe.com/api/accounts/object, `capabilities.transfers`). */
export function accountObstacle({ capabilities }: Pick<Stripe.Account, 'capabilities'>): Obstacle | null {
  return capabilities?.transfers === 'active' ? null : 'account_not_ready';
}
