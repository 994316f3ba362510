import { base64url, compactVerify, createLocalJWKSet, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { revokeKey } from '../../src/admin/revoke-key.ts';
import { rotateKey } from '../../src/admin/rotate-key.ts';
import { tokenDigest } from '../../src/domain/lineage.ts';
import { freshAddress, freshDomain, freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { backEndKey } from '../support/mishaps.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type Sent, type TestWorld } from '../support/world.ts';

interface Token {
  readonly id: string;
  readonly token: string;
  readonly code: string;
  readonly expires_at: string;
}

let t: TestWorld;
let acme: Stage;
let stranger: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  [acme, stranger] = [await stageOf(t), await stageOf(t)];
});

const path = '/v1/referral-tokens';
const create = (body: object = {}, stage = acme): Promise<Token> => made201(stage, path, body);
const ask = (body: object, stage = acme): Promise<Sent> => t.send('POST', path, { ...stage, body });
const revoke = (id: string, key: string | null = acme.key, host = demoHost) => t.send('DELETE', `${path}/${id}`, { key, host });
const record = (attribution: object) =>
  t.send('POST', '/v1/referrals', { key: stranger.key, body: { prospect: freshProspect(), attribution }, from: freshAddress() });
/** Whether each of the two still credits somebody, and the link still leads on. */
async function lives({ token, code }: Token) {
  const [byToken, byCode] = [await record({ referral_token: token }), await record({ referral_code: code })];
  const link = await t.send('HEAD', `/r/${code}`, { from: freshAddress() });
  return [byToken.status, byCode.status, link.status];
}
const alive = [201, 201, 302];
const dead = [422, 422, 404];

const partsOf = (token: string) => token.split('.') as [string, string, string];
const read = (part: string) => JSON.parse(new TextDecoder().decode(base64url.decode(part)));
const write = (value: unknown) => base64url.encode(JSON.stringify(value));
const claimsOf = ({ token }: Pick<Token, 'token'>) => read(partsOf(token)[1]);
/** `deep` tokens, each the child of the one before. */
async function chain(deep: number): Promise<Token[]> {
  const made = [await create()];
  while (made.length <= deep) made.push(await create({ parent_token: made.at(-1)?.token }));
  return made;
}
const refusedParent = {
  code: 'attribution.token_invalid',
  errors: [expect.objectContaining({ pointer: '/parent_token' })],
};

describe('a referral token signed with EdDSA', () => {
  it('verifies with the published keys alone, credits like any other, and is shown again byte for byte', async () => {
    const idempotencyKey = crypto.randomUUID();
    const body = { algorithm: 'EdDSA', campaign: 'open' };
    const [first, again] = [
      await t.send('POST', path, { ...acme, body, idempotencyKey }),
      await t.send('POST', path, { ...acme, body, idempotencyKey }),
    ];
    expect([first.status, again.text]).toEqual([201, first.text]);
    const jwks = (await t.send('GET', '/.well-known/jwks.json')).body as { keys: JWK[] };
    const { protectedHeader } = await compactVerify(first.body.token, createLocalJWKSet(jwks));
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'ref+jwt' });
    expect(await lives(first.body)).toEqual(alive);
  });

  it('is refused, with a way out, where the vendor has no such key yet', async () => {
    const older = await openTestWorld({ atEnd: onTestFinished });
    await sql(older, "update frontdesk.signing_keys set state = 'revoked' where purpose = 'referral_tokens' and algorithm = 'EdDSA'");
    await sql(older, 'update frontdesk.tenants set revision = revision + 1');
    const { key } = await stageOf(older);
    const sent = await older.send('POST', path, { key, body: { algorithm: 'EdDSA' } });
    expect([sent.status, sent.body.code, sent.body.detail]).toEqual([409, 'state.forbidden', expect.stringContaining('the other one')]);
    expect((await older.send('POST', path, { key, body: {} })).status).toBe(201);
  });

  it('is not taken under another algorithm, kid or key', async () => {
    const { token } = await create({ algorithm: 'EdDSA' });
    const [header, payload, signature] = partsOf(token);
    const { keys } = (await t.send('GET', '/.well-known/jwks.json')).body as { keys: JWK[] };
    const { kid } = read(header);
    const publicHalf = base64url.decode(keys.find((key) => key.kid === kid)?.x ?? '');
    const under = (changes: object) => `${write({ ...read(header), ...changes })}.${payload}`;
    const forged = [
      `${under({ alg: 'none' })}.`,
      `${under({ alg: 'none' })}.${signature}`,
      `${under({ alg: 'HS256' })}.${signature}`,
      await new SignJWT(read(payload)).setProtectedHeader({ alg: 'HS256', kid, typ: 'ref+jwt' }).sign(publicHalf),
      ...keys.filter((key) => key.kid !== kid).map((key) => `${under({ kid: key.kid })}.${signature}`),
    ];
    for (const each of forged) {
      expect((await record({ referral_token: each })).body.code).toBe('attribution.token_invalid');
      expect((await ask({ parent_token: each })).body).toMatchObject(refusedParent);
    }
  });
});

