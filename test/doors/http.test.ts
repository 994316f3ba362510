import { beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import { requestOf } from '../support/doors.ts';
import { exampleOf, freshProspect, type Stage, stageOf } from '../support/examples.ts';
import { demoHost, openTestWorld, otherHost, type SendOptions, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});

const get = (path: string, headers: Record<string, string> = {}, options: SendOptions = {}) => t.send('GET', path, { ...options, headers });

describe('public documents', () => {
  const documents = ['/v1/capabilities', '/.well-known/jwks.json', '/openapi.json'];

  it.each(documents)('%s carries a strong tag and may be kept for a minute', async (path) => {
    const { status, headers, text } = await get(path);
    expect(status).toBe(200);
    expect(headers.get('ETag')).toMatch(/^"[0-9a-f]{64}"$/);
    expect(headers.get('Cache-Control')).toBe('public, max-age=60, stale-while-revalidate=86400');
    expect(headers.get('Vary')).toBe('Accept');
    expect(headers.get('RateLimit')).toBeNull();
    expect((await get(path)).text).toBe(text);
  });

  it.each(documents)('%s answers 304 to its tag, alone, in a list, weak, and to any', async (path) => {
    const tag = (await get(path)).headers.get('ETag') ?? '';
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, `W/"other",W/${tag}`, '*']) {
      const { status, headers, text } = await get(path, { 'If-None-Match': known });
      expect([known, status, text, headers.get('ETag')]).toEqual([known, 304, '', tag]);
      expect(headers.get('Cache-Control')).toContain('public');
      expect(headers.get('Content-Type')).toBeNull();
    }
    for (const unknown of ['"other"', tag.slice(1, -1), tag.toUpperCase(), '']) {
      expect([unknown, (await get(path, { 'If-None-Match': unknown })).status]).toEqual([unknown, 200]);
    }
  });

  it('of a program version never change', async () => {
    const operation = catalogue.find(({ name }) => name === 'get_program_terms');
    if (!operation) throw new Error('no terms');
    const { path } = requestOf(operation, await exampleOf(operation).input(acme));
    const { headers } = await get(path);
    expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    expect((await get(path, { 'If-None-Match': headers.get('ETag') ?? '' })).status).toBe(304);
  });

  it('cost no database round trip once the desk is open', async () => {
    await get('/v1/capabilities');
    const before = t.roundTrips();
    for (const path of documents) await get(path);
    expect(t.roundTrips()).toBe(before);
  });
});

describe('methods', () => {
  it('HEAD is GET without its body, and OPTIONS tells browsers what is open', async () => {
    const [head, full] = [await t.send('HEAD', '/v1/capabilities'), await get('/v1/capabilities')];
    expect([head.status, head.text, head.headers.get('ETag')]).toEqual([200, '', full.headers.get('ETag')]);
    expect((await t.send('HEAD', '/v1/capabilities', { headers: { 'If-None-Match': '*' } })).status).toBe(304);
    expect((await t.send('HEAD', '/v1/workspaces', { key: acme.key })).status).toBe(200);
    expect((await t.send('HEAD', '/v1/workspaces')).status).toBe(401);
  });

  it('that a path does not have are refused with those that it has', async () => {
    const allowed = new Map<string, string[]>();
    for (const { rest } of catalogue) {
      if (rest)
        allowed.set(rest.path, [
          ...(allowed.get(rest.path) ?? []),
          ...(rest.method === 'get' ? ['GET', 'HEAD'] : [rest.method.toUpperCase()]),
        ]);
    }
    for (const [path, methods] of allowed) {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'POST', 'PROPFIND'].filter((each) => !methods.includes(each))) {
        const { status, headers, body } = await t.send(method, path.replace(/[{}]/g, ''), { key: acme.key });
        expect([path, method, status, body?.code]).toEqual([path, method, 405, 'method.not_allowed']);
        expect(headers.get('Allow')?.split(', ').sort()).toEqual([...methods].sort());
      }
    }
    expect((await t.send('GET', '/mcp')).headers.get('Allow')).toBe('POST');
  });

  it('on no path at all find a problem, too', async () => {
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['POST', '/v2/capabilities'],
      ['DELETE', '/'],
      ['GET', '/v1/capabilities/'],
      ['GET', '/.env'],
    ] as const) {
      const { status, headers, body } = await t.send(method, path);
      expect([path, status]).toEqual([path, 404]);
      expect(headers.get('Content-Type')).toBe('application/problem+json');
      expect(body).toMatchObject({ code: 'resource.not_found', instance: path, type: 'http://localhost/docs/failures/resource.not_found' });
    }
  });
});

