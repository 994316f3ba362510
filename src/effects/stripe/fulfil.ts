import type * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import type { Obstacle } from '../../domain/obstacle.ts';
import { type RewardFile, readRewardFile } from '../../domain/reward-file.ts';
import { settleSent } from '../../domain/settle-reward.ts';
import type { Settlement } from '../effect.ts';
import { type Answer, unanswered } from './answer.ts';
import type { StripeScene } from './translator.ts';

/** What every effect that hands a reward over says. */
export interface Order {
  readonly reward_id: string;
  readonly fulfilment_id: string;
  /** A customer, or a connected account. */
  readonly target: string;
}

/** What came of it: it is there; it is not, and will not be; or nobody knows yet. */
export type Handed =
  | { readonly kind: 'arrived'; readonly reference: string; readonly changes?: Changes }
  | { readonly kind: 'refused'; readonly obstacle: Obstacle }
  | { readonly kind: 'open'; readonly settlement: Settlement };

/**
 * Hands a reward over by `hand` and settles it. `hand` is asked only while the fulfilment is still open; on every claim but the first (`lease`; a person who has it tried again begins `attempts` anew) it
 * looks up whether it happened before it does it, because Stripe forgets an idempotency key after a day.
 */
export function fulfilling<T extends Order>(
  payload: z.ZodType<T>,
  hand: (order: T, scene: StripeScene, effect: Claimed) => Promise<Handed>,
): (effect: Claimed, scene: StripeScene) => Promise<Settlement> {
  return async (effect, scene) => {
    const parsed = payload.safeParse(effect.payload);
    if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
    const order = parsed.data;
    if ((await openFile(order, scene)) === null) return settledBefore;
    const handed = await hand(order, scene, effect);
    if (handed.kind === 'open') return handed.settlement;
    // Read again: what came meanwhile, a refund for one, decides with it.
    const file = await openFile(order, scene);
    if (file === null) return settledBefore;
    const because = handed.kind === 'arrived' ? 'provider_confirmed' : handed.obstacle;
    const cause = { tenant: scene.desk.tenant, actor: 'system:stripe', because };
    const settled = settleSent(
      file,
      order.fulfilment_id,
      handed.kind === 'arrived' ? handed : { obstacle: handed.obstacle },
      cause,
      scene.given,
    );
    if (settled === null) return settledBefore;
    if (handed.kind === 'refused') return { kind: 'done', changes: settled.changes, note: handed.obstacle };
    return { kind: 'done', changes: together(settled.changes, handed.changes ?? {}) };
  };
}

const settledBefore: Settlement = { kind: 'done', note: 'settled_before' };

async function openFile(order: Order, { consult }: StripeScene): Promise<RewardFile | null> {
  const [row] = await consult([queries.rewardFile(order.reward_id)]);
  const file = row && readRewardFile(row);
  return file?.sent?.fulfilmentId === order.fulfilment_id ? file : null;
}

/** What is written on whatever we make at Stripe, and by which a later attempt knows it again. */
export function markOf({ desk }: Pick<StripeScene, 'desk'>, order: Omit<Order, 'target'>) {
  return { frontdesk_tenant: desk.tenant, frontdesk_reward: order.reward_id, frontdesk_fulfilment: order.fulfilment_id };
}

/**
 * Whether anybody may have done it before. Told by the lease, which counts every claim: attempts start again when a person, or the
 * reconciliation, takes an effect up that had been given up.
 */
export const isRepeated = ({ lease }: Claimed): boolean => lease > 1;

/** https://docs.stripe.com/api/idempotent_requests. `of`: the fulfilment or effect; never the invoice, which there may be several of. */
export function keyOf({ desk }: Pick<StripeScene, 'desk'>, of: string, what: string) {
  return { idempotencyKey: `frontdesk:${desk.tenant}:${of}:${what}:v1` };
}

/** What did not succeed, where a refusal means `obstacle` and a missing object `missing`. */
export function notHanded(
  answer: Exclude<Answer<unknown>, { kind: 'ok' }>,
  effect: Claimed,
  { now }: Pick<StripeScene, 'now'>,
  obstacle: Obstacle = 'provider_refused',
  missing: Obstacle = 'customer_deleted',
): Handed {
  if (answer.kind === 'later') return { kind: 'open', settlement: asLate(answer, effect, now) };
  // The key was used for something else, so that nobody can say what happened under it.
  if (answer.code === 'idempotency_error') return { kind: 'open', settlement: unanswered(answer) };
  // An object that is named in a parameter, and not in the address, is missing with status 400.
  return { kind: 'refused', obstacle: answer.kind === 'missing' || answer.code === 'resource_missing' ? missing : obstacle };
}

/**
 * A failure that Stripe keeps under our key comes back for as long as the key does: the last attempts wait until it is forgotten, and a
 * look-up then decides.
 */
export function asLate(answer: Extract<Answer<unknown>, { kind: 'later' }>, effect: Claimed, now: Date): Settlement {
  const forgottenAt = Date.parse(effect.created_at) + keyLifeMs;
  const waits = answer.unknown && effect.attempts >= patientAttempts && forgottenAt > now.getTime();
  return unanswered(waits ? { ...answer, afterS: Math.ceil((forgottenAt - now.getTime()) / 1000) } : answer);
}

const keyLifeMs = 25 * 3_600_000;
const patientAttempts = 14;

/** The answer is about something else than what was asked for: nothing is settled on it, a person looks. */
export const differs: Handed = { kind: 'open', settlement: { kind: 'dead', error: 'stripe_answer_differs', counts: false } };
