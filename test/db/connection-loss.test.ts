import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectionLost, type Context, DatabaseError, type Statement, type Value } from '../../src/db/batch.ts';
import { connectNeon } from '../../src/db/drivers/neon.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { scratchDatabase } from '../support/drivers.ts';
import { startNeonBridge } from '../support/neon-bridge.ts';
import { freePort, query, type ScratchDatabase, startPostgres } from '../support/postgres.ts';
import { openTcpLink } from '../support/tcp-link.ts';

const writer: Context = { role: 'writer' };

function statement(name: string, text: string, values: readonly Value[] = []): Statement<unknown> {
  return { name, text, values, read: ([row]) => Object.values(row ?? {})[0] };
}

const one = statement('one', 'select 1 as one');
const sleep = statement('sleep', `select pg_sleep(60)::text as slept`);
const insertNote = (id: number) => statement('note.add', `insert into note (id, body) values ($1, 'kept')`, [id]);
const countOf = (id: number) => statement('note.one', 'select count(*) as count from note where id = $1', [id]);

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );
}

let scratch: ScratchDatabase;
beforeAll(async () => {
  scratch = await scratchDatabase();
});
afterAll(() => scratch?.drop());

/** Waits until a batch sleeps in the database, and returns the process ids of the sessions that do. */
async function sleepers(database: ScratchDatabase): Promise<number[]> {
  const client = new Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
      );
      if (rows.length > 0) return rows.map(({ pid }) => pid);
    }
  } finally {
    await client.end();
  }
}

async function endSleepers(): Promise<void> {
  for (const pid of await sleepers(scratch)) await query(scratch.adminUrl, `select pg_terminate_backend(${pid})`);
}

function throughPort(url: string, port: number): string {
  const through = new URL(url);
  through.port = String(port);
  return through.href;
}

describe('connectPostgres', () => {
  test('a batch of six statements is one round trip, prepared or not', async () => {
    const link = await openTcpLink(Number(new URL(scratch.ownerUrl).port), 20);
    for (const pooled of [false, true]) {
      const db = connectPostgres(throughPort(scratch.ownerUrl, link.port), { pooled });
      await db.batch(writer, [one]);
      for (const round of [1, 2]) {
        const before = link.roundTrips();
        const statements = Array.from({ length: 6 }, (_, at) => statement(`six.${at}`, `select ${at} as at, $1::int as round`, [round]));
        await db.batch(writer, statements);
        expect(link.roundTrips() - before).toBe(1);
      }
      await db.close();
    }
    await link.close();
  });

  test('nobody listens: connection lost', async () => {
    const db = connectPostgres(`postgresql://nobody@127.0.0.1:${await freePort()}/nothing`);
    expect(await failureOf(db.batch(writer, [one]))).toBeInstanceOf(ConnectionLost);
    await db.close();
  });

  test('a wrong password is the server saying no', async () => {
    const url = new URL(scratch.ownerUrl);
    url.password = 'wrong';
    const db = connectPostgres(url.href);
    const failure = await failureOf(db.batch(writer, [one]));
    expect(failure).toBeInstanceOf(DatabaseError);
    expect(failure).toMatchObject({ sqlState: '28P01' });
    await db.close();
  });

  test('a session ended by the server in the middle of a batch: connection lost, nothing written, the next batch works', async () => {
    const db = connectPostgres(scratch.ownerUrl, { max: 1 });
    const [failure] = await Promise.all([failureOf(db.batch(writer, [insertNote(1), sleep])), endSleepers()]);
    expect(failure).toBeInstanceOf(ConnectionLost);
    expect(await db.batch(writer, [countOf(1)])).toEqual([0n]);
    await db.close();
  });

  test('a line cut in the middle of a batch: connection lost, and the next batch works', async () => {
    const link = await openTcpLink(Number(new URL(scratch.ownerUrl).port));
    const db = connectPostgres(throughPort(scratch.ownerUrl, link.port), { max: 1 });
    await db.batch(writer, [one]);
    const lost = failureOf(db.batch(writer, [sleep]));
    await sleepers(scratch);
    link.cut();
    expect(await lost).toBeInstanceOf(ConnectionLost);
    expect(await db.batch(writer, [one])).toEqual([1]);
    await endSleepers();
    await db.close();
    await link.close();
  });

  test('a server that crashes in the middle of a batch: connection lost; after its recovery what was acknowledged is there', async () => {
    const server = await startPostgres();
    const own = await scratchDatabase(server.adminUrl);
    const db = connectPostgres(own.ownerUrl, { max: 1 });
    try {
      await db.batch(writer, [insertNote(1)]);
      const lost = failureOf(db.batch(writer, [insertNote(2), sleep]));
      for (const pid of await sleepers(own)) process.kill(pid, 'SIGKILL');
      expect(await lost).toBeInstanceOf(ConnectionLost);
      let outcome = await failureOf(db.batch(writer, [one]));
      while (outcome instanceof ConnectionLost) outcome = await failureOf(db.batch(writer, [one]));
      expect(await db.batch(writer, [countOf(1), countOf(2)])).toEqual([1n, 0n]);
    } finally {
      await db.close();
      await server.stop();
    }
  });

  test('a session ended between batches is replaced', async () => {
    const db = connectPostgres(scratch.ownerUrl, { max: 1 });
    const [pid] = await db.batch(writer, [statement('pid', 'select pg_backend_pid() as pid')]);
    await query(scratch.adminUrl, `select pg_terminate_backend(${pid})`);
    const outcomes = [await failureOf(db.batch(writer, [one])), await failureOf(db.batch(writer, [one]))];
    expect(outcomes[0] === undefined || outcomes[0] instanceof ConnectionLost).toBe(true);
    expect(outcomes[1]).toBeUndefined();
    await db.close();
  });

  test('a server that does not answer: connection lost after the timeout, and the next batch works', async () => {
    const db = connectPostgres(scratch.ownerUrl, { max: 1, timeoutMs: 200 });
    expect(await failureOf(db.batch(writer, [sleep]))).toBeInstanceOf(ConnectionLost);
    expect(await db.batch(writer, [one])).toEqual([1]);
    await endSleepers();
    await db.close();
  });

  test('a table that changed under a prepared statement fails once and works again', async () => {
    const db = connectPostgres(scratch.ownerUrl, { max: 1 });
    const all = statement('slip.all', 'select * from slip');
    await db.batch(writer, [all]);
    await query(scratch.ownerUrl, 'alter table slip add column more text');
    expect(await failureOf(db.batch(writer, [all]))).toMatchObject({ sqlState: '0A000' });
    expect(await db.batch(writer, [all])).toEqual([undefined]);
    await db.close();
  });
});

