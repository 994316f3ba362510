/** Neon over HTTP: one request per batch. Edge-safe. */
import { ConnectionLost, type Db } from '../batch.ts';
import { databaseFailure } from './failure.ts';
import { type NeonTarget, neonRequest, neonResults, neonTarget, ServerRefusal } from './neon-http.ts';
import { fromWire, PATIENCE_MS, toWire, type WireResult, type WireStatement } from './wire.ts';

export interface NeonOptions {
  /** Where the SQL-over-HTTP endpoint is, when it is not Neon's own: a full URL. */
  readonly fetchEndpoint?: string;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

/**
 * `url` is a Postgres URL of a Neon database. Opens nothing; each batch is one HTTP request and one READ COMMITTED transaction.
 * Throws when `url` names no user, host or database.
 */
export function connectNeon(url: string, options: NeonOptions = {}): Db {
  const target = neonTarget(url, options.fetchEndpoint);
  return {
    async batch(context, statements) {
      if (statements.length === 0) return fromWire(statements, []);
      const wire = toWire(context, statements);
      const results = await send(target, wire, options).catch((thrown: unknown) => {
        throw databaseFailure(thrown);
      });
      return fromWire(statements, results);
    },
    close: async () => {},
  };
}

async function send(target: NeonTarget, statements: readonly WireStatement[], options: NeonOptions): Promise<readonly WireResult[]> {
  const ask = options.fetch ?? fetch;
  const signal = AbortSignal.timeout(options.timeoutMs ?? PATIENCE_MS);
  const { status, body } = await ask(target.endpoint, { ...neonRequest(target, statements), signal })
    .then(read)
    .catch(lost);
  if (status === REFUSED) throw new ServerRefusal(body);
  return neonResults(body, statements.length);
}

/** The one status that carries the server's error. */
const REFUSED = 400;

async function read(response: Response): Promise<{ readonly status: number; readonly body: unknown }> {
  const { ok, status } = response;
  if (ok || status === REFUSED) return { status, body: await response.json() };
  await response.body?.cancel();
  throw new Error(`Neon answered with HTTP status ${status}`);
}

/** Whatever went wrong between here and a whole answer says nothing about the batch, whatever code the runtime gives it. */
function lost(cause: unknown): never {
  const message = cause instanceof Error ? cause.message : 'the request failed';
  throw new ConnectionLost(`no answer from Neon: ${message}`, { cause });
}
