import { type BlockHeader, isBlockHeader } from './checkpoint.ts';
import { consistencyPathFromNodes, inclusionPath, inclusionPathFromNodes, type NodeLookup, type TreeNode } from './merkle.ts';
import { invariant } from './result.ts';

/** Leads from a leaf to the root of its block, and from the block's hash to the root of a checkpoint (RFC 9162 §2.1.3). */
export interface InclusionProof {
  readonly block: number;
  readonly index: number;
  /** How many leaves the block has. */
  readonly leaves: number;
  readonly path: readonly string[];
  readonly block_path: readonly string[];
  readonly block_header: BlockHeader;
}

/** Where a leaf is: `leaves` are all of its block, `header` its canonical header, `nodes` what is stored of the tree of `size` blocks. */
export interface SealedLeaf {
  readonly block: number;
  readonly index: number;
  readonly header: string;
  readonly leaves: readonly string[];
  readonly size: number;
  readonly nodes: readonly TreeNode[];
}

export function inclusionProof({ block, index, header, leaves, size, nodes }: SealedLeaf): InclusionProof {
  const block_header: unknown = JSON.parse(header);
  invariant(isBlockHeader(block_header), 'a stored header is one of ours');
  return {
    block,
    index,
    leaves: leaves.length,
    path: inclusionPath(leaves, index),
    block_path: inclusionPathFromNodes(block, size, lookup(nodes)),
    block_header,
  };
}

/** That the tree of `from` blocks is the beginning of the tree of `to` blocks (RFC 9162 §2.1.4), 0 < from ≤ to. */
export function consistencyProof(from: number, to: number, nodes: readonly TreeNode[]): readonly string[] {
  return consistencyPathFromNodes(from, to, lookup(nodes));
}

function lookup(nodes: readonly TreeNode[]): NodeLookup {
  const hashes = new Map(nodes.map(({ level, index, hash }) => [`${level}.${index}`, hash]));
  return (level, index) => hashes.get(`${level}.${index}`);
}
