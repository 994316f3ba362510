import * as z from 'zod';
import type { HistoryRow } from '../../db/review-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { owns, sightOf } from '../../domain/visibility.ts';
import { currency } from '../rewards/schemas.ts';
import { id, instant } from '../vocabulary.ts';

const actorKinds = ['agent', 'organization', 'prospect', 'backend', 'person', 'stripe', 'system'] as const;
type ActorKind = (typeof actorKinds)[number];

export const timelineEntry = z
  .strictObject({
    entry_id: id('led', 'the ledger event'),
    kind: z.string().describe('What happened.'),
    subject_id: z.string().describe('What it happened to: the referral, a touch, a reward, a dispute.'),
    at: instant,
    actor: z
      .strictObject({
        kind: z.enum(actorKinds).describe('prospect: what the prospect itself did; backend: the vendor’s own systems.'),
        id: z
          .string()
          .nullable()
          .describe(
            'Who it was, where that was kept and the reader may know: itself and its own, and no people, unless it is of the vendor.',
          ),
      })
      .describe('Who did it.'),
    from: z.string().nullable().describe('The state before, of a step.'),
    to: z.string().nullable(),
    reason: z.string().nullable().describe('Why, in a word of ours, as far as the reader may know.'),
    amount: z
      .strictObject({ amount_minor: z.int(), currency })
      .nullable()
      .describe('What of it moved, of what moves money, in the smallest unit.'),
    block: z.int().nullable().describe('The block that it is sealed in; null until then.'),
  })
  .meta({ id: 'TimelineEntry' });

/**
 * One event of a referral as somebody may see it: from the canonical body that its leaf is the hash of, and who was kept beside it.
 * @param agentId whose the referral is; null: no agent's
 */
export function showEntry(row: HistoryRow, principal: Principal, agentId: string | null): z.input<typeof timelineEntry> {
  const body = recordOf(JSON.parse(row.body));
  const actor = actorOf(row, body);
  return {
    ...{ entry_id: row.event_id, kind: row.kind, subject_id: row.subject_id, at: row.recorded_at },
    actor: { kind: actor.kind, id: mayKnow(actor, principal, agentId) ? actor.id : null },
    ...{ from: textOf(body.from), to: textOf(body.to) },
    reason: reasonsOf(row.kind, body).find((word) => isTold(word, row.kind, principal)) ?? null,
    ...{ amount: amountOf(body), block: row.block },
  };
}

type Body = Readonly<Record<string, unknown>>;
interface Actor {
  readonly kind: ActorKind;
  readonly id: string | null;
}

/** Who was kept with the step that the event tells of; else who can only have done it. */
function actorOf({ kind, actor }: HistoryRow, body: Body): Actor {
  if (actor !== null) return namedActor(actor);
  switch (kind) {
    case 'referral.created':
      return { kind: 'agent', id: textOf(body.agent) };
    case 'touch.recorded':
      return { kind: body.via === 'report' ? 'backend' : body.via === 'link' ? 'prospect' : 'agent', id: null };
    case 'evidence.recorded':
      return { kind: evidenceActors[textOf(body.evidence) ?? ''] ?? 'backend', id: null };
    case 'dispute.opened':
      return { kind: 'organization', id: textOf(body.organization) };
    case 'reward.discounted':
      return { kind: 'stripe', id: null };
    default:
      return { kind: 'system', id: null };
  }
}

const evidenceActors: Readonly<Record<string, ActorKind>> = {
  workspace_claimed: 'prospect',
  prospect_redeemed: 'prospect',
  checkout: 'stripe',
  stripe_metadata: 'stripe',
};

/** An id says by its prefix what it is of. */
function namedActor(actor: string): Actor {
  if (actor === 'system:stripe') return { kind: 'stripe', id: null };
  const kinds: Readonly<Record<string, ActorKind>> = { psn: 'person', agt: 'agent', key: 'backend', org: 'organization' };
  const kind = kinds[actor.split('_', 1)[0] ?? ''] ?? 'system';
  return { kind, id: kind === 'system' ? null : actor };
}

/** Somebody else's agent or organization is a rival: that it claims the same prospect is not told. */
function mayKnow({ kind, id: who }: Actor, principal: Principal, agentId: string | null): boolean {
  if (sightOf(principal).reasons === 'whole') return true;
  if (who === null) return false;
  if (kind === 'organization') return owns(principal, { organizationId: who });
  return kind === 'agent' && (who === principal.agentId || who === agentId);
}

/** Why, the most telling word first. */
const reasonsOf = (kind: string, { because, rule, evidence, outcome }: Body): readonly string[] =>
  [because, rule, kind === 'evidence.recorded' ? evidence : outcome].map(textOf).filter((word) => word !== null);

/** Whoever does not see why others are credited is told what came of its own doing and of payments. A reward's rule stands in its terms. */
const isTold = (word: string, kind: string, principal: Principal): boolean =>
  sightOf(principal).reasons === 'whole' || kind === 'reward.accrued' || plainReasons.has(word);

const plainReasons: ReadonlySet<string> = new Set([
  ...['workspace_claimed', 'report', 'prospect_redeemed', 'checkout', 'stripe_metadata'],
  ...['expired', 'time_limit', 'conditions_unmet', 'hold_period_over', 'earned_no_more'],
  ...['invoice_created', 'invoice_paid', 'provider_confirmed', 'confirmed', 'payment_failed', 'transfer_reversed', 'refund_failed'],
  ...['payment.disputed', 'payment.refunded', 'payment.credited', 'payment.voided', 'payment_dispute.won', 'payment_dispute.lost'],
  ...['dispute.upheld', 'dispute.denied', 'dispute.withdrawn', 'upheld', 'denied', 'withdrawn'],
]);

/** What an entry's accounts of the organization gained, whichever they are; a move between two of them counts once. */
function amountOf({ postings, amount_minor, currency: named }: Body): z.input<typeof timelineEntry>['amount'] {
  if (typeof amount_minor === 'string' && typeof named === 'string') return wire(BigInt(amount_minor), named);
  if (!Array.isArray(postings)) return null;
  const gains = postings
    .map(recordOf)
    .flatMap(({ amount_minor: amount, currency: of }) =>
      typeof amount === 'string' && typeof of === 'string' && BigInt(amount) > 0n ? [{ amount: BigInt(amount), of }] : [],
    );
  const first = gains[0];
  return first === undefined
    ? null
    : wire(
        gains.filter(({ of }) => of === first.of).reduce((sum, { amount }) => sum + amount, 0n),
        first.of,
      );
}

const wire = (amount: bigint, of: string) => (amount === 0n ? null : { amount_minor: Number(amount), currency: of });
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const recordOf = (value: unknown): Body => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {});
