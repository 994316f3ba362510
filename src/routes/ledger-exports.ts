import type { Context, Hono } from 'hono';
import { ok } from '../domain/result.ts';
import { exportLedger } from '../operations/ledger/export.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import { exportReferrals } from '../operations/referrals/export.ts';
import { referralFilterOf } from '../web/ledger/referral-filters.ts';
import { renderLines } from './lines.ts';
import { answerRefusal, withSession } from './visit.ts';
import type { Bindings, World } from './world.ts';

interface LedgerExport {
  readonly operation: Operation;
  /** The operation's input, of the address. */
  readonly input: (url: URL) => Readonly<Record<string, unknown>>;
}

const referrals: LedgerExport = { operation: exportReferrals, input: (url) => ({ ...referralFilterOf(url) }) };
/** Whole, or from where it broke off. */
const ledger: LedgerExport = {
  operation: exportLedger,
  input: ({ searchParams }) => (searchParams.has('cursor') ? { cursor: searchParams.get('cursor') } : {}),
};

const ledgerExports: Readonly<Record<`/ledger/exports/${string}`, LedgerExport>> = {
  '/ledger/exports/referrals.csv': referrals,
  '/ledger/exports/referrals.ndjson': referrals,
  '/ledger/exports/ledger.ndjson': ledger,
};

/** What `mountLedgerExports` answers, as OpenAPI writes paths. */
export const exportPaths: readonly string[] = Object.keys(ledgerExports);

/** Lists of the ledger as files: what the page with the same filter in its address shows a page at a time, whole. */
export function mountLedgerExports(app: Hono<{ Bindings: Bindings }>, world: World): void {
  for (const [path, one] of Object.entries(ledgerExports)) app.get(path, (c) => answerExport(c, world, path, one));
}

/** A file is named for what is in it and for the day: `referrals-2026-11-21.csv`. */
function answerExport(c: Context<{ Bindings: Bindings }>, world: World, path: string, { operation, input }: LedgerExport) {
  return withSession(c, world, async (visit) => {
    const asked = input(new URL(c.req.url));
    const outcome = await perform(operation, world.deps, visit.call, ok(asked));
    if (!outcome.ok) return answerRefusal(visit, outcome.refusal);
    const [what = '', extension = ''] = (path.split('/').at(-1) ?? '').split('.');
    const name = `${what}-${world.deps.now().toISOString().slice(0, 10)}.${extension}`;
    return renderLines(visit.request, visit.call, operation, world, asked, outcome, { as: extension === 'csv' ? 'table' : 'lines', name });
  });
}
