import { createHmac, generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { revokeKey } from '../../src/admin/revoke-key.ts';
import { rotateKey } from '../../src/admin/rotate-key.ts';
import { staffScopes } from '../../src/domain/scopes.ts';
import type { Desk } from '../../src/operations/desk.ts';
import { listReferrals } from '../../src/operations/referrals/list.ts';
import { callAt } from '../support/doors.ts';
import { freshProspect } from '../support/examples.ts';
import {
  assertionType,
  claimsIn,
  credentialsOf,
  freshDomainName,
  freshNetwork,
  jwtBearer,
  type OAuthClient,
  type OAuthWorld,
  openOAuthWorld,
} from '../support/oauth-world.ts';
import { sql } from '../support/sql.ts';
import { demoHost, otherHost } from '../support/world.ts';

let w: OAuthWorld;
let desk: Desk;
let agent: OAuthClient;
let token: string;
beforeAll(async () => {
  w = await openOAuthWorld();
  desk = await deskNow();
  agent = await w.client();
  token = await w.tokenOf(agent);
});

const deskNow = async (): Promise<Desk> => {
  const found = await w.t.world.deps.desks.find(demoHost);
  if (!found) throw new Error('no desk');
  return found;
};
/** The status that a credential gets at each door. */
async function tried(key: string, host = demoHost): Promise<readonly number[]> {
  const [rest, mcp] = await Promise.all(
    (['rest', 'mcp'] as const).map((door) => callAt(door, w.t, listReferrals, {}, { key, host, from: freshNetwork() })),
  );
  return [rest?.status ?? 0, mcp?.status ?? 0];
}
const refused = [401, 401];
const accepted = [200, 200];
const b64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const headerIn = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString());
/** What the token says, changed, and signed by us as an access token all the same. */
const resigned = (change: object) => desk.sign('access_tokens', JSON.parse(JSON.stringify({ ...claimsIn(token), ...change })));
/** How the token endpoint answers a client's assertion. */
async function asked(client_assertion: string): Promise<readonly unknown[]> {
  const { status, body } = await w.ask({ grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion });
  return [status, body.error];
}
const invalidClient = [401, 'invalid_client'];
const now = () => Math.floor(Date.now() / 1000);

