import { Client } from 'pg';
import { createKey } from '../src/admin/create-key.ts';
import type { Context, Statement } from '../src/db/batch.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import { toWire } from '../src/db/drivers/wire.ts';
import type { Memory } from '../src/db/memory.ts';
import { queries } from '../src/db/queries.ts';
import type { Figure } from './figure.ts';
import { median } from './http.ts';
import { applyBenchVendor, type BenchTenant, createBenchDatabase, decideReferrals, openBenchWorld } from './tenant.ts';

const clients = 32;
const spreadOver = 100;

/** What the ledger costs: on a real Postgres with fsync on, from this process. */
export async function ledgerRows(): Promise<Figure[]> {
  const { server, scratch } = await createBenchDatabase();
  const db = connectPostgres(scratch.ownerUrl, { max: clients });
  try {
    const world = openBenchWorld(db);
    const hot = await applyBenchVendor(world, 'hot.example');
    const spread: BenchTenant[] = [];
    for (let i = 0; i < spreadOver; i++) spread.push(await applyBenchVendor(world, `spread-${i}.example`, 1));
    return [await hotRow(server.adminUrl, hot, spread), await batchRow(hot), ...(await millionRows(scratch.adminUrl, hot))];
  } finally {
    await db.close();
    await server.stop();
  }
}

type Decided = { readonly tenant: string; readonly changes: Parameters<Memory['commit']>[1] };

async function perSecond(work: readonly Decided[], memory: Memory): Promise<number> {
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let one = work[next++]; one; one = work[next++])
        if ((await memory.commit(one.tenant, one.changes)) !== 'done') throw new Error('a commit did not go through');
    }),
  );
  return work.length / ((performance.now() - started) / 1000);
}

/** Commits that each wait 3 ms for the log, as a remote quorum makes them: one tenant that everybody writes to, against a hundred. */
async function hotRow(adminUrl: string, hot: BenchTenant, spread: readonly BenchTenant[]): Promise<Figure> {
  await alterSystem(adminUrl, ['alter system set commit_delay = 3000', 'alter system set commit_siblings = 0']);
  const amount = 3000;
  const ratios: number[] = [];
  let [one, many] = [0, 0];
  for (let round = 0; round < 3; round++) {
    const onOne = await decideReferrals(hot, amount);
    const onMany = (await Promise.all(spread.map((tenant) => decideReferrals(tenant, amount / spreadOver)))).flat();
    many = await perSecond(interleaved(onMany, spreadOver), hot.memory);
    one = await perSecond(onOne, hot.memory);
    ratios.push(one / many);
  }
  await alterSystem(adminUrl, ['alter system reset commit_delay', 'alter system reset commit_siblings']);
  return {
    what: `one hot tenant against ${spreadOver}, ${clients} clients, 3 ms commit latency`,
    measured: `${median(ratios).toFixed(2)} (${one.toFixed(0)}/s, ${many.toFixed(0)}/s)`,
    reach: '≥ 0.75',
    aim: '≥ 0.95',
  };
}

const interleaved = <T>(all: readonly T[], groups: number): T[] => {
  const size = all.length / groups;
  return all.map((_, i) => all[(i % groups) * size + Math.floor(i / groups)]).filter((one) => one !== undefined);
};

async function batchRow(hot: BenchTenant): Promise<Figure> {
  const singles = await decideReferrals(hot, 3000);
  const batches = await decideReferrals(hot, 60, 100);
  const single = await perSecond(singles, hot.memory);
  const bulk = 100 * (await perSecond(batches, hot.memory));
  return {
    what: 'a hundred referrals a call against single calls, referrals a second',
    measured: `${(bulk / single).toFixed(1)}× (${bulk.toFixed(0)}/s, ${single.toFixed(0)}/s)`,
    reach: '≥ 3×',
    aim: '≥ 5×',
  };
}

