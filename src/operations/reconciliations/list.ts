import * as z from 'zod';
import { findingKinds } from '../../domain/reconciliation.ts';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { currency } from '../rewards/schemas.ts';
import { instant, limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';

const reconciliation = z
  .strictObject({
    id: z.string().regex(/^rec_[0-7][0-9a-hjkmnp-tv-z]{25}$/),
    ran_at: instant,
    ok: z.boolean().describe('Whether ledger and provider agree.'),
    checks: z.int().describe('How many things were compared.'),
    findings: z.array(
      z.strictObject({
        what: z.enum(findingKinds),
        fulfilment: z.string().optional(),
        reward: z.string().optional(),
        organization: z.string().optional(),
        reference: z.string().optional().describe('At the provider.'),
        currency: currency.optional(),
        amount_minor: z.string().optional().describe("What is open, in the currency's smallest unit; negative where there is too little."),
        age_s: z.int().optional().describe('Since when it is open.'),
        effect: z.string().optional().describe('The kind of effect, where it is about dead letters.'),
        count: z.int().optional().describe('How many there are of it, at least.'),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });

export const listReconciliations = defineRead({
  name: 'list_reconciliations',
  title: 'List reconciliations',
  summary: 'What comparing the ledger with Stripe found, newest first',
  description:
    'Lists the comparisons of the ledger with the objects at the payment provider, which run every quarter of an hour, and what of each did ' +
    'not agree: handed over without an outcome, with its age; objects that are missing, differ or that nothing of ours stands for; effects ' +
    'that were given up; and how much was too much to be looked at. What is safe to repair was repaired; the rest is for a person.',
  rest: { method: 'get', path: '/v1/reconciliations', status: 200 },
  mcp: false,
  access: { scope: 'ledger:review' },
  input: z.strictObject(pageInput),
  output: listOf(reconciliation),
  failures: [],
  sideEffect: 'none',
  inspect: ({ cursor }, desk) => openCursor(desk, 'reconciliations', {}, cursor),
  load: (queries, { input, found }) => ({ page: queries.reconciliations({ after: found, limit: limitOf(input.limit) }) }),
  view: ({ page }, { input, desk }) =>
    ok(
      pageOf(
        page,
        limitOf(input.limit),
        ({ reconciliation_id, ran_at, ok: agrees, checks, findings }) => ({
          ...{ id: reconciliation_id, ran_at, ok: agrees, checks: Number(checks), findings: [...findings] },
        }),
        (row) => closeCursor(desk, 'reconciliations', {}, row.reconciliation_id),
      ),
    ),
});
