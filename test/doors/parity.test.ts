import { AjvJsonSchemaValidator as LegacyAjv } from '@modelcontextprotocol/sdk/validation/ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import { failuresOf, type Operation } from '../../src/operations/operation.ts';
import { callAt, doorsOf, isKeyed, problemOnly } from '../support/doors.ts';
import { exampleOf, freshAddress, freshWorkspace, type Input, type Stage, stageFor, stageOf } from '../support/examples.ts';
import { type FaultyWorld, openFaultyWorld } from '../support/faulty-world.ts';
import { connectMcp, type McpClient } from '../support/mcp-clients.ts';
import { mishaps } from '../support/mishaps.ts';

let world: FaultyWorld;
let acme: Stage;
beforeAll(async () => {
  world = await openFaultyWorld();
  acme = await stageOf(world.t);
});

const tools = catalogue.filter((operation) => doorsOf(operation).length === 2);
const eras = ['legacy', 'modern'] as const;

/** An official client of the demo vendor. Both validate structured content against the output schemas that they listed. */
async function connect(era: (typeof eras)[number], key: string | null = acme.key): Promise<McpClient> {
  const client = await connectMcp[era]({
    url: 'http://localhost/mcp',
    fetch: async (request) => world.t.app.fetch(request, { incoming: { socket: { remoteAddress: freshAddress() } } }),
    headers: key === null ? {} : { Authorization: `Bearer ${key}` },
  });
  await client.tools();
  return client;
}

/** Ids, times, secrets and signatures are each call's own; the rest of an answer is compared. */
function normal(value: unknown, name = ''): unknown {
  if (['token', 'code', 'user_code', 'receipt', 'api_key', 'domain'].includes(name)) return typeof value;
  if (Array.isArray(value)) return value.map((item) => normal(item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner, key)]));
  if (typeof value !== 'string') return value;
  return value
    .replace(/\b([a-z]{2,3})_[0-9a-z]{26}\b/g, '$1_id')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'uuid')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, 'time')
    .replace(/\/(r|claim)\/\w+$/, '/$1/secret');
}

