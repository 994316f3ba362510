import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionLost } from '../../src/db/batch.ts';
import { eventReader } from '../../src/db/event-reader.ts';
import { createNodeServer } from '../../src/node-server.ts';
import { showEvent } from '../../src/operations/events/schemas.ts';
import { openFeed } from '../../src/routes/feed.ts';
import { happen } from '../support/event-rows.ts';
import { freshDomain } from '../support/examples.ts';
import { followed, type LiveDesk, openLiveDesk } from '../support/live-streams.ts';
import { backEndKey } from '../support/mishaps.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let desk: LiveDesk;
let acme: string;

beforeEach(async () => {
  t ??= await openTestWorld();
  await sql(t, 'delete from frontdesk.events');
  desk = openLiveDesk(t);
  acme = await organization();
});

afterEach(async () => {
  await desk.close();
});

const organization = () => t.key({ organization: { domain: freshDomain(), name: 'An organization' } });
const happens = async (count: number, key = acme) => {
  for (let n = 0; n < count; n++) await happen(t, { key });
};

describe('a stream', () => {
  it('tells what is stored and goes on with what happens, each as the list tells it', async () => {
    await happens(2);
    const stream = await desk.follow(acme);
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get('Content-Type')).toBe('text/event-stream');
    expect(stream.response.headers.get('Cache-Control')).toBe('private, no-store, no-transform');
    await desk.until(() => stream.ids().length === 2);
    await happens(1);
    await desk.until(() => stream.ids().length === 3);
    const { data } = (await t.send('GET', '/v1/events', { key: acme })).body;
    const frames = data.map(
      (event: { sequence: number; type: string }) => `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    );
    expect(stream.text()).toBe(`retry: 2000\n\n${frames.join('')}`);
  });

  it('goes on where Last-Event-ID says, whatever the address says', async () => {
    await happens(4);
    const stream = await desk.follow(acme, { query: '?after=1', last: '3' });
    await desk.until(() => stream.ids().length > 0);
    expect(stream.ids()).toEqual([4]);
    expect((await desk.follow(acme, { last: 'three' })).response.status).toBe(400);
  });

  it('reads more than a page of what is stored, and then no more than what is new', async () => {
    await happenAtOnce(250, 1);
    const stream = await desk.follow(acme);
    await desk.until(() => stream.ids().length >= 250);
    await happens(1);
    await desk.until(() => stream.ids().length > 250);
    expect(stream.ids()).toEqual(Array.from({ length: 251 }, (_, at) => at + 1));
  });

  it('misses nothing that happens while it is being opened', async () => {
    const { feed } = t.world.live;
    desk = openLiveDesk(t, {
      feed: {
        async join(tenant) {
          await happens(1);
          const follower = await feed.join(tenant);
          await happens(1);
          return follower;
        },
      },
    });
    await happens(1);
    const stream = await desk.follow(acme);
    await desk.until(() => stream.ids().length === 3);
    expect(stream.ids()).toEqual([1, 2, 3]);
  });

  it('shows an organization its own, one type if it asks, and the back end everything', async () => {
    const [rival, backEnd] = [await organization(), await backEndKey(t, demoHost)];
    await happens(1);
    const streams = [
      await desk.follow(acme),
      await desk.follow(rival),
      await desk.follow(acme, { query: '?type=reward.accrued' }),
      await desk.follow(backEnd),
      await desk.follow(await backEndKey(t, otherHost), { host: otherHost }),
    ];
    await happens(1, rival);
    await happen(t, { key: acme, type: 'reward.accrued' });
    await happen(t, { type: 'ledger.checkpointed' });
    await desk.until(() => streams[3]?.ids().length === 4);
    await desk.pulse();
    expect(streams.map((stream) => stream.ids())).toEqual([[1, 3], [2], [3], [1, 2, 3, 4], []]);
  });

  it('says that its place was swept, before anything else', async () => {
    await happens(3);
    await sql(t, 'delete from frontdesk.events where sequence < 3');
    const stream = await desk.follow(acme, { last: '1' });
    await desk.until(() => stream.ids().length === 1);
    expect(stream.text()).toMatch(/^retry: 2000\n\nevent: events.truncated\ndata: {"after":1}\n\nid: 3\n/);
  });

  it('is heard of every fifteen seconds', async () => {
    const stream = await desk.follow(acme);
    const waited = await desk.until(() => stream.text().includes(': still here'));
    expect(waited).toBeGreaterThanOrEqual(15_000);
    expect(waited).toBeLessThanOrEqual(16_000);
  });
});

describe('a stream ends', () => {
  it('after its time, and the next one goes on without a gap or a double', async () => {
    await happens(2);
    desk = openLiveDesk(t, { lifetimeMs: 20_000 });
    const first = await desk.follow(acme);
    await desk.until(() => first.end() !== null);
    expect(first.end()).toBe('closed');
    expect(first.text()).toMatch(/: this stream has lasted as long as it may: connect again with Last-Event-ID\n\n$/);
    await happens(2);
    const second = await desk.follow(acme, { last: String(first.ids().at(-1)) });
    await happens(1);
    await desk.until(() => second.ids().length === 3);
    expect([...first.ids(), ...second.ids()]).toEqual([1, 2, 3, 4, 5]);
  });

  it('within a minute of its key being revoked', async () => {
    const stream = await desk.follow(acme);
    await desk.pulse();
    await sql(t, 'update frontdesk.api_keys set revoked_at = now() where revoked_at is null');
    const waited = await desk.until(() => stream.end() !== null);
    expect(waited).toBeLessThanOrEqual(60_000);
    expect(stream.text()).toMatch(/: the credential is not accepted any more\n\n$/);
    expect((await desk.follow(acme)).response.status).toBe(401);
  });

  it.each([
    ['1,000 events', 1001, 1],
    ['a megabyte', 3, 400_000],
  ])('when more than %s wait for a reader that takes nothing', async (_, count, bytes) => {
    const [slow, quick] = [await desk.follow(acme, { reading: false }), await desk.follow(acme)];
    await slow.reader.read();
    for (let left = count; left > 0; left -= 250) await happenAtOnce(Math.min(left, 250), bytes);
    await desk.until(() => quick.ids().length === count);
    await desk.pulse();
    await desk.pulse();
    await expect(slow.reader.read()).rejects.toThrow('too slow');
    expect(quick.end()).toBe(null);
    await quick.reader.cancel();
    expect(desk.clocks()).toBe(0);
  });

  it('when its reader goes, and leaves nothing behind', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => desk.follow(acme)));
    expect((await desk.follow(acme)).response.status).toBe(429);
    await desk.pulse();
    expect(desk.clocks()).toBe(20);
    await Promise.all(streams.map(({ reader }) => reader.cancel()));
    expect(desk.clocks()).toBe(0);
    const trips = t.roundTrips();
    await desk.pulse();
    expect(t.roundTrips()).toBe(trips);
    expect((await desk.follow(acme)).response.status).toBe(200);
  });
});

describe('places', () => {
  it('of one caller are twenty; one more is told when to come again', async () => {
    for (let n = 0; n < 20; n++) await desk.follow(acme);
    const { response, text } = await desk.follow(acme);
    await desk.until(() => text() !== '');
    expect([response.status, response.headers.get('Retry-After'), JSON.parse(text()).code]).toEqual([429, '30', 'rate.limited']);
    expect((await desk.follow(await organization())).response.status).toBe(200);
  });

  it('of all callers end, too', async () => {
    desk = openLiveDesk(t, { places: { perCaller: 20, inAll: 1 } });
    expect((await desk.follow(acme)).response.status).toBe(200);
    expect((await desk.follow(await organization())).response.status).toBe(429);
  });

  it('are not taken by HEAD, nor by whoever is refused', async () => {
    desk = openLiveDesk(t, { places: { perCaller: 1, inAll: 1 } });
    const send = (method: string, key: string) =>
      desk.app.fetch(
        new Request('http://localhost/v1/events/stream', { method, headers: { Host: demoHost, Authorization: `Bearer ${key}` } }),
      );
    expect([(await send('HEAD', acme)).status, (await send('POST', acme)).status, (await send('GET', 'fd_key_dev_typo')).status]).toEqual([
      200, 405, 401,
    ]);
    expect((await desk.follow(acme)).response.status).toBe(200);
  });
});

it('two hundred open streams are told within two seconds by one reading a second, and cost little memory', async () => {
  const keys = await Promise.all(Array.from({ length: 10 }, organization));
  const backEnds = await Promise.all(keys.map(() => backEndKey(t, demoHost)));
  const gc = collector();
  const before = heapAfter(gc);
  const streams = await Promise.all(backEnds.flatMap((key) => Array.from({ length: 20 }, () => desk.follow(key))));
  await desk.pulse();
  const perStream = (heapAfter(gc) - before) / streams.length;
  console.info(`${streams.length} open streams, ${Math.round(perStream)} bytes each`);
  expect(perStream).toBeLessThan(50_000);

  const waits: number[] = [];
  const trips = t.roundTrips();
  for (let n = 1; n <= 5; n++) {
    await happens(1);
    waits.push(await desk.until(() => streams.every((stream) => stream.ids().length === n)));
  }
  console.info(`told all after ${waits.join(', ')} ms`);
  expect(Math.max(...waits)).toBeLessThanOrEqual(2000);
  const seconds = waits.reduce((sum, waited) => sum + waited, 0) / 1000;
  // Ten round trips wrote the events.
  expect(t.roundTrips() - trips - 10).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
});

describe('over a socket', () => {
  let server: Server;
  let port: number;
  let closed: Promise<void>;
  beforeEach(async () => {
    server = createNodeServer(desk.app).listen(0, '127.0.0.1');
    closed = new Promise((resolve) => server.once('connection', (socket: Socket) => socket.once('close', () => resolve())));
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it('it is told at once, and forgotten when the socket goes', async () => {
    await happens(1);
    const gone = new AbortController();
    const headers = { Authorization: `Bearer ${acme}` };
    const stream = followed(await fetch(`http://localhost:${port}/v1/events/stream`, { headers, signal: gone.signal }));
    await stream.told(1);
    await happens(1);
    for (let n = 0; n < 4; n++) await desk.pulse();
    await stream.told(2);
    gone.abort();
    await closed;
    await desk.until(() => desk.clocks() === 0);
  });

  it('a reader that takes nothing loses its connection', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${acme}\r\n\r\n`);
    await desk.until(() => desk.clocks() === 1);
    await happenAtOnce(60, 400_000);
    await desk.until(() => desk.clocks() === 0);
    await closed;
    expect(String(told.mock.calls)).toContain('The reader of a stream is too slow.');
    told.mockRestore();
    socket.destroy();
  });
});

it('a database that does not answer for a while costs a stream nothing but time', async () => {
  const reader = eventReader(t.db);
  let broken = true;
  const failures: unknown[] = [];
  const after = async (tenant: string, sequence: number, limit: number) => {
    if (broken) throw new ConnectionLost('gone');
    const rows = await reader.after(tenant, sequence, limit);
    return rows.map((row) => ({ organizationId: row.organization_id, event: showEvent(row) }));
  };
  const now = () => t.world.deps.now().getTime();
  desk = openLiveDesk(t, { feed: openFeed({ newest: reader.newest, after }, now, (error) => failures.push(error)) });
  const stream = await desk.follow(acme);
  await happens(1);
  for (let n = 0; n < 6; n++) await desk.pulse();
  expect(stream.ids()).toEqual([]);
  broken = false;
  await desk.until(() => stream.ids().length === 1);
  expect([stream.end(), failures]).toEqual([null, []]);
});

/** Many events of Acme's in one statement, each with `bytes` of data. */
async function happenAtOnce(count: number, bytes: number): Promise<void> {
  await happen(t, { key: acme, data: { x: 'x'.repeat(bytes) } });
  await sql(
    t,
    `insert into frontdesk.events (tenant_id, event_id, type, organization_id, subject_id, data, occurred_at, sequence)
     select e.tenant_id, left(e.event_id, 26) || lpad(n::text, 4, '0'), e.type, e.organization_id, e.subject_id, e.data, e.occurred_at, e.sequence + n
     from generate_series(1, $1) n, (select * from frontdesk.events order by sequence desc limit 1) e`,
    [count - 1],
  );
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function heapAfter(gc: () => void): number {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
