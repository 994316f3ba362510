import { ok, type Result } from '../domain/result.ts';
import type { Outside, ProveDpop } from '../operations/outside.ts';

/**
 * Strangers sign by the time that it is. Where the clock here was moved ahead, as a demo may do, what they sign is judged by theirs, and how
 * long it has to be remembered is told by ours.
 * @param aheadMs by how much the clock here is ahead of everybody else's
 */
export function byTheirClock(outside: Outside, aheadMs: () => number): Outside {
  const { proveClient, proveIssued, proveRequest } = outside;
  return {
    ...outside,
    proveClient: async (asked) => byOurs(await proveClient({ ...asked, now: theirs(asked.now, aheadMs()) }), aheadMs()),
    proveIssued: async (asked) => byOurs(await proveIssued({ ...asked, now: theirs(asked.now, aheadMs()) }), aheadMs()),
    proveRequest: async (request, now) => byOurs(await proveRequest(request, theirs(now, aheadMs())), aheadMs()),
  };
}

/** The same for proofs of possession. */
export function dpopByTheirClock(proveDpop: ProveDpop, aheadMs: () => number): ProveDpop {
  return async (asked) => byOurs(await proveDpop({ ...asked, now: theirs(asked.now, aheadMs()) }), aheadMs());
}

const theirs = (now: Date, aheadMs: number): Date => new Date(now.getTime() - aheadMs);

function byOurs<T extends { readonly expiresAt: Date }, C extends string>(proven: Result<T, C>, aheadMs: number): Result<T, C> {
  return proven.ok ? ok({ ...proven.value, expiresAt: new Date(proven.value.expiresAt.getTime() + aheadMs) }) : proven;
}
