import type { TreeNode } from '../domain/merkle.ts';
import { many, one } from './query.ts';

/** What proofs are made of. Blocks, leaves and tree nodes are the whole tenant's; bodies only those in reach. */
export const proofQueries = {
  /** A referral's receipt, and where its entry is sealed; everything of a block is null before that. */
  sealedReferral: (referralId: string) =>
    one<SealedReferralRow>(
      'receipts.one',
      `select r.receipt, encode(e.leaf, 'hex') as leaf, l.block, l."index", b.header,
         h.number + 1 as size, encode(h.tree_root, 'hex') as tree_root, h.signed_note,
         (select jsonb_agg(encode(x.leaf, 'hex') order by x."index") from frontdesk.leaves x where x.block = l.block) as leaves,
         (select ${nodesOf} from ${wantedNodes('l.block', ['h.number + 1'])}) as nodes
       from frontdesk.referrals r
       join lateral (select * from frontdesk.ledger_events e where e.event_id = r.entry_id limit 1) e on true
       left join lateral (select * from frontdesk.leaves l where l.leaf = e.leaf limit 1) l on true
       left join lateral (select * from frontdesk.blocks b where b.number = l.block limit 1) b on true
       left join lateral (select * from frontdesk.blocks b order by b.number desc limit 1) h on true
       where r.referral_id = $1`,
      [referralId],
    ),

  /** The latest block, or the latest of the first `size` blocks. */
  checkpoint: (size: number | null) =>
    one<CheckpointRow>(
      'blocks.head',
      `select b.number + 1 as size, encode(b.tree_root, 'hex') as tree_root, b.signed_note from frontdesk.blocks b
       where b.number < coalesce($1::int, 2147483647) order by b.number desc limit 1`,
      [size],
    ),

  /** The latest blocks, newest first. */
  latestBlocks: (limit: number) =>
    many<{ header: string; hash: string }>(
      'blocks.latest',
      `select b.header, encode(b.hash, 'hex') as hash from frontdesk.blocks b order by b.number desc limit $1`,
      [limit],
    ),

  /** The nodes of which the proof between the trees of `from` and of `to` blocks is made; null when there are not so many blocks. */
  consistency: (from: number, to: number) =>
    one<{ nodes: readonly TreeNode[] | null }>(
      'tree_nodes.consistency',
      `select (select ${nodesOf} from ${wantedNodes('$1::int - 1', ['$2::int'])}) as nodes
       from frontdesk.blocks b where b.number = $2::int - 1`,
      [from, to],
    ),

  /** Leaves in order from one on, of the first `size` blocks, each with its body if that is in reach; a block's header with its first. */
  exportedLeaves: (from: { readonly block: number; readonly index: number; readonly size: number; readonly limit: number }) =>
    many<ExportedLeafRow>(
      'leaves.export',
      `select l.block, l."index", encode(l.leaf, 'hex') as leaf, e.body, b.header, encode(b.hash, 'hex') as hash
       from (select * from frontdesk.leaves l
         where (l.block, l."index") >= ($1::int, $2::int) and l.block < $3::int order by l.block, l."index" limit $4) l
       left join lateral (select * from frontdesk.ledger_events e where e.event_id = l.event_id limit 1) e on true
       left join lateral (select * from frontdesk.blocks b where l."index" = 0 and b.number = l.block limit 1) b on true
       order by l.block, l."index"`,
      [from.block, from.index, from.size, from.limit],
    ),
} as const;

export interface SealedReferralRow {
  readonly receipt: string;
  readonly leaf: string;
  readonly block: number | null;
  readonly index: number | null;
  readonly header: string | null;
  /** How many blocks there are; of them the root and the checkpoint. */
  readonly size: number | null;
  readonly tree_root: string | null;
  readonly signed_note: string | null;
  /** All leaves of the block, in order. */
  readonly leaves: readonly string[] | null;
  /** What leads from the block to the root. */
  readonly nodes: readonly TreeNode[] | null;
}

export interface CheckpointRow {
  readonly size: number;
  readonly tree_root: string;
  readonly signed_note: string;
}

export interface ExportedLeafRow {
  readonly block: number;
  readonly index: number;
  readonly leaf: string;
  readonly body: string | null;
  readonly header: string | null;
  readonly hash: string | null;
}

const nodesOf = "jsonb_agg(jsonb_build_object('level', n.level, 'index', n.\"index\", 'hash', encode(n.hash, 'hex')))";

/**
 * The complete subtrees that a path from block `at` meets: its ancestors and their siblings, and those of which each tree of `sizes`
 * blocks consists (`domain/merkle.ts` says which a proof reads). Each is looked up by itself.
 */
function wantedNodes(at: string, sizes: readonly string[]): string {
  const level = 'generate_series(0, 30) k';
  const largest = sizes.at(-1);
  const own = `select k, (${at}) >> k as i from ${level} where (${largest}) >> k > 0`;
  const siblings = `select k, ((${at}) >> k) # 1 from ${level} where (${largest}) >> k > 0`;
  const parts = sizes.map((size) => `select k, ((${size}) >> (k + 1)) << 1 from ${level} where ((${size}) >> k) & 1 = 1`);
  return `(${[own, siblings, ...parts].join(' union ')}) w
    cross join lateral (select * from frontdesk.tree_nodes n where n.level = w.k and n."index" = w.i limit 1) n`;
}
