import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { edgeGuardedFetch, type GuardedAnswer, type GuardedRequest } from '../../src/access/guarded-fetch.ts';
import { nodeGuardedFetch } from '../../src/node-guarded-fetch.ts';
import { elsewhere, host, type Outside, openOutside, publicV4, publicV6 } from '../support/outside.ts';

const url = `https://${host}/hook?x=1`;
const get: GuardedRequest = { url, method: 'GET', maxBytes: 100, timeoutMs: 1000 };
const text = (answer: GuardedAnswer) => (answer.ok ? new TextDecoder().decode(answer.body) : answer.reason);
const refused = (reason: string) => ({ ok: false, reason });
const leadTo =
  (location: string, status = 302) =>
  (response: ServerResponse) =>
    response.writeHead(status, { location }).end();

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

describe.each(['edge', 'Node'] as const)('guarded fetch on %s', (runtime) => {
  let outside: Outside;
  beforeEach(async () => {
    outside = await openOutside(runtime);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await outside.close();
  });

  describe('what is sent and answered', () => {
    test('sends a POST as given and gives status, headers and body', async () => {
      outside.answer = (_, response) => response.writeHead(202, { 'x-seen': 'yes' }).end('noted');
      const answer = await outside.fetch({ ...get, method: 'POST', headers: { 'webhook-id': 'evt_1' }, body: '{"ä":1}' });
      expect(answer).toMatchObject({ ok: true, status: 202 });
      expect([text(answer), answer.ok && answer.headers.get('x-seen')]).toEqual(['noted', 'yes']);
      const [sent] = outside.received;
      expect(sent).toMatchObject({ origin: `https://${host}`, path: '/hook?x=1', method: 'POST', body: '{"ä":1}' });
      expect(sent?.headers).toMatchObject({ 'webhook-id': 'evt_1', 'content-length': '8' });
    });

    test('reaches port 8443', async () => {
      expect(text(await outside.fetch({ ...get, url: `https://${host}:8443/` }))).toBe('hello');
      expect(outside.received[0]?.origin).toBe(`https://${host}:8443`);
    });

    test('keeps no cookie that an answer sets', async () => {
      outside.answer = (_, response) => response.writeHead(200, { 'set-cookie': 'a=1' }).end();
      await outside.fetch(get);
      await outside.fetch(get);
      expect(outside.received.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
    });

    test('gives an error status as an answer', async () => {
      outside.answer = (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('later');
      const answer = await outside.fetch({ ...get, types: ['application/json'] });
      expect(answer).toMatchObject({ ok: true, status: 503 });
    });

    test('a connection that breaks off is connection_failed, before the headers', async () => {
      outside.answer = (request) => request.socket.destroy();
      expect(await outside.fetch(get)).toEqual(refused('connection_failed'));
    });

    test('a connection that breaks off is connection_failed, within the body', async () => {
      outside.answer = (_, response) => {
        response.writeHead(200, { 'content-length': '50' }).write('begun', () => response.destroy());
      };
      expect(await outside.fetch(get)).toEqual(refused('connection_failed'));
    });
  });

  describe('which addresses are refused unasked', () => {
    test.each([
      ['http', `http://${host}/`, 'scheme_forbidden'],
      ['ftp', `ftp://${host}/`, 'scheme_forbidden'],
      ['file', 'file:///etc/passwd', 'scheme_forbidden'],
      ['data', 'data:text/plain,x', 'scheme_forbidden'],
      ['port 22', `https://${host}:22/`, 'port_forbidden'],
      ['port 80', `https://${host}:80/`, 'port_forbidden'],
      ['port 6379', `https://${host}:6379/`, 'port_forbidden'],
      ['user name', `https://me@${host}/`, 'address_forbidden'],
      ['password', `https://:secret@${host}/`, 'address_forbidden'],
      ['a host hidden behind a user name', `https://${host}@127.0.0.1/`, 'address_forbidden'],
      ['nonsense', 'nonsense', 'address_forbidden'],
      ['empty', '', 'address_forbidden'],
      ['too long', `https://${host}/${'a'.repeat(2048)}`, 'address_forbidden'],
      ['decimal IPv4', 'https://127.0.0.1/', 'address_forbidden'],
      ['public IPv4', `https://${publicV4}/`, 'address_forbidden'],
      ['octal IPv4', 'https://0177.0.0.01/', 'address_forbidden'],
      ['hex IPv4', 'https://0x7f.0x0.0x0.0x1/', 'address_forbidden'],
      ['IPv4 as one number', 'https://2130706433/', 'address_forbidden'],
      ['IPv4 as one hex number', 'https://0x7f000001/', 'address_forbidden'],
      ['short IPv4', 'https://127.1/', 'address_forbidden'],
      ['zero', 'https://0/', 'address_forbidden'],
      ['IPv4 with a final dot', 'https://127.0.0.1./', 'address_forbidden'],
      ['IPv4 in full-width digits', 'https://１２７.０.０.１/', 'address_forbidden'],
      ['IPv4 with ideographic dots', 'https://127。0。0。1/', 'address_forbidden'],
      ['percent-encoded IPv4', 'https://%31%32%37.0.0.1/', 'address_forbidden'],
      ['IPv6 loopback', 'https://[::1]/', 'address_forbidden'],
      ['public IPv6', `https://[${publicV6}]/`, 'address_forbidden'],
      ['IPv4-mapped IPv6', 'https://[::ffff:127.0.0.1]/', 'address_forbidden'],
      ['IPv4-compatible IPv6', 'https://[::127.0.0.1]/', 'address_forbidden'],
      ['IPv6 with a zone id', 'https://[fe80::1%25eth0]/', 'address_forbidden'],
      ['single label', 'https://localhost/', 'address_forbidden'],
      ['single label of an inner network', 'https://database:8443/', 'address_forbidden'],
      ['.localhost', 'https://app.localhost/', 'address_forbidden'],
      ['.local', 'https://printer.local/', 'address_forbidden'],
      ['.internal', 'https://metadata.google.internal/', 'address_forbidden'],
      ['.internal in capitals', 'https://METADATA.GOOGLE.INTERNAL/', 'address_forbidden'],
      ['home.arpa', 'https://nas.home.arpa/', 'address_forbidden'],
      ['final dot', `https://${host}./`, 'address_forbidden'],
      ['inner name with a final dot', 'https://printer.local./', 'address_forbidden'],
      ['empty label', 'https://a..example.com/', 'address_forbidden'],
      ['underscore', 'https://_dmarc.example.com/', 'address_forbidden'],
      ['label of 64 characters', `https://${'a'.repeat(64)}.example.com/`, 'address_forbidden'],
      ['name of 254 characters', `https://${'a.'.repeat(121)}example.info/`, 'address_forbidden'],
    ])('(48) %s', async (_, address, reason) => {
      expect(await outside.fetch({ ...get, url: address })).toEqual(refused(reason));
      expect([outside.asked, outside.received]).toEqual([[], []]);
    });
  });

  describe('what a name resolves to', () => {
    test.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', 'fd00:ec2::254', 'fe80::1', '64:ff9b::a00:1'])(
      '(48) one address that is not public refuses all: %s',
      async (address) => {
        outside.names.set(host, () => [publicV4, address, publicV6]);
        expect(await outside.fetch(get)).toEqual(refused('address_forbidden'));
        expect(outside.received).toEqual([]);
      },
    );

    test('is asked for and checked each time', async () => {
      expect(text(await outside.fetch(get))).toBe('hello');
      outside.names.set(host, () => ['192.168.1.1']);
      expect(await outside.fetch(get)).toEqual(refused('address_forbidden'));
      expect(outside.received).toHaveLength(1);
    });

    test('an error of the resolver refuses', async () => {
      outside.names.set(host, () => Promise.reject(new Error('resolver broken')));
      expect(await outside.fetch(get)).toEqual(refused('name_unresolvable'));
      expect(outside.received).toEqual([]);
    });

    test('a name without addresses is refused', async () => {
      outside.names.set(host, () => []);
      expect(await outside.fetch(get)).toEqual(refused('name_unresolvable'));
      expect(outside.received).toEqual([]);
    });
  });

  describe('redirects', () => {
    test.each([301, 302, 303, 307, 308])('with none allowed, %i is an answer and is not followed', async (status) => {
      outside.answer = (_, response) => leadTo('/next', status)(response);
      const answer = await outside.fetch({ ...get, method: 'POST', body: 'x' });
      expect(answer).toMatchObject({ ok: true, status });
      expect(outside.received).toHaveLength(1);
    });

    test('as many as allowed are followed, each resolved anew', async () => {
      const hops = [leadTo(`https://${elsewhere}/a`), leadTo('/b', 308), (response: ServerResponse) => response.end('there')];
      outside.answer = (_, response) => hops.shift()?.(response);
      expect(text(await outside.fetch({ ...get, redirects: 2 }))).toBe('there');
      expect(outside.received.map(({ origin, path }) => origin + path)).toEqual([url, `https://${elsewhere}/a`, `https://${elsewhere}/b`]);
      expect(outside.asked.filter((name) => name === elsewhere).length).toBe(runtime === 'edge' ? 4 : 2);
    });

    test('one more than allowed is refused', async () => {
      outside.answer = (_, response) => leadTo('/again')(response);
      expect(await outside.fetch({ ...get, redirects: 3 })).toEqual(refused('redirect_refused'));
      expect(outside.received).toHaveLength(4);
    });

    test.each([
      ['to an address', 'https://127.0.0.1/', 'address_forbidden'],
      ['to a name of private addresses', `https://${elsewhere}/`, 'address_forbidden'],
      ['to plain http', `http://${host}/`, 'scheme_forbidden'],
      ['to another port', `https://${host}:9200/`, 'port_forbidden'],
      ['without scheme, to an address', '//169.254.169.254/latest', 'address_forbidden'],
      ['to nothing', 'https://', 'redirect_refused'],
    ])('a hop %s is refused', async (_, location, reason) => {
      outside.names.set(elsewhere, () => ['10.1.2.3']);
      outside.answer = (_request, response) => leadTo(location)(response);
      expect(await outside.fetch({ ...get, redirects: 3 })).toEqual(refused(reason));
      expect(outside.received).toHaveLength(1);
    });

    test('a hop without a location is refused', async () => {
      outside.answer = (_, response) => response.writeHead(302).end();
      expect(await outside.fetch({ ...get, redirects: 1 })).toEqual(refused('redirect_refused'));
    });

    test('another origin is sent accept and no other header of ours', async () => {
      outside.answer = (request, response) => (request.url === '/b' ? response.end() : leadTo(`https://${elsewhere}/b`)(response));
      await outside.fetch({ ...get, headers: { accept: 'application/json', authorization: 'Bearer x' }, redirects: 1 });
      expect(outside.received.map(({ headers }) => [headers.accept, headers.authorization])).toEqual([
        ['application/json', 'Bearer x'],
        ['application/json', undefined],
      ]);
    });
  });

  describe('limits', () => {
    test('a body of exactly the limit is given', async () => {
      outside.answer = (_, response) => response.end('x'.repeat(100));
      expect(text(await outside.fetch(get))).toHaveLength(100);
    });

    test('a body announced as longer is too_large', async () => {
      outside.answer = (_, response) => response.writeHead(200, { 'content-length': '101' }).flushHeaders();
      expect(await outside.fetch(get)).toEqual(refused('too_large'));
    });

    test('a body that never ends is too_large, and is hung up on', async () => {
      const closed = deferred<void>();
      outside.answer = (_, response) => {
        response.on('close', closed.resolve);
        const more = () => response.destroyed || response.write('x'.repeat(60), () => setImmediate(more));
        more();
      };
      expect(await outside.fetch(get)).toEqual(refused('too_large'));
      await closed.promise;
    });

    test('packing does not get a large body through', async () => {
      outside.answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(50_000)));
      const answer = await outside.fetch({ ...get, maxBytes: 1000 });
      expect(answer).toEqual(refused(runtime === 'edge' ? 'too_large' : 'type_forbidden'));
      if (runtime === 'Node') expect(outside.received[0]?.headers['accept-encoding']).toBe('identity');
    });

    test('with a limit of 0 the body is not waited for', async () => {
      outside.answer = (_, response) => response.writeHead(200, { 'content-length': '9999' }).flushHeaders();
      expect(await outside.fetch({ ...get, maxBytes: 0 })).toMatchObject({ ok: true, status: 200, body: new Uint8Array() });
    });

    test.each([
      ['application/json', true],
      ['Application/JSON; charset=utf-8', true],
      ['text/html', false],
      ['application/json-seq', false],
      ['', false],
    ])('of the types asked for: "%s" %s', async (type, isRight) => {
      outside.answer = (_, response) => response.writeHead(200, type === '' ? {} : { 'content-type': type }).end('{}');
      const answer = await outside.fetch({ ...get, types: ['application/json'] });
      expect(text(answer)).toBe(isRight ? '{}' : 'type_forbidden');
    });
  });

  describe('time', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });

    test('a resolver that does not answer is a timeout', async () => {
      const waiting = deferred<void>();
      outside.names.set(host, () => {
        waiting.resolve();
        return new Promise(() => undefined);
      });
      const answer = outside.fetch(get);
      await waiting.promise;
      vi.advanceTimersByTime(1000);
      expect(await answer).toEqual(refused('timeout'));
    });

    test('a name that resolves after the time is not connected to', async () => {
      const [waiting, late] = [deferred<void>(), deferred<readonly string[]>()];
      outside.names.set(host, () => {
        waiting.resolve();
        return late.promise;
      });
      const answer = outside.fetch(get);
      await waiting.promise;
      vi.advanceTimersByTime(1000);
      await answer;
      late.resolve([publicV4]);
      await new Promise(setImmediate);
      expect([outside.received, outside.dialled]).toEqual([[], []]);
    });

    test('an answer that does not begin is a timeout, and is hung up on', async () => {
      const reached = deferred<ServerResponse>();
      outside.answer = (_, response) => reached.resolve(response);
      const answer = outside.fetch(get);
      const closed = once(await reached.promise, 'close');
      vi.advanceTimersByTime(1000);
      expect(await answer).toEqual(refused('timeout'));
      await closed;
    });

    test('an answer that drips does not get more time', async () => {
      const reached = deferred<ServerResponse>();
      outside.answer = (_, response) => reached.resolve(response);
      const answer = outside.fetch(get);
      const response = await reached.promise;
      for (let quarter = 0; quarter < 4; quarter++) {
        await new Promise<unknown>((written) => response.write('.', written));
        vi.advanceTimersByTime(250);
      }
      expect(await answer).toEqual(refused('timeout'));
    });

    test('redirects share one time', async () => {
      const second = deferred<void>();
      outside.answer = (request, response) => {
        if (request.url === '/next') return second.resolve();
        vi.advanceTimersByTime(600);
        leadTo('/next')(response);
      };
      const answer = outside.fetch({ ...get, redirects: 1 });
      await second.promise;
      vi.advanceTimersByTime(400);
      expect(await answer).toEqual(refused('timeout'));
    });
  });

  describe('what an operator vouches for', () => {
    test.each(['inner', '127.0.0.1'])('%s and its port may be private and plain http', async (name) => {
      outside.names.set(name, () => ['127.0.0.1']);
      expect(text(await outside.fetch({ ...get, url: `http://${name}:${outside.port}/` }))).toBe('hello');
    });

    test.each(['inner:1', 'x.inner:PORT', '127.0.0.2:PORT', 'me@inner:PORT'])('it is that host and port exactly, not %s', async (place) => {
      const answer = await outside.fetch({ ...get, url: `http://${place.replace('PORT', String(outside.port))}/` });
      expect(answer.ok).toBe(false);
      expect([outside.asked, outside.received]).toEqual([[], []]);
    });
  });
});