describe('a token that descends from another', () => {
  it('names its parent by hash and how deep it stands, and credits the same organization', async () => {
    const tokens = await chain(3);
    expect(tokens.map((token) => claimsOf(token).dep)).toEqual([0, 1, 2, 3]);
    expect(tokens.map((token) => claimsOf(token).par)).toEqual([undefined, ...tokens.slice(0, 3).map(({ token }) => tokenDigest(token))]);
    for (const token of tokens) expect(await lives(token)).toEqual(alive);
    const stored = await sql(t, 'select token_id, parent_id, depth from frontdesk.referral_tokens where depth > 0 order by depth');
    expect(stored).toEqual(tokens.slice(1).map(({ id }, i) => ({ token_id: id, parent_id: tokens[i]?.id, depth: i + 1 })));
  });

  it('stands three deep at most', async () => {
    const [, , , deepest] = await chain(3);
    const sent = await ask({ parent_token: deepest?.token });
    expect([sent.status, sent.body.code]).toEqual([409, 'state.forbidden']);
  });

  it('may have a campaign and an algorithm of its own', async () => {
    const parent = await create({ algorithm: 'EdDSA', campaign: 'whole' });
    const child = await create({ campaign: 'part', parent_token: parent.token });
    expect(claimsOf(child)).toMatchObject({ cmp: 'part', par: tokenDigest(parent.token), dep: 1 });
    expect(read(partsOf(child.token)[0]).alg).toBe('HS256');
  });

  it('never outlives its parent', async () => {
    const parent = await create({ ttl_days: 2 });
    expect((await create({ ttl_days: 90, parent_token: parent.token })).expires_at).toBe(parent.expires_at);
    const shorter = await create({ ttl_days: 1, parent_token: parent.token });
    expect(Date.parse(shorter.expires_at)).toBeLessThan(Date.parse(parent.expires_at));
  });

  it('is shown again by a replay even after its parent ended, and made by no new call', async () => {
    const parent = await create();
    const idempotencyKey = crypto.randomUUID();
    const again = () => t.send('POST', path, { ...acme, body: { parent_token: parent.token }, idempotencyKey });
    const first = await again();
    await revoke(parent.id);
    expect((await again()).text).toBe(first.text);
    expect((await ask({ parent_token: parent.token })).body).toMatchObject(refusedParent);
  });

  it('needs a live parent of the caller’s own organization', async () => {
    const expired = await create({ ttl_days: 1 });
    const parent = await create();
    const [header, payload, signature] = partsOf(parent.token);
    const elsewhere = await create({}, await stageOf(t, { host: otherHost }));
    t.advance(86_400_000);
    const wrong = {
      'another organization’s': (await create({}, stranger)).token,
      'another vendor’s': elsewhere.token,
      expired: expired.token,
      malformed: 'nonsense',
      empty: '',
      unsigned: `${write({ ...read(header), alg: 'none' })}.${payload}.`,
      'with claims of the caller’s making': `${header}.${write({ ...read(payload), dep: -3 })}.${signature}`,
    };
    const before = await sql(t, 'select count(*)::int as n from frontdesk.referral_tokens');
    for (const [what, parent_token] of Object.entries(wrong))
      expect([what, (await ask({ parent_token })).body]).toEqual([what, expect.objectContaining(refusedParent)]);
    expect((await ask({ parent_token: 'x'.repeat(5000) })).body.code).toBe('request.invalid');
    expect(await sql(t, 'select count(*)::int as n from frontdesk.referral_tokens')).toEqual(before);
  });

  it('cannot be made deeper or shallower, or given another parent, by its holder', async () => {
    const [parent, child] = await chain(1);
    const [header, payload, signature] = partsOf(child?.token ?? '');
    for (const change of [{ dep: 0 }, { dep: 0, par: undefined }, { dep: 4 }, { par: tokenDigest('another') }, { par: parent?.token }]) {
      const forged = `${header}.${write({ ...read(payload), ...change })}.${signature}`;
      expect((await record({ referral_token: forged })).status).toBe(422);
      expect((await ask({ parent_token: forged })).body).toMatchObject(refusedParent);
    }
  });
});

