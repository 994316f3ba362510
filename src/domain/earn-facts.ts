import type { Earned } from './earn-amounts.ts';
import { type CapUse, readCapUse } from './earn-caps.ts';
import type { PaidInvoice } from './qualification.ts';

/** Everything that earning depends on beside the terms. */
export interface EarningFacts {
  readonly capUse: readonly CapUse[];
  /** What the prospect paid. */
  readonly payments: readonly PaidInvoice[];
  /** What the credited referral has earned, and what the prospect itself has, by whomever it was referred. */
  readonly earned: readonly Earned[];
  /** The prospect as an organization, if it is one already. */
  readonly refereeId: string | null;
  /** A Stripe customer of the prospect that is nobody's payee yet, if the prospect has no payee. */
  readonly freeCustomer: string | null;
  /** Organizations that are the prospect by their Stripe customer, or because they once earned as the referred side. */
  readonly own: readonly string[];
  /** Customers that were reported to be the prospect, and are nobody's yet: judging links them. */
  readonly linkable: readonly string[];
}

/** The same as it is stored: amounts are decimal text, times as Postgres writes them there. */
export interface StoredEarning {
  readonly payments: readonly {
    readonly invoice_id: string;
    readonly currency: string;
    readonly paid_at: string;
    readonly collected_minor: string;
    readonly paid_minor: string;
    readonly given_back_minor: string;
  }[];
  readonly earned: readonly {
    readonly side: 'referrer' | 'referee';
    readonly rule: string;
    readonly occasion: string;
    readonly currency: string;
    readonly value_minor: string;
    readonly unsent: boolean;
  }[];
  readonly referee: string | null;
  readonly own: readonly string[];
  readonly free_customer: string | null;
  readonly linkable: readonly string[];
  readonly cap_use: readonly { readonly name: string; readonly subject: string; readonly value: string }[];
}

export function readEarning(row: StoredEarning): EarningFacts {
  return {
    payments: row.payments.map(
      (payment): PaidInvoice => ({
        ...{ invoiceId: payment.invoice_id, currency: payment.currency, paidAt: new Date(payment.paid_at) },
        ...{ collectedMinor: BigInt(payment.collected_minor), paidMinor: BigInt(payment.paid_minor) },
        givenBackMinor: BigInt(payment.given_back_minor),
      }),
    ),
    earned: row.earned.map(({ value_minor, unsent, ...each }) => ({ ...each, valueMinor: BigInt(value_minor), isUnsent: unsent })),
    ...{ refereeId: row.referee, own: row.own, linkable: row.linkable, freeCustomer: row.free_customer, capUse: readCapUse(row.cap_use) },
  };
}
