import { eventTypes } from './event-types.ts';
import { invariant } from './result.ts';
import type { PublishedEvent, WorkChanges } from './work-changes.ts';

/** An event for subscribers that was committed without a place. `xid`: the transaction that wrote it. */
export interface Told extends Omit<PublishedEvent, 'sequence'> {
  readonly xid: bigint;
}

/** A ledger event, of which subscribers hear if its kind is one of theirs. */
interface Happened {
  readonly event_id: string;
  readonly kind: string;
  readonly subject_id: string;
  readonly organization_id: string | null;
  readonly body: string;
  readonly recorded_at: string;
  readonly xid: bigint;
}

/**
 * Puts what is told into one order, by transaction, then id, `afterwards` last, and counts on from `lastSequence` without a gap. A
 * ledger event and the event that tells of it share the suffix of their ids, so that none can be told twice.
 */
export function tellInOrder(
  happened: readonly Happened[],
  unsequenced: readonly Told[],
  afterwards: readonly PublishedEvent[],
  lastSequence: bigint,
): {
  readonly all: readonly PublishedEvent[];
  readonly made: readonly PublishedEvent[];
  readonly sequenced: NonNullable<WorkChanges['sequenced']>;
} {
  const tellings = happened.filter(({ kind }) => told.has(kind)).map((event) => ({ event: tellingOf(event), xid: event.xid, isNew: true }));
  const waiting = unsequenced.map(({ xid, ...event }) => ({ event, xid, isNew: false }));
  const ordered = [...[...tellings, ...waiting].sort(byTransaction), ...afterwards.map((event) => ({ event, xid: 0n, isNew: true }))];
  const placed = ordered.map(({ event, isNew }, at) => ({ isNew, event: { ...event, sequence: String(lastSequence + BigInt(at + 1)) } }));
  const all = placed.map(({ event }) => event);
  return {
    all,
    made: placed.filter(({ isNew }) => isNew).map(({ event }) => event),
    sequenced: placed.filter(({ isNew }) => !isNew).map(({ event: { event_id, sequence } }) => ({ event_id, sequence })),
  };
}

/** What subscribers hear of a ledger event: the facts of its body, without what only the ledger needs. */
function tellingOf({ event_id, kind, subject_id, organization_id, body, recorded_at }: Happened): Omit<PublishedEvent, 'sequence'> {
  const facts: unknown = JSON.parse(body);
  invariant(typeof facts === 'object' && facts !== null, 'the body of a ledger event is an object');
  const data = Object.fromEntries(Object.entries(facts).filter(([name]) => !untold.has(name)));
  return { event_id: `evt_${suffixOf(event_id)}`, type: kind, organization_id, subject_id, data, occurred_at: recorded_at };
}

const told: ReadonlySet<string> = new Set(eventTypes);
const untold = new Set(['v', 'tenant', 'blinded']);
const suffixOf = (id: string): string => id.slice(id.indexOf('_') + 1);

function byTransaction(a: { xid: bigint; event: { event_id: string } }, b: { xid: bigint; event: { event_id: string } }): number {
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1;
  return a.event.event_id < b.event.event_id ? -1 : 1;
}
