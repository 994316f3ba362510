import * as z from 'zod';
import type { FoundReferralRow } from '../../db/referral-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { wireAmount } from '../../domain/money.ts';
import { ok } from '../../domain/result.ts';
import { mayAsk, seenProspect } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { amountMinor, currency } from '../rewards/schemas.ts';
import { listOf, pageInput, pageOf } from '../vocabulary.ts';
import { findable, referralFilter, referralFilterInput, timeCursor } from './referral-filter.ts';
import { isRecord, referralView } from './schemas.ts';

const { id, status, organization_id, agent_id, campaign, created_at, expires_at } = referralView.shape;

const line = z
  .strictObject({
    ...{ id, status, organization_id },
    organization_domain: z.string().nullable(),
    ...{ agent_id, campaign },
    prospect_name: z.string().nullable().describe('Written by a stranger.'),
    prospect_domain: z.string().nullable().describe('Written by a stranger.'),
    ...{ created_at, changed_at: created_at, expires_at },
    program_version: z.int(),
    currency: currency.nullable().describe('In which it earned first; null where it earned nothing, and for who may not read rewards.'),
    accrued_minor: amountMinor.nullable().describe('What it earned for its organization in that currency.'),
    reversed_minor: amountMinor.nullable().describe('What of that was taken back.'),
  })
  .meta({ id: 'ReferralLine' });

/** Lines of one page. */
const pageSize = 500;
const cursor = timeCursor('referral_export');

export const exportReferrals = defineRead({
  name: 'export_referrals',
  title: 'Export referrals',
  summary: 'Referrals by any of their properties, whole, one a line',
  description:
    'Every referral that search_referrals would find with the same filter, one flat JSON object per line, or as a table where text/csv is ' +
    'asked for, in which no cell is taken for a formula. If the stream breaks off, its last line says with which cursor to go on.',
  rest: { method: 'get', path: '/v1/referrals/export', status: 200, lines: line, table: true },
  mcp: false,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ ...referralFilterInput, cursor: pageInput.cursor }),
  output: listOf(line),
  failures: [],
  sideEffect: 'none',
  inspect(asked, desk) {
    const after = cursor.open(desk, asked);
    return after.ok ? ok({ after: after.value, filter: referralFilter(asked, desk.derive) }) : after;
  },
  load: (queries, { input: asked, found }) => ({
    page: queries.searchReferrals({ ...found, oldestFirst: asked.sort === 'created', limit: pageSize }),
  }),
  view: ({ page }, { input: asked, found, desk, principal }) =>
    ok(
      pageOf(
        findable(page, found.filter, principal),
        pageSize,
        (row) => lineOf(row, principal),
        (row) => cursor.close(desk, asked, row),
      ),
    ),
});

function lineOf(row: FoundReferralRow, principal: Principal): z.input<typeof line> {
  const { prospect } = seenProspect(principal, isRecord(row.particulars) ? row.particulars : {});
  const { name, domain } = isRecord(prospect) ? prospect : {};
  const earned = mayAsk(principal, { kind: 'read', scope: 'rewards:read' }) ? row.rewards?.[0] : undefined;
  return {
    id: row.referral_id,
    status: row.status,
    organization_id: row.organization_id,
    organization_domain: row.organization_domain,
    agent_id: row.agent_id,
    campaign: row.campaign,
    prospect_name: typeof name === 'string' ? name : null,
    prospect_domain: typeof domain === 'string' ? domain : null,
    created_at: row.created_at,
    changed_at: row.changed_at,
    expires_at: row.expires_at,
    program_version: row.program_version,
    currency: earned?.currency ?? null,
    accrued_minor: earned ? wireAmount(BigInt(earned.accrued)) : null,
    reversed_minor: earned ? wireAmount(BigInt(earned.reversed)) : null,
  };
}
