import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';

/** What the catalogue of a migrated database says of who is kept from what. Every list is of offenders, and so must be empty. */
let database: MigratedDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
});
afterAll(() => database?.drop());

const see = <T = Record<string, string>>(text: string) => rowsOf<T>(database.adminUrl, text);

/** Read before there is a context, and free of content: the host of a tenant, and when a schedule has to look at it. */
const withoutPolicy = "('tenant_hosts', 'due_work')";
const tenantTables = `(select c.oid, c.relname as name, c.relrowsecurity, c.relforcerowsecurity from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnum > 0
  where c.relnamespace = 'frontdesk'::regnamespace and c.relkind in ('r', 'p'))`;

test('every table has a tenant, and row-level security that holds for its owner too', async () => {
  const offenders = `select c.relname from pg_class c left join ${tenantTables} t on t.oid = c.oid
    where c.relnamespace = 'frontdesk'::regnamespace and c.relkind not in ('i', 't', 'I')
      and (t.oid is null or (c.relname not in ${withoutPolicy} and not (t.relrowsecurity and t.relforcerowsecurity)))`;
  expect(await see(offenders)).toEqual([]);
  expect(await see<{ n: number }>(`select count(*)::int as n from ${tenantTables} t`)).toEqual([{ n: 24 }]);
});

test('a role that was granted anything on a table has the policy for it, and no other role has any', async () => {
  const offenders = `select t.name, r.role from ${tenantTables} t cross join (values ('frontdesk_reader', 'r'), ('frontdesk_writer', '*')) r (role, command)
    where t.name not in ${withoutPolicy} and has_any_column_privilege(r.role, t.oid, 'select, insert, update')
      <> exists (select from pg_policy p where p.polrelid = t.oid and p.polroles = array[r.role::regrole::oid] and p.polcmd = r.command and p.polpermissive)`;
  expect(await see(offenders)).toEqual([]);
  const others = `select p.polname from pg_policy p where p.polroles not in (array['frontdesk_reader'::regrole::oid], array['frontdesk_writer'::regrole::oid])`;
  expect(await see(others)).toEqual([]);
});

const setting = (name: string) => `( SELECT NULLIF(current_setting('frontdesk.${name}'::text, true), ''::text) AS "nullif")`;
const ofTenant = `(tenant_id = ${setting('tenant')})`;
const reach = (kind: string) => `(${setting('reach')} = '${kind}'::text)`;
const ofOrganization = `(${reach('organizations')} AND (organization_id = ANY (string_to_array(${setting('organizations')}, ','::text))))`;
const ofWorkspace = `(${reach('workspace')} AND (workspace_id = ${setting('workspace')}))`;

/** How Postgres prints the few forms that a policy may have. */
const forms: Readonly<Record<string, { readonly using: string; readonly check: string | null }>> = {
  writer_of_tenant: { using: ofTenant, check: ofTenant },
  reader_of_tenant: { using: ofTenant, check: null },
  reader_of_organization: { using: `(${ofTenant} AND (${reach('tenant')} OR ${ofOrganization}))`, check: null },
  reader_of_workspace: { using: `(${ofTenant} AND (${reach('tenant')} OR ${ofOrganization} OR ${ofWorkspace}))`, check: null },
};

test('every policy is one of four, to the letter', async () => {
  const policies = await see<{ policyname: string; tablename: string; qual: string; with_check: string | null }>(
    'select policyname::text, tablename::text, qual, with_check from pg_policies order by 1, 2',
  );
  for (const { policyname, tablename, qual, with_check } of policies) {
    expect({ using: qual, check: with_check }, `${policyname} of ${tablename}`).toEqual(forms[policyname]);
  }
  const counted = Object.fromEntries(
    Object.keys(forms).map((name) => [name, policies.filter(({ policyname }) => policyname === name).length]),
  );
  expect(counted).toEqual({ writer_of_tenant: 22, reader_of_tenant: 4, reader_of_organization: 6, reader_of_workspace: 2 });
});

