import * as z from 'zod';
import type { RewardRow } from '../../db/reward-queries.ts';
import { type Tier, tiers } from '../../domain/actor.ts';
import { wireAmount } from '../../domain/money.ts';
import { readObstacle } from '../../domain/obstacle.ts';
import { type PromisedThing, promisedThing } from '../../domain/promise.ts';
import { heldReasons } from '../../domain/release.ts';
import type { Reward } from '../../domain/reward.ts';
import { rewardStatuses } from '../../domain/reward-state.ts';
import { heldReason, requirements, type Standing, shownStatus } from '../../domain/reward-status.ts';
import type { Desk } from '../desk.ts';
import { termsUrl } from '../referrals/present-attribution.ts';
import { id, instant, organizationId, referralId, terms } from '../vocabulary.ts';

export const rewardId = id('rwd', 'a reward, as given by list_rewards');
export const rewardStatus = z.enum(rewardStatuses).describe('held: earned, and not released yet or stopped by an open hold.');
export const currency = z
  .string()
  .regex(/^[a-z]{3}$/)
  .describe('ISO 4217, lower case.');
export const amountMinor = z.int().min(0).describe("In the currency's smallest unit.");

const promise = z
  .discriminatedUnion('what', [
    z.strictObject({
      what: z.literal('discount'),
      percent_bps: z.int().describe('Hundredths of a percent.'),
      months: z.int().nullable().describe('Null: for ever.'),
    }),
    z.strictObject({
      what: z.literal('credits'),
      value: z.strictObject({ amount_minor: amountMinor, currency }),
      units: z.int().nullable(),
      unit: z.string().nullable(),
      expires_days: z.int().nullable().describe('Days from when they are granted; null: never.'),
    }),
    z.strictObject({ what: z.literal('unlock'), feature_id: z.string(), days: z.int() }),
  ])
  .describe('What is promised where it is no amount of money.');

export const rewardView = z
  .strictObject({
    id: rewardId,
    referral_id: referralId,
    organization_id: organizationId,
    beneficiary: z.enum(['referrer', 'referee']),
    kind: z.string().describe('How it reaches its beneficiary; `external` is paid by the vendor itself.'),
    period: z.string().nullable().describe('The payment that a recurring reward was earned by; null for what is earned once.'),
    rule: z.string().describe('The rule of the terms that it was earned by.'),
    amount: z.strictObject({ amount_minor: amountMinor, currency }).nullable().describe('Null for a promise.'),
    promise: promise.nullable(),
    reversed_minor: amountMinor.describe('What of it was taken back.'),
    netted_minor: amountMinor.describe('What of it paid back an earlier debt instead of being handed over.'),
    status: rewardStatus,
    held_reason: z.enum(heldReasons).nullable().describe('What is in its way now: the first reason of several.'),
    available_at: instant.describe('When its hold period ends.'),
    requires: z.array(z.enum(tiers)).describe('The tier that its organization needs before it is released.'),
    terms,
    created_at: instant,
  })
  .meta({ id: 'Reward' });

export type RewardView = z.input<typeof rewardView>;

/** A stored reward in its wire form. `become`: what a decision made of it since it was loaded. */
export function showReward(stored: RewardRow, tier: Tier | null, desk: Desk, now: Date, become?: Reward): RewardView {
  const { kind, currency } = stored;
  const standing = standingOf(stored, tier, become);
  const promised = promisedThing({ kind, currency, accruedMinor: stored.accrued_minor }, stored.details);
  return {
    ...{ id: stored.reward_id, referral_id: stored.referral_id, organization_id: stored.organization_id },
    ...{ beneficiary: stored.side, kind, period: stored.occasion === 'once' ? null : stored.occasion, rule: stored.rule },
    amount: stored.accrued_minor === 0n ? null : { amount_minor: wireAmount(stored.accrued_minor), currency },
    promise: promised && showPromise(promised),
    reversed_minor: wireAmount(become?.reversedMinor ?? stored.reversed_minor),
    netted_minor: wireAmount(become?.nettedMinor ?? stored.netted_minor),
    ...{ status: shownStatus(standing), held_reason: heldReason(standing, now), available_at: stored.available_at },
    requires: [...requirements(standing)],
    terms: {
      ...{ program_id: stored.program_id, version: stored.program_version, sha256: stored.terms_sha256 },
      url: termsUrl(desk, stored.program_id, stored.program_version),
    },
    created_at: stored.created_at,
  };
}

function standingOf(stored: RewardRow, tier: Tier | null, become?: Reward): Standing {
  const { payee, side } = stored;
  const shown = payee && {
    frozenUntil: payee.frozen_until === null ? null : new Date(payee.frozen_until),
    obstacle: readObstacle(payee.obstacle),
  };
  return {
    ...{ status: become?.status ?? stored.status, kind: stored.kind, tier, referral: stored.referral_status },
    ...{ availableAt: new Date(stored.available_at), holds: stored.holds ?? [], isDomainDisputed: stored.is_domain_disputed },
    obstacle: become === undefined ? readObstacle(stored.obstacle) : null,
    // Where the referred side's goes is not shown to readers.
    payee: shown ?? (side === 'referrer' ? 'none' : null),
  };
}

function showPromise(promised: PromisedThing): z.input<typeof promise> {
  switch (promised.what) {
    case 'discount':
      return { what: 'discount', percent_bps: promised.percentBps, months: promised.months };
    case 'credits': {
      const { valueMinor, units, unit, expiresDays } = promised;
      const value = { amount_minor: wireAmount(valueMinor), currency: promised.currency };
      return { what: 'credits', value, units, unit, expires_days: expiresDays };
    }
    case 'unlock':
      return { what: 'unlock', feature_id: promised.featureId, days: promised.days };
  }
}
