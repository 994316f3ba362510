import type { Changes, Given } from '../domain/decision.ts';
import type { Result } from '../domain/result.ts';
import type { Desk } from '../operations/desk.ts';
import type { Deps } from '../operations/perform.ts';
import type { Feed } from './feed.ts';

/** What the doors stand on: made once, in `deps.ts`. */
export interface World {
  readonly deps: Deps;
  readonly version: string;
  readonly release: { readonly commit: string | null; readonly region: string | null };
  /** How the caller's address is read from a request; undefined when it cannot be known. */
  readonly addressOf: (request: Request, socketAddress: string | undefined) => { readonly address: string; readonly network: string };
  readonly cronSecret: string | null;
  readonly schedules: Readonly<Record<string, () => Promise<object>>>;
  /**
   * Does what the commits since the last call left to be done: begins with it at once, and is through when it is done. Null when there is
   * nothing. Never rejects. Called after a response was made.
   */
  readonly afterwards: () => Promise<void> | null;
  readonly health: () => Promise<{
    readonly ok: boolean;
    readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  }>;
  /** Files for browsers by their names, where this process serves them. */
  readonly assets?: ReadonlyMap<string, { readonly type: string; readonly body: string }>;
  /** What live streams stand on. */
  readonly live: {
    readonly feed: Feed;
    readonly places: { readonly perCaller: number; readonly inAll: number };
    /** How long one lasts at most, in milliseconds: less than the platform lets an answer take. */
    readonly lifetimeMs: number;
    /** Calls back once after so many milliseconds; answers how to call that off. */
    readonly later: (ms: number, run: () => Promise<void>) => () => void;
  };
  /** Reads what the payment provider tells, without I/O: what is to be written of it, or why it is not believed. Null: there is none. */
  readonly payments: {
    readonly hear: (
      desk: Desk,
      message: { readonly rawBody: string; readonly signature: string | null },
      given: Given,
    ) => Promise<Result<Changes>>;
  } | null;
  /** A bug: told to the operator, never to the caller. */
  readonly report: (error: unknown, requestId: string) => void;
}

/** What Hono keeps of one request. `incoming` is there on Node only. */
export interface Bindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}