describe('guarded fetch on Node pins', () => {
  test('a name that is public when checked and 127.0.0.1 at connecting reaches the checked address only', async () => {
    const outside = await openOutside('Node');
    const rebound = [[publicV4], ['127.0.0.1'], ['127.0.0.1']];
    outside.names.set(host, () => rebound.shift() ?? []);
    await outside.fetch(get);
    const [socket] = outside.dialled;
    const asked = (all: boolean) =>
      new Promise((resolve) => socket?.lookup?.(host, { all }, (_, address, family) => resolve(all ? address : [address, family])));
    expect(await asked(true)).toEqual([{ address: publicV4, family: 4 }]);
    expect(await asked(false)).toEqual([publicV4, 4]);
    expect(outside.asked).toEqual([host]);
    await outside.close();
  });

  test('while TLS and the Host header name the host', async () => {
    const outside = await openOutside('Node');
    await outside.fetch(get);
    expect(outside.dialled[0]?.servername).toBe(host);
    expect(outside.received[0]?.headers.host).toBe(host);
    await outside.close();
  });

  test('and every request has a connection of its own', async () => {
    const outside = await openOutside('Node');
    await outside.fetch(get);
    await outside.fetch(get);
    expect(outside.dialled).toHaveLength(2);
    expect(outside.received[0]?.headers.connection).toBe('close');
    await outside.close();
  });

  test('and asks the resolver of the system unless given another', async () => {
    const outside = await openOutside('Node');
    const guarded = nodeGuardedFetch({ allow: [`localhost:${outside.port}`] });
    expect(text(await guarded({ ...get, url: `http://localhost:${outside.port}/` }))).toBe('hello');
    await outside.close();
  });

  test('a certificate for another name is connection_failed', async () => {
    const outside = await openOutside('Node');
    outside.names.set('wrong.example.org', () => [publicV4]);
    expect(await outside.fetch({ ...get, url: 'https://wrong.example.org/' })).toEqual(refused('connection_failed'));
    expect(outside.received).toEqual([]);
    await outside.close();
  });

  test('a certificate of an unknown authority is connection_failed', async () => {
    const outside = await openOutside('Node', 'untrusted');
    expect(await outside.fetch(get)).toEqual(refused('connection_failed'));
    expect(outside.received).toEqual([]);
    await outside.close();
  });
});

