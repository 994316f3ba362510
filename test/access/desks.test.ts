import { createLocalJWKSet, flattenedVerify, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDesks } from '../../src/access/desks.ts';
import { normaliseHost } from '../../src/access/host.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import type { Db } from '../../src/db/batch.ts';
import { sha256Hex } from '../../src/domain/canonical.ts';
import { type CapabilitiesDocument, capabilitiesSigningInput } from '../../src/domain/capabilities.ts';
import { openDatabase, type TestDesk, vendorFile } from '../admin/database.ts';

let admin: TestDesk;
/** Counts round trips; while `blocked` is set they wait for it. */
let trips = 0;
let blocked: Promise<void> | undefined;
let broken = false;
let db: Db;

beforeAll(async () => {
  admin = await openDatabase();
  db = {
    async batch(context, statements) {
      trips += 1;
      await blocked;
      if (broken) throw new Error('down');
      return admin.db.batch(context, statements);
    },
    close: async () => {},
  };
  expect(await applyVendor(admin, { raw: vendorFile() })).toMatchObject({ ok: true });
});
afterAll(() => admin.db.close());
beforeEach(() => {
  trips = 0;
  broken = false;
  blocked = undefined;
});

const open = () => openDesks({ db, masterKey: admin.masterKey, environment: 'dev', now: admin.now, normaliseHost });
const pass = (seconds: number) => {
  admin.clock = new Date(admin.clock.getTime() + seconds * 1000);
};
const host = 'desk.example.com';
const rename = (name: string) => applyVendor(admin, { raw: vendorFile({ vendor: { ...(vendorFile().vendor as object), name } }) });

describe('an opened desk', () => {
  test('publishes capabilities that verify with its keys, under the hash of their bytes', async () => {
    const desk = await open().find(host);
    expect(desk).toMatchObject({ origin: 'https://desk.example.com', environment: 'dev', name: 'LedgerBridge' });
    const { body, etag, value } = desk?.capabilities ?? { body: '', etag: '', value: null };
    const document = value as CapabilitiesDocument;
    expect(etag).toBe(`"${sha256Hex(body)}"`);
    expect(JSON.parse(body)).toEqual(document);
    const payload = new TextDecoder().decode(capabilitiesSigningInput(document));
    const [signature] = document.signatures;
    const keys = createLocalJWKSet(desk?.jwks.value as { keys: JWK[] });
    const encoded = Buffer.from(payload).toString('base64url');
    expect((await flattenedVerify({ protected: '', signature: '', ...signature, payload: encoded }, keys)).protectedHeader).toMatchObject({
      alg: 'EdDSA',
      typ: 'capabilities+jws',
    });
    expect(document.referral.terms_url).toBe(desk?.program.url);
  });

  test('publishes its keys under their media type', async () => {
    const desk = await open().find(host);
    expect(desk?.jwks).toMatchObject({ contentType: 'application/jwk-set+json', immutable: false });
    expect(desk?.jwks.etag).toBe(`"${sha256Hex(desk?.jwks.body ?? '')}"`);
  });

  test('signs and knows its own referral tokens, and derives the same bytes every time', async () => {
    const [desk, again] = [await open().find(host), await open().find(host)];
    const at = Math.floor(admin.clock.getTime() / 1000);
    const claims = {
      iss: desk?.origin,
      aud: desk?.origin,
      tid: desk?.tenant,
      org: 'org_00000000000000000000000001',
      jti: 'rtk_00000000000000000000000001',
      iat: at,
      nbf: at,
      exp: at + 60,
      dep: 0,
      terms_sha256: desk?.program.sha256,
    };
    const token = (await desk?.sign('referral_tokens', claims)) ?? '';
    expect(await again?.verifyReferralToken(token, admin.clock)).toMatchObject({ jti: claims.jti, org: claims.org, sub: null, cmp: null });
    expect(desk?.derive('prospect', 'a.example', 1)).toEqual(again?.derive('prospect', 'a.example', 1));
    expect(desk?.derive('prospect', 'a.example', 1)).not.toEqual(desk?.derive('prospect', 'a.example', 2));
  });
});

