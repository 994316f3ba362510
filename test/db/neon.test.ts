/** Our client of Neon's SQL over HTTP beside Neon's own, over the same bridge. */
import { type CustomTypesConfig, type NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectionLost, type Context, DatabaseError, type Statement, type Value } from '../../src/db/batch.ts';
import { databaseFailure } from '../../src/db/drivers/failure.ts';
import { connectNeon } from '../../src/db/drivers/neon.ts';
import { fromWire, toWire } from '../../src/db/drivers/wire.ts';
import { scratchDatabase } from '../support/drivers.ts';
import { type NeonBridge, startNeonBridge } from '../support/neon-bridge.ts';
import type { ScratchDatabase } from '../support/postgres.ts';

const writer: Context = { role: 'writer', tenant: 'tenant_a', reach: { kind: 'organizations', organizations: ['o1', 'o2'] } };

function rowsOf(name: string, text: string, values: readonly Value[] = []): Statement {
  return { name, text, values, read: (rows) => rows };
}

const RAW_TEXT: CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** A batch as the package runs it; what it throws is read by the same `databaseFailure`. */
async function throughPackage(url: string, statements: readonly Statement[], context = writer): Promise<unknown> {
  const sql = neon(url, { arrayMode: true, fullResults: true, disableWarningInBrowsers: true });
  const results = await sql
    .transaction(
      toWire(context, statements).map(({ text, params }) => sql.query(text, [...params], { types: RAW_TEXT })),
      { isolationLevel: 'ReadCommitted', readOnly: false },
    )
    .catch((thrown: NeonDbError) => {
      throw databaseFailure(thrown);
    });
  return fromWire(statements, results);
}

interface Sent {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A `fetch` that keeps what it was asked and answers with an error of the server. */
function recorder(): { readonly sent: Sent[]; readonly fetch: typeof fetch } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init) => {
      const headers = Object.fromEntries(new Headers(init?.headers));
      sent.push({ url: String(input), method: init?.method, headers, body: JSON.parse(String(init?.body)) });
      return Response.json({ message: 'no', code: '42501' }, { status: 400 });
    },
  };
}

function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (failure: unknown) => {
      if (failure instanceof DatabaseError) {
        const { message, sqlState, constraint } = failure;
        return { refused: { message, sqlState, constraint } };
      }
      return { lost: failure instanceof ConnectionLost };
    },
  );
}

let scratch: ScratchDatabase;
let bridge: NeonBridge;
beforeAll(async () => {
  [scratch, bridge] = await Promise.all([scratchDatabase(), startNeonBridge()]);
});
afterAll(async () => {
  neonConfig.fetchFunction = undefined;
  neonConfig.fetchEndpoint = neonConfig.defaults.fetchEndpoint;
  await bridge?.close();
  await scratch?.drop();
});

describe('beside the package of Neon', () => {
  const everyType = `select $1::int8 as big, 7::int2 as small, 1.5::float8 as real, true as yes, null as nothing, '{"a":[1,null]}'::jsonb as doc,
    timestamptz '2026-03-04 05:06:07.5+00' as at, '\\x00ff'::bytea as bytes, array['a','b,"'] as words, 12.340::numeric as exact, $2 as words_of`;
  const hostile = 'quote " apostrophe \' backslash \\ comma , brace {} \n 😀 é $1 \u2028';
  const insertNote = (id: number, body: string) =>
    rowsOf('neon.note', 'insert into note (id, body) values ($1, $2) on conflict (id) do update set body = excluded.body returning *', [
      id,
      body,
    ]);

  test.each<[string, readonly Statement[]]>([
    ['values of every type', [rowsOf('neon.types', everyType, [9_007_199_254_740_993n, hostile])]],
    [
      'no rows, no columns, two columns of one name',
      [
        rowsOf('neon.none', 'select * from note where false'),
        rowsOf('neon.columns', 'select'),
        rowsOf('neon.twice', 'select 1 as a, 2 as a'),
      ],
    ],
    ['statements that see each other', [insertNote(1, 'one'), rowsOf('neon.count', 'select count(*) from note'), insertNote(1, 'uno')]],
    [
      'role and context',
      [rowsOf('neon.who', `select current_user, current_setting('frontdesk.tenant'), current_setting('frontdesk.organizations')`)],
    ],
    ['isolation', [rowsOf('neon.level', `select current_setting('transaction_isolation'), current_setting('transaction_read_only')`)]],
    ['a violated check', [insertNote(2, 'two'), insertNote(3, 'x'.repeat(20))]],
    ['a violated key', [rowsOf('neon.slips', 'insert into slip (id) values (1), (1)')]],
    ['a statement that does not parse', [rowsOf('neon.broken', 'selekt 1')]],
    ['a right that is missing', [rowsOf('neon.drop', 'drop table note')]],
    [
      'an error of our own',
      [rowsOf('neon.raise', `do $$ begin raise exception 'moved' using errcode = 'FD001', constraint = 'own'; end $$`)],
    ],
    ['a session that the server ends', [rowsOf('neon.end', `do $$ begin raise exception 'bye' using errcode = '57P01'; end $$`)]],
  ])('%s: the same rows or the same refusal', async (_, statements) => {
    neonConfig.fetchFunction = undefined;
    neonConfig.fetchEndpoint = bridge.url;
    const ours = connectNeon(scratch.ownerUrl, { fetchEndpoint: bridge.url });
    expect(await outcomeOf(ours.batch(writer, statements))).toEqual(await outcomeOf(throughPackage(scratch.ownerUrl, statements)));
  });

  test.each([
    ['a password that the server refuses', (url: URL) => Object.assign(url, { password: 'wrong' })],
    ['a database that is not there', (url: URL) => Object.assign(url, { pathname: '/not_there' })],
  ])('%s: the same refusal', async (_, change) => {
    neonConfig.fetchFunction = undefined;
    neonConfig.fetchEndpoint = bridge.url;
    const { href } = change(new URL(scratch.ownerUrl));
    const statements = [rowsOf('neon.one', 'select 1 as one')];
    const outcome = await outcomeOf(connectNeon(href, { fetchEndpoint: bridge.url }).batch(writer, statements));
    expect(outcome).toHaveProperty('refused');
    expect(outcome).toEqual(await outcomeOf(throughPackage(href, statements)));
  });

  test.each([
    'postgres://app:secret@ep-cool-darkness-123456.us-east-2.aws.neon.tech/neondb',
    'postgresql://app:s%40cr%2Fet@EP-Cool-Darkness-123456-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
    'postgres://app@db.example.com:6543/desk?options=endpoint%3Dep-one&application_name=desk',
    'postgres://ü%20name:p%C3%BC@localhost/dätabase',
  ])('the request for %s is the same but for the name of the application', async (url) => {
    const statements = [rowsOf('neon.recorded', 'select $1::text, $2::text', [hostile, null])];
    const [theirs, ours] = [recorder(), recorder()];
    neonConfig.fetchFunction = theirs.fetch;
    neonConfig.fetchEndpoint = neonConfig.defaults.fetchEndpoint;
    await outcomeOf(throughPackage(url, statements));
    await outcomeOf(connectNeon(url, { fetch: ours.fetch }).batch(writer, statements));
    expect(ours.sent).toHaveLength(1);
    expect(ours.sent).toEqual(theirs.sent.map((request) => ({ ...request, headers: named(request.headers) })));
  });

  function named(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const name = 'neon-connection-string';
    return { ...headers, [name]: headers[name]?.replace(/application_name=pkg[^&]*/, 'application_name=frontdesk') ?? '' };
  }
});

