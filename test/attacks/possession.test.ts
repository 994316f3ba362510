import { generateKeyPair, generateProof, type KeyPair } from 'dpop';
import { beforeAll, expect, it } from 'vitest';
import { ok } from '../../src/domain/result.ts';
import { perform } from '../../src/operations/perform.ts';
import { listReferrals } from '../../src/operations/referrals/list.ts';
import { credentialsOf, type OAuthWorld, openOAuthWorld } from '../support/oauth-world.ts';
import { demoHost } from '../support/world.ts';

/** RFC 9449 §7: what a token is good for that is bound to a key, at the resource. */
let w: OAuthWorld;
let keys: KeyPair;
let bound: string;
let unbound: string;
beforeAll(async () => {
  w = await openOAuthWorld();
  const agent = await w.client();
  keys = await generateKeyPair('ES256');
  const asked = await credentialsOf(agent);
  const granted = await w.ask(asked, { headers: { DPoP: await generateProof(keys, 'http://localhost/oauth/token', 'POST') } });
  bound = granted.body.access_token;
  unbound = await w.tokenOf(agent);
});

const origin = 'http://localhost';
const proofOf = (token: string, { path = '/v1/referrals', method = 'GET', by = keys } = {}) =>
  generateProof(by, `${origin}${path}`, method, undefined, token);
const read = (scheme: 'Bearer' | 'DPoP', token: string, proof?: string, path = '/v1/referrals') =>
  w.t.send('GET', path, { headers: { Authorization: `${scheme} ${token}`, ...(proof === undefined ? {} : { DPoP: proof }) } });

it('(9) a token that is bound to a key works with a fresh proof of it, whatever the query', async () => {
  expect((await read('DPoP', bound, await proofOf(bound))).status).toBe(200);
  expect((await read('DPoP', bound, await proofOf(bound), '/v1/referrals?limit=5')).status).toBe(200);
});

it('(9) a replayed proof: of two parallel requests exactly one wins, and no later one', async () => {
  const proof = await proofOf(bound);
  const sent = await Promise.all([read('DPoP', bound, proof), read('DPoP', bound, proof)]);
  expect(sent.map(({ status }) => status).sort()).toEqual([200, 401]);
  const later = await read('DPoP', bound, proof);
  expect([later.status, later.body.code]).toEqual([401, 'auth.invalid']);
  expect(later.headers.get('WWW-Authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof", algs="[^"]*ES256[^"]*"$/);
});

it('(9) a replayed proof does not even repeat the answer that it got before', async () => {
  const proof = await proofOf(bound, { path: '/v1/workspaces/provision', method: 'POST' });
  const body = { prospect: { name: 'Northwind Freight', domain: 'possession.example' }, seed_rows: 0 };
  const idempotencyKey = crypto.randomUUID();
  const send = (DPoP: string) =>
    w.t.send('POST', '/v1/workspaces/provision', { body, idempotencyKey, headers: { Authorization: `DPoP ${bound}`, DPoP } });
  const first = await send(proof);
  expect([first.status, (await send(proof)).status]).toEqual([201, 401]);
  const fresh = await proofOf(bound, { path: '/v1/workspaces/provision', method: 'POST' });
  expect((await send(fresh)).text).toBe(first.text);
});

it.each([
  ['as a bearer token', async () => read('Bearer', bound), 'invalid_token'],
  ['as a bearer token, with a proof', async () => read('Bearer', bound, await proofOf(bound)), 'invalid_token'],
  ['without a proof', async () => read('DPoP', bound), 'invalid_dpop_proof'],
  ['with a proof for another token', async () => read('DPoP', bound, await proofOf(unbound)), 'invalid_dpop_proof'],
  ['with a proof for another method', async () => read('DPoP', bound, await proofOf(bound, { method: 'POST' })), 'invalid_dpop_proof'],
  ['with a proof for another path', async () => read('DPoP', bound, await proofOf(bound, { path: '/v1/rewards' })), 'invalid_dpop_proof'],
  [
    'with a proof by another key',
    async () => read('DPoP', bound, await proofOf(bound, { by: await generateKeyPair('ES256') })),
    'invalid_dpop_proof',
  ],
  ['with two proofs', async () => read('DPoP', bound, `${await proofOf(bound)}, ${await proofOf(bound)}`), 'invalid_dpop_proof'],
])('(9) a bound token is refused %s', async (_, send, error) => {
  const { status, body, headers } = await send();
  expect([status, body.code]).toEqual([401, 'auth.invalid']);
  expect(headers.get('WWW-Authenticate')).toContain(`error="${error}"`);
  expect(headers.get('WWW-Authenticate')).toMatch(/^DPoP /);
});

it('(9) a token that is bound to no key is a bearer token and nothing else', async () => {
  expect((await read('Bearer', unbound)).status).toBe(200);
  expect((await read('DPoP', unbound, await proofOf(unbound))).status).toBe(401);
});

it('(9) one proof is enough for an answer that is read page by page', async () => {
  const dpop = { proof: await proofOf(bound), method: 'GET', path: '/v1/referrals' };
  const credential = { kind: 'access_token', token: bound, scheme: 'dpop' } as const;
  const call = { host: demoHost, credential, address: '', network: '', resource: '', requestId: crypto.randomUUID(), dpop } as const;
  const page = async (more: { continued?: true }) => (await perform(listReferrals, w.t.world.deps, { ...call, ...more }, ok({}))).ok;
  expect([await page({}), await page({ continued: true }), await page({})]).toEqual([true, true, false]);
});
