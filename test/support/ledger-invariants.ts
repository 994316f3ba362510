/** What must hold of a ledger whatever happened to it, asked of the database itself and of the Merkle trees that its rows make. */
import { canonicalize } from '../../src/domain/canonical.ts';
import { blockHash, isBlockHeader, parseSignedNote } from '../../src/domain/checkpoint.ts';
import { appendNodes, treeRoot } from '../../src/domain/merkle.ts';
import { invariantQueries, quietQueries } from './ledger-invariant-queries.ts';

/** Rows of a statement, as the superuser sees them across tenants or as a writer sees them of one. */
export type See = <T>(text: string) => Promise<readonly T[]>;

/**
 * Which invariants do not hold, each as its name with up to three examples; empty when all do. `quietAt`: the time at which all work
 * was done; then nothing may be due, leased, unsealed or without its place in the stream.
 */
export async function brokenInvariants(see: See, quietAt?: Date): Promise<string[]> {
  const queries = { ...invariantQueries, ...(quietAt ? quietQueries(quietAt.toISOString()) : {}) };
  const parts = Object.entries(queries).map(
    ([rule, text]) => `select '${rule.replaceAll("'", "''")}' as rule, q.what::text as what from (${text}) q`,
  );
  // Without a limit: with one the planner prefers what begins fast, and that is slow here.
  const found = await see<{ rule: string; what: string | null }>(parts.join('\nunion all\n'));
  const broken = Object.keys(queries).flatMap((rule) => {
    const examples = found.filter((row) => row.rule === rule);
    return examples.slice(0, 3).map(({ what }) => `${rule}: ${what} (${examples.length})`);
  });
  return [...broken, ...(await brokenTrees(see))];
}

/** How many invariants are asked, trees included. */
export const invariantCount = Object.keys({ ...invariantQueries, ...quietQueries('') }).length + 5;

interface BlockRow {
  readonly tenant_id: string;
  readonly number: number;
  readonly previous: string | null;
  readonly hash: string;
  readonly root: string;
  readonly tree_root: string;
  readonly frontier: string;
  readonly header: string;
  readonly signed_note: string;
  readonly leaf_count: number;
  readonly leaves_total: string;
  readonly leaves: readonly string[];
}

/** Where the tree of a tenant stands after a block. */
interface TreeState {
  readonly tenant: string;
  readonly block: BlockRow | null;
  readonly frontier: readonly string[];
  readonly total: bigint;
}

/** Recomputes every block root, block hash, tree root and frontier from the leaves up. */
async function brokenTrees(see: See): Promise<string[]> {
  const blocks = await see<BlockRow>(`
    select b.tenant_id, b.number, encode(b.previous, 'hex') as previous, encode(b.hash, 'hex') as hash, encode(b.root, 'hex') as root,
      encode(b.tree_root, 'hex') as tree_root, encode(b.frontier, 'hex') as frontier, b.header, b.signed_note, b.leaf_count,
      b.leaves_total::text as leaves_total,
      (select coalesce(jsonb_agg(encode(l.leaf, 'hex') order by l.index), '[]') from frontdesk.leaves l
        where l.tenant_id = b.tenant_id and l.block = b.number) as leaves
    from frontdesk.blocks b order by b.tenant_id, b.number`);
  const broken: string[] = [];
  let state: TreeState = { tenant: '', block: null, frontier: [], total: 0n };
  for (const block of blocks) {
    const last = state.tenant === block.tenant_id ? state : { ...state, block: null, frontier: [], total: 0n };
    const tree = appendNodes(block.number, block.hash, last.frontier);
    const total = last.total + BigInt(block.leaves.length);
    const wrong = wrongIn(block, last.block, tree, total);
    if (wrong) broken.push(`${wrong}: block ${block.number} of ${block.tenant_id}`);
    state = { tenant: block.tenant_id, block, frontier: tree.frontier, total };
  }
  return broken.slice(0, 3);
}

function wrongIn(block: BlockRow, last: BlockRow | null, tree: ReturnType<typeof appendNodes>, total: bigint): string | null {
  const header: unknown = JSON.parse(block.header);
  const note = parseSignedNote(block.signed_note)?.checkpoint;
  if (block.number !== (last === null ? 0 : last.number + 1) || block.previous !== (last?.hash ?? null)) return 'blocks are one chain';
  if (treeRoot(block.leaves) !== block.root || block.leaves.length !== block.leaf_count) return 'a block root is that of its leaves';
  const says = isBlockHeader(header) && header.root === block.root && header.previous === block.previous && header.number === block.number;
  if (!says || canonicalize(header) !== block.header || blockHash(header) !== block.hash) return 'a block hash is that of its header';
  if (tree.root !== block.tree_root || tree.frontier.join('') !== block.frontier) return 'a tree root is that of all blocks so far';
  const signed = note?.root === block.tree_root && note.size === block.number + 1 && BigInt(note.leaves) === total;
  return signed && BigInt(block.leaves_total) === total ? null : 'a checkpoint says what the tree is';
}
