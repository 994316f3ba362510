import { openKeyRing } from '../access/key-ring.ts';
import { type DeskRow, deskOf } from '../access/open-desk.ts';
import { purposes } from '../access/signing-key.ts';
import { ConnectionLost, DatabaseError } from '../db/batch.ts';
import type { AdminDeps } from './admin-deps.ts';
import {
  appliedMigrations,
  asLogin,
  type MigrationAccess,
  migrationAccess,
  type RoleRow,
  rolesInPlay,
  someHosts,
  type TableRow,
  tenantTables,
} from './doctor-queries.ts';

export interface DoctorDeps extends Pick<AdminDeps, 'db' | 'masterKey'> {
  /** Names of the migrations that this release needs. */
  readonly migrations: readonly string[];
}

export interface Check {
  readonly name: 'database' | 'migrations' | 'row_security' | 'roles' | 'tenant' | 'keys';
  readonly ok: boolean;
  /** One sentence of ours; names tables, roles and migrations, never a secret. */
  readonly detail: string;
}

export interface Health {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** Whether this installation can serve, and safely so. Never rejects; four round trips at most. For `/readyz` and `npm run doctor`. */
export async function checkHealth(deps: DoctorDeps): Promise<Health> {
  const catalogue = await attempt(() => deps.db.batch({ role: 'reader' }, [tenantTables, rolesInPlay, migrationAccess]));
  if ('failure' in catalogue) return health([{ name: 'database', ok: false, detail: catalogue.failure }]);
  const [found, seen, access] = catalogue.value;
  return health([
    { name: 'database', ok: true, detail: 'The database answers.' },
    await checkMigrations(deps, access),
    checkRowSecurity(found),
    checkRoles(seen),
    ...(await checkTenants(deps)),
  ]);
}

async function checkMigrations(deps: DoctorDeps, access: MigrationAccess): Promise<Check> {
  const name = 'migrations';
  if (access === 'missing') return { name, ok: false, detail: 'The database was never migrated: run npm run db:migrate.' };
  if (access === 'refused')
    return { name, ok: false, detail: 'frontdesk_migrations cannot be read: grant select on it to frontdesk_reader.' };
  const read = await attempt(() => deps.db.batch({ role: 'reader' }, [...(access === 'as_login' ? [asLogin] : []), appliedMigrations]));
  if ('failure' in read) return { name, ok: false, detail: read.failure };
  const names = new Set(read.value.at(-1) ?? []);
  const missing = deps.migrations.filter((migration) => !names.has(migration));
  if (missing.length > 0) return { name, ok: false, detail: `Not applied: ${missing.join(', ')}. Run npm run db:migrate.` };
  return { name, ok: true, detail: `All ${deps.migrations.length} migrations are applied.` };
}

function checkRowSecurity(found: readonly TableRow[]): Check {
  const name = 'row_security';
  if (found.length === 0) return { name, ok: false, detail: 'The schema frontdesk has no table with a tenant.' };
  const open = found.filter(({ secured }) => !secured).map(({ table }) => table);
  if (open.length > 0)
    return { name, ok: false, detail: `Row-level security is not enabled, forced and given a policy on: ${open.join(', ')}.` };
  return { name, ok: true, detail: `Row-level security is forced on ${found.length} tables.` };
}

function checkRoles(seen: readonly RoleRow[]): Check {
  const name = 'roles';
  const effective = seen.filter(({ effective }) => effective);
  if (effective.length !== 1 || effective[0]?.role !== 'frontdesk_reader') {
    return { name, ok: false, detail: 'Statements do not run under the role that they ask for.' };
  }
  const able = seen.filter((row) => row.bypasses).map(({ role }) => role);
  if (able.length > 0) return { name, ok: false, detail: `These roles can bypass row-level security: ${able.join(', ')}.` };
  return { name, ok: true, detail: 'Neither the runtime roles nor the login role can bypass row-level security.' };
}

async function checkTenants({ db, masterKey }: DoctorDeps): Promise<Check[]> {
  const hosts = await attempt(() => db.batch({ role: 'reader' }, [someHosts]));
  if ('failure' in hosts) return [{ name: 'tenant', ok: false, detail: hosts.failure }];
  const desks = await attempt(() => db.batch({ role: 'reader' }, hosts.value[0].map(deskOf)));
  if ('failure' in desks) return [{ name: 'tenant', ok: false, detail: desks.failure }];
  const known = desks.value.filter((desk) => desk !== null);
  if (known.length === 0) return [{ name: 'tenant', ok: false, detail: 'No vendor is applied: run npm run vendor:apply.' }];
  const problems = (await Promise.all(known.map((desk) => keyProblems(desk, masterKey)))).flat();
  return [
    { name: 'tenant', ok: true, detail: known.length === 1 ? 'One tenant is served.' : `${known.length} tenants were looked at.` },
    problems.length > 0
      ? { name: 'keys', ok: false, detail: `${problems.slice(0, 5).join('; ')}.` }
      : { name: 'keys', ok: true, detail: 'Every purpose has a signing key, and every key can be opened.' },
  ];
}

async function keyProblems(desk: DeskRow, masterKey: Uint8Array): Promise<string[]> {
  const rows = desk.keys ?? [];
  const opened = await openKeyRing(desk.tenant_id, rows, masterKey).catch((error: unknown) => reasonOf(error));
  if (typeof opened === 'string') return [`${desk.tenant_id}: ${opened}`];
  const without = purposes.filter((purpose) => !rows.some((row) => row.purpose === purpose && row.state === 'active'));
  return without.length === 0 ? [] : [`${desk.tenant_id}: no active key for ${without.join(', ')}; run npm run vendor:apply`];
}

function health(checks: readonly Check[]): Health {
  return { ok: checks.every(({ ok }) => ok), checks };
}

async function attempt<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly failure: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof DatabaseError) return { failure: `The database refused (SQLSTATE ${error.sqlState}): is it migrated?` };
    return { failure: error instanceof ConnectionLost ? 'The database does not answer.' : 'The database cannot be used.' };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.name === 'SealError' ? error.message : 'a stored signing key cannot be used';
}