describe('revoking a referral token', () => {
  it('ends token, code and link at once; referrals made before stay', async () => {
    const token = await create();
    const { referral } = (await record({ referral_token: token.token })).body;
    const { status, body } = await revoke(token.id);
    expect([status, body]).toEqual([200, { id: token.id, status: 'revoked' }]);
    expect(await lives(token)).toEqual(dead);
    expect((await t.send('GET', `/v1/referrals/${referral.id}`, acme)).body.status).toBe('pending');
  });

  it('ends all that descend from it, however deep, and none above or beside', async () => {
    const [root, child, grandchild, deepest] = (await chain(3)) as [Token, Token, Token, Token];
    const beside = await create({ parent_token: root.token });
    await revoke(child.id);
    for (const gone of [child, grandchild, deepest]) expect(await lives(gone)).toEqual(dead);
    for (const kept of [root, beside]) expect(await lives(kept)).toEqual(alive);
    for (const gone of [child, grandchild]) expect((await ask({ parent_token: gone.token })).body).toMatchObject(refusedParent);
  });

  it('is for its organization and the vendor’s back end; to others there is no such token', async () => {
    const [one, other] = [await create(), await create()];
    for (const key of [stranger.key, (await stageOf(t, { domain: freshDomain() })).key])
      expect((await revoke(one.id, key)).body.code).toBe('resource.not_found');
    expect((await revoke(one.id, (await stageOf(t, { host: otherHost })).key, otherHost)).status).toBe(404);
    expect(await lives(one)).toEqual(alive);
    expect((await revoke(one.id)).status).toBe(200);
    expect((await revoke(other.id, await backEndKey(t, demoHost))).status).toBe(200);
  });

  it('answers a repetition of the same call, and finds nothing to revoke in a second one', async () => {
    const { id } = await create();
    const idempotencyKey = crypto.randomUUID();
    const again = () => t.send('DELETE', `${path}/${id}`, { key: acme.key, idempotencyKey });
    const first = await again();
    const before = await contentsOf(t);
    expect((await again()).text).toBe(first.text);
    expect((await revoke(id)).status).toBe(404);
    expect(await contentsOf(t)).toEqual(before);
  });
});

describe('the keys behind referral tokens', () => {
  it('may be rotated: what was signed before goes on as it was', async () => {
    const idempotencyKey = crypto.randomUUID();
    const again = () => t.send('POST', path, { ...acme, body: { campaign: 'kept' }, idempotencyKey });
    const first = await again();
    expect(await rotateKey(t.world.admin, { host: demoHost, purpose: 'referral_tokens' })).toMatchObject({ ok: true });
    expect((await again()).text).toBe(first.text);
    expect(await lives(first.body)).toEqual(alive);
    const next = await create();
    expect(read(partsOf(next.token)[0]).kid).not.toBe(read(partsOf(first.body.token)[0]).kid);
  });

  it('once one is revoked, a replay says so instead of the token, whose code and link stay', async () => {
    const idempotencyKey = crypto.randomUUID();
    const again = () => t.send('POST', path, { ...acme, body: { campaign: 'leaked' }, idempotencyKey });
    const { body: first } = await again();
    expect(first.token_reason).toBeNull();
    expect(await revokeKey(t.world.admin, { host: demoHost, kid: read(partsOf(first.token)[0]).kid })).toMatchObject({ ok: true });
    const { status, body } = await again();
    expect([status, body]).toEqual([201, { ...first, token: null, token_reason: 'key_revoked' }]);
    expect((await record({ referral_token: first.token })).status).toBe(422);
    expect((await record({ referral_code: first.code })).status).toBe(201);
    expect((await ask({ parent_token: first.token })).body).toMatchObject(refusedParent);
  });
});
