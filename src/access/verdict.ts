/**
 * What came of reading or verifying something of a stranger: a value, or why not. The reason is for the operator's log; what the caller
 * is told is generic, so that nobody learns by probing what exists elsewhere or how far a forgery got.
 */
export type Verdict<T, R extends string> = Accepted<T> | Rejected<R>;

export interface Accepted<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Rejected<R extends string> {
  readonly ok: false;
  readonly reason: R;
}

export function accepted<T>(value: T): Accepted<T> {
  return { ok: true, value };
}

export function rejected<const R extends string>(reason: R): Rejected<R> {
  return { ok: false, reason };
}
