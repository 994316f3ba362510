import { canonicalize } from './canonical.ts';
import { type BlockHeader, blockHash, blockHeader, checkpointBody, checkpointOrigin } from './checkpoint.ts';
import type { Changes, Given, LedgerEvent } from './decision.ts';
import { ledgerEvent } from './ledger.ts';
import { appendNodes, treeRoot } from './merkle.ts';
import { tell } from './stage.ts';
import { type Told, tellInOrder } from './tell-events.ts';
import type { StagedEffect } from './work-changes.ts';

/** How many leaves a block takes at most, beside the one that a restore adds. */
export const mostLeaves = 1024;

/** A ledger event that may be sealed. `xid`: the transaction that wrote it. */
export interface Sealable {
  readonly event_id: string;
  readonly kind: string;
  readonly subject_id: string;
  readonly organization_id: string | null;
  readonly body: string;
  readonly leaf: string;
  readonly recorded_at: string;
  readonly xid: bigint;
}

/** What one round of sealing knows of a ledger. Lists are ordered by transaction, then id, and hold at most {@link mostLeaves}. */
export interface SealFacts {
  readonly tenant: string;
  /** Canonical origin of the tenant, a URL. */
  readonly origin: string;
  /** The latest block; null before the first. Hashes in hex, `frontier` end to end. */
  readonly head: { number: number; hash: string; treeRoot: string; frontier: string; leavesTotal: bigint } | null;
  /** Whether the latest block came with a restore: then the rows were written again, under transactions of another server. */
  readonly isRestored: boolean;
  /** Every transaction before this one has ended. */
  readonly horizon: bigint;
  /** Everything that was written here by transactions before this one is sealed. */
  readonly sealedBelow: bigint;
  /** Unsealed events that a restore brought. They are sealed before anything newer. */
  readonly restored: readonly Sealable[];
  /** Unsealed events of transactions before the horizon. */
  readonly unsealed: readonly Sealable[];
  /** Events for subscribers that have no place in the stream yet. */
  readonly unsequenced: readonly Told[];
  readonly lastSequence: bigint;
}

/** A block before its checkpoint is signed, and the rest of what the round writes. */
export interface SealDraft {
  readonly leaves: number;
  /** The checkpoint's text, whose UTF-8 bytes are to be signed; null when there is nothing to seal, only events to be given a place. */
  readonly toSign: { readonly name: string; readonly body: string } | null;
  /** Whether this round was as much as one round takes, so that another one may find more. */
  readonly isFull: boolean;
  /** `stage` answers the deliveries of events to whoever subscribed to them. */
  finish(signedNote: string | null, stage: (events: NonNullable<Changes['events']>) => readonly StagedEffect[]): Changes;
}

/** Seals what can be sealed and gives events their places; null when there is neither. */
export function draftSeal(facts: SealFacts, given: Given): SealDraft | null {
  const { restored, unsealed, unsequenced } = facts;
  const page = restored.length > 0 ? restored : unsealed;
  const note = facts.isRestored ? restoredNote(facts, given) : null;
  const sealed = [...page, ...(note ? [note] : [])];
  if (sealed.length === 0 && unsequenced.length === 0) return null;
  const isFull = restored.length > 0 || page.length === mostLeaves || unsequenced.length === mostLeaves;
  const block = sealed.length > 0 ? makeBlock(facts, sealed, given.now.toISOString()) : null;
  return {
    leaves: sealed.length,
    isFull,
    toSign: block && { name: block.origin, body: block.checkpoint },
    finish(signedNote, stage) {
      const isChecked = block !== null && signedNote !== null;
      const checkpoint = isChecked ? checkpointed(facts.tenant, block, signedNote, given) : [];
      const told = tellInOrder([...page, ...(note ? [{ ...note, xid: facts.horizon }] : [])], unsequenced, checkpoint, facts.lastSequence);
      const effects = stage(told.all);
      return {
        ...(note ? { ledger_events: [note] } : {}),
        ...(isChecked ? { block: { ...block.row, signed_note: signedNote, ...cursorAfter(facts, page) } } : {}),
        ...(told.made.length > 0 ? { events: told.made } : {}),
        ...(told.sequenced.length > 0 ? { sequenced: told.sequenced } : {}),
        ...(effects.length > 0 ? { effects } : {}),
      };
    },
  };
}

/** That the ledger goes on from a restored copy: how far it was sealed then. What came after is lost to it, receipts may still name it. */
function restoredNote({ tenant, head }: SealFacts, given: Given): LedgerEvent {
  const facts = { blocks: (head?.number ?? -1) + 1, root: head?.treeRoot ?? null, leaves: String(head?.leavesTotal ?? 0n) };
  return ledgerEvent(given, tenant, { kind: 'ledger.restored', subjectId: tenant, organizationId: null, facts });
}

interface Block {
  readonly origin: string;
  readonly checkpoint: string;
  readonly header: BlockHeader;
  readonly row: Omit<NonNullable<Changes['block']>, 'signed_note' | 'sealed_below' | 'restored_from'>;
}

function makeBlock({ tenant, origin, head }: SealFacts, sealed: readonly { leaf: string; event_id: string }[], sealedAt: string): Block {
  const number = head === null ? 0 : head.number + 1;
  const root = treeRoot(sealed.map(({ leaf }) => leaf));
  const header = blockHeader({ tenant, number, leaves: sealed.length, root, previous: head?.hash ?? null, sealedAt });
  const hash = blockHash(header);
  const tree = appendNodes(number, hash, head?.frontier.match(/.{64}/g) ?? []);
  const total = (head?.leavesTotal ?? 0n) + BigInt(sealed.length);
  const name = checkpointOrigin(origin, tenant);
  return {
    origin: name,
    checkpoint: checkpointBody({ origin: name, size: number + 1, root: tree.root, leaves: Number(total), sealedAt }),
    header,
    row: {
      number,
      previous: header.previous,
      hash,
      root,
      leaves_total: String(total),
      header: canonicalize(header),
      tree_root: tree.root,
      frontier: tree.frontier.join(''),
      sealed_at: sealedAt,
      leaves: sealed.map(({ leaf, event_id }) => ({ leaf, event_id })),
      nodes: tree.nodes.map(({ level, index, hash: node }) => ({ level, index: String(index), hash: node })),
    },
  };
}

/** From where the next round looks. A page that is full may end within a transaction; what of it is sealed is recognised by its leaves. */
function cursorAfter({ restored, sealedBelow, horizon }: SealFacts, page: readonly Sealable[]) {
  const last = page.at(-1)?.xid ?? horizon;
  const isFull = page.length === mostLeaves;
  return restored.length > 0
    ? { sealed_below: String(sealedBelow), restored_from: isFull ? String(last) : null }
    : { sealed_below: String(isFull ? last : horizon), restored_from: null };
}

function checkpointed(tenant: string, { row, header }: Block, signedNote: string, given: Given): NonNullable<Changes['events']> {
  const data = { size: row.number + 1, root: row.tree_root, leaves: header.leaves, signed_note: signedNote };
  return [tell(given, { type: 'ledger.checkpointed', organization_id: null, subject_id: tenant, data })];
}
