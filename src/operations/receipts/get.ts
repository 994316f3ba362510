import * as z from 'zod';
import type { SealedReferralRow } from '../../db/proof-queries.ts';
import { inclusionProof } from '../../domain/ledger-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { blockHeader, checkpoint, hashPath, showCheckpoint } from '../ledger/schemas.ts';
import { defineRead } from '../operation.ts';
import { receipt } from '../referrals/schemas.ts';
import { referralId, sha256 } from '../vocabulary.ts';

const proof = z
  .strictObject({
    block: z.int(),
    index: z.int().describe('Place of the leaf in its block, from 0.'),
    leaves: z.int().describe('How many leaves the block has.'),
    path: hashPath.describe('From the leaf to the root of its block.'),
    block_path: hashPath.describe('From the hash of the block to the root of the checkpoint.'),
    block_header: blockHeader,
  })
  .describe('RFC 9162 inclusion proof.')
  .meta({ id: 'InclusionProof' });

export const getReceipt = defineRead({
  name: 'get_receipt',
  title: 'Get a receipt',
  summary: 'The receipt of a referral, with its proof once it is sealed',
  description:
    'Reads the signed receipt of a referral of your organization, and, once its ledger entry is sealed, the proof that leads from its leaf ' +
    'to a signed checkpoint. The entry is sealed by seal_by of the receipt; before that proof is null. Keep the answer: with the vendor’s ' +
    'public keys it verifies offline.',
  rest: { method: 'get', path: '/v1/referrals/{referral_id}/receipt', status: 200 },
  mcp: true,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ referral_id: referralId }),
  output: z
    .strictObject({
      receipt,
      leaf: sha256.describe('RFC 6962 leaf hash of the ledger entry.'),
      proof: proof.nullable(),
      checkpoint: checkpoint.nullable(),
    })
    .meta({ id: 'ProvenReceipt' }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ sealed: queries.sealedReferral(input.referral_id) }),
  view: ({ sealed }, { desk }) => {
    if (sealed === null) return refuse('resource.not_found');
    const { size, tree_root, signed_note } = sealed;
    const isSealed = size !== null && tree_root !== null && signed_note !== null;
    return ok({
      receipt: sealed.receipt,
      leaf: sealed.leaf,
      proof: proofOf(sealed),
      checkpoint: isSealed ? showCheckpoint({ size, tree_root, signed_note }, desk) : null,
    });
  },
});

function proofOf({ block, index, header, leaves, size, nodes }: SealedReferralRow): z.input<typeof proof> | null {
  if (block === null || index === null || header === null || leaves === null || size === null) return null;
  const { path, block_path, ...rest } = inclusionProof({ block, index, header, leaves, size, nodes: nodes ?? [] });
  return { ...rest, path: [...path], block_path: [...block_path] };
}
