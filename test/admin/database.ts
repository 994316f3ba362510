/** A migrated database in memory, as a login role that is no superuser, and what the admin commands need beside it. */
import { typeid } from 'typeid-js';
import type { AdminDeps } from '../../src/admin/admin-deps.ts';
import type { PgliteDb } from '../../src/db/drivers/pglite.ts';
import { memory } from '../../src/db/memory.ts';
import ledgerbridge from '../../vendor/ledgerbridge.json' with { type: 'json' };
import { migratedPglite } from '../support/migrated-pglite.ts';

export interface TestDesk extends AdminDeps {
  readonly db: PgliteDb;
  /** Where the virtual clock stands; tests move it. */
  clock: Date;
}

export async function openDatabase(): Promise<TestDesk> {
  const db = await migratedPglite();
  const desk: TestDesk = {
    db,
    memory: memory(db),
    masterKey: new Uint8Array(32).fill(7),
    environment: 'dev',
    clock: new Date('2026-03-01T09:00:00.000Z'),
    now: () => desk.clock,
    newId: (prefix) => typeid(prefix).toString(),
  };
  return desk;
}

/** The demo vendor's file, with some fields replaced. */
export function vendorFile(changes: Partial<Record<keyof typeof ledgerbridge | 'hosts', unknown>> = {}): Record<string, unknown> {
  return { ...structuredClone(ledgerbridge), hosts: ['desk.example.com'], ...changes };
}

/** Rows of a statement without parameters, as the tenant's writer sees them. */
export async function select(desk: TestDesk, tenant: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const name = names.get(text) ?? `admin.test.${names.size}`;
  names.set(text, name);
  const [rows] = await desk.db.batch({ role: 'writer', tenant }, [{ name, text, values: [], read: (found) => found }]);
  return rows;
}

const names = new Map<string, string>();

/** Runs SQL text as the superuser. */
export async function asSuperuser(desk: TestDesk, sql: string): Promise<void> {
  await desk.db.raw.exec(`set session authorization postgres; ${sql}; set session authorization frontdesk_owner`);
}
