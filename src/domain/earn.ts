import { type Changes, type Given, together } from './decision.ts';
import type { Earning } from './earn-amounts.ts';
import { type CappedEarning, earnedNow } from './earn-caps.ts';
import type { EarningFacts } from './earn-facts.ts';
import { judgeEffect } from './judge-effect.ts';
import type { ProgramTerms } from './program.ts';
import type { PaidInvoice } from './qualification.ts';
import { reassessEffect } from './reassess-effect.ts';
import { accrue } from './reward.ts';

interface Earner {
  readonly referralId: string;
  readonly organizationId: string;
  readonly terms: ProgramTerms;
  readonly termsSha256: string;
}

export interface WhatEarns {
  readonly tenant: string;
  readonly prospectId: string;
  readonly referral: Earner;
  /** Payments earn from then on: the moment whose touches were judged. */
  readonly from: Date;
  /** Set when the referral qualifies now: how many qualified referrals its organization had, and the payments that it qualified by. */
  readonly qualified: { readonly before: number; readonly by: readonly PaidInvoice[] } | null;
  readonly facts: EarningFacts;
}

/**
 * What a credited referral earns now, on both sides: when it qualifies by every rule, later by the rules that share payments. What was
 * earned before is not earned again. The prospect becomes an organization of its own once it earns something.
 */
export function earn(what: WhatEarns, given: Given): Changes {
  const { tenant, referral, facts, prospectId } = what;
  const refereeId = facts.refereeId ?? given.newId('org');
  const beneficiaries = { referrer: referral.organizationId, referee: refereeId };
  const { now, later } = dueNow(what, beneficiaries, given);
  const accrued = now.map((each) =>
    accrue(
      {
        ...{ tenant, referralId: referral.referralId, organizationId: beneficiaries[each.side], side: each.side, rule: each.rule },
        ...{ occasion: each.occasion, kind: each.kind, currency: each.currency, availableAt: each.availableAt },
        ...(each.promise === null ? { amountMinor: each.valueMinor } : { amountMinor: 0n, details: detailsOf(each, each.promise) }),
        ...(each.bases.length === 0
          ? {}
          : { bases: each.bases.map(({ invoiceId, collectedMinor }) => ({ invoiceId, baseMinor: collectedMinor })) }),
        program: { id: referral.terms.program_id, version: referral.terms.version, sha256: referral.termsSha256 },
      },
      given,
    ),
  );
  const counters = now.flatMap((each) => each.counters);
  const effects = [...paidBy(now).map((invoiceId) => reassessEffect(invoiceId, given)), ...(later ? [judgeEffect(prospectId, given)] : [])];
  return together(
    now.some(({ side }) => side === 'referee') ? refereeOf(what, refereeId, given) : {},
    ...accrued.map(({ changes }) => changes),
    counters.length > 0 ? { counters } : {},
    effects.length > 0 ? { effects } : {},
  );
}

/** No more at once than a commit takes well; what is left over is earned in the next round, by the payments that are still there. */
function dueNow(
  { referral, qualified, from, facts }: WhatEarns,
  beneficiaries: { readonly referrer: string; readonly referee: string },
  { now }: Given,
): { readonly now: readonly CappedEarning[]; readonly later: boolean } {
  const occasion = {
    ...{ now, earned: facts.earned, payments: facts.payments.filter(({ paidAt }) => paidAt >= from) },
    qualified: qualified && { number: qualified.before + 1, by: qualified.by },
  };
  const subjects = { referralId: referral.referralId, ...beneficiaries };
  const earned = earnedNow(referral.terms, occasion, subjects, facts.capUse);
  const late = new Set(earned.filter(isShare).slice(mostShares));
  return { now: earned.filter((each) => !late.has(each)), later: late.size > 0 };
}

const mostShares = 100;
const isShare = ({ occasion, bases }: Earning): boolean => occasion === bases[0]?.invoiceId;

const detailsOf = ({ kind, valueMinor, currency }: Earning, promise: Readonly<Record<string, unknown>>) =>
  kind === 'stripe_credit_grant' ? { value_minor: String(valueMinor), currency, ...promise } : promise;

/**
 * What these were earned by is looked at once they are there: something may have gone back, or be disputed, before they earned or at this very
 * moment.
 */
const paidBy = (earnings: readonly Earning[]): readonly string[] => [
  ...new Set(earnings.flatMap(({ bases }) => bases.map(({ invoiceId }) => invoiceId))),
];

/** The prospect as an organization, as far as it is none yet. No word of a caller is in it. */
function refereeOf({ prospectId, facts }: WhatEarns, organizationId: string, given: Given): Changes {
  if (facts.refereeId !== null) return {};
  const named = { organization_id: organizationId, name: 'Referred customer', domain: null, tier: 'payout_bound', prospect_id: prospectId };
  const organization = { ...named, created_at: given.now.toISOString() };
  return together({ organizations: [organization] }, refereePayee({ ...facts, refereeId: organizationId }, given));
}

/** Where money of the referred side goes: the customer that it pays by, as soon as there is one. */
export function refereePayee({ refereeId, freeCustomer }: Pick<EarningFacts, 'refereeId' | 'freeCustomer'>, given: Given): Changes {
  if (refereeId === null || freeCustomer === null) return {};
  const linked = { source: 'event', linked_by: 'system:judge', linked_at: given.now.toISOString() } as const;
  const payee = { organization_id: refereeId, kind: 'customer', stripe_id: freeCustomer, frozen_until: null, obstacle: null } as const;
  return { payees: [{ ...payee, ...linked }] };
}