describe('connectNeon', () => {
  test('a batch is one request', async () => {
    const bridge = await startNeonBridge();
    const db = connectNeon(scratch.ownerUrl, { fetchEndpoint: bridge.url });
    await db.batch(writer, [one, countOf(1), countOf(2)]);
    expect(bridge.requests()).toBe(1);
    await bridge.close();
  });

  test('nobody listens: connection lost', async () => {
    const db = connectNeon(scratch.ownerUrl, { fetchEndpoint: `http://127.0.0.1:${await freePort()}/sql` });
    expect(await failureOf(db.batch(writer, [one]))).toBeInstanceOf(ConnectionLost);
  });

  test('no answer in time: connection lost', async () => {
    const bridge = await startNeonBridge();
    const db = connectNeon(scratch.ownerUrl, { fetchEndpoint: bridge.url, timeoutMs: 200 });
    const failure = await failureOf(db.batch(writer, [sleep]));
    expect(failure).toBeInstanceOf(ConnectionLost);
    await endSleepers();
    await bridge.close();
  });

  test('an answer that is not the protocol: connection lost', async () => {
    const replies = [
      () => new Response('upstream', { status: 502 }),
      () => new Response('<html>'),
      () => Response.json({ message: 'busy' }, { status: 400 }),
    ];
    for (const reply of replies) {
      const db = connectNeon(scratch.ownerUrl, { fetch: async () => reply() });
      expect(await failureOf(db.batch(writer, [one]))).toBeInstanceOf(ConnectionLost);
    }
  });

  test('connections with different endpoints do not disturb each other', async () => {
    const asked: string[] = [];
    const recorder = (name: string) =>
      connectNeon(scratch.ownerUrl, {
        fetchEndpoint: `https://${name}.example/sql`,
        fetch: async (input) => {
          asked.push(`${name} ${input}`);
          return new Response('', { status: 503 });
        },
      });
    const [a, b] = [recorder('a'), recorder('b')];
    await Promise.allSettled([a.batch(writer, [one]), b.batch(writer, [one]), a.batch(writer, [one])]);
    expect(asked.toSorted()).toEqual(['a https://a.example/sql', 'a https://a.example/sql', 'b https://b.example/sql']);
  });
});