test('every key and every reference between tables begins with the tenant, so that none tells a tenant of another', async () => {
  const keys = `select i.indexrelid::regclass::text as key from pg_index i join ${tenantTables} t on t.oid = i.indrelid
    join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
    where i.indisunique and i.indkey[0] <> a.attnum and t.name <> 'tenant_hosts'`;
  expect(await see(keys)).toEqual([]);
  const references = `select c.conname from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attname = 'tenant_id' join pg_attribute b on b.attrelid = c.confrelid and b.attname = 'tenant_id'
    where c.contype = 'f' and c.connamespace = 'frontdesk'::regnamespace and (c.conkey[1] <> a.attnum or c.confkey[1] <> b.attnum)`;
  expect(await see(references)).toEqual([]);
  expect(await see("select relname from pg_class where relkind = 'S' and relnamespace = 'frontdesk'::regnamespace")).toEqual([]);
});

test('every function has a fixed search path; those that run before a context exists are the writer’s, not the owner’s', async () => {
  const functions = await see(
    `select p.proname::text as name, p.proowner::regrole::text as owner, p.prosecdef as definer, p.proconfig::text as config
     from pg_proc p where p.pronamespace = 'frontdesk'::regnamespace order by 1`,
  );
  const config = '{search_path=pg_catalog}';
  expect(functions).toEqual([
    { name: 'charge', owner: 'frontdesk_writer', definer: true, config },
    { name: 'commit', owner: 'frontdesk_owner', definer: false, config },
    { name: 'enter', owner: 'frontdesk_writer', definer: true, config },
    { name: 'expire', owner: 'frontdesk_owner', definer: false, config },
    { name: 'open_desk', owner: 'frontdesk_writer', definer: true, config },
    { name: 'refuse_mutation', owner: 'frontdesk_owner', definer: false, config },
  ]);
});

test('no runtime role is more than it has to be', async () => {
  const roles = `select rolname::text as role, rolcanlogin as login,
      rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as powerful from pg_roles
    where rolname in ('frontdesk_reader', 'frontdesk_writer', 'frontdesk_app') order by 1`;
  expect(await see(roles)).toEqual([
    { role: 'frontdesk_app', login: true, powerful: false },
    { role: 'frontdesk_reader', login: false, powerful: false },
    { role: 'frontdesk_writer', login: false, powerful: false },
  ]);
  const memberships = `select roleid::regrole::text as role from pg_auth_members
    where member in ('frontdesk_reader'::regrole, 'frontdesk_writer'::regrole)
      or (roleid in ('frontdesk_reader'::regrole, 'frontdesk_writer'::regrole) and inherit_option)`;
  expect(await see(memberships)).toEqual([]);
  // What a role owns in this database, as DROP OWNED would find it.
  const owned = `select r.rolname::text as role, d.classid::regclass::text as kind, count(*)::int as n from pg_shdepend d
    join pg_roles r on r.oid = d.refobjid where d.deptype = 'o' and d.dbid = (select oid from pg_database where datname = current_database())
      and r.rolname in ('frontdesk_reader', 'frontdesk_writer', 'frontdesk_app') group by 1, 2`;
  expect(await see(owned)).toEqual([{ role: 'frontdesk_writer', kind: 'pg_proc', n: 3 }]);
});

test('nothing is granted to everybody, nor to anybody but the two runtime roles', async () => {
  const grants = `
    select 'schema' as what, g.grantee::regrole::text from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) g
      where n.nspname = 'frontdesk' and g.grantee <> n.nspowner
    union all select 'table', g.grantee::regrole::text from pg_class c, aclexplode(c.relacl) g
      where c.relnamespace = 'frontdesk'::regnamespace and g.grantee <> c.relowner
    union all select 'column', g.grantee::regrole::text from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) g
      where c.relnamespace = 'frontdesk'::regnamespace
    union all select 'function', g.grantee::regrole::text from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
      where p.pronamespace = 'frontdesk'::regnamespace and g.grantee <> p.proowner`;
  const found = await see(`select what, grantee, count(*)::int as n from (${grants}) g group by 1, 2 order by 1, 2`);
  expect(found).toEqual([
    { what: 'function', grantee: 'frontdesk_reader', n: 2 },
    { what: 'function', grantee: 'frontdesk_writer', n: 2 },
    { what: 'schema', grantee: 'frontdesk_reader', n: 1 },
    { what: 'schema', grantee: 'frontdesk_writer', n: 1 },
    { what: 'table', grantee: 'frontdesk_reader', n: 13 },
    { what: 'table', grantee: 'frontdesk_writer', n: 71 },
  ]);
  expect(
    await see(
      "select privilege_type from pg_namespace n, aclexplode(n.nspacl) g where n.nspname = 'frontdesk' and grantee <> nspowner group by 1",
    ),
  ).toEqual([{ privilege_type: 'USAGE' }]);
});
