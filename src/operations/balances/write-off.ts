import * as z from 'zod';
import { wireAmount } from '../../domain/money.ts';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff } from '../../domain/visibility.ts';
import { writeOff } from '../../domain/write-off.ts';
import { defineWrite } from '../operation.ts';
import { amountMinor, currency } from '../rewards/schemas.ts';
import { organizationId, slug } from '../vocabulary.ts';

const output = z
  .strictObject({
    organization_id: organizationId,
    currency,
    written_off_minor: amountMinor,
    owed_minor: amountMinor.describe('What is still owed.'),
  })
  .meta({ id: 'WriteOff' });

export const writeBalanceOff = defineWrite({
  name: 'write_balance_off',
  title: 'Write a debt off',
  summary: 'Give up what an organization owes',
  description:
    'For the vendor: rewards that were reversed after they were handed over are a debt, which the next rewards in that currency pay back. ' +
    'Use this when there will be none: what is written off is not asked for any more. It cannot be undone.',
  rest: { method: 'post', path: '/v1/organizations/{organization_id}/write-off', status: 200 },
  mcp: false,
  access: { scope: 'ledger:reverse', stepUp: true },
  input: z.strictObject({
    organization_id: organizationId,
    currency,
    amount_minor: z.int().min(1).optional().describe('How much of what is owed. Without it: everything.'),
    reason: slug.describe('Why, as one short name; stored in the ledger.'),
  }),
  output,
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ rows: queries.balances(input.organization_id) }),
  decide({ rows }, { input, principal, desk }, given) {
    if (!isStaff(principal) || rows.length === 0) return refuse('resource.not_found');
    const owed = rows.find((row) => row.currency === input.currency && row.account === 'receivable')?.balance_minor ?? 0n;
    const decided = writeOff(
      {
        ...{ organizationId: input.organization_id, currency: input.currency, owedMinor: -owed },
        amountMinor: input.amount_minor === undefined ? null : BigInt(input.amount_minor),
      },
      { tenant: desk.tenant, actor: principal.agentId ?? principal.id, because: input.reason },
      given,
    );
    if (!decided.ok) return decided;
    const { changes, writtenOffMinor, owedMinor } = decided.value;
    const left = { written_off_minor: wireAmount(writtenOffMinor), owed_minor: wireAmount(owedMinor) };
    const result = { organization_id: input.organization_id, currency: input.currency, ...left };
    return ok({ subjectId: input.organization_id, changes, result });
  },
  view: (result) => result,
});
