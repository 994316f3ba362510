/** Looks into the database behind the doors, and moves in it what no operation moves. */
import type { Row, Value } from '../../src/db/batch.ts';
import { demoHost, type TestWorld } from './world.ts';

/** Runs one statement as the writer of the tenant at `host`. */
export async function sql(t: TestWorld, text: string, values: readonly Value[] = [], host = demoHost): Promise<readonly Row[]> {
  const tenant = await tenantAt(t, host);
  const [rows] = await t.db.batch({ role: 'writer', tenant }, [{ name: nameOf(text), text, values, read: (read) => read }]);
  return rows;
}

export async function tenantAt(t: TestWorld, host: string): Promise<string> {
  const desk = await t.world.deps.desks.find(host);
  if (!desk) throw new Error(`no tenant at ${host}`);
  return desk.tenant;
}

/**
 * What a tenant has in every table but `limits`, which counts refused requests too: how many rows, and the sum of the transactions that
 * wrote them, which no insert, update or delete leaves as it was.
 */
export async function contentsOf(t: TestWorld, host = demoHost): Promise<Readonly<Record<string, string>>> {
  tables ??= await sql(
    t,
    `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'frontdesk' and c.relkind = 'r' and c.relname not in ('limits', 'frontdesk_migrations') order by 1`,
  );
  const sums = tables.map(
    ({ name }) => `select '${name}' as name, count(*) || ' ' || coalesce(sum(t.xmin::text::bigint), 0) as written from frontdesk.${name} t`,
  );
  const rows = await sql(t, sums.join(' union all '), [], host);
  return Object.fromEntries(rows.map(({ name, written }) => [String(name), String(written)]));
}

/** Every migrated database has the same. */
let tables: readonly Row[] | undefined;

/** One name, one text: what the drivers hold every statement to. */
function nameOf(text: string): string {
  const name = names.get(text) ?? `test.${names.size}`;
  names.set(text, name);
  return name;
}
const names = new Map<string, string>();
