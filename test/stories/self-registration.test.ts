import { calculateJwkThumbprint } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { formatSecret, secretHash } from '../../src/domain/secret.ts';
import { claimGrantType } from '../../src/operations/identities/claim-grant.ts';
import vendorFile from '../../vendor/ledgerbridge.json' with { type: 'json' };
import { type Browser, openBrowser, person } from '../support/browser.ts';
import { freshDomain, freshProspect } from '../support/examples.ts';
import { claimsIn, clientOf, freshNetwork, jwtBearer, type OAuthClient, type OAuthWorld, openOAuthWorld } from '../support/oauth-world.ts';
import { contentsOf, sql, tenantAt } from '../support/sql.ts';
import { demoHost, type Sent, type TestWorld } from '../support/world.ts';

let w: OAuthWorld;
let t: TestWorld;
/** Speaks for everybody at one organization, and for nobody in particular. */
const issuer = 'https://idp.enterprise.example';
const loose = 'https://idp.loose.example';
const idps = new Map<string, OAuthClient>();
beforeAll(async () => {
  w = await openOAuthWorld();
  t = w.t;
  for (const id of [issuer, loose]) {
    const idp = await clientOf(id, () => t.world.deps.now());
    idps.set(id, idp);
    w.hosts.publish(`${id}/keys`, { keys: [idp.publicJwk] });
  }
  const trusted_issuers = [
    { issuer, jwks_uri: `${issuer}/keys`, organization_domain: 'enterprise.example' },
    { issuer: loose, jwks_uri: `${loose}/keys` },
  ];
  const applied = await applyVendor(t.world.admin, {
    raw: { ...vendorFile, trusted_issuers },
    origin: 'http://localhost',
    hosts: [demoHost],
  });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
});

const tell = (path: string, body: object | string, headers: Record<string, string> = {}): Promise<Sent> =>
  t.send('POST', path, { body, headers: { 'Content-Type': 'application/json', ...headers }, from: freshNetwork(), idempotencyKey: null });
const register = (body: object | string) => tell('/agent/identity', body);
const claim = (body: object) => tell('/agent/identity/claim', body);
const poll = (claim_token: string) => w.ask({ grant_type: claimGrantType, claim_token });
const exchange = (assertion: string) => w.ask({ grant_type: jwtBearer, assertion });

async function tokenBy(assertion: string): Promise<string> {
  const { status, body } = await exchange(assertion);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.access_token;
}