describe.each(tools.map((operation) => [operation.name, operation] as const))('%s, over both doors', (_, operation) => {
  it.each(eras)('gives the same answer to a client of the %s era as over REST', async (era) => {
    const client = await connect(era);
    const input = await exampleOf(operation).input(acme);
    const over = {
      rest: (given: Input, idempotencyKey: string) => callAt('rest', world.t, operation, given, { key: acme.key, idempotencyKey }),
      mcp: (given: Input, idempotencyKey: string) =>
        client.call(operation.name, isKeyed(operation) ? { ...given, idempotency_key: idempotencyKey } : given),
    };
    const key = crypto.randomUUID();
    const rest = await over.rest(input, key);
    const same = await over.mcp(input, key);
    expect(same).toMatchObject({ isError: false, structured: rest.body, text: rest.text });
    expect(same.meta?.['frontdesk/idempotency_replayed'] ?? false).toBe(isKeyed(operation));

    if (isKeyed(operation)) {
      const newKey = crypto.randomUUID();
      const [again, restInput] = [await exampleOf(operation).input(acme), await exampleOf(operation).input(acme)];
      const mcp = await over.mcp(again, newKey);
      expect(await over.rest(again, newKey)).toMatchObject({ replayed: true, text: mcp.text });
      expect(normal(mcp.structured)).toEqual(normal((await over.rest(restInput, crypto.randomUUID())).body));
    }
  });

  const shared = failuresOf(operation).filter((code) => mishaps[code]?.doors.includes('mcp'));

  it('fails at least in three ways that can be compared', () => expect(shared.length).toBeGreaterThanOrEqual(3));

  it.each(shared)('%s is the same problem at both', async (code) => {
    const problems: unknown[] = [];
    for (const door of ['rest', 'mcp'] as const) {
      const { input, options, fault, cold } = (await mishaps[code]?.provoke(operation, await stageFor(operation, world.t))) ?? never();
      const call = () => callAt(door, cold ? world.cold : world.t, operation, input, options);
      const answer = await (fault ? world.during(fault, call) : call());
      expect(answer.body.instance).toEqual(door === 'mcp' ? '/mcp' : expect.stringMatching(/^\/v1\//));
      const [retry_after_s, next_actions] = [typeof answer.body.retry_after_s, normal(answer.body.next_actions)];
      problems.push({ ...problemOnly(answer), retry_after_s, next_actions });
    }
    expect(problems[0]).toMatchObject({ code });
    expect(problems[1]).toEqual(problems[0]);
  });
});

const never = () => {
  throw new Error('a failure without a way to happen');
};

describe.each(eras)('an official client of the %s era', (era) => {
  it('finds exactly the operations with a tool, in the order of the catalogue', async () => {
    const listed = await (await connect(era, null)).tools();
    expect(listed.map(({ name }) => name)).toEqual(catalogue.filter(({ mcp }) => mcp).map(({ name }) => name));
  });

  it('completes the main story, knowing nothing but the tools', async () => {
    const client = await connect(era);
    const structured = async (name: string, args: Input = {}) => asRecord((await client.call(name, args)).structured);
    const { referral } = await structured('get_capabilities');
    const { terms_url, terms_sha256 } = asRecord(referral);
    const [, program_id, version] = /programs\/(\w+)\/versions\/(\d+)$/.exec(String(terms_url)) ?? [];
    expect((await structured('get_program_terms', { program_id, version: Number(version) })).disclosure).toMatch(/\w+/);
    const made = await structured('provision_workspace', {
      prospect: { name: 'Northwind', domain: `story-${era}.example` },
      expected_terms_sha256: terms_sha256,
      idempotency_key: crypto.randomUUID(),
    });
    const stranger = await connect(era, null);
    const workspace_key = asRecord(made.credentials).api_key;
    const at = { workspace_id: asRecord(made.workspace).id, workspace_key };
    const row = { id: crypto.randomUUID(), name: 'Fernhill', created_at: '2026-02-03T04:05:06Z' };
    const written = await stranger.call('write_workspace_rows', {
      ...at,
      entity: 'account',
      rows: [row],
      idempotency_key: crypto.randomUUID(),
    });
    expect(written).toMatchObject({ isError: false, structured: { rows: [{ values: row }] } });
    const read = await stranger.call('list_workspace_rows', { ...at, entity: 'account', filter: { name: 'Fernhill' } });
    expect(read.structured).toMatchObject({ data: [{ values: row }], has_more: false });
    const refused = await stranger.call('write_workspace_rows', {
      ...at,
      entity: 'account',
      rows: [{}],
      idempotency_key: crypto.randomUUID(),
    });
    expect(refused).toMatchObject({ isError: true, structured: undefined });
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'request.invalid',
      errors: expect.arrayContaining([expect.objectContaining({ pointer: '/rows/0/id' })]),
    });
    expect(await structured('get_referral', { referral_id: asRecord(made.referral).id })).toMatchObject({ status: 'pending' });
    expect((await structured('list_referrals', { limit: 1 })).data).toMatchObject([{ id: asRecord(made.referral).id }]);
  });

  it('without a header reaches its workspace by workspace_key, and by nobody else’s', async () => {
    const [mine, other] = [await freshWorkspace(acme), await freshWorkspace(acme)];
    const client = await connect(era, null);
    const read = (workspace_key: string) => client.call('get_workspace', { workspace_id: mine.id, workspace_key });
    expect((await read(mine.key)).structured).toMatchObject({ id: mine.id, status: 'active' });
    expect(JSON.parse((await read(other.key)).text)).toMatchObject({ code: 'resource.not_found' });
  });
});

describe('published schemas', () => {
  it('of every tool refuse an answer that lacks a required member, so that validating means something', async () => {
    const client = await connect('legacy', null);
    for (const { name, outputSchema } of await client.tools()) {
      const required = outputSchema?.required;
      expect([name, Array.isArray(required) && required.length > 0]).toEqual([name, true]);
      expect(new LegacyAjv().getValidator(outputSchema ?? {})({}).valid).toBe(false);
    }
  });
});

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('not an object');
  return { ...value };
}

/** The suites above run over what has two doors; the others have REST alone. */
it('every operation of the catalogue has a REST door', () => {
  const without = (operation: Operation) => !doorsOf(operation).includes('rest');
  expect(catalogue.filter(without)).toEqual([]);
});
