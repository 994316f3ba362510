import { createApp } from '../src/app.ts';
import type { Db, Statement } from '../src/db/batch.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import type { Figure } from './figure.ts';
import { median } from './http.ts';
import { applyBenchVendor, type BenchTenant, createBenchDatabase, decideReferrals, openBenchWorld } from './tenant.ts';

const clients = 8;
/** One tenant whose referrals come from this many partners. */
const organizations = 50;
const host = 'localhost';

/** What the database costs: on a real Postgres with fsync on, from this process. */
export async function databaseRows(): Promise<Figure[]> {
  const { server, scratch } = await createBenchDatabase(async (owner) => {
    await owner.query(
      'create table bare (id text primary key, note text not null); grant insert on bare to frontdesk_writer; grant usage on schema public to frontdesk_writer',
    );
  });
  const db = counted(connectPostgres(scratch.ownerUrl, { max: clients }));
  try {
    const desk = await applyBenchVendor(openBenchWorld(db), host, organizations);
    return [await commitRow(desk, db), ...(await provisionRow(desk)), ...(await roundTripRows(desk, db))];
  } finally {
    await db.close();
    await server.stop();
  }
}

type Counted = Db & { trips: number };

function counted(inner: Db): Counted {
  return {
    trips: 0,
    batch(context, statements) {
      this.trips += 1;
      return inner.batch(context, statements);
    },
    close: () => inner.close(),
  };
}

function sender({ world, keys }: BenchTenant) {
  const app = createApp(world);
  return async (method: string, path: string, body?: unknown, caller = 0) => {
    const response = await app.fetch(
      new Request(`http://${host}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${keys[caller % keys.length]}`,
          'Idempotency-Key': crypto.randomUUID(),
          'Content-Type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
}

/** The commit of record_referral, decided beforehand, against a bare one-row INSERT through the same driver. */
async function commitRow(desk: BenchTenant, db: Db): Promise<Figure> {
  const amount = 1500;
  const { memory } = desk;
  const rounds = 3;
  const decided = await decideReferrals(desk, amount * rounds);
  const bare = (id: number): Statement<void> => ({
    name: 'bare',
    text: 'insert into public.bare (id, note) values ($1, $2)',
    values: [`bare_${id}`, 'a row like any other'],
    read: () => undefined,
  });
  const ratios: number[] = [];
  let [commits, inserts] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    inserts = await perSecond(
      amount,
      async (i) => void (await db.batch({ role: 'writer', tenant: desk.tenant }, [bare(round * amount + i)])),
    );
    commits = await perSecond(amount, async (i) => {
      const one = decided[round * amount + i];
      if (!one || (await memory.commit(one.tenant, one.changes)) !== 'done') throw new Error('a commit did not go through');
    });
    ratios.push(commits / inserts);
  }
  return {
    what: `record-a-referral commit against a bare INSERT, ${clients} clients, ${organizations} partners`,
    measured: `${median(ratios).toFixed(2)} (${commits.toFixed(0)}/s, ${inserts.toFixed(0)}/s)`,
    reach: '≥ 0.25',
    aim: '≥ 0.40',
  };
}

async function perSecond(amount: number, work: (i: number) => Promise<void>): Promise<number> {
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let i = next++; i < amount; i = next++) await work(i);
    }),
  );
  return amount / ((performance.now() - started) / 1000);
}

async function provisionRow(desk: BenchTenant): Promise<Figure[]> {
  const send = sender(desk);
  const took: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      for (let i = next++; i < 1000; i = next++) {
        const started = performance.now();
        await send('POST', '/v1/workspaces/provision', { prospect: { name: 'P', domain: `sandbox-${i}.example` } }, i);
        took.push(performance.now() - started);
      }
    }),
  );
  took.sort((a, b) => a - b);
  const at = (share: number) => `${(took[Math.floor(took.length * share)] ?? 0).toFixed(0)} ms`;
  return [
    {
      what: 'provision, 50 clients at once, p50 / p99 (client in the same process)',
      measured: `${at(0.5)} / ${at(0.99)}`,
      reach: '< 200 ms',
      aim: '< 50 ms',
    },
  ];
}

/** How often each operation goes to the database. */
async function roundTripRows(desk: BenchTenant, db: Counted): Promise<Figure[]> {
  const send = sender(desk);
  const rows: Figure[] = [];
  const count = async (operation: string, method: string, path: string, body?: unknown) => {
    const before = db.trips;
    const answer = await send(method, path, body);
    rows.push({ what: `round trips: ${operation}`, measured: String(db.trips - before), reach: method === 'GET' ? '1' : '2', aim: '1' });
    return answer;
  };
  const prospect = { name: 'P', domain: 'round-trips.example' };
  const capabilities = await count('get_capabilities', 'GET', '/v1/capabilities');
  const { program_id, terms_version } = capabilities.referral;
  await count('get_program_terms', 'GET', `/v1/programs/${program_id}/versions/${terms_version}`);
  const made = await count('provision_workspace', 'POST', '/v1/workspaces/provision', { prospect });
  const at = `/v1/workspaces/${made.workspace.id}`;
  await count('list_workspaces', 'GET', '/v1/workspaces');
  await count('get_workspace', 'GET', at);
  const written = await count('write_workspace_rows', 'POST', `${at}/data/account`, {
    rows: [{ id: crypto.randomUUID(), name: 'A', created_at: new Date().toISOString() }],
  });
  const row = `${at}/data/account/${written.rows[0].id}`;
  await count('list_workspace_rows', 'GET', `${at}/data/account`);
  await count('get_workspace_row', 'GET', row);
  await count('update_workspace_row', 'PATCH', row, { values: { name: 'B' } });
  await count('delete_workspace_row', 'DELETE', row);
  await count('rotate_workspace_credentials', 'POST', `${at}/rotate-credentials`);
  await count('revoke_workspace', 'DELETE', at);
  await count('create_referral_token', 'POST', '/v1/referral-tokens', {});
  const recorded = await count('record_referral', 'POST', '/v1/referrals', { prospect });
  await count('get_referral', 'GET', `/v1/referrals/${recorded.referral.id}`);
  await count('list_referrals', 'GET', '/v1/referrals');
  return rows;
}
