import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { auth, Client, PrivateKeyJwtProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ClientCredentialsProvider as LegacySecretProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { formatSecret, secretHash } from '../../src/domain/secret.ts';
import { createNodeServer } from '../../src/node-server.ts';
import vendorFile from '../../vendor/ledgerbridge.json' with { type: 'json' };
import { freshProspect } from '../support/examples.ts';
import { backEndKey } from '../support/mishaps.ts';
import { claimsIn, clientOf, credentialsOf, freshDomainName, jwtBearer, type OAuthWorld, openOAuthWorld } from '../support/oauth-world.ts';
import { sql, tenantAt } from '../support/sql.ts';

const issuer = 'https://idp.example';
let w: OAuthWorld;
let server: Server;
let origin: string;
/** `METHOD path` of every request that reached the server. */
const requests: string[] = [];
beforeAll(async () => {
  w = await openOAuthWorld();
  server = createNodeServer(w.t.app).listen(0, '127.0.0.1');
  server.prependListener('request', ({ method, url }) => requests.push(`${method} ${url}`));
  await once(server, 'listening');
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const trusted = [
    { issuer, jwks_uri: `${issuer}/keys`, organization_domain: 'enterprise.example' },
    { issuer: 'https://other-idp.example', jwks_uri: 'https://other-idp.example/keys' },
  ];
  const applied = await applyVendor(w.t.world.admin, { raw: { ...vendorFile, trusted_issuers: trusted }, origin, hosts: ['localhost'] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
});
afterAll(() => new Promise((done) => void server.close(done).closeAllConnections()));

const client = async (url?: string) => {
  const made = await clientOf(url ?? `https://${freshDomainName()}/.well-known/frontdesk-agent.json`, () => w.t.world.deps.now(), origin);
  w.hosts.publish(made.id, { client_id: made.id, client_name: 'An agent', jwks: { keys: [made.publicJwk] } });
  return made;
};
const scopesOf = (body: { scope: string }) => body.scope.split(' ');
const organization = async (id: unknown) =>
  (await sql(w.t, 'select tier, domain from frontdesk.organizations where organization_id = $1', [String(id)]))[0];
const countOf = async (what: string, id: string) => (await sql(w.t, `select 1 from frontdesk.${what} = $1`, [id])).length;
const keyRow = async (key: string) =>
  (
    await sql(w.t, "select key_id, organization_id, agent_id from frontdesk.api_keys where secret_hash = decode($1, 'hex')", [
      secretHash(key),
    ])
  )[0];

describe('from a key and a metadata document to an attributed referral, in two calls', () => {
  it('with the official MCP client and its private-key-JWT provider', async () => {
    const agent = await client();
    const provider = new PrivateKeyJwtProvider({
      clientId: agent.id,
      privateKey: { ...agent.privateJwk },
      algorithm: 'EdDSA',
      expectedIssuer: origin,
    });
    requests.length = 0;
    expect(await auth(provider, { serverUrl: `${origin}/mcp` })).toBe('AUTHORIZED');
    expect(requests.filter((request) => request.startsWith('POST'))).toEqual(['POST /oauth/token']);
    const token = provider.tokens()?.access_token ?? '';
    // What the metadata of the resource says a client begins with, for that resource alone.
    expect(claimsIn(token)).toMatchObject({
      aud: `${origin}/mcp`,
      scope: 'workspaces:provision referrals:create',
      tier: 'domain_verified',
    });

    const mcp = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await mcp.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { authProvider: provider }));
    const calls = requests.length;
    const { structuredContent, isError } = await mcp.callTool({
      name: 'provision_workspace',
      arguments: { prospect: freshProspect(), idempotency_key: crypto.randomUUID() },
    });
    expect(isError ?? false).toBe(false);
    expect(requests.slice(calls)).toEqual(['POST /mcp']);
    expect(structuredContent).toMatchObject({
      attribution: { outcome: 'attributed' },
      referral: { status: 'pending', organization_id: claimsIn(token).org },
    });
    await mcp.close();
  });

  it('with the two functions of docs/how-to/give-an-agent-access.md', async () => {
    const page = await readFile(new URL('../../docs/how-to/give-an-agent-access.md', import.meta.url), 'utf8');
    const code = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, each]) => each).join('\n');
    const { askForToken, provision } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const agent = await client();
    requests.length = 0;
    const { access_token } = await askForToken(origin, agent.id, agent.privateJwk);
    const { workspace, attribution } = await provision(origin, access_token, freshProspect());
    expect([workspace.status, attribution.outcome, requests]).toEqual([
      'active',
      'attributed',
      ['POST /oauth/token', 'POST /v1/workspaces/provision'],
    ]);
  });

  it('with oauth4webapi, which validates the token as well', async () => {
    const agent = await client();
    const as = await discovered();
    const authentication = oauth.PrivateKeyJwt(agent.privateKey);
    const asked = await oauth.clientCredentialsGrantRequest(as, { client_id: agent.id }, authentication, {}, insecure);
    const { access_token, token_type } = await oauth.processClientCredentialsResponse(as, { client_id: agent.id }, asked);
    expect(token_type).toBe('bearer');
    const request = new Request(`${origin}/v1/workspaces/provision`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ prospect: freshProspect() }),
    });
    const claims = await oauth.validateJwtAccessToken(as, request, origin, insecure);
    expect(claims).toMatchObject({ client_id: agent.id, iss: origin });
    const answer = await fetch(request);
    expect([answer.status, await answer.json()]).toMatchObject([201, { attribution: { outcome: 'attributed' } }]);
  });
});

