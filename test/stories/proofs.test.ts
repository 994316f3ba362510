import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { base64url, compactVerify, createLocalJWKSet, flattenedVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshProspect, freshWorkspace, made201, type Stage, stageOf } from '../support/examples.ts';
import { sql, tenantAt } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});

/** The keys as an outsider gets them: everything below needs nothing else of the server. */
const keysAt = async (host = demoHost) => createLocalJWKSet((await t.send('GET', '/.well-known/jwks.json', { host })).body);
const hashOf = (...parts: Uint8Array[]) => bytesToHex(sha256(concatBytes(...parts)));
const claimsOf = (token: string) => JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[1] ?? '')));

describe('a receipt', () => {
  it('verifies offline, names tenant, organization, entry, leaf and terms, and never the prospect', async () => {
    const { referral, receipt } = await made201(acme, '/v1/referrals', {
      prospect: { name: 'Northwind Freight', domain: 'receipt.example' },
      note: 'secret note',
    });
    const { payload, protectedHeader } = await compactVerify(receipt, await keysAt(), { algorithms: ['EdDSA'] });
    const claims = JSON.parse(new TextDecoder().decode(payload));
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'receipt+jwt' });
    expect(claims).toMatchObject({
      iss: 'http://localhost',
      sub: referral.id,
      tenant: await tenantAt(t, demoHost),
      organization: referral.organization_id,
      terms: { sha256: referral.terms.sha256, version: referral.terms.version },
    });
    expect(claims.jti).toMatch(/^led_/);
    expect(JSON.stringify(claims)).not.toMatch(/Northwind|receipt\.example|secret|pro_/);
  });

  it('names the leaf of the stored event: SHA-256 of a zero byte and its canonical body', async () => {
    const { receipt } = await made201(acme, '/v1/referrals', { prospect: freshProspect() });
    const { jti, leaf } = claimsOf(receipt);
    const [event] = await sql(t, "select e.body, encode(e.leaf, 'hex') as leaf from frontdesk.ledger_events e where e.event_id = $1", [
      jti,
    ]);
    const body = String(event?.body);
    expect([event?.leaf, hashOf(new Uint8Array([0]), utf8ToBytes(body))]).toEqual([leaf, leaf]);
    expect(canonicalize(JSON.parse(body))).toBe(body);
    expect(body).not.toMatch(/Northwind|example/);
  });

  it('is the same in every answer about its referral', async () => {
    const made = await made201(acme, '/v1/workspaces/provision', { prospect: freshProspect() });
    const read = await t.send('GET', `/v1/referrals/${made.referral.id}`, acme);
    expect(read.body.receipt).toBe(made.referral.receipt);
  });

  it('fails when a byte of it is changed, or under the keys of another tenant', async () => {
    const { receipt } = await made201(acme, '/v1/referrals', { prospect: freshProspect() });
    const [header = '', payload = '', signature = ''] = receipt.split('.');
    const other = base64url.encode(JSON.stringify({ ...claimsOf(receipt), organization: 'org_01h455vb4pex5vsknk084sn02q' }));
    const flipped = `${signature.slice(0, 20)}${signature[20] === 'A' ? 'B' : 'A'}${signature.slice(21)}`;
    for (const forged of [`${header}.${other}.${signature}`, `${header}.${payload}.${flipped}`])
      await expect(compactVerify(forged, await keysAt())).rejects.toThrow();
    await expect(compactVerify(receipt, await keysAt(otherHost))).rejects.toThrow();
    await expect(compactVerify(receipt, await keysAt())).resolves.toBeDefined();
  });
});

describe('every event of the ledger', () => {
  it('has the leaf of its own body, and holds no text that a stranger wrote', async () => {
    await freshWorkspace(acme);
    const events = await sql(t, "select e.body, encode(e.leaf, 'hex') as leaf, e.kind from frontdesk.ledger_events e");
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['program.published', 'referral.created', 'touch.recorded']));
    for (const { body, leaf } of events) {
      expect(hashOf(new Uint8Array([0]), utf8ToBytes(String(body)))).toBe(leaf);
      expect(String(body)).not.toMatch(/Northwind|company-\d/);
    }
  });

  it('stays valid when what people wrote is erased', async () => {
    const { referral, receipt } = await made201(acme, '/v1/referrals', { prospect: freshProspect(), note: 'to be forgotten' });
    const [kept] = await sql(t, "select encode(p.salt, 'hex') as salt, p.content from frontdesk.particulars p where p.subject_id = $1", [
      referral.id,
    ]);
    const [event] = await sql(t, 'select e.body from frontdesk.ledger_events e where e.event_id = $1', [claimsOf(receipt).jti]);
    const blinded = hashOf(utf8ToBytes(String(kept?.salt)), utf8ToBytes(canonicalize(kept?.content) ?? ''));
    expect(JSON.parse(String(event?.body)).blinded).toBe(blinded);
    await sql(t, 'delete from frontdesk.particulars where subject_id = $1', [referral.id]);
    const read = await t.send('GET', `/v1/referrals/${referral.id}`, acme);
    expect([read.status, read.body.untrusted, read.body.receipt]).toEqual([200, {}, receipt]);
  });
});

describe('what a vendor publishes', () => {
  it.each([demoHost, otherHost])('the capabilities of %s are signed over their canonical form', async (host) => {
    const { body } = await t.send('GET', '/v1/capabilities', { host });
    const { signatures, ...document } = body;
    expect(signatures.length).toBeGreaterThan(0);
    const verify = async (value: unknown) =>
      flattenedVerify({ ...signatures[0], payload: base64url.encode(canonicalize(value) ?? '') }, await keysAt(host), {
        algorithms: ['EdDSA'],
      });
    expect((await verify(document)).protectedHeader).toMatchObject({ typ: 'capabilities+jws' });
    await expect(verify({ ...document, valid_until: '2099-01-01T00:00:00.000Z' })).rejects.toThrow();
    await expect(verify({ ...document, referral: { ...document.referral, terms_sha256: '0'.repeat(64) } })).rejects.toThrow();
  });

  it('the terms hash to what capabilities, referrals and receipts quote', async () => {
    const { referral } = (await t.send('GET', '/v1/capabilities')).body;
    const terms = await t.send('GET', new URL(referral.terms_url).pathname);
    const hash = hashOf(utf8ToBytes(terms.text));
    const recorded = await made201(acme, '/v1/referrals', { prospect: freshProspect() });
    expect([referral.terms_sha256, recorded.referral.terms.sha256, claimsOf(recorded.receipt).terms.sha256]).toEqual([hash, hash, hash]);
    expect(terms.headers.get('ETag')).toBe(`"${hash}"`);
    expect(canonicalize(terms.body)).toBe(terms.text);
  });

  it('names no secret and no shared key among its keys', async () => {
    const { body, text } = await t.send('GET', '/.well-known/jwks.json');
    expect(text).not.toMatch(/"(d|k)":/);
    expect(body.keys.map(({ kty, crv, alg, use }: Record<string, string>) => `${kty} ${crv} ${alg} ${use}`)).toEqual(
      Array(body.keys.length).fill('OKP Ed25519 EdDSA sig'),
    );
  });
});