describe('tokens', () => {
  it('what is refused below would be accepted if it were not for what is wrong with it', async () => {
    expect(await tried(token)).toEqual(accepted);
    expect(await tried(await resigned({}))).toEqual(accepted);
    expect(await asked(await agent.assertion())).toEqual([200, undefined]);
  });

  it('(1) alg none: refused as a token and as an assertion, whatever its case', async () => {
    const [, payload, signature] = token.split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = b64({ ...headerIn(token), alg });
      expect([alg, await tried(`${header}.${payload}.`)]).toEqual([alg, refused]);
      expect([alg, await tried(`${header}.${payload}.${signature}`)]).toEqual([alg, refused]);
      const [, said] = (await agent.assertion()).split('.');
      expect(await asked(`${b64({ alg })}.${said}.`)).toEqual(invalidClient);
    }
  });

  it('(2) HS256 under a public key: refused as a token and as an assertion', async () => {
    const hmac = (key: Buffer | string, header: object, payload: string) => {
      const text = `${b64(header)}.${payload}`;
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const { body } = await w.t.send('GET', '/.well-known/jwks.json');
    const jwk = body.keys.find(({ kid }: { kid: string }) => kid === headerIn(token).kid);
    const payload = token.split('.')[1] ?? '';
    for (const secret of [Buffer.from(jwk.x, 'base64url'), jwk.x, JSON.stringify(jwk)]) {
      expect(await tried(hmac(secret, { ...headerIn(token), alg: 'HS256' }, payload))).toEqual(refused);
    }
    const said = (await agent.assertion()).split('.')[1] ?? '';
    expect(await asked(hmac(Buffer.from(String(agent.publicJwk.x), 'base64url'), { alg: 'HS256' }, said))).toEqual(invalidClient);
  });

  it('(3) one kind of token is none of the others', async () => {
    const claims = claimsIn(token);
    const assertion = await desk.sign('assertions', { ...claims, aud: desk.origin });
    const receipt = await desk.sign('receipts', claims);
    const made = await w.t.send('POST', '/v1/referral-tokens', { key: token, body: { algorithm: 'EdDSA' } });
    expect(made.status).toBe(201);
    for (const other of [assertion, receipt, made.body.token]) expect(await tried(other)).toEqual(refused);
    for (const other of [token, receipt, made.body.token]) {
      expect((await w.ask({ grant_type: jwtBearer, assertion: other })).body.error).toBe('invalid_grant');
    }
    expect((await w.ask({ grant_type: jwtBearer, assertion })).status).toBe(200);
    const body = { prospect: freshProspect(), attribution: { referral_token: token } };
    const presented = await w.t.send('POST', '/v1/referrals', { key: token, body });
    expect([presented.status, presented.body.code]).toEqual([422, 'attribution.token_invalid']);
    for (const typ of ['at+jwt', 'ref+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'secevent+jwt']) {
      expect([typ, await asked(await agent.assertion({}, { typ }))]).toEqual([typ, invalidClient]);
    }
  });

  it('(4) a token for one resource is refused at the other, and an assertion for another server here', async () => {
    expect(await tried(await w.tokenOf(agent, { resource: `${desk.origin}/mcp` }))).toEqual([401, 200]);
    expect(await tried(await w.tokenOf(agent, { resource: desk.origin }))).toEqual([200, 401]);
    for (const aud of ['https://else.example', `${desk.origin}/v1`, [], ['https://else.example', `${desk.origin}/mcpx`]]) {
      expect([aud, await tried(await resigned({ aud }))]).toEqual([aud, refused]);
    }
    const both = [desk.origin, 'https://else.example'];
    for (const aud of ['https://else.example', `${desk.origin}/`, `${desk.origin}/oauth/tokens`, both, [], undefined]) {
      expect([aud, await asked(await agent.assertion({ aud }))]).toEqual([aud, invalidClient]);
    }
    expect(await asked(await agent.assertion({ aud: `${desk.origin}/oauth/token` }))).toEqual([200, undefined]);
  });

  it('(5) expired, not yet valid, issued in the future, or living too long: refused', async () => {
    const soon = now() + 600;
    for (const change of [{ exp: now() - 1 }, { nbf: soon }, { iat: soon, exp: soon + 600 }]) {
      expect([change, await tried(await resigned(change))]).toEqual([change, refused]);
    }
    for (const change of [{ exp: now() - 1 }, { nbf: soon }, { iat: soon, exp: soon + 60 }, { exp: now() + 3600 }, { iat: now() - 3600 }]) {
      expect([change, await asked(await agent.assertion(change))]).toEqual([change, invalidClient]);
    }
  });

  it('(6) without exp, jti or sub: refused', async () => {
    for (const claim of ['exp', 'jti', 'sub', 'iss', 'aud', 'tid', 'epoch', 'iat']) {
      expect([claim, await tried(await resigned({ [claim]: undefined }))]).toEqual([claim, refused]);
    }
    for (const claim of ['exp', 'jti', 'sub', 'iss', 'aud']) {
      expect([claim, await asked(await agent.assertion({ [claim]: undefined }))]).toEqual([claim, invalidClient]);
    }
  });

  it('(8) a key id that is a path, a query or too much: refused, and nothing is read or asked for by it', async () => {
    const before = w.hosts.received.length;
    const [, payload, signature] = token.split('.');
    for (const kid of [
      '../../../../dev/null',
      "' or 1=1 --",
      '/etc/passwd',
      'https://evil.example/key',
      'k'.repeat(2000),
      '\u0000',
      '__proto__',
    ]) {
      expect([kid, await tried(`${b64({ ...headerIn(token), kid })}.${payload}.${signature}`)]).toEqual([kid, refused]);
      expect([kid, await asked(await agent.assertion({}, { kid }))]).toEqual([kid, invalidClient]);
    }
    expect(w.hosts.received.slice(before).filter((url) => !url.startsWith('https://agents-'))).toEqual([]);
  });

  it('(9) a replayed jti: of parallel requests exactly one wins, and none later', async () => {
    const fresh = await w.client();
    for (const known of [false, true]) {
      const assertion = await fresh.assertion();
      const answers = await Promise.all([1, 2, 3, 4].map(() => asked(assertion)));
      expect([known, answers.filter(([status]) => status === 200).length]).toEqual([known, 1]);
      expect(answers.filter(([status]) => status !== 200)).toEqual([invalidClient, invalidClient, invalidClient]);
      expect(await asked(assertion)).toEqual(invalidClient);
    }
    // Another assertion under the same id is the same to us.
    const jti = crypto.randomUUID();
    expect(await asked(await fresh.assertion({ jti }))).toEqual([200, undefined]);
    expect(await asked(await fresh.assertion({ jti, exp: now() + 200 }))).toEqual(invalidClient);
    // One client's ids are not another's.
    expect(await asked(await agent.assertion({ jti }))).toEqual([200, undefined]);
  });

  it('(10) a token in the address is no credential, and none is given to an address', async () => {
    const from = freshNetwork();
    for (const name of ['access_token', 'token', 'bearer']) {
      const { status } = await w.t.send('GET', `/v1/workspaces?${name}=${token}`, { from });
      expect([name, status]).toEqual([name, 401]);
      const mcp = await callAt('mcp', w.t, listReferrals, {}, { headers: { 'X-Access-Token': token }, from });
      expect(mcp.status).toBe(401);
    }
    const form = new URLSearchParams(await credentialsOf(agent));
    const { status, body } = await w.post(`/oauth/token?${form}`, { grant_type: 'client_credentials' });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it('(12) keys and addresses of keys in a header are not looked at', async () => {
    const thief = await generateKeyPair('Ed25519', { extractable: true });
    const jwk = await exportJWK(thief.publicKey);
    const before = w.hosts.received.length;
    for (const header of [{ jwk }, { jku: 'https://thief.example/keys' }, { x5u: 'https://thief.example/cert' }, { x5c: ['MIIB'] }]) {
      w.hosts.publish('https://thief.example/keys', { keys: [jwk] });
      const claims = { iss: agent.id, sub: agent.id, aud: desk.origin, iat: now(), exp: now() + 60, jti: crypto.randomUUID() };
      const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', ...header }).sign(thief.privateKey);
      expect([header, await asked(forged)]).toEqual([header, invalidClient]);
      const access = new SignJWT({ ...claimsIn(token) }).setProtectedHeader({ ...headerIn(token), ...header });
      expect([header, await tried(await access.sign(thief.privateKey))]).toEqual([header, refused]);
    }
    expect(w.hosts.received.slice(before).filter((url) => url.includes('thief'))).toEqual([]);
  });

  it('(13) a token of 100 KB is refused, before it is looked into', async () => {
    const long = `${token.split('.')[0]}.${'A'.repeat(100_000)}.${token.split('.')[2]}`;
    const before = w.t.roundTrips();
    expect(await tried(long)).toEqual(refused);
    expect(await asked(long)).toEqual([400, 'invalid_request']);
    expect(await asked(`${long.slice(0, 12_000)}.AAAA`)).toEqual(invalidClient);
    expect(w.t.roundTrips() - before).toBeLessThanOrEqual(2);
  });

  it('(14) a token of another vendor is refused, though its signature is right there', async () => {
    expect(await tried(token, otherHost)).toEqual(refused);
    const other = await w.t.world.deps.desks.find(otherHost);
    const foreign = await other?.sign('access_tokens', claimsIn(token));
    expect(await tried(foreign ?? '')).toEqual(refused);
    // An assertion for the one is none for the other.
    const form = await credentialsOf(agent);
    const { status, body } = await w.ask(form, { host: otherHost });
    expect([status, body.error]).toEqual(invalidClient);
  });
});

describe('OAuth and MCP', () => {
  it('(18) a 401 leads to metadata that fits together, down to the keys', async () => {
    const json = async (url: string) => {
      const { status, body } = await w.t.send('GET', new URL(url).pathname);
      expect([url, status]).toEqual([url, 200]);
      return body;
    };
    for (const [door, path] of [
      ['rest', ''],
      ['mcp', '/mcp'],
    ] as const) {
      const { status, headers } = await callAt(door, w.t, listReferrals, {}, { from: freshNetwork() });
      const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(headers.get('WWW-Authenticate') ?? '') ?? [];
      expect([status, metadata]).toEqual([401, `${desk.origin}/.well-known/oauth-protected-resource${path}`]);
      const resource = await json(metadata);
      expect(resource).toMatchObject({
        resource: `${desk.origin}${path}`,
        authorization_servers: [desk.origin],
        bearer_methods_supported: ['header'],
      });
      const server = await json(`${resource.authorization_servers[0]}/.well-known/oauth-authorization-server`);
      expect(server.issuer).toBe(desk.origin);
      for (const scope of resource.scopes_supported) expect(server.scopes_supported).toContain(scope);
      for (const { kid } of (await json(server.jwks_uri)).keys) expect(kid).toMatch(/^[\w-]{43}$/);
      expect(await tried(await w.tokenOf(agent, { resource: resource.resource }))).toContain(200);
    }
  });

  it('(20) a scope that moves money is never granted, whatever is requested and whatever a token says', async () => {
    const { status, body } = await w.ask({ ...(await credentialsOf(agent)), scope: `referrals:read ${staffScopes.join(' ')}` });
    expect([status, body.scope]).toEqual([200, 'referrals:read']);
    const none = await w.ask({ ...(await credentialsOf(agent)), scope: staffScopes.join(' ') });
    expect([none.status, none.body.error]).toEqual([400, 'invalid_scope']);
    const all = await w.ask(await credentialsOf(agent));
    for (const scope of staffScopes) expect(all.body.scope.split(' ')).not.toContain(scope);
    // Even one of ours that said so would open nothing.
    const forged = await resigned({ scope: `referrals:read ${staffScopes.join(' ')}` });
    const { status: denied } = await w.t.send('POST', '/v1/events', { key: forged, body: { events: [] } });
    expect(denied).toBe(403);
  });

  it('(21) a metadata document that is not what its address says proves nothing', async () => {
    const page = 'https://documents.example/agent.json';
    const one = await w.client(page);
    const good = { client_id: page, client_name: 'An agent', jwks: { keys: [one.publicJwk] } };
    const at = async (url: string, body: object | string, as?: Parameters<typeof w.hosts.publish>[2]) => {
      const client = await w.client(url);
      w.hosts.publish(url, typeof body === 'string' ? body : { ...body, jwks: { keys: [client.publicJwk] } }, as);
      return asked(await client.assertion());
    };
    const base = 'https://documents.example';
    expect(await at(`${base}/differs.json`, good)).toEqual(invalidClient);
    expect(await at(`${base}/large.json`, { ...good, client_id: `${base}/large.json`, more: 'x'.repeat(6000) })).toEqual(invalidClient);
    const html = { headers: { 'content-type': 'text/html' } };
    expect(await at(`${base}/page.html`, { ...good, client_id: `${base}/page.html` }, html)).toEqual(invalidClient);
    expect(await at(`${base}/gone.json`, { ...good, client_id: `${base}/gone.json` }, { status: 404 })).toEqual(invalidClient);
    expect(await at(`${base}/none.json`, 'not json')).toEqual(invalidClient);
    expect(await at(`${base}/secret.json`, { ...good, client_id: `${base}/secret.json`, client_secret: 'x' })).toEqual(invalidClient);
    for (const id of [
      'http://documents.example/a.json',
      'https://documents.example/',
      'https://documents.example',
      `${page}?a=1`,
      `${page}#a`,
    ]) {
      expect([id, await asked(await (await w.client(id)).assertion())]).toEqual([id, invalidClient]);
    }
    for (const id of ['https://127.0.0.1/a.json', 'https://[::1]/a.json', 'https://user@documents.example/a.json', 'file:///etc/passwd']) {
      expect([id, await asked(await one.assertion({ iss: id, sub: id }))]).toEqual([id, invalidClient]);
    }
  });

  it('(21) what is told of a document that proves nothing is the same whatever was found there', async () => {
    const [thief, missing, inner] = await Promise.all([w.client(), w.client(), w.client()]);
    w.hosts.withdraw(missing.id);
    w.hosts.addresses.set(inner.domain, ['10.0.0.1']);
    const stolen = await thief.assertion({ iss: agent.id, sub: agent.id });
    const assertions = [stolen, ...(await Promise.all([missing, inner].map((each) => each.assertion())))];
    const told = assertions.map(async (client_assertion) => {
      const { text } = await w.ask({ grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion });
      return text;
    });
    expect(new Set(await Promise.all(told)).size).toBe(1);
  });

  it('(21) a document is not redirected, and what resolves to a private address is not asked', async () => {
    const moved = await w.client('https://moved.example/agent.json');
    for (const location of ['http://127.0.0.1/agent.json', 'https://internal.example/agent.json', 'https://documents.example/agent.json']) {
      w.hosts.redirect(moved.id, location);
      expect([location, await asked(await moved.assertion())]).toEqual([location, invalidClient]);
    }
    const inner = await w.client('https://internal.example/agent.json');
    w.hosts.addresses.set('internal.example', ['169.254.169.254']);
    expect(await asked(await inner.assertion())).toEqual(invalidClient);
    expect(w.hosts.received.filter((url) => url.includes('internal') || url.includes('127.0.0.1'))).toEqual([]);
  });

  it('(21) a path on a shared host is nobody’s organization but its own', async () => {
    const shared = await w.client('https://somebody.github.io/agent.json');
    const root = await w.client('https://somebody.github.io/.well-known/frontdesk-agent.json');
    const [page, home] = [claimsIn(await w.tokenOf(shared)), claimsIn(await w.tokenOf(root))];
    expect([page.tier, home.tier, page.org === home.org]).toEqual(['key_bound', 'domain_verified', false]);
    const rows = await sql(w.t, 'select domain from frontdesk.organizations where organization_id = any($1) order by 1', [
      [String(page.org), String(home.org)],
    ]);
    // Its own registrable domain, not that of everybody.
    expect(rows.map(({ domain }) => domain)).toEqual(['somebody.github.io', null]);
  });

  it('(22) key sets that hold a secret, nothing, too much or something weak prove nothing', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const set = async (keys: (own: object) => readonly object[]) => {
      const client = await w.client();
      w.hosts.publish(client.id, { client_id: client.id, jwks: { keys: keys(client.publicJwk) } });
      return asked(await client.assertion());
    };
    expect(await set((own) => [own])).toEqual([200, undefined]);
    expect(await set((own) => [own, { kty: 'oct', k: 'c2VjcmV0' }])).toEqual(invalidClient);
    expect(await set(() => [])).toEqual(invalidClient);
    expect(await set((own) => Array.from({ length: 1000 }, () => own))).toEqual(invalidClient);
    expect(await set((own) => Array.from({ length: 21 }, () => own))).toEqual(invalidClient);
    expect(await set(() => [{ ...weak, kty: 'RSA' }])).toEqual(invalidClient);
    const leaked = await w.client();
    w.hosts.publish(leaked.id, { client_id: leaked.id, jwks: { keys: [leaked.privateJwk] } });
    expect(await asked(await leaked.assertion())).toEqual(invalidClient);
  });

  it('(23) once an agent is revoked its next call is refused at every door, and it gets no new token', async () => {
    const gone = await w.client();
    const key = await w.tokenOf(gone);
    expect(await tried(key)).toEqual(accepted);
    await sql(w.t, "update frontdesk.agents set status = 'revoked', revoked_at = now(), epoch = epoch + 1 where client_id = $1", [gone.id]);
    expect(await tried(key)).toEqual(refused);
    expect(await asked(await gone.assertion())).toEqual(invalidClient);
  });

  it('(23) tokens that were got with an API key end with the key', async () => {
    const client_secret = await w.t.key({ organization: { domain: freshDomainName(), name: 'With a key' } });
    const hash = 'secret_hash = sha256($1::text::bytea)';
    const [row] = await sql(w.t, `select key_id from frontdesk.api_keys where ${hash}`, [client_secret]);
    const { body } = await w.ask({ grant_type: 'client_credentials', client_id: String(row?.key_id), client_secret });
    expect(await tried(body.access_token)).toEqual(accepted);
    await sql(w.t, `update frontdesk.api_keys set revoked_at = now() where ${hash}`, [client_secret]);
    expect(await tried(body.access_token)).toEqual(refused);
  });
});

describe('keys of ours', () => {
  it('(7) unknown: refused; rotated: good until it expires; revoked: dead at once', async () => {
    const { publicKey, privateKey } = await generateKeyPair('Ed25519');
    const { kid: unknown } = { kid: String((await exportJWK(publicKey)).x) };
    const forged = new SignJWT({ ...claimsIn(token) }).setProtectedHeader({ ...headerIn(token), kid: unknown });
    expect(await tried(await forged.sign(privateKey))).toEqual(refused);

    const rotated = await rotateKey(w.t.world.admin, { host: demoHost, purpose: 'access_tokens' });
    expect(rotated.ok && rotated.value.retired).toEqual([headerIn(token).kid]);
    const next = await w.tokenOf(agent);
    expect(headerIn(next).kid).not.toBe(headerIn(token).kid);
    expect([await tried(token), await tried(next)]).toEqual([accepted, accepted]);

    await revokeKey(w.t.world.admin, { host: demoHost, kid: headerIn(token).kid });
    expect([await tried(token), await tried(next)]).toEqual([refused, accepted]);
    const { body } = await w.t.send('GET', '/.well-known/jwks.json');
    const kids = body.keys.map(({ kid }: { kid: string }) => kid);
    expect([kids.includes(headerIn(token).kid), kids.includes(headerIn(next).kid)]).toEqual([false, true]);
  });
});
