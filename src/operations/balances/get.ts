import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { organizationId } from '../vocabulary.ts';
import { balanceView, perCurrency } from './schemas.ts';

const output = z.strictObject({ organization_id: organizationId, balances: z.array(balanceView) }).meta({ id: 'Balances' });

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
