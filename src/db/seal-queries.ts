import { mostLeaves, type Sealable } from '../domain/seal.ts';
import type { Told } from '../domain/tell-events.ts';
import { mostEndpoints, type Subscription } from '../domain/webhook.ts';
import { proofQueries } from './proof-queries.ts';
import { many, one } from './query.ts';

/** What a sealer asks, as the writer of its tenant, and what proofs are made of. */
export const sealQueries = {
  ...proofQueries,

  /** Where sealing stands. Always one row; everything of the latest block is null before the first. */
  sealHead: () =>
    one<SealHeadRow>(
      'seal.head',
      `${cursors}
       select c.number, encode(c.hash, 'hex') as hash, encode(c.tree_root, 'hex') as tree_root, encode(c.frontier, 'hex') as frontier,
         c.leaves_total, c.is_restored, c.horizon::text::bigint as horizon, c.own_from::text::bigint as sealed_below,
         coalesce((select v.sequence from frontdesk.events v where v.sequence is not null order by v.sequence desc limit 1), 0) as last_sequence,
         (exists (select from frontdesk.ledger_events e where e.xid >= c.horizon and e.xid < c.next and e.xmin = e.xid::xid)
           or exists (select from frontdesk.events v where v.sequence is null and v.xid >= c.horizon and v.xmin = v.xid::xid)) as is_waiting
       from cursors c`,
      [],
    ),

  /** Events of ended transactions that are in no block, oldest transaction first. */
  unsealedEvents: () =>
    many<Sealable>('seal.unsealed', `${cursors} select ${sealable} from ${unsealedPage} e order by e.xid, e.event_id`, []),

  /** The same of events that a restore brought. Their transactions are another server's and ended there. */
  restoredEvents: () =>
    many<Sealable>('seal.restored', `${cursors} select ${sealable} from ${restoredPage} e order by e.xid, e.event_id`, []),

  /** Events that have no place in the stream yet. */
  unsequencedEvents: () =>
    many<Told>(
      'seal.unsequenced',
      `select v.event_id, v.type, v.organization_id, v.subject_id, v.data, v.occurred_at, v.xid::text::bigint as xid
       from ${unsequencedPage} v order by v.xid, v.event_id`,
      [],
    ),

  /** Who listens to the vendor's events, or to those of an organization about which the other questions find something. Asked after them. */
  subscriptions: () =>
    many<Subscription>(
      'seal.subscriptions',
      `${cursors}, organizations as materialized (
         select e.organization_id from ${unsealedPage} e union select e.organization_id from ${restoredPage} e
         union select v.organization_id from ${unsequencedPage} v)
       select w.endpoint_id, w.organization_id, w.types, w.state from (
         (select * from frontdesk.webhook_endpoints w where w.organization_id is null and w.state = 'active' limit ${mostEndpoints})
         union all
         (select w.* from organizations o cross join lateral (
           select * from frontdesk.webhook_endpoints w where w.organization_id = o.organization_id and w.state = 'active'
           limit ${mostEndpoints}) w)) w`,
      [],
    ),
} as const;

export interface SealHeadRow {
  readonly number: number | null;
  readonly hash: string | null;
  readonly tree_root: string | null;
  readonly frontier: string | null;
  readonly leaves_total: bigint | null;
  /** Whether the latest block came with a restore. */
  readonly is_restored: boolean;
  readonly horizon: bigint;
  readonly sealed_below: bigint;
  readonly last_sequence: bigint;
  /** Whether something was committed that may be sealed only when an older transaction has ended. */
  readonly is_waiting: boolean;
}

/**
 * From which transaction on something may be unsealed: `own_from` for what was written here, `restored_from` for what a restore brought
 * (null: all of that is sealed). A row keeps the id of the transaction that wrote it first, while `xmin` is the one that put it into this
 * database: where the two differ, it was restored. The block of a restore gives the first transaction after which anything new was
 * written here: that which restored the first block.
 */
const cursors = `with cursors as materialized (
  select b.number, b.hash, b.tree_root, b.frontier, b.leaves_total, s.horizon, s.next, coalesce(b.is_restored, false) as is_restored,
    case when b.is_restored then (s.at - ((s.at - f.restored_by) & 4294967295))::text::xid8 else coalesce(b.sealed_below, '0') end as own_from,
    case when b.is_restored then least(b.sealed_below, b.restored_from) when b.number is null then '0'::xid8 else b.restored_from end
      as restored_from
  from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon, pg_snapshot_xmax(pg_current_snapshot()) as next,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as at) s
  left join lateral (
    select o.*, o.xmin <> o.xid::xid as is_restored from frontdesk.blocks o order by o.number desc limit 1) b on true
  left join lateral (select o.xmin::text::bigint as restored_by from frontdesk.blocks o where o.number = 0) f on true)`;

const sealable = `e.event_id, e.kind, e.subject_id, e.organization_id, e.body, encode(e.leaf, 'hex') as leaf, e.recorded_at,
  e.xid::text::bigint as xid`;

/** Looked up for each event by itself: as a join it may be planned to read all leaves there are. */
const isUnsealed = '(select l.block from frontdesk.leaves l where l.leaf = e.leaf limit 1) is null';

const unsealedPage = `(
  select * from frontdesk.ledger_events e
  where e.xid >= (select c.own_from from cursors c) and e.xid < (select c.horizon from cursors c) and ${isUnsealed}
  order by e.xid, e.event_id limit ${mostLeaves})`;
const restoredPage = `(
  select * from frontdesk.ledger_events e
  where e.xid >= (select c.restored_from from cursors c) and e.xmin <> e.xid::xid and ${isUnsealed}
  order by e.xid, e.event_id limit ${mostLeaves})`;
const unsequencedPage = `(
  select * from frontdesk.events v
  where v.sequence is null and (v.xid < (select pg_snapshot_xmin(pg_current_snapshot())) or v.xmin <> v.xid::xid)
  order by v.xid, v.event_id limit ${mostLeaves})`;
