import type { Challenge } from './challenge.ts';

/**
 * The three outcomes of this program: a value, a refusal (expected, typed), or a bug (`invariant` throws).
 * A refusal carries a code from `operations/failures.ts`; nothing in it repeats text that a caller supplied.
 */
export interface Issue {
  /** RFC 6901 JSON Pointer into the caller's input. */
  readonly pointer: string;
  /** Machine-readable reason, for example `too_long`, `unknown_field`, `type`. */
  readonly code: string;
  /** One sentence written by us. Never echoes a caller's value. */
  readonly message: string;
}

export interface NextAction {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly why: string;
}

export interface RefusalDetail {
  /** What went wrong in this instance, in our own words. */
  readonly detail?: string;
  readonly issues?: readonly Issue[];
  readonly retryAfterS?: number;
  readonly requiredScope?: string;
  /** Scopes of the token that was not enough. */
  readonly heldScopes?: readonly string[];
  readonly nextActions?: readonly NextAction[];
  /** Proof of work that would let the same call in. */
  readonly challenge?: Challenge;
  /** A proof of possession is missing or does not hold: the error code of RFC 9449 §7.1. */
  readonly possession?: 'invalid_token' | 'invalid_dpop_proof';
}

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Refusal<C extends string = string> extends RefusalDetail {
  readonly ok: false;
  readonly code: C;
}

export type Result<T, C extends string = string> = Ok<T> | Refusal<C>;

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Refuse: an expected outcome, named by a failure code. */
export function refuse<const C extends string>(code: C, detail: RefusalDetail = {}): Refusal<C> {
  return { ok: false, code, ...detail };
}

/** Thrown where something under us (the database) does not answer and there is no refusal to return. Doors answer `ledger.busy`. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}

/** Assert something that only a programmer error can break. The caller of the API sees `internal` and a request id. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
