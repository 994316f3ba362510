/** Applies the SQL migrations of a folder, each exactly once. Node only. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { ClientBase } from 'pg';
import * as z from 'zod';

/** One session that runs SQL text as it is. Not through a transaction pooler: the lock belongs to the session. */
export interface MigrationConnection {
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/**
 * Applies what is missing, in the order of the journal (`meta/_journal.json`, as drizzle-kit writes it), and returns the names of
 * what was applied. Each file is one transaction with its own row in `frontdesk_migrations`. Two migrators wait for each other.
 * Rejects when a file that was applied has changed since, and with the server's error when a migration fails; what was applied
 * before it stays.
 */
export async function migrate(connection: MigrationConnection, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  await connection.query(`select pg_advisory_lock(${LOCK})`);
  try {
    await connection.query(CREATE_TABLE);
    const applied = await appliedHashes(connection);
    assertUnchanged(migrations, applied);
    const missing = migrations.filter(({ name }) => !applied.has(name));
    for (const migration of missing) await apply(connection, migration);
    return missing.map(({ name }) => name);
  } finally {
    // When the connection is what failed, the lock is gone with it, and the first error is the one to report.
    await connection.query(`select pg_advisory_unlock(${LOCK})`).catch(() => []);
  }
}

/** The connected client is the caller's to end. */
export function overPg(client: ClientBase): MigrationConnection {
  return { query: async (text) => (await client.query<Record<string, unknown>>(text)).rows };
}

export function overPglite(raw: PGlite): MigrationConnection {
  return { query: async (text) => (await raw.exec(text)).at(-1)?.rows ?? [] };
}

/** Any number will do, as long as it stays. */
const LOCK = 7_306_071_201;

const CREATE_TABLE = `create table if not exists frontdesk_migrations (
  name text primary key, sha256 text not null, applied_at timestamptz not null default now())`;

interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
  readonly sha256: string;
}

const journalSchema = z.object({ entries: z.array(z.object({ tag: z.string().regex(/^\w+$/) })) });
const appliedSchema = z.array(z.object({ name: z.string(), sha256: z.string() }));

async function readMigrations(folder: string): Promise<Migration[]> {
  const journal = journalSchema.parse(JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8')));
  return Promise.all(journal.entries.map(({ tag }) => readMigration(folder, tag)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  // A checkout may have changed the line ends, which changes nothing.
  const sql = (await readFile(join(folder, `${name}.sql`), 'utf8')).replaceAll('\r\n', '\n');
  return {
    name,
    statements: sql.split('--> statement-breakpoint').filter((statement) => statement.trim() !== ''),
    sha256: createHash('sha256').update(sql).digest('hex'),
  };
}

async function appliedHashes(connection: MigrationConnection): Promise<Map<string, string>> {
  const rows = appliedSchema.parse(await connection.query('select name, sha256 from frontdesk_migrations'));
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

function assertUnchanged(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): void {
  const changed = migrations.filter(({ name, sha256 }) => (applied.get(name) ?? sha256) !== sha256);
  if (changed.length === 0) return;
  const names = changed.map(({ name }) => name).join(', ');
  throw new Error(`changed after it was applied: ${names}. Restore it, and put the change into a new migration.`);
}

async function apply(connection: MigrationConnection, { name, statements, sha256 }: Migration): Promise<void> {
  await connection.query('begin');
  try {
    for (const statement of statements) await connection.query(statement);
    await connection.query(`insert into frontdesk_migrations (name, sha256) values ('${name}', '${sha256}')`);
    await connection.query('commit');
  } catch (cause) {
    await connection.query('rollback').catch(() => []);
    throw new Error(`migration ${name} failed: ${cause instanceof Error ? cause.message : 'unknown error'}`, { cause });
  }
}
