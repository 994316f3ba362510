import type { PresentedToken } from './attribution.ts';
import { canonicalize, sha256Hex } from './canonical.ts';
import { type AttributionTrace, type Candidate, decideAttribution } from './decide-attribution.ts';
import { type Changes, type Given, type ToSign, together } from './decision.ts';
import { earn, refereePayee } from './earn.ts';
import type { EarningFacts } from './earn-facts.ts';
import { ledgerEvent } from './ledger.ts';
import type { ProgramTerms } from './program.ts';
import { allSince, type Conduct, decidedAt, nextByTime, qualifyingPayments, standings } from './qualification.ts';
import { credit, type ProgramBinding, recordTouch } from './referral.ts';
import { addEvidence, countedIn, type Evidence, type JudgedReferral, qualifiedBefore, stepReferral } from './referral-step.ts';

/** A referral in the file of its prospect. */
export interface FiledReferral extends JudgedReferral {
  readonly organizationDomain: string | null;
  readonly terms: ProgramTerms;
  readonly termsSha256: string;
  readonly expiresAt: Date;
  readonly touches: readonly {
    readonly touchId: string;
    readonly at: Date;
    readonly evidenced: boolean;
    readonly tokenId: string | null;
  }[];
  readonly evidence: readonly { readonly kind: string; readonly source: string; readonly at: Date }[];
}

/** Something that the vendor reported about the prospect, and what of ours it names. */
export interface FiledReport {
  readonly reportId: string;
  readonly type: string;
  readonly occurredAt: Date;
  readonly referralId: string | null;
  readonly token: PresentedToken | null;
  /** When the link of that token was followed, if the report hands a touch back. */
  readonly visitedAt: Date | null;
  readonly stripeCustomer: string | null;
}

/** Everything that is known of a prospect in one program. Referrals: those that are not final. */
export interface ProspectFile {
  readonly tenant: string;
  readonly origin: string;
  readonly prospectId: string;
  /** Whether a registrable domain is the prospect's own. */
  readonly isProspect: (domain: string) => boolean;
  /** The version that a referral which is opened now is bound to. */
  readonly program: ProgramBinding & { readonly terms: ProgramTerms };
  readonly referrals: readonly FiledReferral[];
  readonly reports: readonly FiledReport[];
  readonly conduct: Omit<Conduct, 'payments'>;
  /** Whoever is credited, and since when payments earn; null while nobody is. */
  readonly credited: { readonly referralId: string; readonly from: Date } | null;
  readonly earning: EarningFacts;
}

/** What judging comes to: what is written, which receipts have to be signed for it first, and when time alone may change the verdict. */
export interface Verdict {
  readonly sign: Readonly<Record<string, ToSign>>;
  readonly changes: (signed: Readonly<Record<string, string>>) => Changes;
  readonly again: Date | null;
}

const actor = 'system:judge';

/**
 * Judges a prospect: links what was reported to the referrals that it names (opening one where a link or token names an organization that
 * has none), and, once the conditions of a referral hold, decides who is credited, moves winner and losers, and accrues the rewards; later
 * on, what payments earn whoever is credited. All of it is one decision, and the database lets each prospect be decided once.
 */
export function judgeProspect(file: ProspectFile, given: Given): Verdict {
  const linked = linkReports(file, given);
  const known = together(linked.changes, linkCustomers(file, given));
  const pending = linked.referrals.filter(({ status }) => status === 'pending');
  const late = file.credited ? [] : pending.filter((referral) => cameLate(file, referral));
  const open = pending.filter((referral) => !late.includes(referral));
  const judged = file.credited ? earnMore(file, file.credited, given) : decide(file, open, given);
  const refused = late.map((referral) => rejected(file, referral, 'existing_customer', given));
  return {
    sign: linked.sign,
    changes: (signed) => together(linked.opened(signed), known, ...refused, judged ?? {}),
    again: judged === null ? soonest(open.map(({ terms }) => nextByTime(terms, conductOf(file), given.now))) : null,
  };
}

const conductOf = ({ conduct, earning }: ProspectFile): Conduct => ({ ...conduct, payments: earning.payments });

/** New referrals that one round may open; what is left over is linked in the next. */
const mostOpened = 20;

