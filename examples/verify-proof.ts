import { createHash, createPublicKey, verify } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { JSONWebKeySet } from 'jose';
import type { ProvenReceipt } from './desk.ts';

/**
 * Follows a leaf to the signed head of the ledger, with nothing but the vendor's public keys: leaf → root of its block → hash of the block →
 * root of the checkpoint (RFC 9162 §2.1.3.2), and the checkpoint's signature (C2SP signed note, Ed25519). Throws a sentence that says where
 * the way breaks off.
 */
export function verifyProof({ leaf, proof, checkpoint }: ProvenReceipt, keys: JSONWebKeySet): void {
  if (proof === null || checkpoint === null) throw new Error('The entry is not sealed yet.');
  const { block, index, path, block_path, block_header } = proof;
  if (rootFrom(leaf, index, block_header.leaves, path) !== block_header.root)
    throw new Error('The leaf does not lead to the root of its block.');
  if (block_header.number !== block) throw new Error('The header is that of another block.');
  const blockHash = hash(0, Buffer.from(canonicalize(block_header) ?? ''));
  if (rootFrom(blockHash, block, checkpoint.size, block_path) !== checkpoint.root)
    throw new Error('The block does not lead to the checkpoint.');
  const [body = '', signatures = ''] = checkpoint.signed_note.split('\n\n');
  const [, size, root] = body.split('\n');
  if (Number(size) !== checkpoint.size || Buffer.from(root ?? '', 'base64').toString('hex') !== checkpoint.root)
    throw new Error('The signed note says another head.');
  const signed = Buffer.from(signatures.trim().split(' ').at(-1) ?? '', 'base64').subarray(4);
  const isSigned = keys.keys.some((key) => verify(null, Buffer.from(`${body}\n`), createPublicKey({ key, format: 'jwk' }), signed));
  if (!isSigned) throw new Error('No key of the vendor signed the checkpoint.');
}

/** RFC 9162 §2.1.3.2. Hashes in hex. */
function rootFrom(leaf: string, index: number, size: number, path: readonly string[]): string {
  let [at, last, node] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (at % 2 === 1 || at === last) {
      node = parent(sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      node = parent(node, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? node : '';
}

const parent = (left: string, right: string): string => hash(1, Buffer.from(left + right, 'hex'));
const hash = (prefix: number, bytes: Buffer): string => createHash('sha256').update(Uint8Array.of(prefix)).update(bytes).digest('hex');
