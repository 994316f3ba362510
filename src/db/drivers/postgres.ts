/** Any Postgres from version 16, through a pool of connections, one round trip per batch. Node only. */
import { Pool, type PoolClient } from 'pg';
import { ConnectionLost, type DatabaseError, type Db } from '../batch.ts';
import { databaseFailure } from './failure.ts';
import { PipelinedBatch } from './postgres-pipeline.ts';
import { fromWire, PATIENCE_MS, toWire, type WireResult, type WireStatement } from './wire.ts';

export interface PostgresOptions {
  /** Behind a transaction pooler (PgBouncer, Neon's pooler): nothing is kept in the session, and no session setting is asked for. */
  readonly pooled?: boolean;
  /** Connections at most; 10 unless told. */
  readonly max?: number;
  readonly timeoutMs?: number;
}

/** Opens connections when they are needed. A batch whose connection cannot be opened in time is reported as {@link ConnectionLost}. */
export function connectPostgres(url: string, options: PostgresOptions = {}): Db {
  const timeoutMs = options.timeoutMs ?? PATIENCE_MS;
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: timeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(options.pooled ? {} : { idle_in_transaction_session_timeout: 10_000 }),
  });
  // A connection that dies is reported by its batch, if it had one, and replaced by the pool; unheard events would end the process.
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  const preparedBy = new WeakMap<PoolClient, Set<string>>();

  function preparedOf(client: PoolClient): Set<string> | undefined {
    if (options.pooled) return undefined;
    const known = preparedBy.get(client) ?? new Set();
    preparedBy.set(client, known);
    return known;
  }

  async function send(statements: readonly WireStatement[]): Promise<readonly WireResult[]> {
    const client = await pool.connect();
    try {
      const results = await answerOf(client, statements, preparedOf(client), timeoutMs);
      client.release();
      return results;
    } catch (thrown) {
      const failure = databaseFailure(thrown);
      client.release(isUnusableAfter(failure));
      throw failure;
    }
  }

  let closed: Promise<void> | undefined;
  return {
    async batch(context, statements) {
      if (statements.length === 0) return fromWire(statements, []);
      const wire = toWire(context, statements);
      const results = await send(wire).catch((thrown: unknown) => {
        throw databaseFailure(thrown);
      });
      return fromWire(statements, results);
    },
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

function answerOf(
  client: PoolClient,
  statements: readonly WireStatement[],
  prepared: Set<string> | undefined,
  timeoutMs: number,
): Promise<readonly WireResult[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ConnectionLost(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const batch = new PipelinedBatch(statements, prepared, (failure, results) => {
      clearTimeout(timer);
      if (failure === undefined) resolve(results);
      else reject(failure);
    });
    client.query(batch);
  });
}

/** Plans that no longer fit the tables (0A000, after a migration) or are gone (26000) live as long as the connection. */
function isUnusableAfter(failure: DatabaseError | ConnectionLost): boolean {
  return failure instanceof ConnectionLost || failure.sqlState === '0A000' || failure.sqlState === '26000';
}

function ignore(): void {}
