import * as z from 'zod';
import { canonicalize, sha256Hex } from './canonical.ts';
import { amountMinor, currency, sentence, slug, text } from './document-field.ts';
import { invariant } from './result.ts';
import type { VendorConfig } from './vendor.ts';

/** The public terms of `config`'s program at `version`: what is hashed, quoted in referrals and receipts, and never changed again. */
export function programTerms(config: VendorConfig, identity: { readonly programId: string; readonly version: number }): ProgramTerms {
  const { program, vendor } = config;
  return {
    program_id: identity.programId,
    version: identity.version,
    vendor: { id: vendor.id, name: vendor.name },
    slug: program.id,
    name: program.name,
    reward: program.reward,
    qualification: program.qualification,
    hold_days: program.hold_days,
    referral_ttl_days: program.referral_ttl_days,
    attribution: program.attribution,
    self_referral: program.self_referral,
    exclusions: program.exclusions,
    max_open_declared_per_organization: program.max_open_declared_per_organization,
    disclosure: program.disclosure,
  };
}

/** Whether a rule of these terms pays money out, to an account that its beneficiary has at the payment provider. */
export const paysOut = ({ reward }: Pick<ProgramTerms, 'reward'>): boolean => reward.rules.some((one) => one.kind === 'stripe_transfer');

