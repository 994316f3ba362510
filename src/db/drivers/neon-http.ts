/**
 * Neon's SQL over HTTP, as its proxy reads it and as version 1.2.0 of its own driver writes it: a POST of `{queries: [{query, params}]}`
 * that runs as one transaction, values as text and rows as arrays. No I/O here.
 */
import type { WireResult, WireStatement } from './wire.ts';

/** Where a database is asked, and as whom. */
export interface NeonTarget {
  readonly endpoint: string;
  /** Holds the password. */
  readonly connectionString: string;
}

/**
 * `url` has the scheme `postgres` or `postgresql`. Neon listens at `api.` in place of the first label of the database's host, unless
 * `endpoint` says otherwise. Throws, without the URL in its message, when it names no user, host or database.
 */
export function neonTarget(url: string, endpoint?: string): NeonTarget {
  // Only a scheme that the URL standard calls special has its host checked and put into lower case.
  const [, rest] = /^postgres(?:ql)?:(\/\/.+)$/is.exec(url) ?? [];
  if (rest === undefined || !URL.canParse(`http:${rest}`)) throw new Error('the database URL is no URL of Postgres');
  const location = new URL(`http:${rest}`);
  const { username, hostname, pathname, searchParams } = location;
  if (username === '' || pathname === '/') throw new Error('the database URL names no user or no database');
  if (!searchParams.has('application_name')) searchParams.append('application_name', 'frontdesk');
  return {
    endpoint: endpoint ?? `https://${hostname.replace(/^[^.]+\./, 'api.')}/sql`,
    connectionString: `postgresql:${location.href.slice('http:'.length)}`,
  };
}

/** The request that runs `statements` in order in one READ COMMITTED transaction. */
export function neonRequest({ connectionString }: NeonTarget, statements: readonly WireStatement[]): RequestInit {
  return {
    method: 'POST',
    // A redirect would carry the password to another host.
    redirect: 'manual',
    headers: {
      'Neon-Connection-String': connectionString,
      'Neon-Raw-Text-Output': 'true',
      'Neon-Array-Mode': 'true',
      'Neon-Batch-Isolation-Level': 'ReadCommitted',
      'Neon-Batch-Read-Only': 'false',
    },
    body: JSON.stringify({ queries: statements.map(({ text, params }) => ({ query: text, params })) }),
  };
}

/**
 * The results in an answer to `count` statements.
 * @throws when `body` is not that: the batch may have been committed all the same
 */
export function neonResults(body: unknown, count: number): readonly WireResult[] {
  const results = fieldOf(body, 'results');
  if (!Array.isArray(results) || results.length !== count || !results.every(isResult)) throw new Error('the answer is not Neon’s');
  return results;
}

/** The error of the server in an answer of status 400; fields that are missing, or no text, are undefined. */
export class ServerRefusal extends Error {
  readonly code: string | undefined;
  readonly severity: string | undefined;
  readonly constraint: string | undefined;
  constructor(body: unknown) {
    super(textOf(body, 'message') ?? 'the database refused');
    this.code = textOf(body, 'code');
    this.severity = textOf(body, 'severity');
    this.constraint = textOf(body, 'constraint');
  }
}

function isResult(value: unknown): value is WireResult {
  const [fields, rows] = [fieldOf(value, 'fields'), fieldOf(value, 'rows')];
  return Array.isArray(fields) && fields.every(isField) && Array.isArray(rows) && rows.every(isRow);
}

function isField(value: unknown): boolean {
  return typeof fieldOf(value, 'name') === 'string' && typeof fieldOf(value, 'dataTypeID') === 'number';
}

function isRow(value: unknown): boolean {
  return Array.isArray(value) && value.every((cell) => cell === null || typeof cell === 'string');
}

function textOf(body: unknown, name: string): string | undefined {
  const value = fieldOf(body, name);
  return typeof value === 'string' ? value : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
