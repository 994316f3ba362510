/** Neon over HTTP: one request per batch. Edge-safe. */
import { type CustomTypesConfig, neon, neonConfig } from '@neondatabase/serverless';
import type { Db } from '../batch.ts';
import { databaseFailure } from './failure.ts';
import { fromWire, PATIENCE_MS, toWire, type WireResult, type WireStatement } from './wire.ts';

export interface NeonOptions {
  /** Where the SQL-over-HTTP endpoint is, when it is not Neon's own: a full URL. */
  readonly fetchEndpoint?: string;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

/** `url` is a Postgres URL of a Neon database. Opens nothing; each batch is one HTTP request and one READ COMMITTED transaction. */
export function connectNeon(url: string, options: NeonOptions = {}): Db {
  const sql = neon(url, { arrayMode: true, fullResults: true, disableWarningInBrowsers: true });
  const timeoutMs = options.timeoutMs ?? PATIENCE_MS;

  function send(statements: readonly WireStatement[]): Promise<readonly WireResult[]> {
    // The library reads this global configuration synchronously when a transaction is sent, so connections do not disturb each other.
    neonConfig.fetchEndpoint = options.fetchEndpoint ?? neonConfig.defaults.fetchEndpoint;
    neonConfig.fetchFunction = options.fetch;
    return sql.transaction(
      statements.map(({ text, params }) => sql.query(text, [...params], { types: RAW_TEXT })),
      { isolationLevel: 'ReadCommitted', readOnly: false, fetchOptions: { signal: AbortSignal.timeout(timeoutMs) } },
    );
  }

  return {
    async batch(context, statements) {
      if (statements.length === 0) return fromWire(statements, []);
      const wire = toWire(context, statements);
      const results = await send(wire).catch((thrown: unknown) => {
        throw databaseFailure(thrown);
      });
      return fromWire(statements, results);
    },
    close: async () => {},
  };
}

const RAW_TEXT: CustomTypesConfig = { getTypeParser: () => (text: string) => text };