describe('browsers', () => {
  const preflight = (path: string) =>
    t.send('OPTIONS', path, { headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' } });

  it.each(['/v1/capabilities', '/v1/workspaces/provision', '/mcp', '/.well-known/jwks.json', '/openapi.json'])(
    'of any origin may call %s, without cookies',
    async (path) => {
      const { status, headers } = await preflight(path);
      expect(status).toBe(204);
      expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
      expect(headers.get('Access-Control-Allow-Methods')).toBe('GET, HEAD, POST, PATCH, DELETE');
      const names = headers.get('Access-Control-Allow-Headers')?.toLowerCase().split(', ') ?? [];
      expect(names).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'mcp-protocol-version']),
      );
    },
  );

  it.each(['/docs', '/docs/failures/internal', '/claim/fd_clm_dev_x'])('of another origin may not read the page %s', async (path) => {
    expect((await preflight(path)).headers.get('Access-Control-Allow-Origin')).toBeNull();
    const { headers } = await get(path, { Origin: 'https://app.example' });
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('Cache-Control')).toBe('private, no-store');
    expect(headers.get('Referrer-Policy')).toBe('no-referrer');
  });

  it('see every answer of the API with the same guards', async () => {
    const answers = [
      await get('/v1/capabilities'),
      await get('/v1/capabilities', { 'If-None-Match': '*' }),
      await get('/v1/workspaces'),
      await get('/v1/workspaces', {}, acme),
      await get('/v1/nothing'),
      await get('/mcp'),
      await t.send('POST', '/mcp', {
        body: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
        headers: { Accept: 'application/json, text/event-stream' },
      }),
      await get('/healthz'),
      await get('/internal/cron/expire'),
      await get('/v1/capabilities', {}, { host: 'nobody.example' }),
    ];
    for (const { status, headers } of answers) {
      expect([status, headers.get('X-Content-Type-Options')]).toEqual([status, 'nosniff']);
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('Strict-Transport-Security')).toMatch(/^max-age=\d{8}/);
      expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
      expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
      expect(headers.get('Access-Control-Expose-Headers')).toContain('RateLimit');
      expect(headers.get('X-Request-Id')).toMatch(/^[\w.-]{8,128}$/);
      if (status !== 200 && status !== 304) expect(headers.get('Cache-Control')).toBe('private, no-store');
      expect(headers.get('Set-Cookie')).toBeNull();
    }
  });
});

describe('request ids', () => {
  it.each(['req-12345', 'A.b_c-9'.padEnd(128, 'x')])('that are well formed come back: %s', async (id) => {
    const { headers, body } = await get('/v1/workspaces', { 'X-Request-Id': id });
    expect([headers.get('X-Request-Id'), body.request_id]).toEqual([id, id]);
  });

  it.each(['short', 'x'.repeat(129), 'with space', '<script>', 'semi;colon', 'é'.repeat(9)])(
    'that are not are replaced: %s',
    async (id) => {
      const { headers, body } = await get('/v1/workspaces', { 'X-Request-Id': id });
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(body.request_id).toBe(headers.get('X-Request-Id'));
    },
  );
});