/** Reads of an organization whose ledger has a million entries: the time the database takes, by its own clock. */
async function millionRows(adminUrl: string, hot: BenchTenant): Promise<Figure[]> {
  const created = await createKey(hot.world.admin, { host: hot.host, organization: { domain: 'million.example' }, agentName: 'bench' });
  if (!created.ok || created.value.organizationId === null) throw new Error('no organization');
  const organization = created.value.organizationId;
  await fillLedger(adminUrl, hot.tenant, organization);
  const reader: Context = { role: 'reader', tenant: hot.tenant, reach: { kind: 'organizations', organizations: [organization] } };
  const balance = queries.balances(organization);
  const byKey: Statement = {
    name: 'bench.key',
    text: 'select * from frontdesk.tenants t where t.tenant_id = $1',
    values: [hot.tenant],
    read: () => null,
  };
  const explicit: Statement = {
    ...balance,
    name: 'bench.explicit',
    text: `select b.currency, b.account, b.balance_minor from frontdesk.balances b where b.tenant_id = $1 and b.organization_id = $2`,
    values: [hot.tenant, organization],
  };
  const bare: Statement = {
    ...explicit,
    name: 'bench.bare',
    text: explicit.text.replace('b.tenant_id = $1 and', '$1::text is not null and'),
  };
  const [read, key] = [await executionMs(adminUrl, reader, balance), await executionMs(adminUrl, reader, byKey)];
  const [secured, unsecured] = await alternately(adminUrl, [reader, bare], [null, explicit]);
  const page = await executionMs(adminUrl, reader, queries.ledgerEntries({ after: null, limit: 50, organizationId: null }));
  return [
    {
      what: 'balance read at 1,000,000 entries, database time (against a primary-key lookup)',
      measured: `${read.toFixed(3)} ms (${(read / key).toFixed(1)}×)`,
      reach: '< 20 ms',
      aim: '< 2×',
    },
    {
      what: 'row-level security on the balance read against an explicit predicate',
      measured: `${(secured / unsecured).toFixed(2)} (${(1000 * (secured - unsecured)).toFixed(0)} µs of ${(1000 * secured).toFixed(0)}, as a client sees it)`,
      reach: '≤ 1.10',
      aim: '≤ 1.02',
    },
    { what: 'a page of 50 entries at 1,000,000 entries, database time', measured: `${page.toFixed(2)} ms`, reach: '< 50 ms', aim: '' },
  ];
}

/** A million balanced entries of one organization, and the balance they come to. Triggers rest: they were measured with the commits. */
async function fillLedger(adminUrl: string, tenant: string, organization: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const ids = "'led_' || lpad(n::text, 26, '0')";
  await client.query(`
    begin;
    set local session_replication_role = replica;
    insert into frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, body, leaf, recorded_at)
      select '${tenant}', ${ids}, 'reward.accrued', 'rwd', '${organization}', b.body, sha256('\\x00'::bytea || convert_to(b.body, 'UTF8')), now()
      from generate_series(1, 1000000) n cross join lateral (select '{"n":' || n || '}' as body) b;
    insert into frontdesk.entries (tenant_id, entry_id, kind, organization_id, recorded_at, xid)
      select '${tenant}', ${ids}, 'reward.accrued', '${organization}', now(), pg_current_xact_id() from generate_series(1, 1000000) n;
    insert into frontdesk.postings (tenant_id, entry_id, leg, account, organization_id, currency, amount_minor, xid)
      select '${tenant}', ${ids}, leg, case leg when 1 then 'expense' else 'escrow' end, case leg when 2 then '${organization}' end, 'usd',
        case leg when 1 then -100 else 100 end, pg_current_xact_id() from generate_series(1, 1000000) n, generate_series(1, 2) leg;
    insert into frontdesk.balances (tenant_id, organization_id, currency, account, balance_minor) values ('${tenant}', '${organization}', 'usd', 'escrow', 100000000);
    commit`);
  await client.query('analyze');
  await client.end();
}

/** The median time that the server takes to execute a statement, as EXPLAIN ANALYZE says, under a context or as the superuser. */
async function executionMs(adminUrl: string, context: Context | null, statement: Statement): Promise<number> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const took: number[] = [];
  for (let i = 0; i < 25; i++) {
    await client.query('begin');
    const [setting, asked] = context ? toWire(context, [statement]) : [undefined, toWire({ role: 'reader' }, [statement])[1]];
    if (setting) await client.query(setting.text, [...setting.params]);
    if (!asked) throw new Error('no statement');
    const { rows } = await client.query(`explain (analyze, timing off, format json) ${asked.text}`, [...asked.params]);
    took.push(rows[0]['QUERY PLAN'][0]['Execution Time']);
    await client.query('rollback');
  }
  await client.end();
  return median(took);
}

type Asked = readonly [context: Context | null, statement: Statement];

/** The median time that a client waits for each of two prepared statements, asked in turns, each in a transaction whose context is set. */
async function alternately(adminUrl: string, ...both: readonly [Asked, Asked]): Promise<[number, number]> {
  const clients = await Promise.all(
    both.map(async ([context, statement]) => {
      const client = new Client({ connectionString: adminUrl });
      await client.connect();
      const [setting, asked] = toWire(context ?? { role: 'reader' }, [statement]);
      await client.query('begin');
      if (context && setting) await client.query(setting.text, [...setting.params]);
      return { client, query: { name: statement.name, text: asked?.text ?? '', values: [...(asked?.params ?? [])] } };
    }),
  );
  const took: number[][] = [[], []];
  for (let round = 0; round < 3000; round++) {
    for (const [which, { client, query }] of clients.entries()) {
      const started = performance.now();
      await client.query(query);
      took[which]?.push(performance.now() - started);
    }
  }
  for (const { client } of clients) await client.end();
  return [median(took[0] ?? []), median(took[1] ?? [])];
}

async function alterSystem(adminUrl: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  for (const statement of [...statements, 'select pg_reload_conf()']) await client.query(statement);
  await client.end();
}
