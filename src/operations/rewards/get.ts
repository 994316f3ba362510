import * as z from 'zod';
import type { CreditUsesRow } from '../../db/injection-queries.ts';
import { appliedTo } from '../../domain/credit-use.ts';
import { wireAmount } from '../../domain/money.ts';
import { ok, refuse } from '../../domain/result.ts';
import type { StoredFulfilment } from '../../domain/reward-file.ts';
import { knownTier } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { id, instant } from '../vocabulary.ts';
import { amountMinor, rewardId, rewardView, showReward } from './schemas.ts';

const fulfilment = z
  .strictObject({
    id: id('ful', 'an attempt: one per payment, so it serves as an idempotency key where you pay'),
    attempt: z.int().min(1),
    status: z.enum(['sent', 'confirmed', 'failed']).describe('sent: its outcome is awaited.'),
    amount_minor: amountMinor.describe('What is to be paid.'),
    reference: z.string().nullable().describe('What whoever paid calls the payment.'),
    sent_at: instant,
    settled_at: instant.nullable(),
  })
  .meta({ id: 'Fulfilment' });

const output = z
  .strictObject({
    ...rewardView.shape,
    payable_minor: amountMinor.describe('What of it is released and not handed over yet.'),
    fulfilments: z.array(fulfilment).describe('Attempts at handing it over, in order.'),
    applied_to: z
      .array(z.strictObject({ invoice_id: z.string(), amount_minor: amountMinor }))
      .nullable()
      .describe(
        'The paid bills that consumed this credit, the oldest credit first; null for other kinds, and where there are too many to tell.',
      ),
  })
  .meta({ id: 'RewardDetail' });

export const getReward = defineRead({
  name: 'get_reward',
  title: 'Get a reward',
  summary: 'One reward with its attempts at payment',
  description: 'Reads one reward: status, why it is held, what is payable, and every attempt at handing it over.',
  rest: { method: 'get', path: '/v1/rewards/{reward_id}', status: 200 },
  mcp: false,
  access: { scope: 'rewards:read' },
  input: z.strictObject({ reward_id: rewardId }),
  output,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ reward: queries.reward(input.reward_id), uses: queries.creditUses(input.reward_id, mostUses) }),
  view: ({ reward, uses }, { desk, principal, now }) =>
    reward
      ? ok({
          ...showReward(reward, knownTier(principal), desk, now),
          payable_minor: wireAmount(reward.payable_minor),
          fulfilments: reward.fulfilments.map(shown),
          applied_to: uses && applied(reward.reward_id, uses),
        })
      : refuse('resource.not_found'),
});

/** Credits, and bills, of one organization in one currency; with more than these nothing is told. */
const mostUses = 1000;

function applied(rewardId: string, { credits, uses }: CreditUsesRow): z.input<typeof output>['applied_to'] {
  if (credits.length > mostUses || uses.length > mostUses) return null;
  const consumed = appliedTo(
    rewardId,
    credits.map(({ reward_id, amount_minor }) => ({ rewardId: reward_id, amountMinor: BigInt(amount_minor) })),
    uses.map(({ invoice_id, amount_minor }) => ({ invoiceId: invoice_id, amountMinor: BigInt(amount_minor) })),
  );
  return consumed.map(({ invoiceId, amountMinor: amount }) => ({ invoice_id: invoiceId, amount_minor: wireAmount(amount) }));
}

const shown = ({ amount_minor, sent_at, settled_at, ...attempt }: StoredFulfilment): z.input<typeof fulfilment> => ({
  ...attempt,
  amount_minor: wireAmount(BigInt(amount_minor)),
  sent_at: new Date(sent_at).toISOString(),
  settled_at: settled_at === null ? null : new Date(settled_at).toISOString(),
});