describe('bodies', () => {
  const provision = (body: unknown, headers: Record<string, string> = {}) =>
    t.send('POST', '/v1/workspaces/provision', { key: acme.key, body, headers });
  const good = () => JSON.stringify({ prospect: freshProspect(), dry_run: true });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/vnd.frontdesk+json'])(
    'may say %s',
    async (type) => {
      expect((await provision(good(), { 'Content-Type': type })).status).toBe(200);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'text/json', ''])(
    'may not say %s',
    async (type) => {
      expect((await provision(good(), { 'Content-Type': type })).body).toMatchObject({ code: 'media.unsupported', status: 415 });
    },
  );

  it.each([
    ['cut off', '{"prospect":'],
    ['with a comma too many', '{"dry_run":true,}'],
    ['single quotes', "{'dry_run':true}"],
    ['NaN', '{"seed_rows":NaN}'],
    ['Infinity', '{"seed_rows":-Infinity}'],
    ['hexadecimal', '{"seed_rows":0x10}'],
    ['two documents', '{}{}'],
    ['a comment', '{}//'],
    ['white space only', '   '],
    ['100,000 open brackets', '['.repeat(100_000)],
    ['a control character in a string', '{"a":"\u0001"}'],
  ])('that are no JSON are malformed: %s', async (_, text) => {
    expect((await provision(text)).body).toMatchObject({ code: 'request.malformed', status: 400 });
  });

  it.each(['null', '7', '"text"', 'true', '[]', '[{}]'])('that are no object are invalid as a whole: %s', async (text) => {
    expect((await provision(text)).body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '', code: 'type' }] });
  });

  it.each([
    ['a stray byte', [0x7b, 0x22, 0xff, 0x22, 0x7d]],
    ['an overlong form', [0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['an encoded surrogate', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('that are no UTF-8 are malformed: %s', async (_, bytes) => {
    const response = await post(new Uint8Array(bytes));
    expect(await response.json()).toMatchObject({ code: 'request.malformed' });
  });

  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    t.app.fetch(
      new Request('http://localhost/v1/workspaces/provision', {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${acme.key}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': crypto.randomUUID(),
          ...headers,
        },
        body,
        duplex: 'half',
      } as RequestInit),
    );

  it('of 2 MB are refused: unread when they say so, and after 256 KB when they do not', async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 65_536;
          if (pulled > 2_097_152) controller.close();
          else controller.enqueue(new Uint8Array(65_536).fill(0x20));
        },
      });
    const said = await post(endless(), { 'Content-Length': '2097152' });
    expect([said.status, pulled <= 65_536]).toEqual([413, true]);
    expect(await said.json()).toMatchObject({ code: 'body.too_large', detail: 'At most 262144 bytes.' });
    pulled = 0;
    const unsaid = await post(endless());
    expect([unsaid.status, pulled <= 6 * 65_536]).toEqual([413, true]);
    pulled = 0;
    expect([(await post(endless(), { 'Content-Length': '10' })).status, pulled > 0]).toEqual([413, true]);
  });

  it('that break off are malformed', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('the peer went away')),
    });
    expect(await (await post(broken)).json()).toMatchObject({ code: 'request.malformed' });
  });

  it('may hold 256 KB, and say a key twice only as JSON allows it: the last one counts', async () => {
    expect((await provision(good().padEnd(262_144))).status).toBe(200);
    expect((await provision(good().padEnd(262_145))).status).toBe(413);
    expect((await provision(`{"dry_run":false,${good().slice(1)}`)).body.workspace).toBeNull();
  });
});

describe('hosts', () => {
  it.each(['localhost', 'localhost:8787', 'LOCALHOST', '127.0.0.1:3000', '[::1]:1', 'localhost.'])(
    '%s is the embedded vendor',
    async (host) => {
      expect((await get('/v1/capabilities', {}, { host })).body.vendor.id).toBe('ledgerbridge');
    },
  );

  it.each(['localhost.evil.example', 'quayside.test.evil.example', '127.0.0.2', 'xn--localhost', 'a b', 'localhost:8787:1', '', '_'])(
    '%j is nobody',
    async (host) => {
      const response = await t.app.fetch(new Request('http://placeholder.example/v1/capabilities', { headers: { Host: host } }));
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'tenant.unknown']);
    },
  );

  it.each(['X-Forwarded-Host', 'Forwarded', 'X-Host', 'X-Original-Host', 'X-HTTP-Host-Override'])(
    'are never read from %s',
    async (header) => {
      const { body } = await get('/v1/capabilities', { [header]: header === 'Forwarded' ? `host=${otherHost}` : otherHost });
      expect(body.vendor.id).toBe('ledgerbridge');
      expect((await get('/v1/capabilities', { [header]: demoHost }, { host: 'nobody.example' })).status).toBe(404);
    },
  );
});

describe('limits', () => {
  it('are told with every answer that counts, and when to come back', async () => {
    const { headers } = await get('/v1/workspaces', {}, await stageOf(t));
    expect(headers.get('RateLimit-Policy')).toBe('"api_key";q=2000;w=20');
    expect(headers.get('RateLimit')).toMatch(/^"api_key";r=1999;t=[01]$/);
    const own = { key: null, from: '203.0.113.99', body: { prospect: freshProspect(), dry_run: true } };
    const first = await t.send('POST', '/v1/workspaces/provision', own);
    expect(first.headers.get('RateLimit-Policy')).toBe('"anonymous";q=20;w=1200');
    for (let i = 0; i < 19; i++) await t.send('POST', '/v1/workspaces/provision', own);
    const last = await t.send('POST', '/v1/workspaces/provision', own);
    expect([last.status, last.body.code]).toEqual([429, 'rate.limited']);
    const wait = last.body.retry_after_s;
    expect(wait > 30 && wait <= 60).toBe(true);
    expect(last.headers.get('Retry-After')).toBe(String(wait));
    expect(last.headers.get('RateLimit')).toBe(`"anonymous";r=0;t=${wait}`);
  });
});