function linkReports(file: ProspectFile, given: Given) {
  const referrals = new Map(file.referrals.map((referral) => [referral.referralId, referral]));
  const opened: { id: string; changes: (receipt: string) => Changes }[] = [];
  const sign: Record<string, ToSign> = {};
  const parts: Changes[] = [];
  for (const report of file.reports) {
    // It speaks against a referral, never for one.
    if (report.type === 'customer.existing') continue;
    let named = report.referralId === null ? undefined : referrals.get(report.referralId);
    if (report.token && !named) {
      const { token } = report;
      named = [...referrals.values()].find(({ organizationId }) => organizationId === token.organizationId);
      if (named && report.visitedAt && !hasTouch(named, token.tokenId, report.visitedAt)) {
        const touched = recordTouch(creditFacts(file, report, token), named.referralId, given);
        parts.push(touched.changes);
        named = withTouch(named, touched.touchId, token.tokenId, report.visitedAt);
        referrals.set(named.referralId, named);
      }
      const mayOpen = opened.length < mostOpened && !file.credited && !wasCustomerBefore(file, creditedAt(report));
      if (!named && !isOwnToken(file, token) && mayOpen) {
        const facts = creditFacts(file, report, token);
        const made = credit(facts, given);
        if (made.toSign) sign[made.referral.id] = made.toSign;
        opened.push({ id: made.referral.id, changes: made.changes });
        named = withTouch(newcomer(file, made.referral, token), made.touchId, token.tokenId, facts.evidencedAt);
        referrals.set(named.referralId, named);
      }
    }
    if (!named) continue;
    const kind = evidenceOf(report.type);
    if (named.evidence.some((known) => known.kind === kind && known.source === report.reportId)) continue;
    const evidence = { kind, source: report.reportId, occurredAt: report.occurredAt };
    const added = addEvidence(file.tenant, named, file.prospectId, evidence, given);
    parts.push(added.changes);
    const noted = { kind, source: report.reportId, at: report.occurredAt };
    referrals.set(named.referralId, { ...added.referral, evidence: [...named.evidence, noted] });
  }
  return {
    ...{ referrals: [...referrals.values()], sign, changes: together(...parts) },
    opened: (signed: Readonly<Record<string, string>>) => together(...opened.map(({ id, changes }) => changes(signed[id] ?? ''))),
  };
}

/** What a report of this type proves beside that something was reported. */
function evidenceOf(type: string): Evidence['kind'] {
  switch (type) {
    case 'workspace.claimed':
      return 'workspace_claimed';
    case 'checkout.completed':
      return 'checkout';
    case 'metadata.linked':
      return 'stripe_metadata';
    default:
      return 'report';
  }
}

const hasTouch = (referral: FiledReferral, tokenId: string, at: Date): boolean =>
  referral.touches.some((touch) => touch.tokenId === tokenId && touch.at.getTime() === at.getTime());

const withTouch = (referral: FiledReferral, touchId: string, tokenId: string, at: Date): FiledReferral => ({
  ...referral,
  touches: [...referral.touches, { touchId, tokenId, at, evidenced: true }],
});

/** An organization is credited because the vendor handed its token back: the touch is evidence from the start. */
function creditFacts({ tenant, origin, program, prospectId }: ProspectFile, report: FiledReport, token: PresentedToken) {
  const { organizationId, agentId } = token;
  return {
    ...{ tenant, origin, program, prospectId, existing: null, workspaceId: null, particulars: {} },
    attribution: { outcome: 'attributed' as const, rule: 'report', organizationId, agentId, token },
    via: report.visitedAt ? ('link' as const) : ('report' as const),
    evidencedAt: creditedAt(report),
  };
}

const creditedAt = ({ visitedAt, occurredAt }: FiledReport): Date => visitedAt ?? occurredAt;

function newcomer(file: ProspectFile, made: { readonly id: string; readonly expires_at: string }, token: PresentedToken): FiledReferral {
  return {
    ...{ referralId: made.id, organizationId: token.organizationId, status: 'pending', seq: 1, evidenced: true },
    ...{ organizationDomain: token.organizationDomain, terms: file.program.terms, termsSha256: file.program.sha256 },
    ...{ expiresAt: new Date(made.expires_at), touches: [], evidence: [] },
  };
}

function linkCustomers({ earning, prospectId }: ProspectFile, given: Given): Changes {
  const linked_at = given.now.toISOString();
  const customers = earning.linkable.map((stripe_customer) => ({ stripe_customer, prospect_id: prospectId, linked_at }));
  return customers.length === 0 ? {} : { customers };
}

/** Whoever is credited goes on earning by what the customer pays; the terms are those of the referral. No other referral earns. */
function earnMore(file: ProspectFile, { referralId, from }: NonNullable<ProspectFile['credited']>, given: Given): Changes {
  const { tenant, prospectId, earning } = file;
  const referral = file.referrals.find((each) => each.referralId === referralId);
  return together(
    refereePayee(earning, given),
    referral ? earn({ tenant, prospectId, referral, from, qualified: null, facts: earning }, given) : {},
  );
}

