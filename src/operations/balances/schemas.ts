import * as z from 'zod';
import { wireAmount } from '../../domain/money.ts';
import { amountMinor, currency } from '../rewards/schemas.ts';

export const balanceView = z
  .strictObject({
    currency,
    escrow_minor: amountMinor.describe('Earned and held.'),
    available_minor: amountMinor.describe('Released and not sent yet.'),
    sending_minor: amountMinor.describe('Sent; the outcome is awaited.'),
    applied_minor: amountMinor.describe('Credited to the bills of the organization.'),
    paid_out_minor: amountMinor.describe('Paid.'),
    owed_minor: amountMinor.describe('Reversed after it was handed over: the next rewards in this currency pay it back.'),
  })
  .meta({ id: 'Balance' });

export type BalanceView = z.infer<typeof balanceView>;

interface Stored {
  readonly currency: string;
  readonly account: string;
  readonly balance_minor: bigint;
}

/** What stands on accounts, by currency, in the order in which the currencies come. */
export function perCurrency(rows: readonly Stored[]): BalanceView[] {
  const currencies = [...new Set(rows.map(({ currency }) => currency))];
  return currencies.map((currency) => {
    const on = (account: string): bigint => rows.find((row) => row.currency === currency && row.account === account)?.balance_minor ?? 0n;
    return {
      currency,
      ...{ escrow_minor: wireAmount(on('escrow')), available_minor: wireAmount(on('payable')), sending_minor: wireAmount(on('clearing')) },
      ...{ applied_minor: wireAmount(on('credit_settled')), paid_out_minor: wireAmount(on('payout_settled')) },
      owed_minor: wireAmount(-on('receivable')),
    };
  });
}
