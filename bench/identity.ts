import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { Client } from 'pg';
import { createApp } from '../src/app.ts';
import type { Db, Row } from '../src/db/batch.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import { scopesOfTier } from '../src/domain/scopes.ts';
import { secretHash } from '../src/domain/secret.ts';
import type { Figure } from './figure.ts';
import { median } from './http.ts';
import { applyBenchVendor, type BenchTenant, createBenchDatabase, openBenchWorld } from './tenant.ts';

const host = 'localhost';
const rounds = 7;
const reads = 1_000;

/** What it costs to know who calls: round trips, CPU of this process, and time in the database. */
export async function identityRows(): Promise<Figure[]> {
  const { server, scratch } = await createBenchDatabase();
  const db = counted(connectPostgres(scratch.ownerUrl, { max: 1 }));
  const owner = new Client({ connectionString: scratch.ownerUrl });
  await owner.connect();
  try {
    const desk = await applyBenchVendor(openBenchWorld(db), host, 1);
    const token = await tokenOf(desk, db);
    const callers = { token, 'API key': desk.keys[0] ?? '', nobody: null };
    return [...(await tripRows(desk, db, callers)), await processorRow(desk, callers), await enterRow(desk, owner)];
  } finally {
    await owner.end();
    await db.close();
    await server.stop();
  }
}

type Callers = { readonly token: string; readonly 'API key': string; readonly nobody: null };
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

/** An access token of the partner's agent, as the token endpoint issues them. */
async function tokenOf({ world, tenant }: BenchTenant, db: Db): Promise<string> {
  const proven = {
    name: 'bench.proven',
    text: `with raised as (update frontdesk.organizations set tier = 'domain_verified' returning organization_id)
      select a.agent_id, a.organization_id, a.epoch from frontdesk.agents a join raised using (organization_id)`,
    values: [],
    read: ([row]: readonly Row[]) => row,
  };
  const [agent] = await db.batch({ role: 'writer', tenant }, [proven]);
  const desk = await world.deps.desks.find(host);
  if (!desk) throw new Error('the vendor is served');
  const iat = Math.floor(Date.now() / 1000);
  return desk.sign('access_tokens', {
    ...{ iss: desk.origin, aud: desk.origin, tid: tenant, sub: agent?.agent_id, client_id: 'bench', org: agent?.organization_id },
    ...{
      tier: 'domain_verified',
      scope: scopesOfTier.domain_verified.join(' '),
      jti: randomUUID(),
      epoch: agent?.epoch,
      iat,
      exp: iat + 3_600,
    },
  });
}

function sender({ world }: BenchTenant) {
  const app = createApp(world);
  return async (method: string, path: string, bearer: string | null, body?: unknown) => {
    const response = await app.fetch(
      new Request(`http://${host}${path}`, {
        method,
        headers: {
          ...{ Host: host, 'Idempotency-Key': randomUUID(), 'Content-Type': 'application/json' },
          ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  };
}

async function tripRows(desk: BenchTenant, db: Counted, callers: Callers): Promise<Figure[]> {
  const send = sender(desk);
  const trips = async (call: () => Promise<void>) => {
    const before = db.trips;
    await call();
    return db.trips - before;
  };
  const of = async (bearer: string) => ({
    read: await trips(() => send('GET', '/v1/referrals', bearer)),
    write: await trips(() => send('POST', '/v1/referrals', bearer, { prospect: { name: 'P', domain: `${randomUUID()}.example` } })),
  });
  const [token, key] = [await of(callers.token), await of(callers['API key'])];
  return (['read', 'write'] as const).map((kind) => ({
    what: `round trips of a ${kind}: with a token (with an API key)`,
    measured: `${token[kind]} (${key[kind]})`,
    reach: kind === 'read' ? '1' : '2',
    aim: kind === 'read' ? '1' : '2',
  }));
}

/** A database that answers at once would not know who asks: its share of the wait is not CPU of this process. */
async function processorRow(desk: BenchTenant, callers: Callers): Promise<Figure> {
  const send = sender(desk);
  const estimate = `/v1/programs/${(await desk.world.deps.desks.find(host))?.program.id}/estimate`;
  const spent: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, bearer] of Object.entries(callers)) {
      const before = process.cpuUsage();
      for (let i = 0; i < reads; i++) await send('POST', estimate, bearer, { amount_minor: 5_000, currency: 'usd' });
      const { user, system } = process.cpuUsage(before);
      spent[name] = [...(spent[name] ?? []), (user + system) / reads];
    }
  }
  const of = (name: string) => median(spent[name] ?? []);
  return {
    what: `CPU of a read with a token, against an API key and nobody (one Ed25519 verification here: ${ed25519Us().toFixed(0)} µs)`,
    measured: `${(of('token') / of('API key')).toFixed(2)}, ${(of('token') / of('nobody')).toFixed(2)} (${of('token').toFixed(0)} µs)`,
    reach: '≤ 1.5',
    aim: '≤ 1.25',
  };
}

function ed25519Us(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const bytes = Buffer.from('a token');
  const signature = sign(null, bytes, privateKey);
  const started = performance.now();
  for (let i = 0; i < reads; i++) verify(null, bytes, publicKey, signature);
  return ((performance.now() - started) / reads) * 1_000;
}

/** Time of `enter` in the database, each in a transaction of its own: with the limit of an API key, and without any. */
async function enterRow({ keys }: BenchTenant, owner: Client): Promise<Figure> {
  const call = (charged: boolean) =>
    JSON.stringify({
      ...{ host, address: '', network: '', operation: 'bench', at: new Date().toISOString(), charged },
      credential: { kind: 'api_key', hash: secretHash(keys[0] ?? '') },
    });
  const timed = async (charged: boolean) => {
    const started = performance.now();
    await owner.query(`do $$ begin for i in 1..${reads} loop perform frontdesk.enter('${call(charged)}'::jsonb); commit; end loop; end $$`);
    return ((performance.now() - started) / reads) * 1_000;
  };
  await owner.query('set role frontdesk_writer');
  const [limited, free]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    limited.push(await timed(true));
    free.push(await timed(false));
  }
  await owner.query('reset role');
  return {
    what: 'enter with an API key, in the database: with its limit (without)',
    measured: `${median(limited).toFixed(0)} µs (${median(free).toFixed(0)} µs)`,
    reach: '< 1 ms',
    aim: '< 0.5 ms',
  };
}