describe('desks in memory', () => {
  test('the first request costs one round trip, the next ones none', async () => {
    const desks = open();
    const first = await desks.find(host);
    expect(await desks.find(`${host.toUpperCase()}:443`)).toBe(first);
    expect(trips).toBe(1);
  });

  test('a hundred first requests share one load', async () => {
    const desks = open();
    const found = await Promise.all(Array.from({ length: 100 }, () => desks.find(host)));
    expect(new Set(found).size).toBe(1);
    expect(trips).toBe(1);
  });

  test('after 30 seconds the old desk is served once more while the new one is loaded', async () => {
    const desks = open();
    const before = await desks.find(host);
    await rename('Renamed');
    pass(29);
    expect(await desks.find(host)).toBe(before);
    expect(trips).toBe(1);
    pass(1);
    expect(await desks.find(host)).toBe(before);
    // Joins the load that is under way.
    await desks.reopen(host);
    expect((await desks.find(host))?.name).toBe('Renamed');
    expect(trips).toBe(2);
  });

  test('a renewal that finds the same revision keeps the same desk', async () => {
    const desks = open();
    const before = await desks.find(host);
    pass(31);
    await desks.find(host);
    expect(await desks.reopen(host)).toBe(before);
    expect(await desks.find(host)).toBe(before);
    expect(trips).toBe(2);
  });

  test('reopen loads at once', async () => {
    const desks = open();
    await desks.find(host);
    await rename('Renamed again');
    expect((await desks.reopen(host))?.name).toBe('Renamed again');
    expect((await desks.find(host))?.name).toBe('Renamed again');
  });

  test('while the database is down, what was opened is served, and the first request of a host fails', async () => {
    const desks = open();
    const before = await desks.find(host);
    broken = true;
    pass(3600);
    expect(await desks.find(host)).toBe(before);
    await expect(desks.reopen(host)).rejects.toThrow('down');
    expect(await desks.find(host)).toBe(before);
    await expect(open().find(host)).rejects.toThrow('down');
  });

  test('a load that never ends holds up nobody after ten seconds', async () => {
    const desks = open();
    blocked = new Promise(() => {});
    void desks.find(host);
    blocked = undefined;
    pass(10);
    expect(await desks.find(host)).not.toBeNull();
  });

  test('an unknown host is asked for once in five seconds', async () => {
    const desks = open();
    expect(await desks.find('nobody.example.com')).toBeNull();
    pass(4);
    expect(await desks.find('nobody.example.com')).toBeNull();
    expect(trips).toBe(1);
    pass(1);
    expect(await desks.find('nobody.example.com')).toBeNull();
    expect(trips).toBe(2);
  });

  test('what is no host costs nothing', async () => {
    const desks = open();
    for (const text of ['', 'a b', `${'a'.repeat(10_000)}.example`]) expect(await desks.find(text)).toBeNull();
    expect(await desks.reopen('a b')).toBeNull();
    expect(trips).toBe(0);
  });

  test('a flood of invented hosts does not push out an opened desk', async () => {
    const desks = open();
    const desk = await desks.find(host);
    for (let i = 0; i < 1_200; i++) await desks.find(`h${i}.example.com`);
    trips = 0;
    expect(await desks.find(host)).toBe(desk);
    await desks.find('h1199.example.com');
    expect(trips).toBe(0);
    await desks.find('h0.example.com');
    expect(trips).toBe(1);
  });
});

test('another master key opens no desk', async () => {
  const desks = openDesks({ db, masterKey: new Uint8Array(32).fill(8), environment: 'dev', now: admin.now, normaliseHost });
  await expect(desks.find(host)).rejects.toThrow('sealed under another master key');
});