describe('guarded fetch on edge asks a resolver', () => {
  const type = 'application/dns-message';
  test.each([
    ['that fails', () => new Response('', { status: 500 })],
    ['that redirects', () => new Response('', { status: 302, headers: { location: 'https://resolver.example.net/' } })],
    ['that answers in another type', (query: Uint8Array) => dns(query, 'application/json')],
    ['that answers too much', (query: Uint8Array) => dns(query, type, 65_536)],
    ['that answers half', (query: Uint8Array, asked: number) => (asked === 28 ? new Response('', { status: 502 }) : dns(query, type))],
    [
      'that does not answer',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
  ])('%s: nothing is sent', async (_, answer) => {
    const sent: string[] = [];
    const fetch = async (to: string, { body, redirect }: RequestInit) => {
      if (to !== 'https://resolver.example.org/q' || redirect !== 'manual') sent.push(to);
      const query = new Uint8Array(await new Response(body ?? null).arrayBuffer());
      return answer(query, query.at(-3) ?? 0);
    };
    const guarded = edgeGuardedFetch({ resolverUrl: 'https://resolver.example.org/q', fetch, allow: [] });
    expect(await guarded(get)).toEqual(refused('name_unresolvable'));
    expect(sent).toEqual([]);
  });

  /** One public address, whatever is asked for. */
  function dns(query: Uint8Array, contentType: string, padding = 0): Response {
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 93, 184, 216, 34];
    const message = Uint8Array.of(0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...query.slice(12), ...record);
    return new Response(new Blob([message, new Uint8Array(padding)]), { headers: { 'content-type': contentType } });
  }
});
