/**
 * Neon's SQL over HTTP in front of any Postgres: `POST /sql` with `{query, params}` or `{queries: [...]}` and the headers that
 * `@neondatabase/serverless` sends. Values go out as raw text, failures as 400 with the server's error fields.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { DatabaseError, Pool, type PoolClient, type QueryArrayResult } from 'pg';
import { z } from 'zod';

export interface NeonBridge {
  /** The endpoint, for `fetchEndpoint`. */
  readonly url: string;
  /** How many requests came in. */
  requests(): number;
  close(): Promise<void>;
}

export async function startNeonBridge(): Promise<NeonBridge> {
  let requests = 0;
  const pools = new Map<string, Pool>();

  function poolOf(connectionString: string): Pool {
    const known = pools.get(connectionString);
    if (known !== undefined) return known;
    const pool = new Pool({ connectionString, max: 20 });
    pool.on('error', () => {});
    pools.set(connectionString, pool);
    return pool;
  }

  const server = createServer((request, response) => {
    requests += 1;
    answer(request, poolOf).then(
      (body) => response.writeHead(200, JSON_TYPE).end(JSON.stringify(body)),
      (failure: unknown) => {
        if (failure instanceof DatabaseError) response.writeHead(400, JSON_TYPE).end(JSON.stringify(errorBody(failure)));
        else response.writeHead(500).end(String(failure));
      },
    );
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
  return {
    url: `http://127.0.0.1:${port}/sql`,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.end()));
    },
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

const statementSchema = z.strictObject({ query: z.string(), params: z.array(z.union([z.string(), z.null()])) });
const bodySchema = z.union([statementSchema, z.strictObject({ queries: z.array(statementSchema) })]);
type StatementBody = z.infer<typeof statementSchema>;

async function answer(request: IncomingMessage, poolOf: (connectionString: string) => Pool): Promise<unknown> {
  if (request.method !== 'POST' || request.url !== '/sql') throw new Error('only POST /sql');
  const body = bodySchema.parse(JSON.parse(await textOf(request)));
  const { headers } = request;
  if (header(headers, 'neon-raw-text-output') !== 'true' || header(headers, 'neon-array-mode') !== 'true') {
    throw new Error('only raw text output in array mode, as the driver asks');
  }
  const client = await poolOf(header(headers, 'neon-connection-string') ?? '').connect();
  try {
    const answered = 'queries' in body ? { results: await runBatch(client, body.queries, headers) } : await run(client, body);
    client.release();
    return answered;
  } catch (failure) {
    client.release(true);
    throw failure;
  }
}

async function runBatch(client: PoolClient, queries: readonly StatementBody[], headers: IncomingHttpHeaders): Promise<unknown[]> {
  const level = ISOLATION_LEVELS[header(headers, 'neon-batch-isolation-level') ?? 'ReadCommitted'];
  if (level === undefined) throw new Error('unknown isolation level');
  const readOnly = header(headers, 'neon-batch-read-only') === 'true';
  await client.query(`begin isolation level ${level} ${readOnly ? 'read only' : 'read write'}`);
  const results: unknown[] = [];
  for (const statement of queries) results.push(await run(client, statement));
  await client.query('commit');
  return results;
}

const ISOLATION_LEVELS: Readonly<Record<string, string>> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};

async function run(client: PoolClient, { query, params }: StatementBody): Promise<unknown> {
  const result: QueryArrayResult<(string | null)[]> = await client.query({
    text: query,
    values: params,
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
  });
  const { command, rowCount, rows, fields } = result;
  return { command, rowCount, rows, fields, rowAsArray: true };
}

function errorBody(failure: DatabaseError): Record<string, unknown> {
  const { message, severity, code, detail, hint, position, where, schema, table, column, dataType, constraint, file, line, routine } =
    failure;
  return { message, severity, code, detail, hint, position, where, schema, table, column, dataType, constraint, file, line, routine };
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
