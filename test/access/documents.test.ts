import { beforeEach, describe, expect, test } from 'vitest';
import { type DocumentKind, type Documents, type DocumentVerdict, openDocuments } from '../../src/access/documents.ts';
import type { GuardedFetch } from '../../src/access/guarded-fetch.ts';
import { type OutsideHosts, pretendOutsideHosts } from '../support/outside-hosts.ts';

const url = 'https://acme.example/.well-known/frontdesk-agent.json';
const kind: DocumentKind = 'client_metadata';
const [second, minute, hour] = [1000, 60_000, 3_600_000];

let at: number;
let outside: OutsideHosts;
let documents: Documents;
const passes = (ms: number) => {
  at += ms;
};
const said = (verdict: DocumentVerdict) => (verdict.ok ? verdict.value.json : verdict.reason);
const read = async (from = url, as: DocumentKind = kind) => said(await documents.read(as, from));
const reload = async () => said(await documents.reload(kind, url));

beforeEach(() => {
  at = Date.parse('2026-11-21T12:00:00Z');
  outside = pretendOutsideHosts();
  documents = openDocuments({ fetchOutside: outside.fetch, now: () => new Date(at), most: 3 });
  outside.publish(url, { v: 1 });
});

describe('what is a document', () => {
  test.each(['application/json; charset=utf-8', 'application/jwk-set+json', 'application/http-message-signatures-directory+json'])(
    'JSON as %s',
    async (type) => {
      outside.publish(url, { v: 1 }, { headers: { 'content-type': type } });
      expect(await read()).toEqual({ v: 1 });
    },
  );

  test.each(['text/html', 'text/html; x=application/json', 'text/json', 'application/json-seq', ''])('(21) never as "%s"', async (type) => {
    outside.publish(url, { v: 1 }, { headers: { 'content-type': type } });
    expect(await read()).toBe('type_forbidden');
  });

  test.each([
    ['not JSON', '{', undefined, 'not_json'],
    ['not there', '{}', 404, 'status_not_ok'],
    ['created', '{}', 201, 'status_not_ok'],
    ['broken', '{}', 503, 'server_failed'],
  ])('what is %s is refused', async (_, body, status, reason) => {
    outside.publish(url, body, status === undefined ? {} : { status });
    expect(await read()).toBe(reason);
  });

  test.each([
    ['client_metadata', 5 * 1024],
    ['client_keys', 64 * 1024],
    ['domain_proof', 16 * 1024],
  ] as const)('(21) %s has at most %i bytes', async (as, most) => {
    const long = 'https://acme.example/long';
    outside.publish(url, JSON.stringify('x'.repeat(most - 2)));
    outside.publish(long, JSON.stringify('x'.repeat(most - 1)));
    expect([typeof (await read(url, as)), await read(long, as)]).toEqual(['string', 'too_large']);
  });

  test.each(['client_metadata', 'client_keys', 'key_directory', 'domain_proof'] as const)('(21) %s is never redirected', async (as) => {
    outside.redirect(url, 'https://acme.example/elsewhere');
    outside.publish('https://acme.example/elsewhere', {});
    expect(await read(url, as)).toBe('status_not_ok');
    expect(outside.received).toEqual([url]);
  });

  test('an issuer whom the operator trusts may redirect, but not inwards', async () => {
    const keys = 'https://login.example/keys';
    outside.redirect(keys, 'https://cdn.example/keys');
    outside.publish('https://cdn.example/keys', { keys: [] });
    expect(await read(keys, 'issuer_keys')).toEqual({ keys: [] });
    outside.addresses.set('cdn.example', ['10.0.0.1']);
    passes(hour);
    expect(await read(keys, 'issuer_keys')).toBe('address_forbidden');
  });
});

