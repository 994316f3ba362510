/**
 * The database port is one function: run these parameterised statements atomically and non-interactively, in one round trip,
 * under one of two runtime roles, with a context that lives only as long as the transaction.
 *
 * Every driver returns the same JavaScript values, whatever its wire format: int8 → bigint, int2/int4/oid → number,
 * float → number, bool → boolean, json/jsonb → parsed, timestamptz → RFC 3339 UTC string with milliseconds,
 * bytea → Uint8Array, text[], varchar[] and uuid[] → string[], everything else → string; NULL → null. See `db/types.ts`.
 */

import { Unavailable } from '../domain/result.ts';

/** What a statement takes. Objects go as JSON text, bigint as digits, bytes as `\x` hex; see `encodeValue`. */
export type Value = string | number | bigint | boolean | null | Uint8Array | Date | readonly string[] | { readonly [key: string]: unknown };

export type Row = Readonly<Record<string, unknown>>;

/** A named, parameterised statement and how its rows are read. The name is a prepared statement's name: one name, one text. */
export interface Statement<T = unknown> {
  readonly name: string;
  readonly text: string;
  readonly values: readonly Value[];
  readonly read: (rows: readonly Row[]) => T;
}

/** How far the caller may see under row-level security. `tenant` sees the whole tenant; the others only what they own. */
export type Reach =
  | { readonly kind: 'none' }
  | { readonly kind: 'tenant' }
  | { readonly kind: 'organizations'; readonly organizations: readonly string[] }
  | { readonly kind: 'workspace'; readonly workspace: string };

/** Role and context of one batch. Without a tenant no policy lets a row through. */
export interface Context {
  readonly role: 'reader' | 'writer';
  readonly tenant?: string;
  readonly reach?: Reach;
}

export type Results<S extends readonly Statement[]> = { -readonly [K in keyof S]: S[K] extends Statement<infer T> ? T : never };

export interface Db {
  /**
   * Runs `statements` in order in one transaction and one round trip; either all take effect or none.
   * Rejects with {@link DatabaseError} when the server refused (nothing was written), with {@link ConnectionLost} when the
   * outcome is unknown.
   */
  batch<const S extends readonly Statement[]>(context: Context, statements: S): Promise<Results<S>>;
  close(): Promise<void>;
}

/** The server said no: nothing of the batch was written. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  constructor(
    message: string,
    /** SQLSTATE, five characters. */
    readonly sqlState: string,
    /** The violated constraint, when there is one. */
    readonly constraint: string | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The connection went away: whether the batch was committed is not known. */
export class ConnectionLost extends Unavailable {
  override readonly name: string = 'ConnectionLost';
}

/** Shorter than the drivers' own patience, so that a slow statement is refused by the server (nothing written), not lost. */
const STATEMENT_TIMEOUT = '8s';

/** First statement of every batch: role and context, transaction-local, so that nothing leaks through a pooled session. */
export function contextStatement(context: Context): Statement<void> {
  const reach = context.reach ?? { kind: 'none' };
  return {
    name: 'context.set',
    text: `select set_config('role', $1, true), set_config('frontdesk.tenant', $2, true), set_config('frontdesk.reach', $3, true),
      set_config('frontdesk.organizations', $4, true), set_config('frontdesk.workspace', $5, true),
      set_config('statement_timeout', $6, true)`,
    values: [
      `frontdesk_${context.role}`,
      context.tenant ?? '',
      reach.kind,
      reach.kind === 'organizations' ? reach.organizations.join(',') : '',
      reach.kind === 'workspace' ? reach.workspace : '',
      STATEMENT_TIMEOUT,
    ],
    read: () => undefined,
  };
}
