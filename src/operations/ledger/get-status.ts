import * as z from 'zod';
import type { VerificationRow } from '../../db/publication-queries.ts';
import { checksOfNote, isBlockHeader, parseSignedNote } from '../../domain/checkpoint.ts';
import { invariant, ok } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import { defineRead } from '../operation.ts';
import { id, instant, sha256 } from '../vocabulary.ts';
import { checkpoint, tenantId } from './schemas.ts';

/** Blocks that are shown beside the checkpoint. */
const shownBlocks = 10;

const block = z
  .strictObject({
    number: z.int(),
    leaves: z.int().describe('How many ledger events it holds.'),
    root: sha256.describe('Of the tree over its leaves.'),
    hash: sha256,
    sealed_at: instant,
  })
  .meta({ id: 'SealedBlock' });

const head = checkpoint
  .extend({
    leaves: z.int().describe('How many ledger events all its blocks hold.'),
    sealed_at: instant,
    key_id: z.string().nullable().describe('The key in /.well-known/jwks.json that it names; null if it is there no more.'),
  })
  .meta({ id: 'SealedHead' });

const verification = z
  .strictObject({
    id: id('vfy', 'a verification'),
    ran_at: instant,
    from_block: z.int(),
    to_block: z.int().describe('The last block that was looked at.'),
    leaves: z.int(),
    ok: z.boolean(),
    finding: z
      .strictObject({ code: z.string(), block: z.int(), index: z.int().nullable(), entry: z.string().nullable() })
      .nullable()
      .describe('The first broken thing, as npm run ledger:verify names it.'),
  })
  .describe('Hashes of some blocks were computed again from the stored events.')
  .meta({ id: 'LedgerVerification' });

export const getLedgerStatus = defineRead({
  name: 'get_ledger_status',
  title: 'Get the state of the ledger',
  summary: 'How far the ledger is sealed, and its latest blocks',
  description:
    'The latest signed checkpoint with what it says, the ten latest blocks, and what came of the last verification that ran here. Use ' +
    'export_ledger to verify all of them yourself.',
  rest: { method: 'get', path: '/v1/ledger/status', status: 200 },
  mcp: false,
  access: { scope: 'ledger:read' },
  input: z.strictObject({}),
  output: z
    .strictObject({
      tenant: tenantId,
      checkpoint: head.nullable().describe('Null before the first block.'),
      verification: verification.nullable().describe('The last one that ran here; a daily schedule does it. Null before the first.'),
      blocks: z.array(block).max(shownBlocks).describe('Newest first.'),
    })
    .meta({ id: 'LedgerStatus' }),
  failures: [],
  sideEffect: 'none',
  load: (queries) => ({ head: queries.checkpoint(null), blocks: queries.latestBlocks(shownBlocks), verified: queries.verifications(1) }),
  view({ head: latest, blocks, verified: [last] }, { desk }) {
    return ok({
      tenant: desk.tenant,
      checkpoint:
        latest === null ? null : { ...saidBy(latest.signed_note, desk), tenant: desk.tenant, size: latest.size, root: latest.tree_root },
      verification: last === undefined ? null : showVerification(last),
      blocks: blocks.map(({ header, hash }) => {
        const read: unknown = JSON.parse(header);
        invariant(isBlockHeader(read), 'a stored header is one of ours');
        const { number, leaves, root, sealed_at } = read;
        return { number, leaves, root, hash, sealed_at };
      }),
    });
  },
});

const showVerification = ({ verification_id, ...shown }: VerificationRow): z.input<typeof verification> => ({
  id: verification_id,
  ...shown,
});

function saidBy(signed_note: string, { jwks }: Desk) {
  const note = parseSignedNote(signed_note);
  invariant(note !== null, 'a stored note is one of ours');
  const { leaves, sealedAt } = note.checkpoint;
  const key_id = checksOfNote(note, keysOf(jwks.value))[0]?.kid ?? null;
  return { signed_note, leaves, sealed_at: sealedAt, key_id };
}

function keysOf(jwks: unknown): readonly unknown[] {
  return typeof jwks === 'object' && jwks !== null && 'keys' in jwks && Array.isArray(jwks.keys) ? jwks.keys : [];
}
