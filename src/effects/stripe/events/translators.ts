import type { Translator } from '../translator.ts';
import { accountUpdated } from './accounts.ts';
import { checkoutCompleted } from './checkouts.ts';
import { creditNoteTranslators } from './credit-notes.ts';
import { customerChanged, customerDeleted } from './customers.ts';
import { invoiceCreated, invoiceSettled } from './invoices.ts';
import { paymentDisputeTranslators } from './payment-disputes.ts';
import { refundTranslators } from './refunds.ts';
import { subscriptionCreated } from './subscriptions.ts';
import { transferReversed } from './transfers.ts';

/**
 * What is made of each type of event. The keys are the list: the webhook endpoint asks for these types and no others, and what comes
 * beside them is stored and ignored.
 */
export const translators: Readonly<Record<string, Translator>> = {
  'invoice.created': invoiceCreated,
  'invoice.finalized': invoiceSettled,
  'invoice.paid': invoiceSettled,
  'invoice.voided': invoiceSettled,
  'invoice.marked_uncollectible': invoiceSettled,
  'customer.created': customerChanged,
  'customer.updated': customerChanged,
  'customer.deleted': customerDeleted,
  'checkout.session.completed': checkoutCompleted,
  'account.updated': accountUpdated,
  'customer.subscription.created': subscriptionCreated,
  'transfer.reversed': transferReversed,
  ...refundTranslators,
  ...creditNoteTranslators,
  ...paymentDisputeTranslators,
};
