import { beforeAll, describe, expect, it } from 'vitest';
import { agentScopes } from '../../src/domain/scopes.ts';
import { formatSecret, kindOfSecret, secretHash } from '../../src/domain/secret.ts';
import { type AgentKeyPair, keyPair, type MadeAgent, madeAgent } from '../support/agents.ts';
import { freshProspect, staffStage } from '../support/examples.ts';
import { assertionType, claimsIn, freshNetwork } from '../support/oauth-world.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type Sent, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let staff: string;
beforeAll(async () => {
  t = await openTestWorld();
  staff = (await staffStage(t)).key;
});

const day = 86_400_000;
const me = (key: string) => t.send('GET', '/v1/me', { key });
const statusOf = async (key: string) => (await me(key)).status;

/** Signs in at the token endpoint by a key. */
async function signIn(agentId: string, key: AgentKeyPair): Promise<Sent> {
  return askToken({ client_assertion_type: assertionType, client_assertion: await key.assertion(agentId) });
}
/** The same by an API key. */
const secretSignIn = ({ id, key }: { id: string; key: string }) => askToken({ client_id: id, client_secret: key });

function askToken(form: Readonly<Record<string, string>>): Promise<Sent> {
  return t.send('POST', '/oauth/token', {
    ...{ idempotencyKey: null, from: freshNetwork(), body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString() },
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
}
const tokenBy = async (agentId: string, key: AgentKeyPair): Promise<string> => (await signIn(agentId, key)).body.access_token;

async function rotate(agent: MadeAgent, credential: string, next: AgentKeyPair, more: object = {}): Promise<Sent> {
  const body = { jwk: next.jwk, proof: await next.assertion(agent.agentId), ...more };
  return t.send('POST', `/v1/agents/${agent.agentId}/rotate-key`, { key: credential, body });
}

describe('what an agent learns of itself', () => {
  it('from the first token on: who it is, what it may do, how often, and what is missing for the next tier', async () => {
    const agent = await madeAgent(t, { tier: 'key_bound' });
    const { body } = await me(await tokenBy(agent.agentId, agent.key));
    expect(body).toMatchObject({
      kind: 'agent',
      agent: { id: agent.agentId },
      organization: { id: agent.organizationId, domain: null, tier: 'key_bound', frozen: false },
      tier: 'key_bound',
      next_tier: { tier: 'domain_verified' },
      payout: { ready: false, because: 'no_payee' },
      person: null,
    });
    expect(body.scopes).toContain('agents:manage');
    expect(body.scopes).not.toContain('disputes:create');
    expect(body.next_tier.steps.map(({ operation }: { operation: string }) => operation)).toContain('verify_organization');
    for (const { q, w } of body.limits) expect([q > 0, w > 0]).toEqual([true, true]);
  });

  it('is told to back ends and to the keys of workspaces as well, without what they have not', async () => {
    expect((await me(staff)).body).toMatchObject({ kind: 'back_end', organization: null, next_tier: null, payout: null });
    const { body } = await t.send('POST', '/v1/workspaces/provision', { body: { prospect: freshProspect() }, from: freshNetwork() });
    expect((await me(body.credentials.api_key)).body).toMatchObject({
      ...{ kind: 'workspace', agent: null, organization: null, tier: 'anonymous', scopes: ['workspaces:read', 'workspaces:write'] },
    });
  });
});

describe('an agent that gives itself another key', () => {
  it('signs in with both until the old one has overlapped, and then with the new one only', async () => {
    const agent = await madeAgent(t);
    const [old, next] = [await tokenBy(agent.agentId, agent.key), await keyPair(t)];
    const rotated = await rotate(agent, old, next, { overlap_hours: 2 });
    expect(rotated).toMatchObject({ status: 200, body: { id: agent.agentId, thumbprint: next.thumbprint } });
    expect(Date.parse(rotated.body.retired_until) - t.world.deps.now().getTime()).toBeGreaterThan(7_000_000);
    expect([(await signIn(agent.agentId, agent.key)).status, (await signIn(agent.agentId, next)).status]).toEqual([200, 200]);
    expect(await statusOf(old)).toBe(200);
    t.advance(2 * 3_600_000 + 1000);
    const late = await signIn(agent.agentId, agent.key);
    expect([late.status, late.body.error]).toEqual([401, 'invalid_client']);
    expect((await signIn(agent.agentId, next)).status).toBe(200);
  });

  it('without an overlap ends the old key and every token at once', async () => {
    const agent = await madeAgent(t);
    const [token, next] = [await tokenBy(agent.agentId, agent.key), await keyPair(t)];
    expect((await rotate(agent, token, next, { overlap_hours: 0 })).body.retired_until).toBeNull();
    expect([await statusOf(token), (await signIn(agent.agentId, agent.key)).status]).toEqual([401, 401]);
    const fresh = await tokenBy(agent.agentId, next);
    const { body } = await t.send('GET', `/v1/agents/${agent.agentId}`, { key: fresh });
    expect(body.keys.map(({ thumbprint, status }: AgentKeyPair & { status: string }) => [thumbprint, status])).toEqual([
      [next.thumbprint, 'active'],
      [agent.key.thumbprint, 'revoked'],
    ]);
  });

  it('must show that it holds the new key: a proof by another key, for another agent or origin, or too late is none', async () => {
    const [agent, other, next] = [await madeAgent(t), await madeAgent(t), await keyPair(t)];
    const token = await tokenBy(agent.agentId, agent.key);
    const now = Math.floor(t.world.deps.now().getTime() / 1000);
    const proofs = {
      'by the old key': await agent.key.assertion(agent.agentId),
      'of another agent': await next.assertion(other.agentId),
      'for another origin': await next.assertion(agent.agentId, { aud: 'https://elsewhere.example' }),
      'too late': await next.assertion(agent.agentId, { iat: now - 600, exp: now - 300 }),
      'no token at all': 'a.b.c',
    };
    for (const [what, proof] of Object.entries(proofs)) {
      const { body } = await rotate(agent, token, next, { proof });
      expect([what, body.code, body.errors?.[0].pointer]).toEqual([what, 'request.invalid', '/proof']);
    }
    expect((await signIn(agent.agentId, next)).status).toBe(401);
  });

  it('uses its proof up: the new key does not sign in by it', async () => {
    const [agent, next] = [await madeAgent(t), await keyPair(t)];
    const proof = await next.assertion(agent.agentId);
    expect((await rotate(agent, await agent.token(), next, { proof })).status).toBe(200);
    const replayed = await signIn(agent.agentId, { ...next, assertion: async () => proof });
    expect([replayed.status, replayed.body.error]).toEqual([401, 'invalid_client']);
    expect((await signIn(agent.agentId, next)).status).toBe(200);
  });

  it('cannot take a key that is or was in use, nor one with a private member', async () => {
    const [agent, other] = [await madeAgent(t), await madeAgent(t)];
    const token = await tokenBy(agent.agentId, agent.key);
    for (const key of [agent.key, other.key]) expect((await rotate(agent, token, key)).body.code).toBe('resource.conflict');
    const next = await keyPair(t);
    const secret = await rotate(agent, token, next, { jwk: { ...next.jwk, d: 'A'.repeat(43) } });
    expect([secret.body.code, secret.text.includes('AAAA')]).toEqual(['request.invalid', false]);
  });

  it('is itself: no other agent of its organization, no document’s, and no API key of it, whatever that may do', async () => {
    const [agent, next] = [await madeAgent(t), await keyPair(t)];
    const colleague = await madeAgent(t, { organizationId: agent.organizationId });
    expect((await rotate(agent, await colleague.token(), next)).body.code).toBe('state.forbidden');
    const documented = await madeAgent(t, { kind: 'document' });
    expect((await rotate(documented, await documented.token(), next)).body.code).toBe('state.forbidden');
    // Who has an API key would otherwise stay in when it is revoked.
    const made = await t.send('POST', '/v1/api-keys', { key: await agent.token(agentScopes), body: { scopes: agentScopes } });
    const got = await secretSignIn(made.body);
    expect([made.body.agent_id, claimsIn(got.body.access_token).sub]).toEqual([agent.agentId, agent.agentId]);
    for (const key of [made.body.key, got.body.access_token]) expect((await rotate(agent, key, next)).body.code).toBe('state.forbidden');
    expect((await signIn(agent.agentId, next)).status).toBe(401);
  });
});

describe('an agent that is revoked', () => {
  it('(23) is nobody with the very next call, by whatever it holds, at both doors and the token endpoint', async () => {
    const agent = await madeAgent(t);
    const token = await tokenBy(agent.agentId, agent.key);
    const { body: made } = await t.send('POST', '/v1/api-keys', { key: token, body: { scopes: ['referrals:read'] } });
    const colleague = await madeAgent(t, { organizationId: agent.organizationId });
    const revoked = await t.send('POST', `/v1/agents/${agent.agentId}/revoke`, { key: await colleague.token() });
    expect(revoked).toMatchObject({ status: 200, body: { id: agent.agentId, status: 'revoked' } });
    expect([await statusOf(token), await statusOf(made.key)]).toEqual([401, 401]);
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_my_status', arguments: {} } };
    const headers = { Accept: 'application/json, text/event-stream' };
    expect((await t.send('POST', '/mcp', { key: token, body: call, headers, idempotencyKey: null })).status).toBe(401);
    expect((await signIn(agent.agentId, agent.key)).body.error).toBe('invalid_client');
    expect(await statusOf(await colleague.token())).toBe(200);
  });

  it('takes along the API key that it came from, which an operator made for no agent', async () => {
    const { organizationId } = await madeAgent(t);
    const { given } = await sceneAt(t, demoHost);
    const [key_id, key] = [given.newId('key'), formatSecret('key', 'dev', given.random(32))];
    const row = { key_id, secret_hash: secretHash(key), last4: key.slice(-4), organization_id: organizationId, agent_id: null };
    const more = { scopes: ['referrals:read'], created_at: given.now.toISOString(), expires_at: null };
    await commitAt(t, demoHost, { api_keys: [{ ...row, ...more }] });
    const { body } = await secretSignIn({ id: key_id, key });
    expect([await statusOf(key), await statusOf(body.access_token)]).toEqual([200, 200]);
    const agentId = String(claimsIn(body.access_token).sub);
    expect((await t.send('POST', `/v1/agents/${agentId}/revoke`, { key: staff })).status).toBe(200);
    expect([await statusOf(key), await statusOf(body.access_token)]).toEqual([401, 401]);
  });

  it('stays what it is when it is revoked again, and its key is nobody else’s', async () => {
    const [agent, other] = [await madeAgent(t), await madeAgent(t)];
    const path = `/v1/agents/${agent.agentId}/revoke`;
    const first = await t.send('POST', path, { key: staff });
    t.advance(1000);
    const again = await t.send('POST', path, { key: staff });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await rotate(other, await other.token(), agent.key)).body.code).toBe('resource.conflict');
  });

  it('(23) goes with all others of its organization: agents, API keys, tokens; the caller goes last', async () => {
    const boss = await madeAgent(t);
    const agents = [
      await madeAgent(t, { organizationId: boss.organizationId }),
      await madeAgent(t, { organizationId: boss.organizationId }),
    ];
    const { body: made } = await t.send('POST', '/v1/api-keys', { key: await boss.token(), body: { scopes: ['referrals:read'] } });
    const path = `/v1/organizations/${boss.organizationId}/revoke-agents`;
    const revoked = await t.send('POST', path, { key: await boss.token() });
    expect(revoked.body).toMatchObject({ agents: 2, api_keys: 1, has_more: false });
    const left = await Promise.all([...agents.map(async (agent) => statusOf(await agent.token())), statusOf(made.key)]);
    expect([left, await statusOf(await boss.token())]).toEqual([[401, 401, 401], 200]);
    expect((await t.send('POST', path, { key: staff })).body).toMatchObject({ agents: 1, api_keys: 0 });
    expect(await statusOf(await boss.token())).toBe(401);
  });
});