describe('memory', () => {
  test('answers while a document is fresh: ten minutes if nothing is said', async () => {
    await read();
    outside.publish(url, { v: 2 });
    passes(10 * minute - second);
    expect(await read()).toEqual({ v: 1 });
    passes(second);
    expect(await read()).toEqual({ v: 2 });
  });

  test.each([
    ['max-age=0', 10 * minute],
    ['no-store', 10 * minute],
    ['public, max-age=7200', 2 * hour],
    ['max-age=31536000', 24 * hour],
    ['s-maxage=99999', 10 * minute],
  ])('Cache-Control "%s" is fresh for %i ms', async (control, ms) => {
    outside.publish(url, { v: 1 }, { headers: { 'cache-control': control } });
    await read();
    passes(ms - second);
    await read();
    expect(outside.received).toHaveLength(1);
    passes(second);
    await read();
    expect(outside.received).toHaveLength(2);
  });

  test('keeps a failure for five minutes', async () => {
    outside.withdraw(url);
    await read();
    outside.publish(url, { v: 2 });
    passes(5 * minute - second);
    expect(await read()).toBe('status_not_ok');
    passes(second);
    expect(await read()).toEqual({ v: 2 });
  });

  test('who asks at the same time shares one fetch', async () => {
    await Promise.all(Array.from({ length: 20 }, () => read()));
    expect(outside.received).toEqual([url]);
  });

  test('holds so many documents and no more: the oldest goes', async () => {
    for (const name of ['b', 'c', 'd']) await read(`https://${name}.example/x`);
    await read(url);
    await read('https://d.example/x');
    await read('https://b.example/x');
    expect(outside.received.map((each) => new URL(each).hostname[0])).toEqual(['b', 'c', 'd', 'a', 'b']);
  });

  test('an outage does not take away what was there, until a day after it was fetched', async () => {
    await read();
    outside.down.add('acme.example');
    passes(10 * minute);
    expect(await read()).toEqual({ v: 1 });
    passes(24 * hour);
    expect(await read()).toBe('connection_failed');
  });

  test('a document that is gone is gone', async () => {
    await read();
    outside.withdraw(url);
    passes(10 * minute);
    expect(await read()).toBe('status_not_ok');
  });

  test('no more than 64 are waited for at once, and none for ever', async () => {
    let fetchOutside: GuardedFetch = () => new Promise(() => undefined);
    const waiting = openDocuments({ fetchOutside: (request) => fetchOutside(request), now: () => new Date(at) });
    for (let host = 0; host < 64; host += 1) void waiting.read(kind, `https://h${host}.example/x`);
    fetchOutside = outside.fetch;
    expect(said(await waiting.read(kind, url))).toBe('busy');
    passes(6 * second);
    expect(said(await waiting.read(kind, url))).toEqual({ v: 1 });
  });
});

describe('a crowd of slow or broken hosts', () => {
  /** A memory whose fetches of these hosts never end. */
  function opened(isSlow: (hostname: string) => boolean, most = 500): Documents {
    const fetchOutside: GuardedFetch = (request) =>
      isSlow(new URL(request.url).hostname) ? new Promise(() => undefined) : outside.fetch(request);
    return openDocuments({ fetchOutside, now: () => new Date(at), most });
  }

  test('does not take away what is known of others: the old copy answers', async () => {
    const crowded = opened((hostname) => hostname.startsWith('slow-'));
    await crowded.read(kind, url);
    passes(10 * minute);
    for (let host = 0; host < 64; host += 1) void crowded.read(kind, `https://slow-${host}.example/x`);
    outside.publish(url, { v: 2 });
    expect([said(await crowded.read(kind, url)), said(await crowded.reload(kind, url))]).toEqual([{ v: 1 }, { v: 1 }]);
    expect(said(await crowded.read(kind, 'https://new.example/x'))).toBe('busy');
    passes(24 * hour);
    for (let host = 0; host < 64; host += 1) void crowded.read(kind, `https://slow-${host}.example/x`);
    expect(said(await crowded.read(kind, url))).toBe('busy');
  });

  test('keeps four places at most, whatever names one owner gives to it', async () => {
    const crowded = opened((hostname) => hostname.endsWith('slow.example'));
    for (let host = 0; host < 64; host += 1) void crowded.read(kind, `https://h${host}.slow.example/x`);
    expect(said(await crowded.read(kind, 'https://slow.example/x'))).toBe('busy');
    expect(said(await crowded.read(kind, url))).toEqual({ v: 1 });
  });

  test('drives no document out of memory with its failures', async () => {
    await read();
    for (let host = 0; host < 10; host += 1) await read(`https://broken-${host}.example/x`);
    expect(await read()).toEqual({ v: 1 });
    expect(outside.received.filter((each) => each === url)).toHaveLength(1);
  });
});

describe('looking again', () => {
  test('fetches what is in memory anew, once a minute', async () => {
    await read();
    outside.publish(url, { v: 2 });
    expect(await reload()).toEqual({ v: 1 });
    passes(minute);
    expect(await reload()).toEqual({ v: 2 });
    passes(minute - second);
    await reload();
    expect(outside.received).toHaveLength(2);
  });

  test('for what must hold now, memory neither answers nor is written', async () => {
    await read();
    outside.publish(url, { v: 2 });
    expect(said(await documents.readNow(kind, url))).toEqual({ v: 2 });
    outside.down.add('acme.example');
    expect(said(await documents.readNow(kind, url))).toBe('connection_failed');
    expect(await read()).toEqual({ v: 1 });
  });
});
