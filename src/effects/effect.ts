import type { Results, Statement } from '../db/batch.ts';
import type { Claimed } from '../db/outbox.ts';
import type { Changes, Given } from '../domain/decision.ts';
import type { Desk } from '../operations/desk.ts';

/**
 * What came of an attempt. `error` is one of our own words (`timeout`, `http_500`), never a text from outside; `status` an HTTP status.
 * `changes` are committed with it, all or nothing.
 */
export type Settlement =
  /** `note`: why it is over although nothing was sent. */
  | { readonly kind: 'done'; readonly changes?: Changes; readonly status?: number; readonly note?: string }
  /** Tried again after `afterS`, otherwise after a backoff; after too many attempts it is dead all the same. */
  | {
      readonly kind: 'retry';
      readonly error: string;
      readonly status?: number;
      readonly afterS?: number;
      /** Whether it speaks against the destination, whose circuit breaker then counts it. Otherwise true. */
      readonly counts?: boolean;
      readonly changes?: Changes;
    }
  /** Left to a person. */
  | { readonly kind: 'dead'; readonly error: string; readonly status?: number; readonly counts?: boolean; readonly changes?: Changes };

/**
 * Does what an effect says. It may be called again for the same effect, after a crash for example, so what it does outside carries
 * `effect_id` or something as lasting as an idempotency key. It is through within `longestWaitMs`. What it throws is a bug.
 */
export type Performer = (effect: Claimed, scene: Scene) => Promise<Settlement>;

export interface Scene {
  readonly desk: Desk;
  readonly given: Given;
  readonly now: Date;
  /** Reads as the writer of this tenant: the whole tenant. Rejects where the database does not answer. */
  consult<const S extends readonly Statement[]>(statements: S): Promise<Results<S>>;
}

/**
 * Who performs which kind. `inside`: it reads and decides and leaves everything to the commit, so that after a conflict it is asked again
 * at once. `outside`: it has done something that a conflict does not undo; it is asked again only once its lease is over.
 */
export type Performers = Readonly<Record<string, { readonly where: 'inside' | 'outside'; readonly perform: Performer }>>;

/** How long a performer may take, its reads included. Leases are longer. */
export const longestWaitMs = 30_000;
