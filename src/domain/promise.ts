import * as z from 'zod';
import { invariant } from './result.ts';
import type { Reward } from './reward.ts';

/** What is promised where a reward is no money on a balance: a discount, usage credits, a feature for a time. */
export type PromisedThing =
  | { readonly what: 'discount'; readonly percentBps: number; readonly months: number | null }
  | {
      readonly what: 'credits';
      /** What the credits are worth, in the smallest unit of `currency`. */
      readonly valueMinor: bigint;
      readonly currency: string;
      /** The vendor's own unit, where the terms name one. */
      readonly units: number | null;
      readonly unit: string | null;
      readonly expiresDays: number | null;
    }
  | { readonly what: 'unlock'; readonly featureId: string; readonly days: number };

/**
 * What a reward of this kind promises, as its `details` say; credits of a fixed amount are that amount. Null for money. Details are
 * written by the rules of the terms, so that unreadable ones are a bug.
 */
export function promisedThing(
  { kind, currency, accruedMinor }: Pick<Reward, 'kind' | 'currency' | 'accruedMinor'>,
  details: unknown,
): PromisedThing | null {
  switch (kind) {
    case 'stripe_subscription_discount': {
      const { percent_bps, months } = read(discount, details);
      return { what: 'discount', percentBps: percent_bps, months };
    }
    case 'stripe_credit_grant': {
      const { value_minor, currency: inCurrency, units, unit, expires_days } = read(credits, details);
      const valueMinor = value_minor === null ? accruedMinor : BigInt(value_minor);
      invariant(valueMinor > 0n, 'credits are worth something');
      return { what: 'credits', valueMinor, currency: inCurrency ?? currency, units, unit, expiresDays: expires_days };
    }
    case 'entitlement_unlock': {
      const { feature_id, days } = read(unlock, details);
      return { what: 'unlock', featureId: feature_id, days };
    }
    default:
      return null;
  }
}

const discount = z.object({ percent_bps: z.int().min(1).max(10_000), months: z.int().min(1).nullable().default(null) });
const credits = z.object({
  /** Decimal text, or a number that is exact. */
  value_minor: z
    .union([z.int().min(1), z.string().regex(/^[1-9][0-9]{0,17}$/)])
    .nullable()
    .default(null),
  currency: z.string().length(3).nullable().default(null),
  units: z.int().nullable().default(null),
  unit: z.string().nullable().default(null),
  expires_days: z.int().min(1).nullable().default(null),
});
const unlock = z.object({ feature_id: z.string(), days: z.int().min(1) });

function read<T>(schema: z.ZodType<T>, details: unknown): T {
  const parsed = schema.safeParse(details);
  invariant(parsed.success, 'the details of a reward are what its rule wrote');
  return parsed.data;
}