async function anonymous(more: object = {}) {
  const { status, body } = await register({ type: 'anonymous', ...more });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const provision = (key: string, from = freshNetwork()) =>
  t.send('POST', '/v1/workspaces/provision', { key, from, body: { prospect: freshProspect(), seed_rows: 1 } });

/** A partner of a new organization, signed in. */
interface Partner {
  readonly email: string;
  readonly personId: string;
  readonly organizationId: string;
  readonly browser: Browser;
}

let people = 0;
async function partner({ tier = 'domain_verified' as const, steppedUp = true } = {}): Promise<Partner> {
  const email = `partner-${++people}@example.com`;
  const domain = freshDomain();
  await t.key({ organization: { domain }, tier });
  const [row] = await sql(t, 'select organization_id from frontdesk.organizations where domain = $1', [domain]);
  const organizationId = String(row?.organization_id);
  const personId = await person(t, email, 'partner');
  const at = t.world.deps.now();
  const secret = formatSecret('ses', 'dev', crypto.getRandomValues(new Uint8Array(32)));
  await t.world.deps.memory.commit(await tenantAt(t, demoHost), {
    memberships: [{ person_id: personId, organization_id: organizationId, granted_by: personId, granted_at: at.toISOString() }],
    sessions: [
      {
        ...{ session_hash: secretHash(secret), person_id: personId, created_at: at.toISOString() },
        ...{ expires_at: new Date(at.getTime() + 43_200_000).toISOString(), stepped_up_at: steppedUp ? at.toISOString() : null },
      },
    ],
  });
  const browser = openBrowser(t);
  browser.cookies.set('__Host-fd_session', secret);
  return { email, personId, organizationId, browser };
}

/** The code by which a registration can be linked. */
async function codeFor(claim_token: string, login_hint: string): Promise<string> {
  const { status, body } = await claim({ type: 'login_hint', claim_token, login_hint });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.claim_attempt.user_code;
}

/** Types the code and confirms what is shown. */
async function link({ browser, organizationId }: Partner, user_code: string, registration_id: string) {
  const shown = await browser.post('/link', { user_code });
  expect(shown.text).toContain(registration_id);
  return browser.post('/link', { user_code, registration_id, organization_id: organizationId });
}

async function linked(registration: { claim_token: string; registration_id: string }, by: Partner) {
  const code = await codeFor(registration.claim_token, by.email);
  const { status, text } = await link(by, code, registration.registration_id);
  expect(status, text).toBe(200);
  return text;
}

describe('whoever has nothing', () => {
  it('registers, gets a token for its assertion, and provisions what nobody is credited for', async () => {
    const { status, headers, body } = await register({ type: 'anonymous' });
    expect(status).toBe(200);
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(body).toEqual({
      registration_id: expect.stringMatching(/^reg_[0-9a-z]{26}$/),
      registration_type: 'anonymous',
      identity_assertion: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      assertion_expires: expect.any(String),
      pre_claim_scopes: ['workspaces:provision', 'workspaces:read', 'workspaces:write', 'referrals:create', 'referrals:read'],
      post_claim_scopes: expect.arrayContaining(['disputes:create', 'webhooks:manage']),
      claim_url: 'http://localhost/agent/identity/claim',
      claim_token: expect.stringMatching(/^fd_clm_dev_\w{36}$/),
      claim_token_expires: expect.any(String),
    });
    expect(Date.parse(body.assertion_expires) - t.world.deps.now().getTime()).toBeGreaterThan(86_390_000);
    const token = await tokenBy(body.identity_assertion);
    expect(claimsIn(token)).toMatchObject({ sub: claimsIn(body.identity_assertion).sub, tier: 'anonymous' });
    const made = await provision(token);
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({ referral: null, attribution: { outcome: 'unattributed' } });
  });

  it('is somebody else each time', async () => {
    const [one, other] = await Promise.all([anonymous(), anonymous()]);
    expect(claimsIn(one.identity_assertion).sub).not.toBe(claimsIn(other.identity_assertion).sub);
    expect(one.claim_token).not.toBe(other.claim_token);
  });

  it('gets a fresh assertion for one that is still good, under the registration that it has', async () => {
    const { identity_assertion: assertion, registration_id } = await anonymous();
    const again = await register({ type: 'identity_assertion', assertion });
    const nothing = { claim_token: null, claim_token_expires: null };
    expect(again.body).toMatchObject({ registration_id, registration_type: 'identity_assertion', ...nothing });
    expect(claimsIn(again.body.identity_assertion).sub).toBe(claimsIn(assertion).sub);
  });

  it.each([
    ['a type that is not offered', { type: 'root' }, 400, 'invalid_request'],
    ['an unknown field', { type: 'anonymous', tier: 'attested' }, 400, 'invalid_request'],
    ['no JSON', '{', 400, 'invalid_request'],
    ['more than 16 KB', { type: 'anonymous', client_name: 'x'.repeat(17_000) }, 400, 'invalid_request'],
    ['a key without a proof', { type: 'anonymous', jwk: { kty: 'OKP', crv: 'Ed25519', x: 'x' } }, 400, 'invalid_request'],
    ['a private key', { type: 'anonymous', jwk: { kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }, proof: 'a.b.c' }, 400, 'invalid_request'],
    [
      'an assertion of nobody whom the vendor trusts',
      { type: 'identity_assertion', assertion: jwtOf({ iss: 'https://idp.example' }) },
      400,
      'issuer_not_enabled',
    ],
  ])('is told in the words of OAuth about %s', async (_, body, status, error) => {
    const told = await register(body);
    expect([told.status, told.body]).toEqual([status, { error, error_description: expect.any(String) }]);
  });
});

function jwtOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'EdDSA' })}.${part({ sub: 's', jti: 'j', ...claims })}.${part({})}`;
}

/** A registration by key. The proof is for now and this desk unless `claims` says otherwise. */
async function byKey(client: OAuthClient, claims: Record<string, unknown> = {}) {
  return register({ type: 'anonymous', client_name: 'Keyed', jwk: client.publicJwk, proof: await client.assertion(claims) });
}

/** A client that calls itself by the thumbprint of its key. */
async function holder(): Promise<OAuthClient> {
  const client = await clientOf('', () => t.world.deps.now());
  const id = await calculateJwkThumbprint(client.publicJwk);
  return { ...client, id, assertion: (claims = {}, header = {}) => client.assertion({ iss: id, sub: id, ...claims }, header) };
}

describe('whoever has a key', () => {
  it('is the same agent each time, and sees the claim token once', async () => {
    const key = await holder();
    const [first, again] = [await byKey(key), await byKey(key)];
    expect([first.status, again.status], again.text).toEqual([200, 200]);
    expect(again.body).toEqual({
      ...first.body,
      ...{ identity_assertion: expect.any(String), assertion_expires: expect.any(String) },
      ...{ claim_token: null, claim_token_expires: null },
    });
    expect(claimsIn(again.body.identity_assertion).sub).toBe(claimsIn(first.body.identity_assertion).sub);
    expect(claimsIn(await tokenBy(first.body.identity_assertion))).toMatchObject({ tier: 'key_bound' });
  });

  it('is one agent, however many of its registrations come at once', async () => {
    const key = await holder();
    const all = await Promise.all(Array.from({ length: 6 }, () => byKey(key)));
    expect(all.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(new Set(all.map(({ body }) => claimsIn(body.identity_assertion).sub)).size).toBe(1);
    expect(new Set(all.map(({ body }) => body.registration_id)).size).toBe(1);
    expect(all.filter(({ body }) => body.claim_token !== null)).toHaveLength(1);
  });

  it('cannot use a proof twice, also when both come at once', async () => {
    const key = await holder();
    const proof = await key.assertion();
    const both = await Promise.all([1, 2].map(() => register({ type: 'anonymous', jwk: key.publicJwk, proof })));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    expect((await register({ type: 'anonymous', jwk: key.publicJwk, proof })).body.error).toBe('invalid_request');
  });

  const inTwoMinutes = () => Math.floor(t.world.deps.now().getTime() / 1000) + 120;
  it.each<[string, Record<string, unknown> | (() => Record<string, unknown>)]>([
    ['for another desk', { aud: 'https://elsewhere.example' }],
    ['of another key', { iss: 'somebody-else', sub: 'somebody-else' }],
    ['that lives for two minutes', () => ({ exp: inTwoMinutes() })],
    ['without an id', { jti: undefined }],
  ])('is not believed with a proof %s', async (_, claims) => {
    const told = await byKey(await holder(), typeof claims === 'function' ? claims() : claims);
    expect([told.status, told.body.error]).toEqual([400, 'invalid_request']);
  });

  it('gets a new registration once the one before ran out', async () => {
    const key = await holder();
    const first = await byKey(key);
    t.advance(86_400_000);
    const next = await byKey(key);
    expect(next.body.claim_token).toMatch(/^fd_clm_/);
    expect(next.body.registration_id).not.toBe(first.body.registration_id);
    expect(claimsIn(next.body.identity_assertion).sub).toBe(claimsIn(first.body.identity_assertion).sub);
  });
});

describe('an agent that a person links', () => {
  it('belongs to the organization with its workspaces; what it had before is dead, and it collects anew once', async () => {
    const registered = await anonymous({ client_name: 'Scout' });
    const token = await tokenBy(registered.identity_assertion);
    const workspace = await provision(token);
    const { id } = workspace.body.workspace;
    const by = await partner();
    expect((await poll(registered.claim_token)).body.error).toBe('authorization_pending');
    await linked(registered, by);

    expect((await t.send('GET', `/v1/workspaces/${id}`, { key: token })).status).toBe(401);
    expect((await exchange(registered.identity_assertion)).body.error).toBe('invalid_grant');
    t.advance(5_000);
    const collected = await poll(registered.claim_token);
    expect(collected.status, collected.text).toBe(200);
    expect(collected.body).toMatchObject({ token_type: 'Bearer', expires_in: 600, identity_assertion: expect.any(String) });
    expect(claimsIn(collected.body.access_token)).toMatchObject({
      ...{ org: by.organizationId, tier: 'domain_verified', sub: claimsIn(token).sub, epoch: 2 },
    });
    expect(await tokenBy(collected.body.identity_assertion)).toEqual(expect.any(String));
    expect((await poll(registered.claim_token)).body.error).toBe('invalid_grant');

    const seen = await t.send('GET', `/v1/workspaces/${id}`, { key: collected.body.access_token });
    expect(seen.status, seen.text).toBe(200);
    const path = `/v1/workspaces/${id}/data/account`;
    expect((await t.send('GET', path, { key: workspace.body.credentials.api_key })).status).toBe(200);
    expect((await t.send('GET', path, { key: collected.body.access_token })).body.data).toHaveLength(1);
    const counted = await sql(t, "select value::int as value from frontdesk.counters where name = 'workspaces.active' and subject = $1", [
      by.organizationId,
    ]);
    expect(counted).toEqual([{ value: 1 }]);
    const events = await sql(t, "select body from frontdesk.ledger_events where kind = 'agent.linked' and organization_id = $1", [
      by.organizationId,
    ]);
    expect(JSON.parse(String(events[0]?.body))).toMatchObject({
      person: by.personId,
      workspaces: [id],
      registration: registered.registration_id,
    });
    expect(String(events[0]?.body)).not.toMatch(/Scout|@/);
  });

  it('takes its key along, and is the same agent by it afterwards', async () => {
    const key = await holder();
    const registered = (await byKey(key)).body;
    const by = await partner();
    expect(await linked(registered, by)).toContain(String(claimsIn(registered.identity_assertion).sub));
    const [row] = await sql(t, 'select organization_id from frontdesk.agent_keys where thumbprint = $1', [key.id]);
    expect(row?.organization_id).toBe(by.organizationId);
    const again = await byKey(key);
    expect(again.body).toMatchObject({ registration_id: registered.registration_id, claim_token: null });
    expect(claimsIn(await tokenBy(again.body.identity_assertion))).toMatchObject({ org: by.organizationId, tier: 'domain_verified' });
  });

  it('is shown as what we know of it, and what it says itself as its word, as text', async () => {
    const by = await partner();
    const registered = await anonymous({ client_name: '<b>Bank</b>\u202E', organization: { name: 'Big "Co"', domain: 'big.example' } });
    const { text } = await by.browser.post('/link', { user_code: await codeFor(registered.claim_token, by.email) });
    expect(text).toContain('&lt;b&gt;Bank&lt;/b&gt;');
    expect(text).toContain('<bdi>Big &quot;Co&quot;</bdi> (big.example)');
    expect(text).toContain('nothing: anybody can do that');
    expect(text).not.toMatch(/<b>|\u202E/);
  });

  it('is not linked by reading the page, nor by looking at what a code is of', async () => {
    const by = await partner();
    const registered = await anonymous();
    const user_code = await codeFor(registered.claim_token, by.email);
    const before = await contentsOf(t);
    for (const path of ['/link', `/link?user_code=${user_code}`]) expect((await by.browser.get(path)).status).toBe(200);
    expect((await openBrowser(t).get('/link')).location).toBe('/login?next=%2Flink');
    expect(await contentsOf(t)).toEqual(before);
    await by.browser.post('/link', { user_code });
    expect((await poll(registered.claim_token)).body.error).toBe('authorization_pending');
  });

  it('is out of reach of a form that another site posts', async () => {
    const by = await partner();
    const registered = await anonymous();
    const form = { user_code: await codeFor(registered.claim_token, by.email), registration_id: registered.registration_id };
    const posted = await by.browser.post(
      '/link',
      { ...form, organization_id: by.organizationId },
      { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    );
    expect(posted.status).toBe(403);
    expect((await poll(registered.claim_token)).body.error).toBe('authorization_pending');
  });

  it('is linked by nobody but whose address it named, to nowhere but where they belong', async () => {
    const [meant, other] = [await partner(), await partner()];
    const registered = await anonymous();
    const user_code = await codeFor(registered.claim_token, meant.email);
    expect((await other.browser.post('/link', { user_code })).status).toBe(400);
    const elsewhere = { user_code, registration_id: registered.registration_id, organization_id: other.organizationId };
    expect((await meant.browser.post('/link', elsewhere)).status).toBe(404);
    expect((await link(meant, user_code, registered.registration_id)).status).toBe(200);
  });

  it('is linked once, of two confirmations at once', async () => {
    const by = await partner();
    const registered = await anonymous();
    const user_code = await codeFor(registered.claim_token, by.email);
    const form = { user_code, registration_id: registered.registration_id, organization_id: by.organizationId };
    const both = await Promise.all([by.browser.post('/link', form), by.browser.post('/link', form)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400]);
  });

  it('needs the passkey of whoever links it: without, the person is led to it and back, and nothing happens', async () => {
    const by = await partner({ steppedUp: false });
    const registered = await anonymous();
    const user_code = await codeFor(registered.claim_token, by.email);
    const tried = await link(by, user_code, registered.registration_id);
    expect([tried.status, tried.location]).toEqual([303, '/step-up?next=%2Flink']);
    expect((await poll(registered.claim_token)).body.error).toBe('authorization_pending');
    expect((await by.browser.get('/step-up?next=%2Flink')).text).toContain('/account/passkeys');
    expect((await by.browser.get('/account/passkeys')).text).toContain('data-passkey="create"');
  });

  it('dies with an earlier code as soon as there is a later one, and after 15 minutes', async () => {
    const by = await partner();
    const registered = await anonymous();
    const [first, second] = [await codeFor(registered.claim_token, by.email), await codeFor(registered.claim_token, by.email)];
    expect((await by.browser.post('/link', { user_code: first })).status).toBe(400);
    expect((await by.browser.post('/link', { user_code: second })).status).toBe(200);
    t.advance(900_000);
    expect((await by.browser.post('/link', { user_code: second })).status).toBe(400);
    expect((await poll(registered.claim_token)).body.error).toBe('expired_token');
  });

  it('stays where it is when the organization has no room for its workspaces', async () => {
    const by = await partner();
    await sql(
      t,
      'insert into frontdesk.counters (tenant_id, name, subject, value, "limit") values ($1, \'workspaces.active\', $2, 1000, 1000)',
      [await tenantAt(t, demoHost), by.organizationId],
    );
    const registered = await anonymous();
    await provision(await tokenBy(registered.identity_assertion));
    const user_code = await codeFor(registered.claim_token, by.email);
    expect((await link(by, user_code, registered.registration_id)).status).toBe(429);
    expect((await exchange(registered.identity_assertion)).status).toBe(200);
  });

  it('is there for a person who was asked first, and has nothing before that', async () => {
    const by = await partner();
    const { status, body } = await register({ type: 'service_auth', login_hint: by.email.toUpperCase() });
    expect(status).toBe(200);
    expect(body).toEqual({
      registration_id: expect.any(String),
      registration_type: 'service_auth',
      claim_url: 'http://localhost/agent/identity/claim',
      claim_token: expect.any(String),
      claim_token_expires: expect.any(String),
      post_claim_scopes: expect.any(Array),
      claim: { user_code: expect.stringMatching(/^\w{4}-\w{4}$/), verification_uri: 'http://localhost/link', expires_in: 900, interval: 5 },
    });
    const stranger = (await register({ type: 'service_auth', login_hint: 'nobody@nowhere.example' })).body;
    expect(Object.keys(stranger)).toEqual(Object.keys(body));
    await link(by, body.claim.user_code.toLowerCase().replace('-', ' '), body.registration_id);
    expect(claimsIn((await poll(body.claim_token)).body.access_token)).toMatchObject({ org: by.organizationId });
  });
});

/** What an issuer says of somebody, for this desk. */
async function issuedBy(of: string, sub: string = crypto.randomUUID()): Promise<string> {
  const idp = idps.get(of);
  if (!idp) throw new Error('no such issuer');
  return idp.assertion({ sub, client_id: 'some-client' }, { typ: 'oauth-id-jag+jwt' });
}

describe('whoever a trusted issuer speaks for', () => {
  it('is asserted at once, as the same agent each time, once per assertion', async () => {
    const assertion = await issuedBy(issuer, 'user-1');
    const first = await register({ type: 'identity_assertion', assertion });
    expect(first.status, first.text).toBe(200);
    expect(first.body).toMatchObject({ registration_id: null, registration_type: 'identity_assertion', claim_token: null });
    expect((await register({ type: 'identity_assertion', assertion })).body.error).toBe('invalid_request');
    expect((await exchange(assertion)).body.error).toBe('invalid_grant');
    const token = claimsIn(await tokenBy(first.body.identity_assertion));
    expect(token).toMatchObject({ tier: 'attested', sub: claimsIn(first.body.identity_assertion).sub });
  });

  it('is registered and claimed by no client but the one that the issuer gave its word to, where the client names itself', async () => {
    const [assertion, { claim_token }] = [await issuedBy(issuer), await anonymous()];
    const asked = { type: 'identity_assertion', assertion, client_id: 'another-client' };
    expect((await register(asked)).body.error).toBe('invalid_request');
    expect((await claim({ ...asked, claim_token })).body.error).toBe('invalid_request');
    expect((await claim({ ...asked, claim_token, client_id: 'some-client' })).body).toMatchObject({ status: 'claimed' });
    expect((await register({ ...asked, assertion: await issuedBy(issuer), client_id: 'some-client' })).status).toBe(200);
  });

  it('claims an agent for the organization at once, and collects for it', async () => {
    const { body: member } = await register({ type: 'identity_assertion', assertion: await issuedBy(issuer) });
    const { claim_token, identity_assertion, registration_id } = await anonymous();
    const assertion = await issuedBy(issuer);
    expect((await claim({ type: 'identity_assertion', claim_token, assertion })).body).toEqual({ registration_id, status: 'claimed' });
    expect((await exchange(identity_assertion)).body.error).toBe('invalid_grant');
    const { org } = claimsIn(await tokenBy(member.identity_assertion));
    expect(claimsIn((await poll(claim_token)).body.access_token)).toMatchObject({ org, tier: 'attested' });
    const again = await claim({ type: 'identity_assertion', claim_token, assertion: await issuedBy(issuer) });
    expect([again.status, again.body.error]).toEqual([409, 'claimed_or_in_flight']);
  });

  it('cannot claim an agent for an organization that the issuer does not stand for, nor with a forged word', async () => {
    const { claim_token } = await anonymous();
    const told = await claim({ type: 'identity_assertion', claim_token, assertion: await issuedBy(loose) });
    expect([told.status, told.body.error]).toEqual([401, 'interaction_required']);
    const [head, , signature] = (await issuedBy(issuer)).split('.');
    const body = jwtOf({ iss: issuer, aud: 'http://localhost' }).split('.')[1];
    const forged = await claim({ type: 'identity_assertion', claim_token, assertion: `${head}.${body}.${signature}` });
    expect(forged.body.error).toBe('invalid_request');
    expect((await poll(claim_token)).body.error).toBe('authorization_pending');
  });
});

describe('a user code', () => {
  it('can be guessed at five times, also all at once; then the right one does not help either', async () => {
    const by = await partner();
    const registered = await anonymous();
    const user_code = await codeFor(registered.claim_token, by.email);
    const guesses = await Promise.all(
      Array.from({ length: 8 }, (_, i) => by.browser.post('/link', { user_code: `BCDF-GHJ${'KLMNPQRS'[i]}` })),
    );
    expect(guesses.map(({ status }) => status).toSorted()).toEqual([400, 400, 400, 400, 400, 429, 429, 429]);
    expect((await by.browser.post('/link', { user_code })).status).toBe(429);
    t.advance(900_000);
    await sql(t, 'update frontdesk.sessions set stepped_up_at = $2 where person_id = $1', [by.personId, t.world.deps.now()]);
    expect((await link(by, await codeFor(registered.claim_token, by.email), registered.registration_id)).status).toBe(200);
  });

  it('costs a person none of the five when it is right', async () => {
    const by = await partner();
    for (let i = 0; i < 6; i++) await linked(await anonymous(), by);
  });
});

describe('a claim token', () => {
  it('is asked for every five seconds at most', async () => {
    const { claim_token } = await anonymous();
    const said = async () => (await poll(claim_token)).body.error;
    expect([await said(), await said()]).toEqual(['authorization_pending', 'slow_down']);
    t.advance(5_000);
    expect(await said()).toBe('authorization_pending');
  });

  it('is over after a day', async () => {
    const { claim_token } = await anonymous();
    t.advance(86_400_000);
    const again = await claim({ type: 'login_hint', claim_token, login_hint: 'ada@example.com' });
    expect([again.status, again.body.error]).toEqual([410, 'claim_expired']);
    expect((await poll(claim_token)).body.error).toBe('expired_token');
  });

  it('that nobody was given opens nothing, nor does that of a workspace', async () => {
    const made = await provision(await tokenBy((await anonymous()).identity_assertion));
    const ofWorkspace = new URL(made.body.claim.url).pathname.split('/').at(-1) ?? '';
    for (const claim_token of ['fd_clm_dev_x', ofWorkspace]) {
      expect((await claim({ claim_token, login_hint: 'ada@example.com' })).body.error).toBe('invalid_claim_token');
      expect((await poll(claim_token)).body.error).toBe('invalid_grant');
    }
    const { claim_token } = await anonymous();
    expect((await t.send('GET', `/claim/${claim_token}`)).status).toBe(404);
  });
});

describe('a host that is nobody’s', () => {
  it.each([
    ['/agent/identity', { type: 'anonymous' }],
    ['/agent/identity', { type: 'nonsense' }],
    ['/agent/identity/claim', {}],
  ] as const)('%s answers 404 there, whatever is asked: %j', async (path, body) => {
    const { status, body: told } = await t.send('POST', path, { body, host: 'nobody.example', idempotencyKey: null });
    expect([status, told.error]).toEqual([404, 'not_found']);
  });
});

describe('/auth.md', () => {
  it('is short, for this desk, and names what the metadata names', async () => {
    const { status, headers, text } = await t.send('GET', '/auth.md');
    expect([status, headers.get('Content-Type')]).toEqual([200, 'text/markdown; charset=utf-8']);
    expect(text).toContain('auth.md v0.7.0');
    expect(text.length).toBeLessThan(10_000);
    const metadata = (await t.send('GET', '/.well-known/oauth-authorization-server')).body;
    for (const address of [metadata.token_endpoint, metadata.agent_auth.identity_endpoint, metadata.agent_auth.claim_endpoint])
      expect(text).toContain(address);
    expect(metadata.grant_types_supported).toContain(claimGrantType);
    expect(metadata.agent_auth.skill).toBe('http://localhost/auth.md');
  });
});