describe('connectNeon', () => {
  test.each([
    'mysql://app:secret@db.example.com/desk',
    'postgres:secret',
    'postgres://app:secret@db.example.com',
    'postgres://app:secret@db.example.com/',
    'postgres://db.example.com/secret',
    'postgres://app:secret@db.example.com:port/desk',
    'postgres://app:secret@/desk',
  ])('refuses %s before anything is asked, and does not repeat it', (url) => {
    expect(() => connectNeon(url)).toThrow(/^(?!.*secret).*database URL/);
  });

  const one = { fields: [{ name: 'one', dataTypeID: 23 }], rows: [['1']] };
  test.each<[string, () => Response | Promise<Response>]>([
    ['no JSON', () => new Response('<html>')],
    ['JSON that stops', () => new Response('{"results":[')],
    ['nothing', () => new Response(null)],
    ['null', () => Response.json(null)],
    ['no results', () => Response.json({ rows: [] })],
    ['fewer results than statements', () => Response.json({ results: [one] })],
    ['more results than statements', () => Response.json({ results: [one, one, one] })],
    ['a result without fields', () => Response.json({ results: [one, { rows: [] }] })],
    ['a field without a type', () => Response.json({ results: [one, { ...one, fields: [{ name: 'one' }] }] })],
    ['rows as objects', () => Response.json({ results: [one, { ...one, rows: [{ one: '1' }] }] })],
    ['values that are not raw text', () => Response.json({ results: [one, { ...one, rows: [[1]] }] })],
    ['a refusal that is no JSON', () => new Response('no', { status: 400 })],
    ['a refusal of nobody', () => Response.json('no', { status: 400 })],
    ['a refusal with a code that is no text', () => Response.json({ message: 'no', code: 42501 }, { status: 400 })],
    ['a refusal that ends the session', () => Response.json({ message: 'bye', code: '57P01' }, { status: 400 })],
    ['a redirect', () => Response.redirect('https://elsewhere.example/sql', 307)],
    ['an error of the proxy', () => Response.json({ message: 'no', code: '42501' }, { status: 500 })],
    ['a request that fails with what looks like a state of SQL', () => Promise.reject(Object.assign(new Error('no'), { code: '42501' }))],
  ])('an answer of %s is a lost connection', async (_, answer) => {
    const db = connectNeon(scratch.ownerUrl, { fetch: async () => answer() });
    expect(await outcomeOf(db.batch(writer, [rowsOf('neon.lost', 'select 1 as one')]))).toEqual({ lost: true });
  });

  test('follows no redirect, which would carry the password along', async () => {
    let redirect: RequestRedirect | undefined;
    const db = connectNeon(scratch.ownerUrl, {
      fetch: async (_, init) => {
        redirect = init?.redirect;
        return new Response(null, { status: 503 });
      },
    });
    await outcomeOf(db.batch(writer, [rowsOf('neon.redirect', 'select 1')]));
    expect(redirect).toBe('manual');
  });

  test('an answer that begins and never ends is a lost connection', async () => {
    const endless: typeof fetch = async (_, init) => {
      const body = new ReadableStream({
        start: (controller) => init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason)),
      });
      return new Response(body);
    };
    const db = connectNeon(scratch.ownerUrl, { fetch: endless, timeoutMs: 20 });
    expect(await outcomeOf(db.batch(writer, [rowsOf('neon.endless', 'select 1')]))).toEqual({ lost: true });
  });

  test('what a lost connection says holds no text of the proxy and no password', async () => {
    const db = connectNeon('postgres://app:secret@db.example.com/desk', { fetch: async () => new Response('proxy text', { status: 502 }) });
    const failure = await db.batch(writer, [rowsOf('neon.said', 'select 1')]).catch((thrown: unknown) => thrown);
    expect(String(failure)).toMatch(/^(?!.*(?:secret|proxy text)).*HTTP status 502/);
  });
});
