import type { Db } from '../db/batch.ts';
import { dueTenants } from '../db/due-work.ts';
import type { Memory } from '../db/memory.ts';
import { type Claimed, claimEffects, restUntilDue } from '../db/outbox.ts';
import type { Given } from '../domain/decision.ts';
import { Unavailable } from '../domain/result.ts';
import type { Desk } from '../operations/desk.ts';
import { longestWaitMs, type Performers } from './effect.ts';
import { performClaimed, type Settled } from './perform-claimed.ts';

/** What the worker needs of the world. */
export interface OutboxDeps {
  readonly db: Db;
  readonly memory: Memory;
  readonly deskOf: (tenant: string) => Promise<Desk | null>;
  readonly now: () => Date;
  readonly given: (desk: Desk, now: Date) => Given;
  /** Waits before a commit that met another one is tried again. */
  readonly pause: (attempt: number) => Promise<void>;
  readonly performers: Performers;
  /** What the kinds of effects begin with that are left to another process. */
  readonly without?: readonly string[];
  /** A bug: told to the operator. */
  readonly report: (error: unknown, about: string) => void;
}

/** What one round came to. `fenced`: somebody else has taken it over; `open`: its end could not be written, so that it comes again. */
export interface Drained extends Readonly<Record<Settled, number>> {
  readonly tenants: number;
  /** Tenants at which the database said no or nothing, or that have no host; they stay due. */
  readonly failed: number;
}

/**
 * Performs effects that are due: those of `tenant`, or of every tenant that has some. Each is claimed under a lease, and the claim is
 * committed, before anything is done; its end is written only while the lease is still ours. So an effect is performed at least once and
 * settled once, whatever breaks off where. Within an aggregate one is performed after the other. Begins nothing new after `limit` effects
 * or twenty seconds; the rest stays due. Safe to run many times at once. Rejects only when the due tenants cannot be read.
 */
export async function drain(deps: OutboxDeps, { tenant, limit = 200 }: { tenant?: string; limit?: number } = {}): Promise<Drained> {
  const total = { tenants: 0, failed: 0, done: 0, retried: 0, dead: 0, fenced: 0, open: 0 };
  const round: Round = { total, left: limit, endsAt: deps.now().getTime() + roundMs };
  const tenants = tenant === undefined ? await tenantsToDrain(deps) : [tenant];
  const next = tenants.values();
  const lane = async () => {
    for (const each of next) {
      total.tenants += 1;
      if (!(await drainTenant(deps, each, round))) total.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(tenantLanes, tenants.length) }, lane));
  return total;
}

/** Leases outlast the longest performer by half a minute. */
export const leaseMs = longestWaitMs + 30_000;
const roundMs = 20_000;
const recheckMs = 60_000;
const tenantLanes = 4;
/** Effects of one tenant that are performed at once; half of them at most of one destination, so that a slow one leaves room. */
const lanes = 8;
const lanesOfOne = lanes / 2;

interface Round {
  readonly total: { tenants: number; failed: number } & Record<Settled, number>;
  left: number;
  readonly endsAt: number;
}

async function tenantsToDrain({ db, now }: OutboxDeps): Promise<readonly string[]> {
  const [rows] = await db.batch({ role: 'writer' }, [dueTenants('drain', now())]);
  return rows.map(({ tenant_id }) => tenant_id);
}

/** False when it had to be given up. One tenant's trouble must not keep the others waiting. */
async function drainTenant(deps: OutboxDeps, tenant: string, round: Round): Promise<boolean> {
  const underway = new Map<string, Flight>();
  try {
    const desk = await deps.deskOf(tenant);
    if (desk === null) return false;
    for (;;) {
      const wanted = await takeMore(deps, desk, round, underway);
      if (underway.size === 0) break;
      // There may be more: what was claimed together filled what was free.
      if (!wanted) await Promise.race([...underway.values()].map(({ landed }) => landed));
    }
    await deps.db.batch({ role: 'writer', tenant }, [restUntilDue(new Date(deps.now().getTime() + recheckMs))]);
    return true;
  } catch (error) {
    if (!(error instanceof Unavailable)) deps.report(error, 'outbox');
    return false;
  } finally {
    await Promise.all([...underway.values()].map(({ landed }) => landed));
  }
}

interface Flight {
  readonly destination: string | null;
  readonly landed: Promise<void>;
}

/** Claims as much as there is room for and begins with it. True when as much came as was asked for. */
async function takeMore(deps: OutboxDeps, desk: Desk, round: Round, underway: Map<string, Flight>): Promise<boolean> {
  const now = deps.now();
  const limit = Math.min(lanes - underway.size, lanesOfOne, round.left);
  if (limit <= 0 || now.getTime() >= round.endsAt) return false;
  const claim = claimEffects({
    now,
    until: new Date(now.getTime() + leaseMs),
    limit,
    busy: busyDestinations(underway),
    without: deps.without ?? [],
  });
  round.left -= limit;
  const [claimed] = await deps.db.batch({ role: 'writer', tenant: desk.tenant }, [claim]);
  round.left += limit - claimed.length;
  for (const effect of claimed) underway.set(effect.effect_id, { destination: effect.destination, landed: fly(deps, desk, effect) });
  return claimed.length === limit;

  async function fly({ performers }: OutboxDeps, of: Desk, effect: Claimed): Promise<void> {
    const settled = await performClaimed(deps, of, effect, performers[effect.kind]);
    round.total[settled] += 1;
    underway.delete(effect.effect_id);
  }
}

function busyDestinations(underway: ReadonlyMap<string, Flight>): string[] {
  const counts = new Map<string, number>();
  for (const { destination } of underway.values()) {
    if (destination !== null) counts.set(destination, (counts.get(destination) ?? 0) + 1);
  }
  return [...counts].flatMap(([destination, count]) => (count >= lanesOfOne ? [destination] : []));
}
