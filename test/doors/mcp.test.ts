import { describe, expect, it } from 'vitest';
import { toolsOf } from '../../src/mcp/tools.ts';
import { connectMcp } from '../support/mcp-clients.ts';
import { agentKey, narrowKey, revokedKey, smallCatalogue, smallDesk, workspaceKey } from '../support/mcp-desk.ts';

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const json = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
const newKey = () => crypto.randomUUID();

describe.each(['legacy', 'modern'] as const)('an official client of the %s era', (era) => {
  const connect = (desk = smallDesk(), headers = {}) => connectMcp[era]({ url: desk.url, fetch: desk.fetch, headers });

  it('connects and is told what this is', async () => {
    const client = await connect();
    expect(client.serverName).toBe('frontdesk');
    expect(client.protocolVersion).toBe(era === 'legacy' ? '2025-11-25' : '2026-07-28');
    expect(client.instructions).toContain('get_card, get_thing, open_thing');
  });

  it('lists the tools of the catalogue in its order, and only those', async () => {
    const tools = await (await connect()).tools();
    expect(tools.map(({ name }) => name)).toEqual(['get_card', 'get_thing', 'open_thing', 'write_notes', 'break_thing']);
    expect(JSON.parse(JSON.stringify(tools))).toEqual(JSON.parse(JSON.stringify(toolsOf(smallCatalogue))));
  });

  it('reads a public document without a credential, byte for byte', async () => {
    const result = await (await connect()).call('get_card');
    expect(result).toMatchObject({ structured: { vendor: 'Small' }, isError: false });
    expect(result.text).toBe('{\n  "vendor": "Small"\n}');
  });

  it('reads with a credential; text and structured content are the same', async () => {
    const result = await (await connect(smallDesk(), bearer(agentKey))).call('get_thing', { thing_id: 'thg_1' });
    expect(result.structured).toEqual({ id: 'thg_1', name: 'One' });
    expect(JSON.parse(result.text)).toEqual(result.structured);
  });

  it('writes without a credential, and the same key gives the same answer, marked as a replay', async () => {
    const client = await connect();
    const args = { name: 'A thing', idempotency_key: newKey() };
    const first = await client.call('open_thing', args);
    const again = await client.call('open_thing', args);
    expect(first.structured).toMatchObject({ thing: { name: 'A thing' }, api_key: workspaceKey });
    expect(again.structured).toEqual(first.structured);
    expect(first.meta?.['frontdesk/idempotency_replayed']).toBeUndefined();
    expect(again.meta?.['frontdesk/idempotency_replayed']).toBe(true);
  });

  it('uses what it provisioned through workspace_key, whatever its header says', async () => {
    const client = await connect(smallDesk(), bearer(narrowKey));
    const args = { workspace_id: 'ws_1', notes: ['a', 'b'], idempotency_key: newKey(), workspace_key: workspaceKey };
    expect((await client.call('write_notes', args)).structured).toEqual({ workspace_id: 'ws_1', written: 2 });
  });

  it.each([
    ['a foreign id', 'get_thing', { thing_id: 'thg_9' }, 'resource.not_found'],
    ['a wrong type', 'get_thing', { thing_id: 9 }, 'request.invalid'],
    ['an unknown field', 'get_card', { more: 1 }, 'request.invalid'],
    ['no idempotency key', 'write_notes', { workspace_id: 'ws_1', notes: [] }, 'idempotency.key_missing'],
    [
      'an idempotency key that is no text',
      'write_notes',
      { workspace_id: 'ws_1', notes: [], idempotency_key: 7 },
      'idempotency.key_missing',
    ],
  ])('reads a problem document as text for %s', async (_what, tool, args, code) => {
    const result = await (await connect(smallDesk(), bearer(agentKey))).call(tool, args);
    expect(result).toMatchObject({ isError: true, structured: undefined });
    const type = `https://small.example/docs/failures/${code}`;
    expect(JSON.parse(result.text)).toMatchObject({ code, type, instance: '/mcp', request_id: 'req-12345678', retryable: false });
  });

  it('is told of every field that is wrong, by pointer', async () => {
    const result = await (await connect(smallDesk(), bearer(agentKey))).call('get_thing', { size: 'x', other: 1 });
    const { errors } = JSON.parse(result.text);
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(['/other', '/size', '/thing_id']);
  });

  it('is told that a key was used for another input', async () => {
    const client = await connect();
    const idempotency_key = newKey();
    await client.call('open_thing', { name: 'A', idempotency_key });
    const result = await client.call('open_thing', { name: 'B', idempotency_key });
    expect(JSON.parse(result.text)).toMatchObject({ code: 'idempotency.mismatch', status: 422 });
  });

  it('is told when to come back', async () => {
    const desk = smallDesk();
    desk.state.limited = true;
    const result = await (await connect(desk, bearer(agentKey))).call('get_thing', { thing_id: 'thg_1' });
    expect(JSON.parse(result.text)).toMatchObject({ code: 'rate.limited', retryable: true, retry_after_s: 7 });
  });

  it('sees nothing of a bug but its request id', async () => {
    const desk = smallDesk();
    const result = await (await connect(desk, bearer(agentKey))).call('break_thing');
    expect(JSON.parse(result.text)).toMatchObject({ code: 'internal', request_id: 'req-12345678' });
    expect(result.text).not.toContain('secret detail');
    expect(desk.bugs).toEqual([new Error('a secret detail')]);
  });

  it.each(['no_such_tool', 'hidden_thing', '__proto__'])('gets a protocol error for the tool %s', async (name) => {
    const failure = await (await connect(smallDesk(), bearer(agentKey))).call(name).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: -32602, message: expect.stringContaining('There is no such tool') });
  });

  it('fails with an authorization error, not with a result, when it has no credential', async () => {
    const failure = await (await connect()).call('get_thing', { thing_id: 'thg_1' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(JSON.stringify(failure) + String(failure)).toMatch(/401|nauthorized/);
  });
});