const insecure = { [oauth.allowInsecureRequests]: true };
async function discovered(): Promise<oauth.AuthorizationServer> {
  const at = new URL(origin);
  return oauth.processDiscoveryResponse(at, await oauth.discoveryRequest(at, { algorithm: 'oauth2', ...insecure }));
}

describe('a token that is bound to a key (RFC 9449)', () => {
  it('is got with a DPoP proof, says so, and the proof is good once', async () => {
    const agent = await client();
    const as = await discovered();
    const handle = oauth.DPoP({}, await generateKeyPair('ES256', { extractable: true }));
    const proofs: string[] = [];
    const options = {
      ...insecure,
      DPoP: handle,
      [oauth.customFetch]: (url: string, { body, headers, method }: oauth.CustomFetchOptions<'POST', URLSearchParams>) => {
        proofs.push(new Headers(headers).get('dpop') ?? '');
        return fetch(url, { body, headers, method });
      },
    };
    const asked = await oauth.clientCredentialsGrantRequest(
      as,
      { client_id: agent.id },
      oauth.PrivateKeyJwt(agent.privateKey),
      {},
      options,
    );
    const { access_token, token_type } = await oauth.processClientCredentialsResponse(as, { client_id: agent.id }, asked);
    expect([token_type, claimsIn(access_token).cnf]).toEqual(['dpop', { jkt: await handle.calculateThumbprint() }]);
    const again = await w.ask(await credentialsOf(agent), { headers: { DPoP: proofs[0] ?? '' } });
    expect([again.status, again.body.error]).toEqual([400, 'invalid_dpop_proof']);
  });
});

describe('who an organization is', () => {
  it('a document at the well-known path of a registrable domain proves it, and makes it once', async () => {
    const first = await client();
    const { org } = claimsIn(await w.tokenOf(first));
    expect(await organization(org)).toEqual({ tier: 'domain_verified', domain: first.domain });
    expect(claimsIn(await w.tokenOf(first)).org).toBe(org);
    expect(await countOf('agents where client_id', first.id)).toBe(1);
  });

  it('a document anywhere else proves its key: an organization of its own, without a domain, and a newcomer’s scopes', async () => {
    const proven = await client();
    await w.tokenOf(proven);
    const elsewhere = await client(`https://${proven.domain}/agents/one`);
    const { body } = await w.ask(await credentialsOf(elsewhere));
    expect(await organization(claimsIn(body.access_token).org)).toEqual({ tier: 'key_bound', domain: null });
    expect(scopesOf(body)).not.toContain('disputes:create');
  });

  it('a document at a domain that an operator gave to an organization asks it, and stands for itself until that has approved', async () => {
    const agent = await client();
    const key = await w.t.key({ organization: { domain: agent.domain, name: 'Made before' }, scopes: ['agents:manage'] });
    const { organization_id: holder } = (await keyRow(key)) ?? {};
    const { org } = claimsIn(await w.tokenOf(agent));
    expect(await organization(org)).toEqual({ tier: 'key_bound', domain: null });
    const listed = await w.t.send('GET', '/v1/organization-joins', { key });
    const [{ id }] = listed.body.data;
    await w.t.send('POST', `/v1/organization-joins/${id}/decide`, { key, body: { approve: true } });
    expect(claimsIn(await w.tokenOf(agent)).org).toBe(holder);
  });

  it('two first calls at the same time make one agent and one organization', async () => {
    const agent = await client();
    const tokens = await Promise.all([1, 2, 3, 4].map(() => w.tokenOf(agent)));
    expect(new Set(tokens.map((token) => claimsIn(token).sub)).size).toBe(1);
    expect(await countOf('organizations where domain', agent.domain)).toBe(1);
  });
});

