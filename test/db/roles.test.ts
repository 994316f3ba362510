import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { insertInto, rowOf, tableNames } from '../support/row-of-each-table.ts';

/**
 * Who may do what to a row of tenant A, its first organization and its first workspace. A cell has one sign for each context, in the
 * order of `contexts`: `1` done (or kept from it only by keys that point at the row, or by the row that is there already), `.` the row
 * is not there for them, `-` permission denied, `v` against the policy, `x` refused by the trigger, `k` kept by foreign keys. What has no
 * column is denied in every context: any change by the reader, TRUNCATE by the writer, and everything to the login role.
 */
//                 reader    writer                            owner
//                 select    select  insert  update  delete    select  insert  update  delete  truncate
const expected = `
agents           | ------- | .11111. v11111v ------- ------- | ....... vvvvvvv ....... ....... 1111111
api_keys         | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111
counters         | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111
documents        | .11111. | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111
due_work         | ------- | 1111111 1111111 1111111 1111111 | 1111111 1111111 1111111 1111111 1111111
idempotency      | ------- | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111
ledger_events    | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx
limits           | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111
link_visits      | ------- | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111
organizations    | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... kkkkkkk
outbox           | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111
particulars      | .11.... | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111
program_versions | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx
prospects        | ------- | .11111. v11111v ------- ------- | ....... vvvvvvv ....... ....... kkkkkkk
referral_states  | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111
referral_tokens  | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... xxxxxxx
referrals        | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx kkkkkkk
signing_keys     | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111
tenant_hosts     | 1111111 | 1111111 1111111 1111111 1111111 | 1111111 1111111 1111111 1111111 1111111
tenants          | .11111. | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111
touches          | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx
vendor_versions  | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx
workspace_rows   | .11.1.. | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111
workspaces       | .11.1.. | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... kkkkkkk
`;

const contexts = {
  none: ['', 'none', '', ''],
  tenant: ['ten_a', 'tenant', '', ''],
  organization: ['ten_a', 'organizations', 'org_1', ''],
  otherOrganization: ['ten_a', 'organizations', 'org_2', ''],
  workspace: ['ten_a', 'workspace', '', 'ws_1'],
  otherWorkspace: ['ten_a', 'workspace', '', 'ws_2'],
  otherTenant: ['ten_b', 'tenant', '', ''],
} as const;
const verbs = ['select', 'insert', 'update', 'delete', 'truncate'] as const;
type Verb = (typeof verbs)[number];

const roles = ['reader', 'writer', 'owner', 'app'] as const;
type Role = (typeof roles)[number];

let database: MigratedDatabase;
let owner: Client;
let app: Client;
beforeAll(async () => {
  database = await migratedDatabase();
  await query(database.adminUrl, tableNames.map((table) => insertInto(table, rowOf(table, 1))).join(';\n'));
  owner = new Client({ connectionString: database.ownerUrl });
  app = new Client({ connectionString: database.appUrl });
  await Promise.all([owner.connect(), app.connect()]);
});
afterAll(async () => {
  await Promise.all([owner?.end(), app?.end()]);
  await database?.drop();
});

const statements: Readonly<Record<Verb, (table: string) => string>> = {
  select: (table) => `select from frontdesk.${table} where tenant_id = 'ten_a'`,
  insert: (table) => insertInto(table, rowOf(table, 2)),
  update: (table) => `update frontdesk.${table} set tenant_id = 'ten_a' where tenant_id = 'ten_a'`,
  delete: (table) => `delete from frontdesk.${table} where tenant_id = 'ten_a'`,
  truncate: (table) => `truncate frontdesk.${table}`,
};

/** One sign: what came of it. Nothing stays. */
async function sign(role: Role, context: readonly string[], verb: Verb, table: string): Promise<string> {
  const client = role === 'owner' ? owner : app;
  const [tenant, reach, organizations, workspace] = context;
  // All in one message. It begins by undoing one that failed.
  const begin = `rollback; begin; set local frontdesk.tenant = '${tenant}'; set local frontdesk.reach = '${reach}';
    set local frontdesk.organizations = '${organizations}'; set local frontdesk.workspace = '${workspace}';
    ${role === 'reader' || role === 'writer' ? `set local role frontdesk_${role};` : ''}`;
  try {
    const results: unknown = await client.query(`${begin} ${statements[verb](table)}; rollback`);
    const last: { rowCount?: number | null } = Array.isArray(results) ? results.at(-2) : {};
    return verb === 'truncate' || (last.rowCount ?? 0) > 0 ? '1' : '.';
  } catch (error) {
    return signOf(error);
  }
}

function signOf(error: unknown): string {
  const { code, message } = error instanceof Error && 'code' in error ? error : { code: undefined, message: String(error) };
  if (code === '42501') return message.includes('row-level security') ? 'v' : '-';
  const known: Readonly<Record<string, string>> = { '23503': '1', '23505': '1', FD002: 'x', '0A000': 'k' };
  return known[String(code)] ?? message;
}

const columns: readonly (readonly [Role, readonly Verb[]])[] = [
  ['reader', ['select']],
  ['writer', ['select', 'insert', 'update', 'delete']],
  ['owner', verbs],
  ['app', []],
];
const lines = expected
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((part) => part.trim()));

test('the table above names every table of the schema', async () => {
  const found = await rowsOf<{ name: string }>(
    database.ownerUrl,
    "select relname as name from pg_class where relnamespace = 'frontdesk'::regnamespace and relkind in ('r', 'p', 'v', 'm') order by 1",
  );
  expect(lines.map(([table]) => table)).toEqual(found.map(({ name }) => name));
});

test.each(lines)('%s', async (table = '', ...given) => {
  const found: string[] = [];
  for (const [role, shown] of columns) {
    const row = new Map<Verb, string>();
    for (const verb of verbs) {
      let signs = '';
      for (const context of Object.values(contexts)) signs += await sign(role, context, verb, table);
      row.set(verb, signs);
    }
    found.push(shown.map((verb) => row.get(verb)).join(' '));
    const hidden = verbs.filter((verb) => !shown.includes(verb)).map((verb) => `${verb} ${row.get(verb)}`);
    expect(hidden, role).toEqual(verbs.filter((verb) => !shown.includes(verb)).map((verb) => `${verb} -------`));
  }
  expect(found).toEqual([...given, '']);
});
