import * as z from 'zod';
import type { PayoutTotalRow } from '../../db/injection-queries.ts';
import { decimalAmount } from '../../domain/decimal-amount.ts';
import { wireAmount } from '../../domain/money.ts';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { amountMinor, currency } from '../rewards/schemas.ts';
import { organizationId, pageInput } from '../vocabulary.ts';

const total = z
  .strictObject({
    year: z.int(),
    organization_id: organizationId,
    name: z.string().describe('As you know the organization.'),
    domain: z.string().nullable(),
    kind: z
      .string()
      .describe('How it was paid. Credit on a bill of your own is often a price reduction rather than income: ask who does your taxes.'),
    currency,
    amount: z.string().describe('The same in the main unit, as decimal text.'),
    amount_minor: amountMinor.describe('Gross: what was confirmed in that year, later reversals not taken off.'),
    payments: z.int().min(1),
    stripe_id: z.string().nullable().describe('Where it went at Stripe; null where that were several, or you paid it yourself.'),
  })
  .meta({ id: 'PayoutTotal' });

/** Organizations of one page. */
const pageSize = 100;

const filterOf = ({ year }: { readonly year: string | number }) => ({ year: String(year) });

export const listPayoutTotals = defineRead({
  name: 'list_payout_totals',
  title: 'List payout totals',
  summary: 'What each organization was paid in a year, for tax forms',
  description:
    'For the vendor: what was credited and paid to each organization in one calendar year (UTC), gross, by kind and currency, one JSON object ' +
    'per line, or as a table with Accept: text/csv. Organizations that were paid nothing are left out. If the lines break off, the last says ' +
    'with which cursor to go on; a table that cannot be finished breaks off without its end.',
  rest: { method: 'get', path: '/v1/payouts/totals', status: 200, lines: total, table: true },
  mcp: false,
  access: { scope: 'payouts:manage' },
  input: z.strictObject({
    year: z.union([z.int().min(2020).max(2199), z.string().regex(/^2[01][0-9]{2}$/)]).describe('A calendar year in UTC.'),
    cursor: pageInput.cursor,
  }),
  output: z.strictObject({ object: z.literal('list'), data: z.array(total), has_more: z.boolean(), next_cursor: z.string().nullable() }),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'payout_totals', filterOf(asked), asked.cursor),
  load: (queries, { input: { year }, found }) => ({
    rows: queries.payoutTotals(
      { from: new Date(Date.UTC(Number(year), 0)), until: new Date(Date.UTC(Number(year) + 1, 0)) },
      { after: found ?? '', limit: pageSize },
    ),
  }),
  view({ rows }, { input, desk }) {
    const organizations = [...new Set(rows.map(({ organization_id }) => organization_id))];
    const last = organizations.at(-1);
    const hasMore = organizations.length === pageSize && last !== undefined;
    return ok({
      object: 'list' as const,
      data: rows.flatMap((row) => shown(row, Number(input.year))),
      has_more: hasMore,
      next_cursor: hasMore ? closeCursor(desk, 'payout_totals', filterOf(input), last) : null,
    });
  },
});

function shown(row: PayoutTotalRow, year: number): z.input<typeof total>[] {
  const { kind, currency: paidIn, amount_minor, count } = row;
  if (kind === null || paidIn === null || amount_minor === null || count === null) return [];
  return [
    {
      ...{ year, organization_id: row.organization_id, name: row.name, domain: row.domain, kind, currency: paidIn },
      ...{ amount: decimalAmount(amount_minor, paidIn), amount_minor: wireAmount(amount_minor), payments: count, stripe_id: row.target },
    },
  ];
}
