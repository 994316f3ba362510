import * as z from 'zod';
import type { ExportedLeafRow } from '../../db/proof-queries.ts';
import { isBlockHeader } from '../../domain/checkpoint.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import type { Desk } from '../desk.ts';
import { defineRead } from '../operation.ts';
import { instant, pageInput, sha256 } from '../vocabulary.ts';
import { blockHeader, checkpoint, tenantId } from './schemas.ts';

const line = z
  .discriminatedUnion('line', [
    z.strictObject({
      line: z.literal('ledger'),
      v: z.literal(1),
      tenant: tenantId,
      origin: z.string(),
      exported_at: instant,
      keys: z.unknown().describe('The JWK Set of /.well-known/jwks.json. Verify with a copy from elsewhere.'),
    }),
    z.strictObject({ line: z.literal('block'), header: blockHeader, hash: sha256 }),
    z.strictObject({
      line: z.literal('leaf'),
      block: z.int(),
      index: z.int(),
      leaf: sha256,
      body: z.string().nullable().describe('The canonical event; null where it belongs to another organization.'),
    }),
    z.strictObject({ line: z.literal('checkpoint'), ...checkpoint.shape }),
  ])
  .meta({ id: 'LedgerLine' });

/** Leaves of one page. */
const pageSize = 1000;

export const exportLedger = defineRead({
  name: 'export_ledger',
  title: 'Export the ledger',
  summary: 'The whole sealed ledger, line by line, for the stand-alone verifier',
  description:
    'Every block of the ledger up to its latest checkpoint, one JSON object per line: the ledger, each block followed by its leaves, the ' +
    'signed checkpoint. Your own events come with their bodies, those of other organizations as hashes; a back end of the vendor sees all ' +
    'bodies. If the stream breaks off, its last line says with which cursor to go on. Verify it with npm run ledger:verify.',
  rest: { method: 'get', path: '/v1/ledger/export', status: 200, lines: line },
  mcp: false,
  access: { scope: 'ledger:read' },
  input: z.strictObject({ cursor: pageInput.cursor }),
  output: z.strictObject({ object: z.literal('list'), data: z.array(line), has_more: z.boolean(), next_cursor: z.string().nullable() }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  inspect(asked, desk) {
    const opened = openCursor(desk, 'ledger_export', {}, asked.cursor);
    return opened.ok ? ok(placeOf(opened.value)) : opened;
  },
  load: (queries, { found: { size, block, index } }) => ({
    head: queries.checkpoint(size),
    leaves: queries.exportedLeaves({ size: size ?? allBlocks, block, index, limit: pageSize + 1 }),
  }),
  view({ head, leaves }, { found, desk, now }) {
    if (head === null) return refuse('resource.not_found');
    // A block that was sealed between the two questions belongs to the next export.
    const page = leaves.filter(({ block }) => block < head.size);
    const next = page[pageSize];
    const checkpointLine = {
      line: 'checkpoint' as const,
      tenant: desk.tenant,
      size: head.size,
      root: head.tree_root,
      signed_note: head.signed_note,
    };
    return ok({
      object: 'list' as const,
      data: [
        ...(found.size === null ? [ledgerLine(desk, now)] : []),
        ...page.slice(0, pageSize).flatMap(linesOf),
        ...(next ? [] : [checkpointLine]),
      ],
      has_more: next !== undefined,
      next_cursor: next ? closeCursor(desk, 'ledger_export', {}, `${head.size}-${next.block}-${next.index}`) : null,
    });
  },
});

const allBlocks = 2_147_483_647;

/** Where a page begins. `size`: how many blocks the export has, which its first page decides. */
function placeOf(place: string | null): { readonly size: number | null; readonly block: number; readonly index: number } {
  if (place === null) return { size: null, block: 0, index: 0 };
  const [size = 0, block = 0, index = 0] = place.split('-').map(Number);
  return { size, block, index };
}

function ledgerLine({ tenant, origin, jwks }: Desk, now: Date): z.input<typeof line> {
  return { line: 'ledger', v: 1, tenant, origin, exported_at: now.toISOString(), keys: jwks.value };
}

function linesOf({ block, index, leaf, body, header, hash }: ExportedLeafRow): z.input<typeof line>[] {
  const own = { line: 'leaf' as const, block, index, leaf, body };
  if (header === null || hash === null) return [own];
  const read: unknown = JSON.parse(header);
  invariant(isBlockHeader(read), 'a stored header is one of ours');
  return [{ line: 'block', header: read, hash }, own];
}
