import { type BlockHeader, blockHash, isBlockHeader } from '../checkpoint.ts';
import { IncrementalTree } from './incremental-tree.ts';
import { entryNamedIn, readBody } from './ledger-body.ts';
import { portableHashing } from './primitives.ts';
import type { BrokenCode } from './report.ts';

/** A stored leaf with its event; the header and the hash of a block stand with its first leaf. */
export interface StoredLeaf {
  readonly block: number;
  readonly index: number;
  readonly leaf: string;
  readonly body: string | null;
  readonly header: string | null;
  readonly hash: string | null;
}

/** The first broken thing of a ledger, and where it is. */
export interface LedgerFinding {
  readonly code: BrokenCode;
  readonly block: number;
  readonly index: number | null;
  readonly entry: string | null;
}

/** What verifying some blocks came to. `hash`: of the last whole block; null while there was none. */
export interface VerifiedBlocks {
  readonly blocks: number;
  readonly leaves: number;
  readonly hash: string | null;
  readonly finding: LedgerFinding | null;
}

/**
 * Computes the hashes of whole blocks again, from the bodies of their events: every body against its leaf, the leaves against the root of
 * their block, its header against its hash, and the hash of the block before. Leaves come in order, beginning with a block; a last block
 * of which leaves are missing is left for another time unless `isEnd`, which says that there are no more.
 * @param previous hash of the block before the first; null: there is none
 */
export function verifyBlocks(tenant: string, leaves: readonly StoredLeaf[], previous: string | null, isEnd: boolean): VerifiedBlocks {
  const done = { blocks: 0, leaves: 0, hash: previous };
  for (let at = 0; at < leaves.length; ) {
    const first = leaves[at];
    if (first === undefined) break;
    const header = headerOf(first);
    const block = first.block;
    if (header === null || header.tenant !== tenant)
      return { ...done, finding: { code: 'block.misplaced', block, index: null, entry: null } };
    const own = leaves.slice(at, at + header.leaves);
    if (own.length < header.leaves && !isEnd) break;
    const finding = faultOf(header, own, done.hash, first.hash);
    if (finding !== null) return { ...done, finding };
    at += own.length;
    done.blocks++;
    done.leaves += own.length;
    done.hash = first.hash;
  }
  return { ...done, finding: null };
}

function headerOf({ header }: StoredLeaf): BlockHeader | null {
  const read: unknown = header === null ? null : JSON.parse(header);
  return isBlockHeader(read) ? read : null;
}

function faultOf(header: BlockHeader, leaves: readonly StoredLeaf[], previous: string | null, hash: string | null): LedgerFinding | null {
  const block = header.number;
  const whole = { block, index: null, entry: null };
  if (header.previous !== previous) return { ...whole, code: 'block.unlinked' };
  if (blockHash(header) !== hash) return { ...whole, code: 'block.hash' };
  const tree = new IncrementalTree(portableHashing);
  for (const [index, leaf] of leaves.entries()) {
    const code = faultOfLeaf(leaf, { tenant: header.tenant, block, index });
    if (code !== null) return { code, block, index, entry: leaf.body === null ? null : entryNamedIn(leaf.body) };
    tree.add(leaf.leaf);
  }
  return tree.size === header.leaves && tree.root() === header.root ? null : { ...whole, code: 'block.root' };
}

function faultOfLeaf({ leaf, body, ...at }: StoredLeaf, expected: { tenant: string; block: number; index: number }): BrokenCode | null {
  if (at.block !== expected.block || at.index !== expected.index) return 'leaf.misplaced';
  if (body === null) return 'body.malformed';
  if (portableHashing.leaf(body) !== leaf) return 'body.edited';
  const read = readBody(body, expected.tenant);
  return 'code' in read ? read.code : null;
}
