import type { ProgramTerms } from './program.ts';

/** An organization's claim to a prospect: its referral, with everything that connects the two. */
export interface Candidate {
  readonly referralId: string;
  readonly organizationId: string;
  readonly touches: readonly { readonly touchId: string; readonly at: Date; readonly evidenced: boolean }[];
  /** When the prospect or the vendor linked something to it. A touch counts as evidenced once something was linked after it. */
  readonly evidencedAt: readonly Date[];
  /** Why it may not win, whatever its touches say. */
  readonly barred: 'self_referral' | 'conditions_unmet' | 'expired' | null;
}

export type LossReason =
  | 'self_referral'
  | 'conditions_unmet'
  | 'expired'
  | 'no_evidence'
  | 'outside_window'
  | 'declared_only'
  | 'earlier_touch'
  | 'later_touch'
  | 'tie';

/** Who is credited and by which rule, and of everybody else why not. Ids and times only: it is stored and hashed. */
export interface AttributionTrace {
  readonly rule: 'last_evidenced_touch' | 'first_evidenced_touch' | 'last_declared_touch' | 'first_declared_touch';
  readonly judged_at: string;
  readonly window_from: string;
  readonly winner: { readonly referral: string; readonly organization: string; readonly touch: string; readonly touched_at: string };
  readonly losers: readonly {
    readonly referral: string;
    readonly organization: string;
    readonly reason: LossReason;
    readonly touched_at: string | null;
  }[];
}

const day = 86_400_000;

/**
 * Who is credited with a prospect that qualified at `at`: evidenced beats declared, which counts only if the program says so; among
 * equals the last touch, or the first, as the program says; ties go to the earliest referral. Touches count from `window_days` before
 * `at`; what linked them may be reported `grace_days` late. Null when nobody may be credited.
 */
export function decideAttribution(
  candidates: readonly Candidate[],
  policy: ProgramTerms['attribution'],
  at: Date,
): AttributionTrace | null {
  const from = new Date(at.getTime() - policy.window_days * day);
  const until = new Date(at.getTime() + policy.grace_days * day);
  const judged = candidates.map((candidate) => ({ candidate, ...bestTouch(candidate, policy, { from, at, until }) }));
  const evidenced = judged.filter(({ candidate, touch }) => candidate.barred === null && touch?.evidenced === true);
  const declared = judged.filter(({ candidate, touch }) => candidate.barred === null && touch !== null && policy.declared_alone_qualifies);
  const field = evidenced.length > 0 ? evidenced : declared;
  const best = field.toSorted(
    (a, b) => order(policy, a.touch?.at, b.touch?.at) || compare(a.candidate.referralId, b.candidate.referralId),
  )[0];
  if (!best?.touch) return null;
  const winning = best.touch;
  const kind = winning.evidenced ? 'evidenced' : 'declared';
  return {
    rule: `${policy.model === 'last_touch' ? 'last' : 'first'}_${kind}_touch`,
    judged_at: at.toISOString(),
    window_from: from.toISOString(),
    winner: {
      ...{ referral: best.candidate.referralId, organization: best.candidate.organizationId },
      ...{ touch: winning.touchId, touched_at: winning.at.toISOString() },
    },
    losers: judged
      .filter(({ candidate }) => candidate !== best.candidate)
      .map(({ candidate, touch, why }) => ({
        ...{ referral: candidate.referralId, organization: candidate.organizationId },
        reason: candidate.barred ?? why ?? lostTo(winning, touch, policy),
        touched_at: touch?.at.toISOString() ?? null,
      })),
  };
}

interface Touch {
  readonly touchId: string;
  readonly at: Date;
  readonly evidenced: boolean;
}

/** The touch that speaks best for a candidate, or why none does. */
function bestTouch(
  { touches, evidencedAt }: Candidate,
  policy: ProgramTerms['attribution'],
  { from, at, until }: { from: Date; at: Date; until: Date },
): { touch: Touch | null; why: LossReason | null } {
  const inWindow = touches.filter((touch) => touch.at >= from && touch.at <= at);
  if (inWindow.length === 0) return { touch: null, why: 'outside_window' };
  const marked = inWindow.map((touch) => ({
    ...touch,
    evidenced: touch.evidenced || evidencedAt.some((link) => link >= touch.at && link <= until),
  }));
  const evidenced = marked.filter((touch) => touch.evidenced);
  const field = evidenced.length > 0 ? evidenced : marked;
  const touch = field.toSorted((a, b) => order(policy, a.at, b.at) || compare(a.touchId, b.touchId))[0] ?? null;
  return { touch, why: touch?.evidenced || policy.declared_alone_qualifies ? null : 'no_evidence' };
}

function lostTo(winning: Touch, touch: Touch | null, policy: ProgramTerms['attribution']): LossReason {
  if (touch === null) return 'outside_window';
  if (winning.evidenced && !touch.evidenced) return 'declared_only';
  if (touch.at.getTime() === winning.at.getTime()) return 'tie';
  return policy.model === 'last_touch' ? 'earlier_touch' : 'later_touch';
}

/** Before zero: `a` comes first under the policy. */
function order({ model }: ProgramTerms['attribution'], a: Date | undefined, b: Date | undefined): number {
  const difference = (b?.getTime() ?? 0) - (a?.getTime() ?? 0);
  return model === 'last_touch' ? difference : -difference;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
