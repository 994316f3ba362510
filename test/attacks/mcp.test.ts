import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { tiers } from '../../src/domain/actor.ts';
import { agentScopes } from '../../src/domain/scopes.ts';
import { toolsOf } from '../../src/mcp/tools.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { madeAgent } from '../support/agents.ts';
import { mcpHeaders, toolCall } from '../support/doors.ts';
import { exampleOf, freshWorkspace, staffStage, stageOf } from '../support/examples.ts';
import { contentsOf } from '../support/sql.ts';
import { openTestWorld, type Sent, type TestWorld } from '../support/world.ts';

let t: TestWorld;
beforeAll(async () => {
  t = await openTestWorld();
});

/** One message to the MCP door. */
const mcp = (key: string | null, body: object): Promise<Sent> =>
  t.send('POST', '/mcp', { key, body, headers: mcpHeaders, idempotencyKey: null });
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
const challenge = ({ headers }: Sent): string => headers.get('WWW-Authenticate') ?? '';

/** What definitions an agent was shown before is what it is shown now: whoever changes one, changes this line, and it is seen in review. */
const pinned = '1b4cce7420c05f41e2d7f7d47ad5d43b22afd2b25818bb579a970926f392de47';

describe('the tool list', () => {
  it('(24) is the one whose SHA-256 is written here', () => {
    expect(
      createHash('sha256')
        .update(JSON.stringify(toolsOf(catalogue)))
        .digest('hex'),
    ).toBe(pinned);
  });

  it('(24) is the same, byte for byte, for every caller', async () => {
    const acme = await stageOf(t);
    const agents = await Promise.all(tiers.map((tier) => madeAgent(t, { tier, ...(tier === 'anonymous' && { kind: 'anonymous' }) })));
    const tokens = await Promise.all(agents.map((agent) => agent.token()));
    const keys = [null, acme.key, (await staffStage(t)).key, (await freshWorkspace(acme)).key, ...tokens, 'not.a.token', 'nonsense'];
    const lists = await Promise.all(keys.map((key) => mcp(key, list)));
    expect(lists[0]?.status).toBe(200);
    expect(lists[0]?.body.result.tools).toHaveLength(catalogue.filter((operation) => operation.mcp).length);
    expect(new Set(lists.map(({ text }) => text)).size).toBe(1);
  });
});

const guarded = catalogue.flatMap((operation) =>
  operation.mcp && operation.access !== 'public' && operation.access.scope !== null
    ? [[operation.name, operation, operation.access.scope, Boolean(operation.access.anonymous)] as const]
    : [],
);

describe.each(guarded)('%s', (name, operation, scope, anonymous) => {
  it('(18) (19) (25) without its scope asks for every scope of the step up, by where the resource is described, and does nothing', async () => {
    const agent = await madeAgent(t);
    const held = agentScopes.filter((each) => each !== scope).slice(0, 3);
    const input = await exampleOf(operation).input(await stageOf(t));
    const before = await contentsOf(t);
    const answer = await mcp(
      await agent.token(held),
      toolCall(name, { ...input, ...(operation.kind === 'write' && { idempotency_key: crypto.randomUUID() }) }),
    );
    expect([answer.status, answer.body.code]).toEqual([403, 'scope.missing']);
    const metadata = 'resource_metadata="http://localhost/.well-known/oauth-protected-resource/mcp"';
    expect(challenge(answer)).toBe(`Bearer ${metadata}, error="insufficient_scope", scope="${[...held, scope].join(' ')}"`);
    expect(await contentsOf(t)).toEqual(before);
    if (anonymous) return;
    const nobody = await mcp(null, toolCall(name, input));
    expect([nobody.status, challenge(nobody)]).toEqual([401, `Bearer ${metadata}, scope="${scope}"`]);
  });
});

describe('a step up', () => {
  it('(19) leads to a token that can do what it could and what it could not', async () => {
    const agent = await madeAgent(t);
    const refused = await mcp(await agent.token(['workspaces:provision']), toolCall('list_referrals', {}));
    const [, asked = ''] = /scope="([^"]*)"/.exec(challenge(refused)) ?? [];
    const form = {
      ...{ grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
      ...{ client_assertion: await agent.key.assertion(agent.agentId), scope: asked, resource: 'http://localhost/mcp' },
    };
    const got = await t.send('POST', '/oauth/token', {
      ...{ idempotencyKey: null, body: new URLSearchParams(form).toString() },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect([got.status, got.body.scope]).toEqual([200, 'workspaces:provision referrals:read']);
    const again = await mcp(got.body.access_token, toolCall('list_referrals', {}));
    expect([again.status, again.body.result.isError ?? false]).toEqual([200, false]);
  });

  it('(18) begins at metadata that can be fetched and names the resource and an issuer that can be fetched too', async () => {
    const [, url = ''] = /resource_metadata="([^"]*)"/.exec(challenge(await mcp('not.a.token', toolCall('list_referrals', {})))) ?? [];
    const resource = await t.send('GET', new URL(url).pathname);
    expect(resource).toMatchObject({
      status: 200,
      body: { resource: 'http://localhost/mcp', authorization_servers: ['http://localhost'] },
    });
    const server = await t.send('GET', '/.well-known/oauth-authorization-server');
    expect(server).toMatchObject({ status: 200, body: { issuer: 'http://localhost', token_endpoint: 'http://localhost/oauth/token' } });
  });
});
