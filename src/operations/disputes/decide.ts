import * as z from 'zod';
import type { DisputeFileRow, DisputeStateRow } from '../../db/dispute-queries.ts';
import { type Changes, type Given, together } from '../../domain/decision.ts';
import {
  addDisputeEvidence,
  alreadyDecided,
  denialReasons,
  denyDispute,
  readDispute,
  readHolds,
  upholdingReasons,
} from '../../domain/dispute.ts';
import { spansAt } from '../../domain/earn-caps.ts';
import { readEarning } from '../../domain/earn-facts.ts';
import { readTerms } from '../../domain/program.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import type { Reward } from '../../domain/reward.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { type DisputeFile, type Upheld, upholdDispute } from '../../domain/uphold-dispute.ts';
import type { Desk } from '../desk.ts';
import { defineWrite, type Known } from '../operation.ts';
import { programOf } from '../referrals/present-attribution.ts';
import { actorOf, disputeId, disputeView, isReviewer, showDispute } from './schemas.ts';

const input = z.strictObject({
  dispute_id: disputeId,
  outcome: z.enum(['upheld', 'denied']),
  reason: z
    .enum([...upholdingReasons, ...denialReasons])
    .describe(`Upheld: ${upholdingReasons.join(', ')}. Denied: ${denialReasons.join(', ')}.`),
  note: z.string().min(1).max(2000).optional().describe('For the file. Kept erasable, seen by reviewers only.'),
});
type Input = z.output<typeof input>;

export const decideDispute = defineWrite({
  name: 'decide_dispute',
  title: 'Decide a dispute',
  summary: 'Uphold or deny a dispute, for reviewers',
  description:
    'For the vendor’s people who review. Upheld: the credited referral and its rewards are taken back (what was paid is then owed), the ' +
    'claimant’s referral qualifies and earns under its own terms. While nobody is credited, the claimant’s referral counts as evidenced ' +
    'and is judged again. Denied: nothing moves. Either way what the dispute held is free. It cannot be undone.',
  rest: { method: 'post', path: '/v1/disputes/{dispute_id}/decide', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review', stepUp: true },
  input,
  output: disputeView,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  inspect: ({ outcome, reason }) => {
    const reasons: readonly string[] = outcome === 'upheld' ? upholdingReasons : denialReasons;
    return reasons.includes(reason) ? ok(undefined) : otherReason;
  },
  load: (queries, { input: asked, desk, now }) => ({
    dispute: queries.disputeState(asked.dispute_id),
    file: queries.disputeFile({ disputeId: asked.dispute_id, version: desk.program.version, spans: spansAt(now) }),
  }),

  decide({ dispute, file }, known, given) {
    const { input: asked, principal, desk } = known;
    if (!dispute || !file || !isReviewer(principal)) return refuse('resource.not_found');
    const decided = ruled(dispute, file, known, given);
    if (!decided.ok) return decided;
    const noted = note(dispute, known, given);
    if (!noted.ok) return noted;
    const decided_at = given.now.toISOString();
    const result = showDispute({ ...dispute, status: asked.outcome, decided_at, because: asked.reason });
    const { sign, changes } = decided.value;
    const finish = (signed: Readonly<Record<string, string>>) => ({
      ...{ subjectId: dispute.dispute_id, result },
      changes: together(changes(signed), noted.value),
    });
    invariant(Object.keys(sign).length === 0 || desk.canSign('receipts'), 'a desk signs receipts');
    return ok(Object.keys(sign).length === 0 ? finish({}) : { sign, finish });
  },
  view: (result) => result,
});

function ruled(
  stored: DisputeStateRow,
  file: DisputeFileRow,
  { input: { outcome, reason }, principal, desk }: Known<Input, undefined>,
  given: Given,
): Result<Upheld, 'state.forbidden'> {
  const dispute = readDispute(stored);
  const ruling = { tenant: desk.tenant, actor: actorOf(principal), reason };
  if (dispute.status !== 'open') return alreadyDecided;
  if (outcome === 'upheld') return ok(upholdDispute(fileOf(stored, file, desk), ruling, given));
  const denied = denyDispute(dispute, ruling, given);
  return denied.ok ? ok({ sign: {}, changes: () => denied.value }) : denied;
}

function note(
  { dispute_id, status, evidence }: DisputeStateRow,
  { input: asked, principal, desk }: Known<Input, undefined>,
  given: Given,
): Result<Changes, 'state.forbidden'> {
  if (asked.note === undefined) return ok({});
  const count = evidence.filter(({ organization_id }) => organization_id === null).length;
  const by = { organizationId: null, referralId: null, actor: actorOf(principal), count };
  const text = { claim: cleanText(asked.note, 2000), evidence_url: null };
  const added = addDisputeEvidence(desk.tenant, { disputeId: dispute_id, status }, by, text, given);
  return added.ok ? ok(added.value.changes) : added;
}

function fileOf(stored: DisputeStateRow, file: DisputeFileRow, desk: Desk): DisputeFile {
  const termsOf = readTerms(file.terms);
  const { credited } = file;
  return {
    ...{ tenant: desk.tenant, origin: desk.origin, dispute: readDispute(stored), basis: file.basis },
    program: { ...programOf(desk), terms: termsOf(desk.program.version) },
    credited: credited && {
      seq: credited.attribution,
      referral: {
        ...{ referralId: credited.referral_id, organizationId: credited.organization_id },
        ...{ status: credited.status, seq: credited.seq, evidenced: credited.evidenced },
      },
      from: new Date(credited.earns_from),
      rewards: credited.rewards.map((row) => rewardOf(credited.referral_id, row)),
    },
    own: file.own.map((row) => ({
      ...{ referralId: row.referral_id, organizationId: stored.organization_id, status: row.status, seq: row.seq },
      ...{ evidenced: row.evidenced, earned: row.earned, terms: termsOf(row.program_version), termsSha256: row.terms_sha256 },
      touchedAt: new Date(row.touched_at),
    })),
    others: file.others.map(({ dispute_id, holds }) => ({ disputeId: dispute_id, holds: readHolds(holds) })),
    earning: readEarning(file.earning),
  };
}

const rewardOf = (referralId: string, row: NonNullable<DisputeFileRow['credited']>['rewards'][number]): Reward => ({
  ...{ rewardId: row.reward_id, referralId, organizationId: row.organization_id, kind: row.kind, currency: row.currency },
  ...{ status: row.status, seq: row.seq, accruedMinor: BigInt(row.accrued_minor), reversedMinor: BigInt(row.reversed_minor) },
  ...{ nettedMinor: BigInt(row.netted_minor), payableMinor: BigInt(row.payable_minor) },
});

const otherReason = refuse('request.invalid', {
  issues: [{ pointer: '/reason', code: 'contradiction', message: 'This reason belongs to the other outcome.' }],
});
