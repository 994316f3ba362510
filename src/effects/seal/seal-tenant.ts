import type { Db } from '../../db/batch.ts';
import type { Memory } from '../../db/memory.ts';
import { type SealHeadRow, sealQueries } from '../../db/seal-queries.ts';
import { signedNote } from '../../domain/checkpoint.ts';
import type { Given } from '../../domain/decision.ts';
import { invariant } from '../../domain/result.ts';
import { draftSeal, type SealDraft, type SealFacts } from '../../domain/seal.ts';
import { type Subscription, stageDeliveries } from '../../domain/webhook.ts';
import type { Desk } from '../../operations/desk.ts';

/** What a sealer needs of the world. */
export interface SealDeps {
  readonly db: Db;
  readonly memory: Memory;
  readonly deskOf: (tenant: string) => Promise<Desk | null>;
  readonly now: () => Date;
  readonly given: (desk: Desk, now: Date) => Given;
}

export interface Sealed {
  readonly blocks: number;
  readonly leaves: number;
  /**
   * `sealed`: nothing is left. `waiting`: what is left has to wait for an older transaction to end. `unfinished`: others were faster, or
   * there was more than one call takes.
   */
  readonly left: 'sealed' | 'waiting' | 'unfinished';
}

/**
 * Seals what the tenant's ledger holds unsealed and gives every new event its place in the stream, block by block. Two at once, or one
 * that dies at any point, neither fork nor skip: a block is one commit, and only one block can follow another. Rejects when the database
 * does not answer, or when there is no key to sign checkpoints with.
 */
export async function sealTenant(deps: SealDeps, tenant: string): Promise<Sealed> {
  const total = { blocks: 0, leaves: 0 };
  const desk = await deps.deskOf(tenant);
  for (let round = 1; desk !== null && round <= mostRounds; round++) {
    const { head, subscriptions, ...facts } = await load(deps, desk);
    const given = deps.given(desk, deps.now());
    const draft = draftSeal({ ...facts, ...position(desk, head) }, given);
    if (draft === null) return { ...total, left: head.is_waiting ? 'waiting' : 'sealed' };
    if (!(await write(deps, desk, draft, subscriptions, given))) continue;
    total.blocks += draft.toSign === null ? 0 : 1;
    total.leaves += draft.leaves;
    if (!draft.isFull) return { ...total, left: head.is_waiting ? 'waiting' : 'sealed' };
  }
  return { ...total, left: 'unfinished' };
}

const mostRounds = 50;

/** The head comes first: what is read after it may be newer, never older, so that its horizon holds for all of it. */
async function load({ db }: SealDeps, { tenant }: Desk) {
  const [head, restored, unsealed, unsequenced, subscriptions] = await db.batch({ role: 'writer', tenant }, [
    sealQueries.sealHead(),
    sealQueries.restoredEvents(),
    sealQueries.unsealedEvents(),
    sealQueries.unsequencedEvents(),
    sealQueries.subscriptions(),
  ]);
  invariant(head !== null, 'where sealing stands is one row');
  return { head, restored, unsealed, unsequenced, subscriptions };
}

function position({ tenant, origin }: Desk, row: SealHeadRow): Omit<SealFacts, 'restored' | 'unsealed' | 'unsequenced'> {
  const { number, hash, tree_root: treeRoot, frontier, leaves_total: leavesTotal } = row;
  const isSealed = number !== null && hash !== null && treeRoot !== null && frontier !== null && leavesTotal !== null;
  return {
    tenant,
    origin,
    head: isSealed ? { number, hash, treeRoot, frontier, leavesTotal } : null,
    isRestored: row.is_restored,
    horizon: row.horizon,
    sealedBelow: row.sealed_below,
    lastSequence: row.last_sequence,
  };
}

/** False when another sealer was faster, or when it is not known. */
async function write(
  { memory }: SealDeps,
  desk: Desk,
  draft: SealDraft,
  subscriptions: readonly Subscription[],
  given: Given,
): Promise<boolean> {
  const note = draft.toSign && (await signed(desk, draft.toSign));
  const changes = draft.finish(note, (events) => stageDeliveries(events, subscriptions, given));
  const written = await memory.commit(desk.tenant, changes);
  invariant(written === 'done' || written === 'again', 'a seal counts against no quota and settles no effect');
  return written === 'done';
}

async function signed(desk: Desk, { name, body }: { readonly name: string; readonly body: string }): Promise<string> {
  const { publicKey, signature } = await desk.signNote(new TextEncoder().encode(body));
  return signedNote(body, { name, publicKey, signature });
}