describe('the token endpoint', () => {
  it('takes two round trips, the first time as well as later', async () => {
    const agent = await client();
    for (const _ of [1, 2]) {
      const form = await credentialsOf(agent);
      const before = w.t.roundTrips();
      expect((await w.ask(form)).status).toBe(200);
      expect(w.t.roundTrips() - before).toBe(2);
    }
  });

  it('takes an API key as client secret, in the header or the body, under any id of its own', async () => {
    const key = await w.t.key({
      organization: { domain: freshDomainName(), name: 'With a key' },
      scopes: ['referrals:read', 'ledger:read'],
    });
    const row = await keyRow(key);
    const ids = [row?.key_id, row?.organization_id, row?.agent_id].map(String);
    for (const client_id of ids) {
      const Authorization = `Basic ${btoa(`${client_id}:${key}`)}`;
      const basic = await w.ask({ grant_type: 'client_credentials' }, { headers: { Authorization } });
      const post = await w.ask({ grant_type: 'client_credentials', client_id, client_secret: key });
      for (const { status, body } of [basic, post]) {
        // No more than the key and the tier together.
        expect([status, body.scope]).toEqual([200, 'referrals:read ledger:read']);
        expect(claimsIn(body.access_token)).toMatchObject({ client_id, key: row?.key_id, sub: row?.agent_id });
      }
    }
    const other = await w.ask({ grant_type: 'client_credentials', client_id: 'org_other', client_secret: key });
    expect([other.status, other.body.error]).toEqual([401, 'invalid_client']);
  });

  it('gives a key without an agent one of its own, and finds it again', async () => {
    const { org } = claimsIn(await w.tokenOf(await client()));
    const [client_id, client_secret] = ['key_01m7z4g4zjfk6ra3frqqpyk2ev', formatSecret('key', 'dev', new Uint8Array(32).fill(7))];
    const row = { secret_hash: secretHash(client_secret), last4: client_secret.slice(-4), organization_id: String(org), agent_id: null };
    const more = { scopes: ['referrals:read'], created_at: new Date().toISOString(), expires_at: null };
    await w.t.world.deps.memory.commit(await tenantAt(w.t, 'localhost'), { api_keys: [{ key_id: client_id, ...row, ...more }] });
    const form = { grant_type: 'client_credentials', client_id, client_secret };
    const asked = [await w.ask(form), await w.ask(form)].map(({ body }) => claimsIn(body.access_token));
    expect(asked.map((claims) => [claims.org, claims.key])).toEqual([1, 2].map(() => [org, client_id]));
    expect(asked[1]?.sub).toBe(asked[0]?.sub);
  });

  it('counts strangers by their network, and tells the rest when to come back', async () => {
    const statuses = new Map<number, number>();
    let last = await w.ask({ grant_type: 'password' }, { from: '10.77.1.1' });
    for (let i = 0; last.status !== 429 && i < 200; i++) {
      statuses.set(last.status, i + 1);
      last = await w.ask({ grant_type: 'password' }, { from: `10.77.1.${i}` });
    }
    // 120 at once, and what the clock let in meanwhile: two a second.
    expect([...statuses.keys()]).toEqual([400]);
    expect(statuses.get(400)).toBeGreaterThanOrEqual(120);
    expect([last.status, last.body.error, Number(last.headers.get('Retry-After')) > 0]).toEqual([429, 'temporarily_unavailable', true]);
  });

  it('works with the official MCP client’s client-secret provider', async () => {
    const clientSecret = await w.t.key({ organization: { domain: freshDomainName(), name: 'Legacy' } });
    const row = await keyRow(clientSecret);
    const authProvider = new LegacySecretProvider({ clientId: String(row?.key_id), clientSecret, expectedIssuer: origin });
    const mcp = new LegacyClient({ name: 'test', version: '1' });
    const transport = new LegacyTransport(new URL(`${origin}/mcp`), { authProvider });
    await mcp.connect(transport as Parameters<typeof mcp.connect>[0]);
    requests.length = 0;
    // Nothing was asked for a credential yet: this tool does, and the client goes and gets one.
    const { isError } = await mcp.callTool({ name: 'list_referrals', arguments: {} });
    expect([isError ?? false, requests.filter((request) => request.includes('/oauth/'))]).toEqual([false, ['POST /oauth/token']]);
    await mcp.close();
  });

  it('gives a key of the vendor’s own back end no token', async () => {
    const client_secret = await backEndKey(w.t, 'localhost');
    const row = await keyRow(client_secret);
    const { status, body } = await w.ask({ grant_type: 'client_credentials', client_id: String(row?.key_id), client_secret });
    expect([status, body.error]).toEqual([400, 'unauthorized_client']);
  });

  it('takes what authenticates a client as the grant itself too', async () => {
    const agent = await client();
    const assertion = await agent.assertion();
    const { status, body } = await w.ask({ grant_type: jwtBearer, assertion });
    expect([status, claimsIn(body.access_token).client_id]).toEqual([200, agent.id]);
    const again = await w.ask({ grant_type: jwtBearer, assertion });
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('exchanges an identity assertion of ours as often as its agent likes, until the epoch moves on', async () => {
    const { sub, epoch } = claimsIn(await w.tokenOf(await client()));
    const desk = await w.t.world.deps.desks.find('localhost');
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: origin, aud: origin, sub, tid: desk?.tenant, epoch, iat, exp: iat + 86_400, jti: 'asr_1' };
    const assertion = (await desk?.sign('assertions', claims)) ?? '';
    const asked = [await w.ask({ grant_type: jwtBearer, assertion }), await w.ask({ grant_type: jwtBearer, assertion })];
    expect(asked.map(({ status, body }) => [status, claimsIn(body.access_token).sub])).toEqual([
      [200, sub],
      [200, sub],
    ]);
    const stale = (await desk?.sign('assertions', { ...claims, epoch: 0 })) ?? '';
    expect((await w.ask({ grant_type: jwtBearer, assertion: stale })).body.error).toBe('invalid_grant');
  });

  it('believes a trusted issuer about whose agent it is, and about nobody else', async () => {
    const idp = await clientOf(issuer, () => w.t.world.deps.now(), origin);
    w.hosts.publish(`${issuer}/keys`, { keys: [idp.publicJwk] });
    const idJag = { typ: 'oauth-id-jag+jwt' };
    const assertion = await idp.assertion({ sub: 'user-1', client_id: 'some-client' }, idJag);
    const { status, body } = await w.ask({ grant_type: jwtBearer, assertion });
    const { org, tier } = claimsIn(body.access_token);
    expect([status, tier, await organization(org)]).toEqual([200, 'attested', { tier: 'attested', domain: 'enterprise.example' }]);
    expect((await w.ask({ grant_type: jwtBearer, assertion })).body.error).toBe('invalid_grant');
    const forged = await idp.assertion({ iss: 'https://other-idp.example', sub: 'user-1', client_id: 'some-client' }, idJag);
    expect((await w.ask({ grant_type: jwtBearer, assertion: forged })).body.error).toBe('invalid_grant');
    const second = await w.ask({
      grant_type: jwtBearer,
      assertion: await idp.assertion({ sub: 'user-1', client_id: 'some-client' }, idJag),
    });
    expect(claimsIn(second.body.access_token).sub).toBe(claimsIn(body.access_token).sub);
    const only = { sub: 'user-1', client_id: 'some-client', resource: `${origin}/mcp`, scope: 'referrals:read payouts:manage' };
    const narrow = await w.ask({ grant_type: jwtBearer, assertion: await idp.assertion(only, idJag) });
    expect(claimsIn(narrow.body.access_token)).toMatchObject({ aud: `${origin}/mcp`, scope: 'referrals:read' });
    const wide = await w.ask({ grant_type: jwtBearer, resource: origin, assertion: await idp.assertion(only, idJag) });
    expect(wide.body.error).toBe('invalid_target');
  });

  it('takes the word of a trusted issuer from whoever holds it; a client that names itself has to be the one that it was given to', async () => {
    const idp = await clientOf(issuer, () => w.t.world.deps.now(), origin);
    w.t.advance(3_600_000);
    w.hosts.publish(`${issuer}/keys`, { keys: [idp.publicJwk] });
    const assertion = await idp.assertion({ sub: 'user-2', client_id: 'some-client' }, { typ: 'oauth-id-jag+jwt' });
    const other = await w.ask({ grant_type: jwtBearer, assertion, client_id: 'another-client' });
    expect([other.status, other.body.error]).toEqual([400, 'invalid_grant']);
    expect((await w.ask({ grant_type: jwtBearer, assertion, client_id: 'some-client' })).status).toBe(200);
  });

  it('believes a trusted issuer that speaks for no organization in particular about a subject, and nothing of an organization', async () => {
    const id = 'https://other-idp.example';
    const idp = await clientOf(id, () => w.t.world.deps.now(), origin);
    w.t.advance(3_600_000);
    w.hosts.publish(`${id}/keys`, { keys: [idp.publicJwk] });
    const assertion = await idp.assertion({ sub: 'anybody', client_id: 'some-client' }, { typ: 'oauth-id-jag+jwt' });
    const { body } = await w.ask({ grant_type: jwtBearer, assertion });
    const { org, tier } = claimsIn(body.access_token);
    expect([tier, await organization(org)]).toEqual(['key_bound', { tier: 'key_bound', domain: null }]);
  });

  it('says that it cannot look when a host does not answer, and does not call the client or its grant wrong', async () => {
    const [one, other] = await Promise.all([client(), client()]);
    for (const { domain } of [one, other]) w.hosts.down.add(domain);
    const grant = { grant_type: jwtBearer, assertion: await other.assertion() };
    for (const form of [await credentialsOf(one), grant]) {
      const { status, body, headers } = await w.ask(form);
      expect([status, body.error, headers.get('Retry-After')]).toEqual([503, 'temporarily_unavailable', '300']);
    }
  });

  it('is for the resource that was named, for both if none was, and for nobody else', async () => {
    const agent = await client();
    const aud = async (resource?: string | string[]) => claimsIn(await w.tokenOf(agent, resource === undefined ? {} : { resource })).aud;
    expect(await aud()).toEqual([origin, `${origin}/mcp`]);
    expect(await aud(`${origin}/`)).toBe(origin);
    expect(await aud([`${origin}/mcp`, origin])).toEqual([`${origin}/mcp`, origin]);
    const { status, body } = await w.ask({ ...(await credentialsOf(agent)), resource: 'https://else.example' });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });

  it.each([
    ['JSON', { 'Content-Type': 'application/json' }, '{"grant_type":"client_credentials"}', 400, 'invalid_request'],
    ['a parameter twice', {}, 'grant_type=client_credentials&grant_type=client_credentials', 400, 'invalid_request'],
    ['more than 16 KB', {}, `grant_type=client_credentials&x=${'y'.repeat(16_400)}`, 400, 'invalid_request'],
    ['no grant type', {}, 'client_id=x', 400, 'invalid_request'],
    ['an unknown grant type', {}, 'grant_type=constructor', 400, 'unsupported_grant_type'],
    ['a password', {}, 'grant_type=password', 400, 'unsupported_grant_type'],
    ['nothing that authenticates', {}, 'grant_type=client_credentials&client_id=x', 401, 'invalid_client'],
    ['a broken header', { Authorization: 'Basic %%%' }, 'grant_type=client_credentials', 401, 'invalid_client'],
    ['two ways at once', {}, 'grant_type=client_credentials&client_secret=x&client_assertion=y', 400, 'invalid_request'],
    [
      'an assertion of an unknown type',
      {},
      'grant_type=client_credentials&client_assertion=x&client_assertion_type=y',
      400,
      'invalid_request',
    ],
  ])('refuses %s in the words of OAuth, kept nowhere', async (_, more, body, status, error) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...more };
    const refused = await w.t.send('POST', '/oauth/token', { headers, body, from: '10.9.9.9' });
    expect([refused.status, refused.body.error]).toEqual([status, error]);
    expect(refused.headers.get('Cache-Control')).toBe('no-store');
    expect(refused.headers.get('WWW-Authenticate')).toBe('Authorization' in more ? 'Basic realm="oauth"' : null);
  });
});

