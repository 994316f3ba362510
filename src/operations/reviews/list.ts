import * as z from 'zod';
import type { ReviewRow } from '../../db/review-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { wireAmount } from '../../domain/money.ts';
import { ok } from '../../domain/result.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { mayAsk, seenProspect } from '../../domain/visibility.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { isClaimant, isReviewer } from '../disputes/schemas.ts';
import { defineRead } from '../operation.ts';
import { amountMinor, currency } from '../rewards/schemas.ts';
import { instant, limitOf, listOf, organizationId, pageInput, pageOf, referralId } from '../vocabulary.ts';

const kind = z
  .enum(['dispute', 'contested', 'risk', 'review', 'payment_dispute'])
  .describe('dispute: a claim that is to be decided; contested: somebody else claims what one was credited for; else a hold of this kind.');

const review = z
  .strictObject({
    id: z.string().describe('Of the dispute or the hold.'),
    kind,
    organization_id: organizationId.describe('Who claims, or whose referral is held.'),
    referral_id: referralId
      .nullable()
      .describe('What it is about: the referral that is held, of a dispute the claimant’s own, if it had one.'),
    held_referral_id: referralId
      .nullable()
      .describe("Whose rewards wait, as far as the caller may know: of a dispute the vendor's own people."),
    cause: z.string().nullable().describe('What a hold hangs on, for reviewers: `key:` and a key, `person:` and the reason.'),
    rewards: z.int().min(0).describe('How many rewards wait for it.'),
    held: z
      .array(z.strictObject({ amount_minor: amountMinor, currency }))
      .nullable()
      .describe('What waits for it, per currency. Null for who may not read rewards.'),
    opened_at: instant,
    decide_by: instant.nullable().describe('Of a dispute: undecided until then, it is denied.'),
    untrusted: z
      .strictObject({ organization: z.string().nullable(), claim: z.string().nullable(), prospect: z.record(z.string(), z.unknown()) })
      .describe('Texts written by strangers: the beginning of the claim, and the prospect.'),
  })
  .meta({ id: 'Review' });

const input = z.strictObject({ kind: kind.optional(), ...pageInput });
const filterOf = (asked: z.output<typeof input>) => ({ kind: asked.kind ?? null });

export const listReviews = defineRead({
  name: 'list_reviews',
  title: 'List what waits for a decision',
  summary: 'Open disputes and holds, oldest first',
  description:
    'The review queue: open disputes, and referrals that are held, oldest first, a page at a time, with what waits for each decision. The ' +
    'vendor’s people see all of it, an organization its own disputes and its own referrals.',
  rest: { method: 'get', path: '/v1/reviews', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input,
  output: listOf(review),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'reviews', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.reviews({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk, principal }) =>
    ok(
      pageOf(
        page,
        limitOf(asked.limit),
        (row) => showReview(row, principal),
        (row) => closeCursor(desk, 'reviews', filterOf(asked), placeOf(row)),
      ),
    ),
});

/** Ids of every kind are in the order of time after their prefix. */
const placeOf = ({ id }: ReviewRow): string => id.slice(id.indexOf('_') + 1);

function showReview(row: ReviewRow, principal: Principal): z.input<typeof review> {
  const reviews = isReviewer(principal);
  return {
    ...{ id: row.id, kind: row.kind, organization_id: row.organization_id },
    ...{ referral_id: row.referral_id, held_referral_id: row.held_referral_id },
    // Whoever is contested hands in evidence under the dispute's id, which its own timeline names as well.
    cause: reviews || row.kind === 'contested' ? row.cause : null,
    rewards: row.rewards,
    held: mayAsk(principal, { kind: 'read', scope: 'rewards:read' })
      ? (row.held ?? []).map(({ amount_minor, currency: of }) => ({ amount_minor: wireAmount(BigInt(amount_minor)), currency: of }))
      : null,
    ...{ opened_at: row.opened_at, decide_by: row.decide_by },
    untrusted: {
      organization: row.name,
      claim: reviews || isClaimant(principal, row) ? claimIn(row.first) : null,
      prospect: { ...seenProspect(principal, row.particulars ?? {}) },
    },
  };
}

/** The beginning of what was handed in first; nothing once it was erased. */
function claimIn(content: ReviewRow['first']): string | null {
  const text = content?.text;
  const claim = typeof text === 'object' && text !== null && 'claim' in text ? text.claim : null;
  return typeof claim === 'string' ? cleanText(claim, longestClaim) : null;
}

const longestClaim = 140;
