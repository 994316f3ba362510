import type Stripe from 'stripe';
import * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import { stageEffect, tell } from '../../domain/stage.ts';
import type { Settlement } from '../effect.ts';
import { type Answer, ask, unanswered } from './answer.ts';
import { fulfilling, type Handed, isRepeated, keyOf, markOf, notHanded } from './fulfil.ts';
import { runningSubscriptions } from './subscriptions.ts';
import type { StripeScene } from './translator.ts';

const order = z.object({
  ...{ reward_id: z.string(), fulfilment_id: z.string(), organization_id: z.string(), target: z.string() },
  feature_id: z.string(),
  until: z.string(),
});
type Unlock = z.output<typeof order>;

/**
 * `stripe.entitlement.unlock`: a feature for a time. Stripe entitles by product, so that a price of nothing, of the product that carries
 * the feature, is added to the subscription (https://docs.stripe.com/billing/entitlements); the vendor names it by the lookup key
 * `frontdesk-unlock-<feature>`. Rewards that unlock the same share one item, which stays until the latest of their ends.
 */
export const unlockEntitlement = fulfilling(order, async (unlock, scene, effect): Promise<Handed> => {
  const price = await freePrice(unlock.feature_id, scene);
  if (price.kind !== 'ok') return notHanded(price, effect, scene);
  if (price.value === null) return { kind: 'refused', obstacle: 'feature_not_sold' };
  const { id: priceId } = price.value;
  const running = await runningSubscriptions(unlock.target, scene);
  if (running.kind !== 'ok') return notHanded(running, effect, scene);
  const [newest] = running.value;
  if (newest === undefined) return { kind: 'refused', obstacle: 'no_subscription' };
  const has = running.value.flatMap(({ items }) => items.data).find(({ price: of }) => of.id === priceId);
  if (has !== undefined && endsOf(has).has(unlock.reward_id)) return granted(has, unlock, scene);
  // One that the vendor put there is not ours to end.
  if (has !== undefined && has.metadata.frontdesk_reward === undefined) return { kind: 'arrived', reference: has.id };
  const answer = has === undefined ? await addItem(newest, priceId, unlock, scene) : await takeOver(has, unlock, scene);
  if (answer.kind !== 'ok') return notHanded(answer, effect, scene, 'provider_refused', 'no_subscription');
  return granted(answer.value, unlock, scene);
});

/** The recurring price of nothing by which the feature is unlocked; null: the vendor has none. */
async function freePrice(feature: string, { stripe }: StripeScene): Promise<Answer<Stripe.Price | null>> {
  const listed = await ask<Stripe.ApiList<Stripe.Price>>('list', () =>
    stripe.prices.list({ lookup_keys: [`frontdesk-unlock-${feature}`], active: true, limit: 1 }),
  );
  if (listed.kind !== 'ok') return listed;
  return { kind: 'ok', value: listed.value.data.find(({ unit_amount }) => unit_amount === 0) ?? null };
}

function addItem(subscription: Stripe.Subscription, price: string, unlock: Unlock, scene: StripeScene) {
  const params = {
    subscription: subscription.id,
    price,
    quantity: 1,
    proration_behavior: 'none' as const,
    metadata: metadataOf(unlock, new Map([[unlock.reward_id, unlock.until]]), scene),
  };
  return ask('subscription_item', () =>
    scene.stripe.subscriptionItems.create(params, keyOf(scene, unlock.fulfilment_id, `unlock.${subscription.id}`)),
  );
}

/** The item of an earlier reward becomes this one's, and remembers the other's end. */
function takeOver(item: Stripe.SubscriptionItem, unlock: Unlock, scene: StripeScene) {
  const metadata = metadataOf(unlock, new Map(endsOf(item)).set(unlock.reward_id, unlock.until), scene);
  return ask('subscription_item', () =>
    scene.stripe.subscriptionItems.update(item.id, { metadata }, keyOf(scene, unlock.fulfilment_id, 'unlock_longer')),
  );
}

/** Until when an item stays for each of the rewards that share it: the latest end first, times as RFC 3339 in UTC. */
type Ends = ReadonlyMap<string, string>;

function endsOf({ metadata }: Pick<Stripe.SubscriptionItem, 'metadata'>): Ends {
  const ends = (metadata.frontdesk_until ?? '').split(' ').map((one) => one.split('='));
  return new Map(ends.flatMap(([reward, until]) => (reward && until ? [[reward, until] as const] : [])));
}

/** `holder`: whose the item is now. */
function metadataOf(holder: Pick<Unlock, 'reward_id' | 'fulfilment_id'>, ends: Ends, scene: StripeScene) {
  const latestFirst = [...ends].sort(([, a], [, b]) => b.localeCompare(a)).slice(0, mostEnds);
  return { ...markOf(scene, holder), frontdesk_until: latestFirst.map((end) => end.join('=')).join(' ') };
}