/** One tools/call in raw form, of either era. */
function rawCall(desk: ReturnType<typeof smallDesk>, era: 'legacy' | 'modern', name: string, args: object, headers: object = {}) {
  const modern = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  };
  const params = { name, arguments: args, ...(era === 'modern' ? { _meta: modern } : {}) };
  const extra = era === 'modern' ? { 'Mcp-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': name } : {};
  return post(desk, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { ...extra, ...headers });
}

function post(desk: ReturnType<typeof smallDesk>, body: unknown, headers: object = {}) {
  const text = typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body);
  return desk.fetch(new Request(desk.url, { method: 'POST', headers: { ...json, ...headers }, body: text }));
}

describe.each(['legacy', 'modern'] as const)('over HTTP in the %s era', (era) => {
  const metadata = 'resource_metadata="https://small.example/.well-known/oauth-protected-resource/mcp"';

  it.each([
    ['no credential', {}, 401, 'auth.required', `Bearer ${metadata}, scope="referrals:read"`],
    ['a revoked key', bearer(revokedKey), 401, 'auth.invalid', `Bearer ${metadata}, error="invalid_token", scope="referrals:read"`],
    ['no key at all', bearer('x'), 401, 'auth.invalid', `Bearer ${metadata}, error="invalid_token", scope="referrals:read"`],
    ['a narrow key', bearer(narrowKey), 403, 'scope.missing', `Bearer ${metadata}, error="insufficient_scope", scope="referrals:read"`],
  ])('%s is refused by status and challenge', async (_what, headers, status, code, challenge) => {
    const response = await rawCall(smallDesk(), era, 'get_thing', { thing_id: 'thg_1' }, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code, status });
  });

  it.each([revokedKey, agentKey, '', 7])('workspace_key takes only the key of a workspace: %s', async (workspace_key) => {
    const args = { workspace_id: 'ws_1', notes: [], idempotency_key: newKey(), workspace_key };
    const response = await rawCall(smallDesk(), era, 'write_notes', args, bearer(agentKey));
    expect(response.status).toBe(401);
  });

  it('answers as JSON, never as a stream, without a session', async () => {
    const response = await rawCall(smallDesk(), era, 'get_card', {});
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.has('mcp-session-id')).toBe(false);
    expect(await response.json()).toMatchObject({ id: 1, result: { structuredContent: { vendor: 'Small' } } });
  });

  it('takes no idempotency key from a header', async () => {
    const headers = { ...bearer(agentKey), 'Idempotency-Key': newKey() };
    const { result } = await (await rawCall(smallDesk(), era, 'open_thing', { name: 'A' }, headers)).json();
    expect(JSON.parse(result.content[0].text).code).toBe('idempotency.key_missing');
  });

  it('survives arguments that are nested 100,000 deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const whole = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_thing', arguments: { thing_id: '@' } },
    });
    const desk = smallDesk();
    const response = await post(desk, whole.replace('"@"', deep), bearer(agentKey));
    const { result } = await response.json();
    expect(JSON.parse(result.content[0].text).code).toBe('request.invalid');
    expect(desk.bugs).toEqual([]);
  });
});

