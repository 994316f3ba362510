import type Stripe from 'stripe';
import * as z from 'zod';
import type { Claimed } from '../../db/outbox.ts';
import { queries } from '../../db/queries.ts';
import { amountAtStripe } from '../../domain/stripe-amount.ts';
import type { Settlement } from '../effect.ts';
import { ask, unanswered } from './answer.ts';
import { differs, fulfilling, type Handed, isRepeated, keyOf, markOf, notHanded } from './fulfil.ts';
import { lookFor } from './look.ts';
import { idOf } from './reread.ts';

const order = z.object({
  reward_id: z.string(),
  fulfilment_id: z.string(),
  target: z.string(),
  value_minor: z.string().regex(/^[1-9][0-9]{0,17}$/),
  currency: z.string(),
  units: z.int().nullable(),
  unit: z.string().nullable(),
  expires_at: z.string().nullable(),
});
type Credits = z.output<typeof order>;

/**
 * `stripe.credit_grant.create`: credits for usage, as a billing credit grant (https://docs.stripe.com/api/billing/credit-grant). They pay
 * metered prices only, and are promotional: Stripe takes them for paid ones otherwise. Its value is positive, unlike that of a balance.
 */
export const grantCredits = fulfilling(order, async (credits, scene, effect): Promise<Handed> => {
  const { target, fulfilment_id } = credits;
  const value = amountAtStripe(BigInt(credits.value_minor), credits.currency);
  if (value === null) return { kind: 'refused', obstacle: 'provider_refused' };
  if (isRepeated(effect)) {
    const earlier = await lookFor(
      (page) => scene.stripe.billing.creditGrants.list({ customer: target, ...page }),
      effect.created_at,
      ({ metadata }) => metadata.frontdesk_fulfilment === fulfilment_id,
    );
    if (earlier.kind !== 'ok') return notHanded(earlier, effect, scene);
    if (earlier.value !== null) return arrived(earlier.value, credits, value);
  }
  const params: Stripe.Billing.CreditGrantCreateParams = {
    ...{ customer: target, name: nameOf(credits), category: 'promotional', metadata: markOf(scene, credits) },
    amount: { type: 'monetary', monetary: { value, currency: credits.currency } },
    applicability_config: { scope: { price_type: 'metered' } },
    ...(credits.expires_at === null ? {} : { expires_at: Math.floor(Date.parse(credits.expires_at) / 1000) }),
  };
  const answer = await ask('billing.credit_grant', () =>
    scene.stripe.billing.creditGrants.create(params, keyOf(scene, fulfilment_id, 'credit_grant')),
  );
  return answer.kind === 'ok' ? arrived(answer.value, credits, value) : notHanded(answer, effect, scene);
});

function arrived({ id, customer, amount, category }: Stripe.Billing.CreditGrant, { target, currency }: Credits, value: number): Handed {
  const isOurs = idOf(customer) === target && amount.monetary?.value === value && amount.monetary.currency === currency;
  return isOurs && category === 'promotional' ? { kind: 'arrived', reference: id } : differs;
}

/** At most a hundred characters; the unit is a word of the terms. */
const nameOf = ({ units, unit }: Credits): string =>
  units === null || unit === null ? 'Referral reward' : `Referral reward: ${units} ${unit}`.slice(0, 100);

const asked = z.object({ reward_id: z.string() });

/** `stripe.credit_grant.end`: credits of a withdrawn reward are voided while none is used, and otherwise expire now. */
export async function endGrant(effect: Claimed, scene: Parameters<typeof grantCredits>[1]): Promise<Settlement> {
  const parsed = asked.safeParse(effect.payload);
  if (!parsed.success) return { kind: 'dead', error: 'payload_unreadable', counts: false };
  const [row] = await scene.consult([queries.handedOver(parsed.data.reward_id)]);
  const grant = row?.reference;
  if (!grant) return { kind: 'done', note: 'nothing_handed_over' };
  const { creditGrants } = scene.stripe.billing;
  const shown = await ask('billing.credit_grant', () => creditGrants.retrieve(grant));
  if (shown.kind === 'missing') return { kind: 'done', note: 'nothing_left' };
  if (shown.kind !== 'ok') return unanswered(shown);
  const { voided_at, expires_at } = shown.value;
  if (voided_at !== null || (expires_at !== null && expires_at * 1000 <= scene.now.getTime()))
    return { kind: 'done', note: 'nothing_left' };
  const voided = await ask('billing.credit_grant', () => creditGrants.voidGrant(grant, {}, keyOf(scene, effect.effect_id, 'void')));
  if (voided.kind !== 'refused') return voided.kind === 'ok' ? { kind: 'done' } : unanswered(voided);
  const expired = await ask('billing.credit_grant', () => creditGrants.expire(grant, {}, keyOf(scene, effect.effect_id, 'expire')));
  return expired.kind === 'ok' ? { kind: 'done' } : unanswered(expired);
}