/** As many as fit into a value of 500 characters; what ends before all of these has nothing to add. */
const mostEnds = 8;

function granted(item: Stripe.SubscriptionItem, unlock: Unlock, { given }: StripeScene): Handed {
  const [latest = unlock.until] = endsOf(item).values();
  const revoke = stageEffect(given, {
    // Not yet in the customer's own order: everything else of the customer would wait for it.
    ...{ kind: 'stripe.entitlement.revoke', aggregate: `entitlement:${unlock.reward_id}`, destination: 'stripe' },
    ...{ organization_id: unlock.organization_id, payload: { reward_id: unlock.reward_id }, due_at: unlock.until },
  });
  return {
    kind: 'arrived',
    reference: item.id,
    changes: together({ effects: [revoke] }, told('entitlement.granted', { ...unlock, until: latest }, item.id, given)),
  };
}

function told(
  type: 'entitlement.granted' | 'entitlement.revoked',
  about: {
    readonly reward_id: string;
    readonly organization_id: string;
    readonly target: string | null;
    readonly feature_id?: string;
    readonly until?: string;
  },
  item: string,
  given: StripeScene['given'],
): Changes {
  const { reward_id, organization_id, target, feature_id, until } = about;
  const data = {
    ...{ reward: reward_id, organization: organization_id, stripe_customer: target, subscription_item: item },
    ...(feature_id === undefined ? {} : { feature: feature_id }),
    ...(until === undefined ? {} : { until }),
  };
  return { events: [tell(given, { type, organization_id, subject_id: reward_id, data })] };
}

const asked = z.object({ reward_id: z.string() });

/**
 * `stripe.entitlement.revoke`: the time is over, or the reward was withdrawn. What another reward still has time for is handed to it. What
 * is there no longer and what the vendor put there is left alone; so is the last item of a subscription, which has ended then.
 */
export async function revokeEntitlement(effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const parsed = asked.safeParse(effect.payload);
  if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const [row] = await scene.consult([queries.handedOver(parsed.data.reward_id)]);
  const item = row?.reference;
  if (!row || !item) return { kind: 'done', note: 'nothing_handed_over' };
  const { stripe, given, now } = scene;
  // In the customer's order, as all that touches the item: of two that share it each would leave it to the other.
  const aggregate = `stripe:${row.target}`;
  if (effect.aggregate !== aggregate) {
    const { kind, destination, organization_id } = effect;
    const inOrder = stageEffect(given, { kind, aggregate, destination, organization_id, payload: { reward_id: row.reward_id } });
    return { kind: 'done', changes: { effects: [inOrder] } };
  }
  const shown = await ask('subscription_item', () => stripe.subscriptionItems.retrieve(item));
  // Gone by the subscription's own end, or by an attempt of ours that was not written down.
  if (shown.kind === 'missing') return isRepeated(effect) ? { kind: 'done', changes: told('entitlement.revoked', row, item, given) } : gone;
  if (shown.kind !== 'ok') return unanswered(shown);
  const others = new Map(endsOf(shown.value));
  if (!others.delete(row.reward_id)) return { kind: 'done', note: 'unlocked_otherwise' };
  const [heir] = [...others].find(([, until]) => Date.parse(until) > now.getTime()) ?? [];
  if (heir !== undefined) return handTo(heir, others, item, effect, scene);
  const removed = await ask('subscription_item', () =>
    stripe.subscriptionItems.del(item, { proration_behavior: 'none' }, keyOf(scene, effect.effect_id, 'revoke')),
  );
  if (removed.kind === 'ok' || removed.kind === 'missing') return { kind: 'done', changes: told('entitlement.revoked', row, item, given) };
  return unanswered(removed);
}

async function handTo(rewardId: string, ends: Ends, item: string, effect: Claimed, scene: StripeScene): Promise<Settlement> {
  const [holder] = await scene.consult([queries.handedOver(rewardId)]);
  // An empty value removes it: that of a fulfilment without an outcome yet.
  const metadata = metadataOf({ reward_id: rewardId, fulfilment_id: holder?.fulfilment_id ?? '' }, ends, scene);
  const handed = await ask('subscription_item', () =>
    scene.stripe.subscriptionItems.update(item, { metadata }, keyOf(scene, effect.effect_id, 'hand_back')),
  );
  return handed.kind === 'ok' || handed.kind === 'missing' ? { kind: 'done', note: 'unlocked_otherwise' } : unanswered(handed);
}

const gone: Settlement = { kind: 'done', note: 'nothing_left' };
