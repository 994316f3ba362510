import * as z from 'zod';
import { type Estimate, estimateReward as estimate } from '../../domain/estimate.ts';
import { programTerms } from '../../domain/program.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { id } from '../vocabulary.ts';

const currency = z.string().regex(/^[a-z]{3}$/);
const amount = z.int().min(1).max(1_000_000_000_000);
const day = z.int().nullable().describe('Days after the first payment.');

/** What the figures hang on: the program's other conditions, caps that others have used, who is credited in the end. */
const assumed = [
  'payments_are_monthly',
  'nothing_is_given_back',
  'other_conditions_hold',
  'caps_are_unused',
  'attribution_is_won',
] as const;
/** Without a payment provider nobody tells what was paid. */
const assumedAlone = [...assumed, 'payments_are_reported'] as const;

const RuleEstimate = z.strictObject({
  rule: z.string(),
  side: z.enum(['referrer', 'referee']),
  model: z.string(),
  kind: z.string(),
  times: z.int().describe('How many rewards it comes to.'),
  currency: currency.nullable(),
  amount_minor: z.int().nullable().describe('All of them, within the caps; null where no money is involved.'),
  before_caps_minor: z.int().nullable(),
  promised: z.record(z.string(), z.unknown()).nullable().describe('The discount, units or feature.'),
  first_available_day: day,
  last_available_day: day,
});

export const estimateReward = defineRead({
  name: 'estimate_reward',
  title: 'Estimate reward',
  summary: 'What a referral with these figures would earn',
  description:
    'What a referral would earn under the current terms, by rule and side, if the customer paid this much. A promise of nothing.',
  rest: { method: 'post', path: '/v1/programs/{program_id}/estimate', status: 200 },
  mcp: true,
  access: { scope: 'referrals:read', anonymous: true },
  input: z.strictObject({
    program_id: id('prg', 'the program'),
    amount_minor: amount.describe('Each month, net of tax.'),
    currency,
    months: z.int().min(1).max(36).optional().describe('Default 12.'),
    qualified_referrals_before: z.int().min(0).max(1_000_000).optional(),
  }),
  output: z.strictObject({
    terms: z.strictObject({ program_id: z.string(), version: z.int(), sha256: z.string(), url: z.string() }),
    qualifies_by_payment: z.int().nullable().describe('From this payment on, counted from one; null: these do not qualify it.'),
    rewards: z.array(RuleEstimate),
    assumes: z.array(z.enum(assumedAlone)),
  }),
  failures: ['resource.not_found', 'request.malformed', 'media.unsupported', 'body.too_large'],
  sideEffect: 'none',
  view: (_facts, { input, desk, now }) => {
    const { id: programId, version, sha256, url } = desk.program;
    if (input.program_id !== programId) return refuse('resource.not_found');
    const payment = { amountMinor: input.amount_minor, currency: input.currency };
    const estimated = estimate(
      programTerms(desk.vendor, { programId, version }),
      {
        payments: Array.from({ length: input.months ?? 12 }, () => payment),
        qualifiedBefore: input.qualified_referrals_before ?? 0,
      },
      now,
    );
    return ok({
      terms: { program_id: programId, version, sha256, url },
      qualifies_by_payment: estimated.qualifiesBy,
      rewards: estimated.rewards.map(shown),
      assumes: desk.stripe === null ? [...assumedAlone] : [...assumed],
    });
  },
});

const shown = (rule: Estimate['rewards'][number]) => ({
  ...{ rule: rule.rule, side: rule.side, model: rule.model, kind: rule.kind, times: rule.times, currency: rule.currency },
  ...{ amount_minor: rule.amountMinor, before_caps_minor: rule.beforeCapsMinor, promised: rule.promised },
  ...{ first_available_day: rule.firstAvailableDay, last_available_day: rule.lastAvailableDay },
});
