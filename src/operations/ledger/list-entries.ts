import * as z from 'zod';
import type { EntryRow } from '../../db/reward-queries.ts';
import { wireAmount } from '../../domain/money.ts';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { currency, rewardId } from '../rewards/schemas.ts';
import { id, instant, limitOf, listOf, organizationId, pageInput, pageOf, referralId, sha256 } from '../vocabulary.ts';

const posting = z
  .strictObject({
    account: z.string(),
    organization_id: organizationId.nullable().describe('Null: an account of the vendor.'),
    currency,
    amount_minor: z.int().describe("In the currency's smallest unit; positive: the account gains."),
  })
  .meta({ id: 'Posting' });

const entry = z
  .strictObject({
    id: id('led', 'the ledger event that the entry is'),
    kind: z.string(),
    organization_id: organizationId,
    referral_id: referralId.nullable(),
    reward_id: rewardId.nullable(),
    recorded_at: instant,
    leaf: sha256.describe('RFC 6962 leaf hash of the event, lower-case hex.'),
    postings: z.array(posting).describe("Your own accounts. The vendor's, which make them sum to zero, are shown to the vendor only."),
  })
  .meta({ id: 'LedgerEntry' });

const input = z.strictObject({ organization_id: organizationId.optional(), ...pageInput });
const filterOf = ({ organization_id }: z.output<typeof input>) => ({ organizationId: organization_id ?? null });

export const listLedgerEntries = defineRead({
  name: 'list_ledger_entries',
  title: 'List ledger entries',
  summary: 'Every movement of money, newest first',
  description:
    'Lists the double-entry bookings about your organization, newest first, a page at a time: what moved from which account to which, for ' +
    'which reward, and the leaf hash by which it can be proven. Use get_balance for sums.',
  rest: { method: 'get', path: '/v1/ledger/entries', status: 200 },
  mcp: true,
  access: { scope: 'ledger:read' },
  input,
  output: listOf(entry),
  failures: [],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'ledger_entries', filterOf(asked), asked.cursor),
  load: (queries, { input: asked, found }) => ({
    page: queries.ledgerEntries({ after: found, limit: limitOf(asked.limit), ...filterOf(asked) }),
  }),
  view: ({ page }, { input: asked, desk }) =>
    ok(pageOf(page, limitOf(asked.limit), shown, (stored) => closeCursor(desk, 'ledger_entries', filterOf(asked), stored.entry_id))),
});

const shown = ({ entry_id, postings, ...stored }: EntryRow): z.input<typeof entry> => ({
  id: entry_id,
  ...stored,
  postings: postings.map(({ amount_minor, ...leg }) => ({ ...leg, amount_minor: wireAmount(BigInt(amount_minor)) })),
});
