import * as z from 'zod';
import { wireAmount } from '../../domain/money.ts';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { amountMinor, currency } from '../rewards/schemas.ts';
import { organizationId } from '../vocabulary.ts';

const balance = z
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

const output = z.strictObject({ organization_id: organizationId, balances: z.array(balance) }).meta({ id: 'Balances' });

export const getBalance = defineRead({
  name: 'get_balance',
  title: 'Get the balance',
  summary: 'What an organization has earned, per currency',
  description:
    'Sums up what your organization has earned and what became of it, for each currency: held, available, being sent, credited, paid, owed. ' +
    'A back end of the vendor names the organization; one that never earned anything is not found. Use list_rewards for what the sums are made of.',
  rest: { method: 'get', path: '/v1/balance', status: 200 },
  mcp: true,
  access: { scope: 'rewards:read' },
  input: z.strictObject({ organization_id: organizationId.optional().describe('Your own, if left out.') }),
  output,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ rows: queries.balances(input.organization_id ?? null) }),
  view({ rows }, { input, principal }) {
    const asked = input.organization_id ?? principal.organizationId;
    if (asked === null) return refuse('request.invalid', { issues: [unnamed] });
    const isOwn = asked === principal.organizationId;
    if (!isOwn && (!isStaff(principal) || rows.length === 0)) return refuse('resource.not_found');
    return ok({ organization_id: asked, balances: perCurrency(rows) });
  },
});

const unnamed = { pointer: '/organization_id', code: 'required', message: 'A credential without an organization names one.' };

function perCurrency(rows: readonly { readonly currency: string; readonly account: string; readonly balance_minor: bigint }[]) {
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
