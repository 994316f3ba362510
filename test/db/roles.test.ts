import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { firstOfEach, insertInto, rowOf } from '../support/row-of-each-table.ts';

/**
 * Who may do what to a row of tenant A, its first organization and its first workspace. A cell has one sign for each context, in the
 * order of `contexts`: `1` done (or kept from it only by keys that point at the row, or by the row that is there already), `.` the row
 * is not there for them, `-` permission denied, `v` against the policy, `x` refused by the trigger, `h` refused because no referral
 * without a hold is in sight, `k` kept by foreign keys. What has no column is denied in every context: any change by the reader,
 * TRUNCATE by the writer, and everything to the login role. At the end: the columns that the writer may change, `*` for all of them;
 * the updates that are tried change the first of these.
 */
//                     reader    writer                            owner                                   writer may change
//                     select    select  insert  update  delete    select  insert  update  delete  truncate
const expected = `
agent_keys           | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | expires_at organization_id state
agents               | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... kkkkkkk | client_id epoch kind organization_id revoked_at status
api_keys             | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | *
attributions         | .1..... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
audits               | .1..... | .11111. v11111v ------- ------- | ....... vvvvvvv ....... ....... 1111111 |
balances             | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | balance_minor
blocks               | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx kkkkkkk |
breakers             | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | *
counters             | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | *
credit_uses          | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
customers            | ------- | .11111. v11111v ------- ------- | ....... vvvvvvv ....... ....... 1111111 |
dispute_evidence     | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | content
disputes             | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... kkkkkkk | because decided_at decided_by status trace
documents            | .11111. | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | *
domain_conflicts     | .1..... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | decided_at decided_by reason state version
domain_proofs        | .11.... | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... kkkkkkk | checked_at expires_at failures state verified_at version
due_work             | ------- | 1111111 1111111 1111111 1111111 | 1111111 1111111 1111111 1111111 1111111 | *
entries              | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx kkkkkkk |
events               | .11.... | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | sequence
evidence             | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
fulfilments          | .11.... | .11111. h11111h .11111. ------- | ....... hhhhhhh ....... ....... 1111111 | reference settled_at status
holds                | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | closed_at closed_because closed_by
idempotency          | ------- | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111 |
join_requests        | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | decided_at decided_by state version
leaves               | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
ledger_events        | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx kkkkkkk |
limits               | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | *
link_visits          | .1..... | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111 |
mailbox_proofs       | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | expires_at proven_at used_at version
memberships          | .11.... | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111 |
organizations        | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... kkkkkkk | *
outbox               | .11.... | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | *
particulars          | .11.... | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111 |
partner_applications | .1..... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | decided_at decided_by email note organization_id reason state version
passkeys             | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | counter used_at
payees               | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | frozen_until linked_at linked_by obstacle source stripe_id
payment_reversals    | .1..... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | amount_minor seen_at state
payments             | .1..... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | collected_minor out_of_band paid_at paid_minor seen_at status subscription
people               | .1..... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... kkkkkkk | email name oidc_issuer oidc_subject role state version
postings             | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
program_versions     | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
prospects            | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... kkkkkkk | fingerprint
published_documents  | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
reconciliations      | .1..... | .11111. v11111v ------- ------- | ....... vvvvvvv ....... ....... 1111111 |
referral_states      | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | *
referral_tokens      | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... xxxxxxx | *
referral_transitions | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
referrals            | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx kkkkkkk |
registrations        | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | claimed_by code_expires_at code_hash polled_at state version
reports              | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | data
reward_bases         | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
reward_states        | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | available_at changed_at netted_minor obstacle reversed_minor seq status
reward_transitions   | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
rewards              | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx kkkkkkk |
sessions             | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | ended_at seen_at stepped_up_at
sign_in_links        | ------- | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | used_at
signing_keys         | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | *
spent                | ------- | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111 |
stripe_accounts      | ------- | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | account_id connected_at events_seen_at livemode sealed
stripe_events        | .1..... | .11111. v11111v ------- .11111. | ....... vvvvvvv ....... ....... 1111111 |
tenant_hosts         | 1111111 | 1111111 1111111 1111111 1111111 | 1111111 1111111 1111111 1111111 1111111 | *
tenants              | .11111. | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | *
touches              | .11.... | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
tree_nodes           | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
vendor_versions      | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
verifications        | .11111. | .11111. v11111v ------- ------- | ....... vvvvvvv xxxxxxx xxxxxxx xxxxxxx |
webhook_endpoints    | .11.... | .11111. v11111v .11111. ------- | ....... vvvvvvv ....... ....... 1111111 | deleted_at disabled_because previous_until secret_version state types url
workspace_rows       | .11.1.. | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... 1111111 | *
workspaces           | .11.1.. | .11111. v11111v .11111. .11111. | ....... vvvvvvv ....... ....... kkkkkkk | *
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
/** What the writer may change of each table. */
const changeable = new Map<string, readonly string[]>();
const changed = (table: string): string => changeable.get(table)?.find((column) => column !== '*') ?? 'tenant_id';
beforeAll(async () => {
  database = await migratedDatabase();
  await query(database.adminUrl, firstOfEach());
  for (const { name, columns } of await rowsOf<{ name: string; columns: string[] }>(database.adminUrl, columnsOfWriter)) {
    changeable.set(name, columns);
  }
  owner = new Client({ connectionString: database.ownerUrl });
  app = new Client({ connectionString: database.appUrl });
  await Promise.all([owner.connect(), app.connect()]);
});
afterAll(async () => {
  await Promise.all([owner?.end(), app?.end()]);
  await database?.drop();
});

const columnsOfWriter = `select c.relname as name, case when has_table_privilege('frontdesk_writer', c.oid, 'update') then array['*']
    else array_agg(a.attname::text order by a.attname::text collate "C") end as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'frontdesk'::regnamespace and c.relkind = 'r' and has_column_privilege('frontdesk_writer', c.oid, a.attnum, 'update')
  group by c.oid, c.relname`;

const statements: Readonly<Record<Verb, (table: string) => string>> = {
  select: (table) => `select from frontdesk.${table} where tenant_id = 'ten_a'`,
  insert: (table) => insertInto(table, rowOf(table, 2)),
  update: (table) => `update frontdesk.${table} set ${changed(table)} = ${changed(table)} where tenant_id = 'ten_a'`,
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
  const known: Readonly<Record<string, string>> = { '23503': '1', '23505': '1', FD002: 'x', FD001: 'h', '0A000': 'k' };
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
    if (shown.length > 0) found.push(shown.map((verb) => row.get(verb)).join(' '));
    const hidden = verbs.filter((verb) => !shown.includes(verb)).map((verb) => `${verb} ${row.get(verb)}`);
    expect(hidden, role).toEqual(verbs.filter((verb) => !shown.includes(verb)).map((verb) => `${verb} -------`));
  }
  found.push((changeable.get(table) ?? []).join(' '));
  expect(found).toEqual(given);
});

test('a reader sees an API key without what it is recognised by', async () => {
  const read = (column: string) =>
    app.query(`rollback; begin; set local frontdesk.tenant = 'ten_a'; set local frontdesk.reach = 'tenant'; set local role frontdesk_reader;
      select ${column} from frontdesk.api_keys; rollback`);
  await read('key_id, last4, scopes, revoked_at');
  for (const column of ['secret_hash', '*']) await expect(read(column)).rejects.toMatchObject({ code: '42501' });
});
