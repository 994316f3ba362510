/** The embedded database: Postgres compiled to WebAssembly, in this process, in a folder or in memory. Node only. */
import { PGlite, protocol } from '@electric-sql/pglite';
import type { Db } from '../batch.ts';
import { databaseFailure } from './failure.ts';
import { fromWire, toWire, type WireResult, type WireStatement } from './wire.ts';

export interface PgliteOptions {
  /** Folder of the data. Without it everything is in memory. Nothing here stops a second process from opening the same folder. */
  readonly dataDir?: string;
  /** A dump (`raw.dumpDataDir`) to start from. Its folder must be new. */
  readonly loadDataDir?: Blob;
  readonly relaxedDurability?: boolean;
  /** Runs as the superuser before anything else: migrations, seeds. */
  readonly prepare?: (raw: PGlite) => Promise<void>;
  /** Role of the session from then on. Without it the session stays a superuser, and `set_config('role', …)` needs no grant. */
  readonly user?: string;
}

export interface PgliteDb extends Db {
  /** The instance itself, for dumps. What runs on it runs between batches, as the session's role. */
  readonly raw: PGlite;
}

/** Starts the one instance there may be of a folder. Batches queue; each is one transaction and one call into the engine. */
export async function connectPglite(options: PgliteOptions = {}): Promise<PgliteDb> {
  const { dataDir, loadDataDir, relaxedDurability, prepare, user } = options;
  const raw = await PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(loadDataDir === undefined ? {} : { loadDataDir }),
    ...(relaxedDurability === undefined ? {} : { relaxedDurability }),
  });
  await prepare?.(raw);
  // Planning what is asked often takes longer than doing it, so that plans are kept as in a server's session.
  const prepared = new Set<string>();
  if (user !== undefined) await raw.exec(`set session authorization "${user.replaceAll('"', '""')}"`);

  return {
    raw,
    async batch(context, statements) {
      if (statements.length === 0) return fromWire(statements, []);
      const wire = toWire(context, statements);
      const results = await send(raw, () => pipeline(wire, prepared)).catch((thrown: unknown) => {
        const failure = databaseFailure(thrown);
        // A plan that no longer fits its tables (0A000, after a migration) is made anew, and so is one that is gone (26000).
        if ('sqlState' in failure && ['0A000', '26000'].includes(failure.sqlState)) prepared.clear();
        throw failure;
      });
      for (const { name } of wire) prepared.add(name);
      return fromWire(statements, results);
    },
    async close() {
      if (!raw.closed) await raw.close();
    },
  };
}

/** One implicit transaction that ends at the only Sync, as in `PipelinedBatch` for a server. */
function pipeline(statements: readonly WireStatement[], prepared: ReadonlySet<string>): Uint8Array {
  const { serialize } = protocol;
  const sent = new Set(prepared);
  const parts = statements.flatMap(({ name, text, params }) => {
    const run = [serialize.bind({ statement: name, values: [...params] }), serialize.describe({ type: 'P' }), serialize.execute({})];
    if (sent.has(name)) return run;
    sent.add(name);
    // A batch that failed may have left this name behind; closing a name that does not exist is not an error.
    return [serialize.close({ type: 'S', name }), serialize.parse({ name, text }), ...run];
  });
  parts.push(serialize.sync());
  const message = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

type Message = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number];

/** `message` is made when it is its turn: what the batch before prepared is known by then. */
async function send(raw: PGlite, message: () => Uint8Array): Promise<WireResult[]> {
  // Both locks: the first keeps out of transactions that somebody holds open on `raw`, the second out of its queries.
  const { messages } = await raw._runExclusiveTransaction(() =>
    raw.runExclusive(() => raw.execProtocol(message(), { throwOnError: false })),
  );
  return resultsOf(messages);
}

function resultsOf(messages: readonly Message[]): WireResult[] {
  const results: WireResult[] = [];
  let fields: WireResult['fields'] = [];
  let rows: (readonly (string | null)[])[] = [];
  for (const message of messages) {
    if (message instanceof protocol.messages.DatabaseError) throw message;
    if (message instanceof protocol.messages.RowDescriptionMessage) fields = message.fields;
    else if (message instanceof protocol.messages.DataRowMessage) rows.push(message.fields);
    else if (message.name === 'commandComplete') {
      results.push({ fields, rows });
      fields = [];
      rows = [];
    }
  }
  return results;
}
