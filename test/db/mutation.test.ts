import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeCatalogue } from '../../src/admin/isolation/catalogue-check.ts';
import { readCatalogue, withoutSearchPath } from '../../src/admin/isolation/catalogue-facts.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/postgres-world.ts';
import { firstOfEach, insertInto, rowOf, tableNames } from '../support/row-of-each-table.ts';
import { ruleProbes } from '../support/rule-probes.ts';
import { neededRows, whole } from '../support/whole-decision.ts';

/**
 * Every wall of the schema is taken away in turn, in a transaction that is rolled back, and something must notice: each policy, trigger,
 * CHECK, key, reference and grant is there because without it something happens that must not.
 */
let database: MigratedDatabase;
let client: Client;
beforeAll(async () => {
  database = await migratedDatabase();
  await query(database.adminUrl, [firstOfEach(), ...neededRows()].join(';\n'));
  client = new Client({ connectionString: database.adminUrl });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

interface Mutation {
  /** What is taken away, as the table of survivors shows it. */
  readonly name: string;
  /** Whose probes are asked; empty: those of the functions. */
  readonly table: string;
  readonly sql: string;
  /** The rule whose own probe is asked. */
  readonly rule?: string;
  /** How the names of the probes begin that are asked first. */
  readonly first?: string;
}

interface Probe {
  readonly name: string;
  readonly sql: string;
  /** What it answers while nothing is taken away. */
  readonly answer: string;
}

const roles = ['frontdesk_reader', 'frontdesk_writer', 'frontdesk_owner'] as const;
const contexts: readonly (readonly [tenant: string, reach: string, organizations: string, workspace: string])[] = [
  ['', 'none', '', ''],
  ['ten_a', 'tenant', '', ''],
  ['ten_a', 'organizations', 'org_1', ''],
  ['ten_a', 'organizations', 'org_9', ''],
  ['ten_a', 'workspace', '', 'ws_1'],
  ['ten_b', 'tenant', '', ''],
];

function asRole(role: string, [tenant, reach, organizations, workspace]: (typeof contexts)[number], statement: string): string {
  return `set local frontdesk.tenant = '${tenant}'; set local frontdesk.reach = '${reach}';
    set local frontdesk.organizations = '${organizations}'; set local frontdesk.workspace = '${workspace}'; set local role ${role}; ${statement}`;
}

/** Runs it in the open transaction and undoes it: how many rows the last statement was about, or why it was refused. */
async function ask(sql: string): Promise<string> {
  try {
    const results: unknown = await client.query(`${sql}; rollback to intact`);
    const last: { rowCount?: number | null } = Array.isArray(results) ? results.at(-2) : {};
    return `${last.rowCount ?? 0}`;
  } catch (error) {
    await client.query('rollback to intact');
    const { code, message } = error instanceof Error && 'code' in error ? error : { code: undefined, message: String(error) };
    return `refused ${code} ${message.includes('row-level security') ? 'by policy' : ''}`;
  }
}

const isRefused = (answer: string): boolean => answer.startsWith('refused');

async function catalogue<T>(text: string): Promise<readonly T[]> {
  return (await client.query(text)).rows;
}

/** Who may do what to the rows of a table, column by column. */
async function accessOf(table: string): Promise<readonly Omit<Probe, 'answer'>[]> {
  const columns = await catalogue<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute where attrelid = 'frontdesk.${table}'::regclass and attnum > 0 and attgenerated = ''`,
  );
  const inside = contexts[1] ?? ['', '', '', ''];
  const inEach = (role: string, verb: string, statement: string) =>
    contexts.map((context) => ({ name: `${role} ${verb} ${context.join()}`, sql: asRole(role, context, statement) }));
  const select = `select from frontdesk.${table} where tenant_id = 'ten_a'`;
  const fresh = insertInto(table, { ...rowOf(table, 2) });
  const elsewhere = insertInto(table, { ...rowOf(table, 2), tenant_id: 'ten_c' });
  return [
    ...roles.flatMap((role) => inEach(role, 'sees', select)),
    ...roles.slice(0, 2).flatMap((role) => [
      { name: `${role} adds`, sql: asRole(role, inside, fresh) },
      { name: `${role} adds to another tenant`, sql: asRole(role, inside, elsewhere) },
      { name: `${role} deletes`, sql: asRole(role, inside, `delete from frontdesk.${table} where false`) },
      { name: `${role} truncates`, sql: asRole(role, inside, `truncate frontdesk.${table}`) },
      ...columns.map(({ name }) => ({
        name: `${role} changes ${name}`,
        sql: asRole(role, inside, `update frontdesk.${table} set ${name} = default where false`),
      })),
    ]),
  ];
}

const calls: Readonly<Record<string, string>> = {
  commit: `select frontdesk.commit('${JSON.stringify(whole).replaceAll("'", "''")}'); set constraints all immediate`,
  open_desk: "select frontdesk.open_desk('a1.example') ->> 'name' || 'x', 1 / count(*) from frontdesk.tenants",
  enter: `select frontdesk.enter('{"host": "a1.example", "credential": {"kind": "api_key", "hash": "${'01'.repeat(32)}"}, "at": "2026-01-01T00:00:00Z", "charged": true}')`,
  charge: `select frontdesk.charge('b', '{"q": 1, "w": 1}', now())`,
  charge_all: `select frontdesk.charge_all('[{"name": "n", "bucket": "b", "policy": {"q": 1, "w": 1}}]', now())`,
  expire: 'select frontdesk.expire(now(), 1)',
  erase: "select frontdesk.erase('pro_1')",
  prospect_with: "select frontdesk.prospect_with('\\x00')",
  make_due: "select frontdesk.make_due('ten_a', 'seal', '2000-01-01')",
};

/** Who may call what. */
function callsOf(): readonly Omit<Probe, 'answer'>[] {
  const inside = contexts[1] ?? ['', '', '', ''];
  return Object.entries(calls).flatMap(([name, call]) =>
    roles.slice(0, 2).flatMap((role) => [
      { name: `${role} calls ${name}`, sql: asRole(role, inside, call) },
      { name: `${role} calls ${name} without a context`, sql: asRole(role, ['', 'none', '', ''], call) },
    ]),
  );
}

/** Rules that break by sharing a key with the first row. */
async function keyProbes(): Promise<Readonly<Record<string, string>>> {
  const keys = await catalogue<{ rule: string; table: string; columns: string[] }>(
    `select c.conname as rule, t.relname as table, array_agg(a.attname::text) as columns from pg_constraint c
     join pg_class t on t.oid = c.conrelid join pg_attribute a on a.attrelid = t.oid and a.attnum = any(c.conkey)
     where c.connamespace = 'frontdesk'::regnamespace and c.contype in ('p', 'u') group by 1, 2`,
  );
  return Object.fromEntries(
    keys.map(({ rule, table, columns }) => {
      const shared = Object.entries(rowOf(table, 1)).filter(([column]) => columns.includes(column));
      return [rule, insertInto(table, { ...rowOf(table, 2), ...Object.fromEntries(shared) })];
    }),
  );
}

/** Every rule that the schema has, and what takes it away. */
const rulesOfSchema = `
  select format('%s %s', t.relname, c.conname) as name, t.relname as table, c.conname as rule,
    format('alter table frontdesk.%I drop constraint %I cascade', t.relname, c.conname) as sql
  from pg_constraint c join pg_class t on t.oid = c.conrelid where c.connamespace = 'frontdesk'::regnamespace and c.contype in ('c', 'u', 'p', 'f')
  union all select format('%s %s', t.relname, x.relname), t.relname, x.relname, format('drop index frontdesk.%I', x.relname)
  from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
  where x.relnamespace = 'frontdesk'::regnamespace and i.indisunique and not exists (select from pg_constraint c where c.conindid = x.oid)
  union all select format('%s trigger %s', t.relname, g.tgname), t.relname, t.relname || '.' || g.tgname,
    format('drop trigger %I on frontdesk.%I', g.tgname, t.relname)
  from pg_trigger g join pg_class t on t.oid = g.tgrelid where t.relnamespace = 'frontdesk'::regnamespace and not g.tgisinternal
  union all select format('%s tenant_id', t.relname), t.relname, t.relname || '.tenant_id',
    format('alter table frontdesk.%I alter tenant_id drop not null', t.relname)
  from pg_class t where t.relnamespace = 'frontdesk'::regnamespace and t.relkind = 'r'
    and not exists (select from pg_index i join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
      where i.indrelid = t.oid and i.indisprimary and a.attnum = any(i.indkey))`;

/** Every policy, and every right that a runtime role has or has not. `first` names the probes that should notice. */
const wallsOfSchema = `
  with t as (select c.oid, c.relname as table, c.relrowsecurity from pg_class c where c.relnamespace = 'frontdesk'::regnamespace and c.relkind = 'r'),
    p as (select tablename as table, policyname as policy, with_check from pg_policies where schemaname = 'frontdesk'),
    f as (select p.oid, p.proname, p.proowner, p.prosecdef from pg_proc p where p.pronamespace = 'frontdesk'::regnamespace),
    r (role) as (values ('frontdesk_reader'), ('frontdesk_writer')),
    v (verb, does) as (values ('select', 'sees'), ('insert', 'adds'), ('update', 'changes'), ('delete', 'deletes'), ('truncate', 'truncates'))
  select format('%s policy %s dropped', p.table, policy) as name, p.table, format('drop policy %I on frontdesk.%I', policy, p.table) as sql,
      '' as first from p
  union all select format('%s policy %s lets see all', p.table, policy), p.table,
      format('alter policy %I on frontdesk.%I using (true)', policy, p.table), '' from p
  union all select format('%s policy %s checks nothing', p.table, policy), p.table,
      format('alter policy %I on frontdesk.%I with check (true)', policy, p.table), 'frontdesk_writer adds' from p where with_check is not null
  union all select format('%s row-level security off', t.table), t.table, format('alter table frontdesk.%I disable row level security', t.table), ''
    from t where relrowsecurity
  union all select format('%s not forced', t.table), t.table, format('alter table frontdesk.%I no force row level security', t.table),
      'frontdesk_owner' from t where relrowsecurity
  union all select concat_ws(' ', t.table, case when has then 'without' else 'with' end, verb, role), t.table,
      format(case when has then 'revoke %s on frontdesk.%I from %I' else 'grant %s on frontdesk.%I to %I' end, verb, t.table, role),
      concat_ws(' ', role, does)
    from t cross join r cross join v cross join lateral (select has_table_privilege(role, t.oid, verb) as has) h
  union all select concat_ws(' ', t.table, case when has then 'without' else 'with' end, 'update of', a.attname, role), t.table,
      format(case when has then 'revoke update (%I) on frontdesk.%I from %I' else 'grant update (%I) on frontdesk.%I to %I' end, a.attname, t.table, role),
      format('%s changes %I', role, a.attname)
    from t cross join r join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and a.attgenerated = '' and not a.attisdropped
    cross join lateral (select has_column_privilege(role, t.oid, a.attnum, 'update') as has) h
    where not has_table_privilege(role, t.oid, 'update')
  union all select format('the schema without usage for %s', role), '', format('revoke usage on schema frontdesk from %I', role), role from r
  union all select format('%s without execution by %s', proname, role), '', format('revoke execute on function %s from %I', f.oid::regprocedure, role),
      format('%s calls %s', role, proname)
    from f cross join r where proowner <> role::regrole and has_function_privilege(role, f.oid, 'execute')
  union all select format('%s with execution by the reader', proname), '', format('grant execute on function %s to frontdesk_reader', f.oid::regprocedure),
      'frontdesk_reader calls ' || proname
    from f where not has_function_privilege('frontdesk_reader', f.oid, 'execute') and proname in (${Object.keys(calls)
      .map((name) => `'${name}'`)
      .join()})
  union all select format('%s with its caller’s rights', proname), '', format('alter function %s security invoker', f.oid::regprocedure), ''
    from f where prosecdef`;

test('without any one of its walls, something notices', { timeout: 120_000 }, async () => {
  await client.query('begin; savepoint intact');
  const rules = Object.entries({ ...(await keyProbes()), ...(await appendOnly()), ...ruleProbes() });
  const ruleOf = new Map(rules.map(([name, sql]) => [name, { name, sql: `${sql}; set constraints all immediate`, answer: 'refused' }]));
  for (const [target, reference] of targets) ruleOf.set(target, ruleOf.get(reference) ?? never(reference));
  const mutations = [...(await catalogue<Mutation>(rulesOfSchema)), ...(await catalogue<Mutation>(wallsOfSchema))];
  const probes = new Map<string, readonly Probe[]>([['', await answered(callsOf())]]);
  for (const table of tableNames) probes.set(table, await answered(await accessOf(table)));
  const wrong: string[] = [];
  for (const { name, sql } of ruleOf.values()) if (!isRefused(await ask(sql))) wrong.push(name);
  expect(wrong, 'accepted although nothing was taken away').toEqual([]);

  await client.query(withoutSearchPath.text);
  findings = judgeCatalogue(readCatalogue.read((await client.query(readCatalogue.text)).rows)).length;

  const survivors: string[] = [];
  for (const { name, table, sql, rule, first } of mutations) {
    await client.query(`savepoint whole; ${sql}; savepoint intact`);
    const own = rule === undefined ? undefined : ruleOf.get(rule);
    const seen = own === undefined ? await isNoticed(probes.get(table) ?? [], first) : !isRefused(await ask(own.sql));
    if (!seen && !(own === undefined && (await isFindingMore()))) survivors.push(name);
    await client.query('rollback to whole; release whole');
  }
  await client.query('rollback');
  console.info(`${mutations.length} walls, ${survivors.length} that nothing notices`);
  expect(survivors).toEqual([]);
});

/** The audit's own check: for walls behind which there is another one, such as a right to call what then may do nothing. */
async function isFindingMore(): Promise<boolean> {
  const { rows } = await client.query(readCatalogue.text);
  return judgeCatalogue(readCatalogue.read(rows)).length > findings;
}
let findings = 0;

async function isNoticed(probes: readonly Probe[], first = ''): Promise<boolean> {
  const isFirst = ({ name }: Probe) => name.startsWith(first);
  const inOrder = [...probes.filter(isFirst), ...probes.filter((probe) => !isFirst(probe))];
  for (const { sql, answer } of inOrder) if ((await ask(sql)) !== answer) return true;
  return false;
}

/** Keys that are there for a reference to point at: without the key there is no reference. */
const targets = [
  ['referral_transitions_end', 'referral_transitions_follow'],
  ['reward_transitions_end', 'reward_transitions_follow'],
  ['entries_transaction', 'postings_entry'],
  ['blocks_hash', 'blocks_follow'],
] as const;

function never(name: string): never {
  throw new Error(`no probe of ${name}`);
}

async function answered(probes: readonly Omit<Probe, 'answer'>[]): Promise<readonly Probe[]> {
  const found: Probe[] = [];
  for (const probe of probes) found.push({ ...probe, answer: await ask(probe.sql) });
  return found;
}

/** What the ledger refuses even to a superuser. */
async function appendOnly(): Promise<Readonly<Record<string, string>>> {
  const guarded = await catalogue<{ table: string }>(
    "select tgrelid::regclass::text as table from pg_trigger where tgname = 'append_only' and tgrelid::regclass::text like 'frontdesk.%'",
  );
  return Object.fromEntries(
    guarded.map(({ table }) => [`${table.split('.')[1]}.append_only`, `update ${table} set tenant_id = tenant_id`]),
  );
}