describe('metadata', () => {
  it.each(['authorization-server', 'protected-resource', 'protected-resource/mcp'])(
    'of %s is kept and checked again like any public document',
    async (name) => {
      const path = `/.well-known/oauth-${name}`;
      const { status, headers } = await w.t.send('GET', path);
      expect([status, headers.get('Cache-Control')]).toEqual([200, 'public, max-age=60, stale-while-revalidate=86400']);
      expect((await w.t.send('GET', path, { headers: { 'If-None-Match': headers.get('ETag') ?? '' } })).status).toBe(304);
      const posted = await w.t.send('POST', path, { body: {} });
      expect([posted.status, posted.body.code, posted.headers.get('Allow')]).toEqual([405, 'method.not_allowed', 'GET, HEAD']);
    },
  );
});

describe('revocation (RFC 7009)', () => {
  it('ends every token of the agent at once, and is deaf to tokens of others', async () => {
    const [agent, other] = [await client(), await client()];
    const [one, two, foreign] = [await w.tokenOf(agent), await w.tokenOf(agent), await w.tokenOf(other)];
    const lives = async () =>
      Promise.all([one, two, foreign].map(async (key) => (await w.t.send('GET', '/v1/workspaces', { key })).status));
    const { grant_type: _, ...credentials } = await credentialsOf(agent);
    expect((await w.post('/oauth/revoke', { ...credentials, token: foreign })).status).toBe(200);
    const { grant_type: __, ...unknown } = await credentialsOf(agent);
    expect((await w.post('/oauth/revoke', { ...unknown, token: 'nothing of ours' })).status).toBe(200);
    expect(await lives()).toEqual([200, 200, 200]);
    const { grant_type: ___, ...third } = await credentialsOf(agent);
    expect((await w.post('/oauth/revoke', { ...third, token: one })).status).toBe(200);
    expect(await lives()).toEqual([401, 401, 200]);
    expect((await w.t.send('GET', '/v1/workspaces', { key: await w.tokenOf(agent) })).status).toBe(200);
  });

  it('makes nobody of who never had a token: no agent, no organization, no proof; its assertion is used up', async () => {
    const [agent, { org }] = [await client(), claimsIn(await w.tokenOf(await client()))];
    const [client_id, client_secret] = ['key_01m7z4g4zjfk6ra3frqqpyk3ev', formatSecret('key', 'dev', new Uint8Array(32).fill(8))];
    const row = { secret_hash: secretHash(client_secret), last4: client_secret.slice(-4), organization_id: String(org), agent_id: null };
    const more = { scopes: ['referrals:read'], created_at: new Date().toISOString(), expires_at: null };
    await w.t.world.deps.memory.commit(await tenantAt(w.t, 'localhost'), { api_keys: [{ key_id: client_id, ...row, ...more }] });
    const { grant_type: _, ...credentials } = await credentialsOf(agent);
    expect((await w.post('/oauth/revoke', { ...credentials, token: 'nothing of ours' })).status).toBe(200);
    expect((await w.post('/oauth/revoke', { client_id, client_secret, token: 'nothing of ours' })).status).toBe(200);
    expect([await countOf('agents where client_id', agent.id), await countOf('agents where client_id', client_id)]).toEqual([0, 0]);
    expect(await countOf('organizations where domain', agent.domain)).toBe(0);
    expect((await w.ask({ ...credentials, grant_type: 'client_credentials' })).body.error).toBe('invalid_client');
    expect((await w.ask(await credentialsOf(agent))).status).toBe(200);
  });

  it('needs the client, where the client can show who it is', async () => {
    const token = await w.tokenOf(await client());
    const { status, body } = await w.post('/oauth/revoke', { token });
    expect([status, body.error]).toEqual([401, 'invalid_client']);
    expect((await w.t.send('GET', '/v1/workspaces', { key: token })).status).toBe(200);
  });
});
