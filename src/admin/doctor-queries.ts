import type { Row, Statement } from '../db/batch.ts';

export interface TableRow {
  readonly table: string;
  /** Row-level security is enabled and forced, and some policy lets rows through. */
  readonly secured: boolean;
}

/** Every table that holds rows of tenants, but the two that are read before there is a tenant. */
export const tenantTables: Statement<readonly TableRow[]> = {
  name: 'doctor.tables',
  text: `select c.relname as "table", c.relrowsecurity and c.relforcerowsecurity
      and exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid) as secured
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where n.nspname = 'frontdesk' and c.relkind in ('r', 'p') and c.relname not in ('tenant_hosts', 'due_work')
    order by c.relname`,
  values: [],
  read: (rows) => rows.map((row) => ({ table: String(row.table), secured: row.secured === true })),
};

export interface RoleRow {
  readonly role: string;
  /** The role under which this very statement ran. */
  readonly effective: boolean;
  /** The role that the connection was opened with. */
  readonly login: boolean;
  readonly bypasses: boolean;
}

export const rolesInPlay: Statement<readonly RoleRow[]> = {
  name: 'doctor.roles',
  text: `select r.rolname as role, r.rolname = current_user as effective, r.rolname = session_user as login, r.rolsuper or r.rolbypassrls as bypasses
    from pg_catalog.pg_roles r
    where r.rolname in (current_user, session_user, 'frontdesk_reader', 'frontdesk_writer') order by r.rolname`,
  values: [],
  read: (rows) =>
    rows.map((row) => ({
      role: String(row.role),
      effective: row.effective === true,
      login: row.login === true,
      bypasses: row.bypasses === true,
    })),
};

export type MigrationAccess = 'missing' | 'refused' | 'as_reader' | 'as_login';

/** Who may read the list of applied migrations, which belongs to the role that migrates. */
export const migrationAccess: Statement<MigrationAccess> = {
  name: 'doctor.migration_access',
  text: `select case
      when t.oid is null then 'missing'
      when has_table_privilege(t.oid, 'select') then 'as_reader'
      when has_table_privilege(session_user, t.oid, 'select') then 'as_login'
      else 'refused' end as access
    from (select to_regclass('frontdesk_migrations')::oid as oid) t`,
  values: [],
  read: (rows) => {
    const access = rows[0]?.access;
    return access === 'refused' || access === 'as_reader' || access === 'as_login' ? access : 'missing';
  },
};

/** Statements after this one run under the role that the connection was opened with. */
export const asLogin: Statement<void> = {
  name: 'doctor.as_login',
  text: "select set_config('role', 'none', true)",
  values: [],
  read: () => undefined,
};

export const appliedMigrations: Statement<readonly string[]> = {
  name: 'doctor.migrations',
  text: 'select m.name from frontdesk_migrations m',
  values: [],
  read: (rows: readonly Row[]) => rows.map(({ name }) => String(name)),
};

/** One host of each of the first tenants: enough to tell whether the master key fits. */
export const someHosts: Statement<readonly string[]> = {
  name: 'doctor.hosts',
  text: 'select min(h.host) as host from frontdesk.tenant_hosts h group by h.tenant_id order by h.tenant_id limit 20',
  values: [],
  read: (rows) => rows.map(({ host }) => String(host)),
};