/** Null: nobody qualifies yet. */
function decide(file: ProspectFile, pending: readonly FiledReferral[], given: Given): Changes | null {
  const judged = pending.map((referral) => {
    const standing = standings(referral.terms, conductOf(file), given.now);
    return { referral, since: allSince(standing), at: decidedAt(standing) };
  });
  const ready = judged
    .flatMap(({ referral, since, at }) => (at === null || barOf(file, referral, since) !== null ? [] : { referral, at }))
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];
  if (!ready) return null;
  const candidates = judged.map(({ referral, since }) => candidateOf(file, referral, since));
  const trace = decideAttribution(candidates, ready.referral.terms.attribution, ready.at);
  const winner = trace && pending.find(({ referralId }) => referralId === trace.winner.referral);
  return trace && winner ? settled(file, winner, pending, trace, given) : null;
}

function candidateOf(file: ProspectFile, referral: FiledReferral, since: Date | null): Candidate {
  const { referralId, organizationId, touches, evidence } = referral;
  const barred = barOf(file, referral, since);
  return { referralId, organizationId, touches, evidencedAt: evidence.map(({ at }) => at), barred };
}

function barOf(file: ProspectFile, referral: FiledReferral, since: Date | null): Candidate['barred'] {
  const isSelf = isOwn(file, referral.organizationDomain) || file.earning.own.includes(referral.organizationId);
  if (!referral.terms.self_referral.allow_resellers && isSelf) return 'self_referral';
  if (since === null) return 'conditions_unmet';
  return referral.expiresAt < since ? 'expired' : null;
}

/** Whether the company was a customer before anything of the referral happened: a referral that brought it came first. */
const cameLate = (file: ProspectFile, { touches }: FiledReferral): boolean => {
  const first = soonest(touches.map(({ at }) => at));
  return first !== null && wasCustomerBefore(file, first);
};

/** Nothing is opened for such a company either, only to be rejected each time it is judged. */
const wasCustomerBefore = ({ reports }: ProspectFile, at: Date): boolean =>
  reports.some(({ type, occurredAt }) => type === 'customer.existing' && occurredAt < at);

const isOwn = (file: ProspectFile, domain: string | null): boolean => domain !== null && file.isProspect(domain);

/** Such a token opens nothing: by the domain never, by the Stripe customer unless whoever bills its customers itself may be credited. */
function isOwnToken(file: ProspectFile, { organizationDomain, organizationId }: PresentedToken): boolean {
  if (isOwn(file, organizationDomain)) return true;
  return !file.program.terms.self_referral.allow_resellers && file.earning.own.includes(organizationId);
}

function settled(
  file: ProspectFile,
  winner: FiledReferral,
  pending: readonly FiledReferral[],
  trace: AttributionTrace,
  given: Given,
): Changes {
  const { tenant, prospectId, program } = file;
  const decided = ledgerEvent(given, tenant, {
    kind: 'attribution.decided',
    subjectId: winner.referralId,
    organizationId: winner.organizationId,
    referralId: winner.referralId,
    // Who lost is nobody's business but the tenant's: the trace itself stays beside the ledger.
    facts: { program: program.id, prospect: prospectId, rule: trace.rule, trace_sha256: sha256Hex(canonicalize(trace)) },
  });
  const row = {
    ...{ program_id: program.id, prospect_id: prospectId, seq: 1, referral_id: winner.referralId, organization_id: winner.organizationId },
    ...{ rule: trace.rule, trace, dispute_id: null, entry_id: decided.event_id, decided_at: decided.recorded_at },
  };
  const losers = pending.filter((referral) => referral !== winner);
  const { earning } = file;
  const before = qualifiedBefore(winner.organizationId, earning.capUse);
  const cause = { tenant, actor, because: trace.rule, ...countedIn(winner.terms, before) };
  const qualified = { before, by: qualifyingPayments(winner.terms, earning.payments) };
  return together(
    { ledger_events: [decided], attributions: [row] },
    stepReferral(winner, 'qualified', cause, given).changes,
    earn({ tenant, prospectId, referral: winner, from: new Date(trace.judged_at), qualified, facts: earning }, given),
    ...losers.map((loser) => rejected(file, loser, reasonOf(trace, loser), given)),
  );
}

const reasonOf = (trace: AttributionTrace, { referralId }: FiledReferral): string =>
  trace.losers.find(({ referral }) => referral === referralId)?.reason === 'self_referral' ? 'self_referral' : 'attribution.lost';

const rejected = ({ tenant }: ProspectFile, referral: FiledReferral, because: string, given: Given): Changes =>
  stepReferral(referral, 'rejected', { tenant, actor, because }, given).changes;

const soonest = (dates: readonly (Date | null)[]): Date | null => {
  const times = dates.flatMap((date) => date?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.min(...times));
};
