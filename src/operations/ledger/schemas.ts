import * as z from 'zod';
import type { CheckpointRow } from '../../db/proof-queries.ts';
import type { Desk } from '../desk.ts';
import { id, instant, sha256 } from '../vocabulary.ts';

export const tenantId = id('ten', 'the vendor’s ledger');
export const treeSize = z.int().describe('How many blocks.');
export const hashPath = z.array(sha256).max(64);

export const blockHeader = z
  .strictObject({
    v: z.literal(1),
    tenant: tenantId,
    number: z.int(),
    leaves: z.int(),
    root: sha256,
    previous: sha256.nullable(),
    sealed_at: instant,
  })
  .describe('Its hash is the RFC 6962 leaf hash of its RFC 8785 form.')
  .meta({ id: 'BlockHeader' });

export const checkpoint = z
  .strictObject({
    tenant: tenantId,
    size: treeSize,
    root: sha256,
    signed_note: z.string().describe('C2SP signed note over a tlog-checkpoint (Ed25519); keys at /.well-known/jwks.json.'),
  })
  .describe('The signed head of the sealed ledger.')
  .meta({ id: 'Checkpoint' });

export function showCheckpoint({ size, tree_root, signed_note }: CheckpointRow, desk: Desk): z.input<typeof checkpoint> {
  return { tenant: desk.tenant, size, root: tree_root, signed_note };
}
