import { invalid } from '../failure.ts';
import type { Charge, Dispute, Refund } from '../wire.ts';
import { created, emit, known, patch, put, type World } from '../world.ts';
import { refundFor } from './payment-objects.ts';

export interface RefundWish {
  /** Minor units; the rest of the charge unless told. */
  readonly amount?: number;
  readonly reason?: Refund['reason'];
  readonly metadata?: Record<string, string>;
}

/** Gives money of a charge back, once, up to what is left. Failures: `charge_already_refunded`, `charge_disputed`, too much. */
export function refundCharge(world: World, charge: Charge, wish: RefundWish): Refund {
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = wish.amount ?? left;
  if (!charge.paid) throw invalid('This charge did not succeed.', { code: 'charge_not_refundable', param: 'charge' });
  if (charge.disputed) throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  if (amount > left) throw invalid('Refund amount is greater than unrefunded amount on charge.', { param: 'amount' });
  const refund = put(
    world,
    'refunds',
    refundFor(world, charge, { amount, reason: wish.reason ?? null, metadata: wish.metadata ?? {} }),
    'refund.created',
  );
  const refunded = charge.amount_refunded + amount;
  patch(world, 'charges', charge, { amount_refunded: refunded, refunded: refunded === charge.amount_captured }, 'charge.refunded');
  return refund;
}

/** The bank sent the money back: the charge is not refunded by that amount any more. */
export function failRefund(world: World, refund: Refund): Refund {
  if (refund.status === 'failed') throw invalid('The refund has failed already.');
  const failed = patch(world, 'refunds', refund, { status: 'failed', failure_reason: 'expired_or_canceled_card' }, 'refund.updated');
  const charge = known(world, 'charges', refund.charge);
  patch(world, 'charges', charge, { amount_refunded: charge.amount_refunded - refund.amount, refunded: false }, 'charge.updated');
  emit(world, 'refund.failed', failed);
  return failed;
}

/** The payer's bank takes the money back for now. */
export function openDispute(world: World, charge: Charge, wish: { readonly amount?: number; readonly reason?: string } = {}): Dispute {
  if (charge.disputed) throw invalid(`Charge ${charge.id} is disputed already.`);
  const dispute: Dispute = {
    ...created(world, 'du'),
    object: 'dispute',
    amount: wish.amount ?? charge.amount - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence,
    evidence_details: {
      due_by: world.now() + 7 * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: wish.reason ?? 'fraudulent',
    status: 'needs_response',
  };
  patch(world, 'charges', charge, { disputed: true }, 'charge.updated');
  put(world, 'disputes', dispute, 'charge.dispute.created');
  emit(world, 'charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** Decides a dispute: won gives the funds back, lost keeps them. */
export function closeDispute(world: World, dispute: Dispute, status: 'won' | 'lost'): Dispute {
  if (dispute.status === 'won' || dispute.status === 'lost') throw invalid('The dispute is closed already.');
  const closed = patch(world, 'disputes', dispute, { status }, 'charge.dispute.closed');
  if (status === 'won') emit(world, 'charge.dispute.funds_reinstated', closed);
  return closed;
}

const noEvidence: Dispute['evidence'] = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};