describe('what the door itself refuses', () => {
  it.each(['GET', 'DELETE', 'PUT', 'PATCH'])('%s: 405 that names POST', async (method) => {
    const desk = smallDesk();
    const response = await desk.fetch(new Request(desk.url, { method, headers: { Accept: 'text/event-stream' } }));
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await response.json()).toMatchObject({ code: 'method.not_allowed' });
  });

  it('a host of no tenant: 404', async () => {
    const response = await post(smallDesk(), { jsonrpc: '2.0', id: 1, method: 'ping' }, { Host: 'other.example' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'tenant.unknown' });
  });

  it.each([
    ['https://small.example', 'https://small.example', 200],
    ['https://small.example', 'https://app.other.example', 200],
    ['https://small.example', 'http://other.example', 403],
    ['https://small.example', 'null', 403],
    ['https://small.example', 'https://a.example/path', 403],
    ['https://small.example', 'https://', 403],
    ['https://small.example', 'chrome-extension://abc', 403],
    ['http://lan.example', 'http://lan.example', 200],
    ['http://localhost:8787', 'http://localhost:5173', 200],
    ['http://localhost:8787', 'http://127.0.0.1:5173', 200],
    ['http://localhost:8787', 'https://evil.example', 403],
    ['http://localhost:8787', 'http://localhost.evil.example', 403],
    ['http://127.0.0.1:8787', 'null', 403],
  ])('at %s, a page of %s: %i', async (host, origin, status) => {
    const response = await post(smallDesk(host), { jsonrpc: '2.0', id: 1, method: 'ping' }, { Origin: origin });
    expect(response.status).toBe(status);
  });

  it.each([
    ['malformed JSON', '{"jsonrpc":', 400, -32700],
    ['an empty body', '', 400, -32700],
    ['broken UTF-8', new Blob([new Uint8Array([0x22, 0xff, 0x22])]), 400, -32700],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], 400, -32600],
    ['an empty batch', [], 400, -32600],
    ['null', 'null', 400, -32600],
    ['a number', '7', 400, -32600],
    ['an object that is no message', {}, 400, -32600],
    ['a null id', { jsonrpc: '2.0', id: null, method: 'tools/list' }, 400, -32600],
    ['300 KB', JSON.stringify('x'.repeat(300_000)), 413, -32000],
  ])('%s: a JSON-RPC error', async (_what, body, status, code) => {
    const response = await post(smallDesk(), body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  it('a body that declares 300 KB is refused unread, and one that does not is read no further than the limit', async () => {
    let sent = 0;
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          sent += 16_384;
          controller.enqueue(new Uint8Array(16_384).fill(32));
        },
      });
    const desk = smallDesk();
    const send = (headers: object) =>
      desk.fetch(new Request(desk.url, { method: 'POST', headers: { ...json, ...headers }, body: body(), duplex: 'half' } as RequestInit));
    expect((await send({ 'Content-Length': '300000' })).status).toBe(413);
    expect(sent).toBeLessThanOrEqual(16_384);
    sent = 0;
    expect((await send({})).status).toBe(413);
    expect(sent).toBeLessThanOrEqual(256 * 1024 + 3 * 16_384);
  });

  it('another content type: 415', async () => {
    expect((await post(smallDesk(), '{}', { 'Content-Type': 'text/plain' })).status).toBe(415);
  });

  it('a subscription, which would hold the request open', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    };
    const message = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications: {}, _meta: meta } };
    const response = await post(smallDesk(), message, { 'Mcp-Protocol-Version': '2026-07-28', 'Mcp-Method': 'subscriptions/listen' });
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({ error: { code: expect.any(Number) } });
  });

  it.each(['resources/list', 'prompts/list', 'logging/setLevel', 'no/such'])('the method %s', async (method) => {
    const response = await post(smallDesk(), { jsonrpc: '2.0', id: 5, method, params: {} });
    expect(await response.json()).toMatchObject({ id: 5, error: { code: -32601 } });
  });
});