describe('an API key', () => {
  it('is not for whoever made itself up: neither made nor rotated before a domain is proven', async () => {
    const agent = await madeAgent(t);
    const { body: made } = await t.send('POST', '/v1/api-keys', { key: await agent.token(), body: { scopes: ['agents:manage'] } });
    await sql(t, "update frontdesk.organizations set tier = 'key_bound' where organization_id = $1", [agent.organizationId]);
    for (const key of [await agent.token(), made.key]) {
      const asked = [
        await t.send('POST', '/v1/api-keys', { key, body: { scopes: ['agents:manage'] } }),
        await t.send('POST', `/v1/api-keys/${made.id}/rotate`, { key, body: {} }),
      ];
      expect(asked.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([409, 'state.forbidden']));
    }
  });

  it('that an organization makes for itself carries no more than its own credential, and is shown once', async () => {
    const agent = await madeAgent(t);
    const [key, idempotencyKey] = [await agent.token(['referrals:read', 'agents:manage', 'payouts:manage']), crypto.randomUUID()];
    const create = (scopes: readonly string[], more: object = {}) => t.send('POST', '/v1/api-keys', { key, body: { scopes, ...more } });
    for (const scope of ['disputes:create', 'payouts:manage', 'keys:rotate']) {
      expect((await create([scope])).body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/scopes/0', code: 'scope' }] });
    }
    expect((await create(['referrals:read'], { organization_id: null })).body.code).toBe('resource.not_found');
    const body = { scopes: ['referrals:read', 'agents:manage'] };
    const made = await t.send('POST', '/v1/api-keys', { key, body, idempotencyKey });
    expect([made.status, kindOfSecret(made.body.key), made.body.last4]).toEqual([201, 'key', made.body.key.slice(-4)]);
    expect((await me(made.body.key)).body.scopes).toEqual(made.body.scopes);
    const again = await t.send('POST', '/v1/api-keys', { key, body, idempotencyKey });
    expect(again.body).toMatchObject({ id: made.body.id, key: null, key_reason: 'shown_once' });
    // What it makes in its turn is within its own scopes, not within its agent's.
    const child = await t.send('POST', '/v1/api-keys', { key: made.body.key, body: { scopes: ['workspaces:read'] } });
    expect(child.body.code).toBe('request.invalid');
  });

  it('is rotated with an overlap, or at once, and never outlives what it replaces', async () => {
    const agent = await madeAgent(t);
    const expires_at = new Date(t.world.deps.now().getTime() + 3 * day).toISOString();
    const key = await agent.token();
    const { body: first } = await t.send('POST', '/v1/api-keys', { key, body: { scopes: ['agents:manage'], expires_at } });
    const { body: second } = await t.send('POST', `/v1/api-keys/${first.id}/rotate`, { key: first.key, body: { overlap_hours: 1 } });
    expect(second).toMatchObject({ replaces: first.id, scopes: first.scopes, expires_at });
    expect([await statusOf(first.key), await statusOf(second.key)]).toEqual([200, 200]);
    t.advance(3_600_001);
    expect([await statusOf(first.key), await statusOf(second.key)]).toEqual([401, 200]);
    const { body: third } = await t.send('POST', `/v1/api-keys/${second.id}/rotate`, { key: second.key, body: { overlap_hours: 0 } });
    expect([await statusOf(second.key), await statusOf(third.key)]).toEqual([401, 200]);
    t.advance(3 * day);
    expect(await statusOf(third.key)).toBe(401);
  });

  it('is not rotated by who may do less than it', async () => {
    const agent = await madeAgent(t);
    const create = async (scopes: readonly string[]) =>
      (await t.send('POST', '/v1/api-keys', { key: await agent.token(), body: { scopes } })).body;
    const [wide, narrow] = [await create([...agentScopes]), await create(['agents:manage'])];
    const refused = await t.send('POST', `/v1/api-keys/${wide.id}/rotate`, { key: narrow.key, body: {} });
    expect([refused.status, refused.body.code]).toEqual([409, 'state.forbidden']);
    expect(await statusOf(wide.key)).toBe(200);
  });

  it('that is revoked is dead with the next call, and so is a token that was got with it', async () => {
    const agent = await madeAgent(t);
    const { body: made } = await t.send('POST', '/v1/api-keys', { key: await agent.token(), body: { scopes: ['referrals:read'] } });
    const got = await secretSignIn(made);
    expect([got.status, await statusOf(got.body.access_token)]).toEqual([200, 200]);
    const { body } = await t.send('POST', `/v1/api-keys/${made.id}/revoke`, { key: await agent.token() });
    expect(body.revoked_at).not.toBeNull();
    expect([await statusOf(made.key), await statusOf(got.body.access_token)]).toEqual([401, 401]);
    const list = await t.send('GET', '/v1/api-keys', { key: await agent.token() });
    expect(list.body.data.map(({ id, revoked_at }: { id: string; revoked_at: string }) => [id, revoked_at])).toEqual([
      [made.id, body.revoked_at],
    ]);
    expect(list.text).not.toContain(made.key);
  });

  it('of a back end is made by who has keys:rotate, with no scope that it has not itself', async () => {
    const create = (key: string, scopes: readonly string[]) =>
      t.send('POST', '/v1/api-keys', { key, body: { scopes, organization_id: null } });
    const made = await create(staff, ['events:write', 'agents:manage']);
    expect(made).toMatchObject({ status: 201, body: { organization_id: null, agent_id: null } });
    expect((await me(made.body.key)).body.kind).toBe('back_end');
    const refused = await create(made.body.key, ['events:write']);
    expect([refused.status, refused.body.code, refused.body.required_scope]).toEqual([403, 'scope.missing', 'keys:rotate']);
    const rotator = await create(staff, ['keys:rotate', 'agents:manage']);
    expect((await create(rotator.body.key, ['events:write'])).body.code).toBe('request.invalid');
  });
});