export interface CanonicalTerms {
  /** RFC 8785 text; the hash is over its UTF-8 bytes. */
  readonly bytes: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** The one byte sequence of these terms (RFC 8785) and its SHA-256. */
export function canonicalTerms(terms: ProgramTerms): CanonicalTerms {
  const bytes = canonicalize(terms);
  return { bytes, sha256: sha256Hex(bytes) };
}

export interface ProgramVersion extends CanonicalTerms {
  readonly version: number;
}

/**
 * The version that `config`'s terms belong to: `previous` itself when they say the same, else the next number. The first is 1.
 * The terms carry their own version, so they are compared under the previous one.
 */
export function nextProgramVersion(
  previous: ProgramVersion | null,
  config: VendorConfig,
  programId: string,
): ProgramVersion & { readonly changed: boolean } {
  if (previous !== null) {
    invariant(sha256Hex(previous.bytes) === previous.sha256, 'stored terms have the hash they were published under');
    const same = canonicalTerms(programTerms(config, { programId, version: previous.version })).sha256 === previous.sha256;
    if (same) return { version: previous.version, sha256: previous.sha256, bytes: previous.bytes, changed: false };
  }
  const version = (previous?.version ?? 0) + 1;
  return { version, ...canonicalTerms(programTerms(config, { programId, version })), changed: true };
}

const rule = {
  id: slug().describe('The short name of the rule, stored with every reward that it makes.'),
  side: z.enum(['referrer', 'referee']).describe('Who earns: the organization that referred, or the customer that was referred.'),
};
const kind = z
  .enum(['stripe_balance_credit', 'stripe_credit_grant', 'stripe_transfer', 'external'])
  .describe('How the reward reaches its beneficiary.');
const percentBps = z.int().min(1).max(10_000);
const percentOfCollected = {
  kind,
  percent_bps: percentBps.describe('The share of the cash collected, net of tax and discounts, in hundredths of a percent.'),
  currency: currency().nullable().describe('Only payments in this currency earn; null means each payment earns in its own currency.'),
  cap_minor: amountMinor(1)
    .nullable()
    .describe("The most that one referral earns by this rule, in the currency's smallest unit; null means no cap."),
};

export const RewardRule = z.discriminatedUnion('model', [
  z
    .strictObject({
      ...rule,
      model: z.literal('flat').describe('A fixed amount, once.'),
      kind,
      amount_minor: amountMinor(1).describe("The amount in the currency's smallest unit."),
      currency: currency().describe('The ISO 4217 currency code in lower case.'),
    })
    .describe('A fixed amount, once per referral.'),
  z
    .strictObject({ ...rule, model: z.literal('percent').describe('A share of the first payment.'), ...percentOfCollected })
    .describe('A share of the first payment that qualifies.'),
  z
    .strictObject({
      ...rule,
      model: z.literal('recurring_percent').describe('A share of several payments.'),
      ...percentOfCollected,
      periods: z.int().min(1).max(120).nullable().describe('How many paid invoices earn; null means as long as the customer pays.'),
    })
    .describe('A share of every payment, for a number of paid invoices.'),
  z
    .strictObject({
      ...rule,
      model: z.literal('tiered').describe('An amount that grows with the number of qualified referrals.'),
      kind,
      currency: currency().describe('The ISO 4217 currency code in lower case.'),
      steps: z
        .array(
          z.strictObject({
            from_referrals: z
              .int()
              .min(1)
              .max(1_000_000)
              .describe("The organization's qualified referrals, this one included, from which the step holds."),
            amount_minor: amountMinor(1).describe("The amount per referral in the currency's smallest unit."),
          }),
        )
        .min(1)
        .max(20)
        .describe('The steps in ascending order; the first starts at 1.'),
    })
    .describe('A fixed amount per referral that grows with their number.'),
  z
    .strictObject({
      ...rule,
      model: z.literal('unit_credits').describe('Units of the product for free, every month.'),
      kind: z.literal('stripe_credit_grant').describe('How the reward reaches its beneficiary.'),
      units: z.int().min(1).max(1_000_000_000_000).describe('How many units each month brings.'),
      unit: slug().describe('What is counted, for example `tokens`.'),
      amount_minor: amountMinor(1).describe("What the units of one month are worth, in the currency's smallest unit."),
      currency: currency().describe('The ISO 4217 currency code in lower case.'),
      periods: z.int().min(1).max(36).describe('How many months bring units.'),
      expires_days: z
        .int()
        .min(1)
        .max(366)
        .nullable()
        .describe("How many days one month's units can be used; null means until they are used up."),
    })
    .describe('Units of the product, credited every month for some months.'),
  z
    .strictObject({
      ...rule,
      model: z.literal('discount').describe("A discount on the beneficiary's own subscription."),
      kind: z.literal('stripe_subscription_discount').describe('How the reward reaches its beneficiary.'),
      percent_bps: percentBps.describe('The discount in hundredths of a percent.'),
      months: z.int().min(1).max(120).nullable().describe('How many months the discount lasts; null means for ever.'),
    })
    .describe("A discount on the beneficiary's own subscription."),
  z
    .strictObject({
      ...rule,
      model: z.literal('unlock').describe('A feature for a limited time.'),
      kind: z.literal('entitlement_unlock').describe('How the reward reaches its beneficiary.'),
      feature_id: slug().describe('The feature that is unlocked.'),
      days: z.int().min(1).max(3650).describe('How many days the feature stays unlocked.'),
    })
    .describe('A feature, unlocked for a limited time.'),
]);

export const RewardCap = z.strictObject({
  per: z.enum(['referral', 'organization', 'program']).describe('What the cap is counted for.'),
  period: z.enum(['month', 'year', 'all_time']).describe('The calendar span in UTC after which counting starts again.'),
  amount_minor: amountMinor(1).describe("The most that is earned, in the currency's smallest unit."),
  currency: currency().describe('The ISO 4217 currency code in lower case.'),
});

export const Reward = z.strictObject({
  rules: z.array(RewardRule).min(1).max(10).describe('What a qualified referral earns, on one or both sides.'),
  caps: z.array(RewardCap).max(20).describe('Limits on what all rules together earn.'),
});

const conditionId = slug().describe('The short name of the condition, quoted in rule traces.');

export const Condition = z.discriminatedUnion('kind', [
  z
    .strictObject({
      id: conditionId,
      kind: z.literal('invoice_paid').describe('The customer paid.'),
      count: z.int().min(1).max(36).describe('How many invoices must be paid.'),
      min_amount_minor: amountMinor(1)
        .nullable()
        .describe("The least cash collected on each, in the currency's smallest unit; null means any amount above zero."),
      currency: currency().nullable().describe('The currency of the least amount; null if there is none.'),
    })
    .describe('Invoices of the referred customer were paid.'),
  z
    .strictObject({
      id: conditionId,
      kind: z.literal('event_received').describe("The vendor's back end reported something."),
      event_type: z.enum(['signup.completed', 'product.activated', 'usage.reported', 'deal.stage_changed']).describe('The type of event.'),
      count: z.int().min(1).max(1_000).describe('How many such events are needed.'),
    })
    .describe("Events about the referred customer arrived from the vendor's back end."),
  z
    .strictObject({ id: conditionId, kind: z.literal('workspace_claimed').describe('A human took over the workspace.') })
    .describe('A human of the referred customer claimed the workspace.'),
  z
    .strictObject({
      id: conditionId,
      kind: z.literal('workspace_used').describe('The workspace was used.'),
      min_writes: z.int().min(1).max(1_000_000).describe('How many rows must have been written.'),
    })
    .describe('The workspace was used.'),
  z
    .strictObject({
      id: conditionId,
      kind: z.literal('days_active').describe('Time passed.'),
      days: z.int().min(1).max(730).describe('How many days the customer must have stayed since it signed up.'),
    })
    .describe('The referred customer stayed for some days.'),
]);

export const AttributionPolicy = z.strictObject({
  model: z.enum(['last_touch', 'first_touch']).describe('Which evidenced touch is credited when there are several.'),
  window_days: z.int().min(1).max(365).describe('How many days before the payment a touch may lie.'),
  grace_days: z.int().min(0).max(14).describe('How many days the window is extended for payments that are reported late.'),
  declared_alone_qualifies: z.boolean().describe("Whether an agent's word qualifies a referral that the customer never confirmed."),
});

export const SelfReferralPolicy = z.strictObject({
  allow_resellers: z.boolean().describe('Whether an organization may be credited for a customer that it bills itself.'),
});

export const Exclusion = z.strictObject({
  id: slug().describe('The short name of the exclusion.'),
  description: text(300).describe('Who or what earns nothing.'),
});

/** Reads canonical terms as they are stored, by version. What it answers throws for a version that was not loaded: terms are kept for ever. */
export function readTerms(stored: { readonly [version: string]: string } | null): (version: number) => ProgramTerms {
  const read = new Map<number, ProgramTerms>();
  return (version) => {
    const text = stored?.[version];
    invariant(text !== undefined, 'the terms that a referral is bound to are kept');
    const terms = read.get(version) ?? ProgramTerms.parse(JSON.parse(text));
    read.set(version, terms);
    return terms;
  };
}

/** What a program says, whatever the vendor file may leave out. */
export const ProgramBody = z.strictObject({
  name: text(80).describe('The name of the program that people know.'),
  reward: Reward.describe('What a qualified referral earns.'),
  qualification: z.array(Condition).min(1).max(20).describe('What must hold before a referral qualifies; all conditions must hold.'),
  hold_days: z.int().min(0).max(365).describe('How many days a reward is held after it is earned.'),
  referral_ttl_days: z.int().min(1).max(730).describe('How many days a referral may stay pending before it expires.'),
  attribution: AttributionPolicy.describe('Who is credited when several organizations referred the same customer.'),
  self_referral: SelfReferralPolicy.describe('What holds when an organization refers itself.'),
  exclusions: z.array(Exclusion).max(30).describe('Who or what earns nothing.'),
  max_open_declared_per_organization: z
    .int()
    .min(1)
    .max(100_000)
    .describe('How many pending referrals that nobody confirmed one organization may have.'),
  disclosure: sentence(400).describe('The sentence that an agent shows its principal before it refers anybody.'),
});

export const ProgramId = z.string().regex(/^prg_[0-7][0-9a-hjkmnp-tv-z]{25}$/, { error: 'A program id is needed.' });

/** The wire form of one immutable program version. */
export const ProgramTerms = z
  .strictObject({
    program_id: ProgramId.describe('The id of the program.'),
    version: z.int().min(1).describe('The number of this version; a change of any term makes the next one.'),
    vendor: z
      .strictObject({ id: slug().describe("The vendor's short name."), name: text(80).describe("The vendor's name.") })
      .describe('The vendor that promises the reward.'),
    slug: slug().describe("The program's short name."),
    ...ProgramBody.shape,
  })
  .meta({ id: 'ProgramTerms', description: 'One immutable version of the terms of a referral program.' });
export type ProgramTerms = z.output<typeof ProgramTerms>;
