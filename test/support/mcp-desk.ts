import { z } from 'zod';
import { credentialOf } from '../../src/access/credential.ts';
import type { Answered, Entry, Memory } from '../../src/db/memory.ts';
import { queries } from '../../src/db/queries.ts';
import type { Principal } from '../../src/domain/actor.ts';
import { invariant, ok, refuse } from '../../src/domain/result.ts';
import { formatSecret, secretHash } from '../../src/domain/secret.ts';
import { parseVendorConfig } from '../../src/domain/vendor.ts';
import { mcpDoor } from '../../src/mcp/door.ts';
import type { Desk, Published } from '../../src/operations/desk.ts';
import { defineDocument, defineRead, defineWrite } from '../../src/operations/operation.ts';
import type { Deps } from '../../src/operations/perform.ts';
import vendorFile from './second-vendor.json' with { type: 'json' };

/** A small catalogue with one operation of each kind, and a memory without a database: what a door needs to be tested alone. */
const description = (name: string) => ({
  name,
  title: name.replaceAll('_', ' '),
  summary: name,
  description: `Does ${name}.`,
  rest: null,
  mcp: true,
  failures: [],
});

const thing = z.strictObject({ id: z.string(), name: z.string() }).meta({ id: 'McpDeskThing' });

export const smallCatalogue = [
  defineDocument({
    ...description('get_card'),
    access: 'public',
    input: z.strictObject({}),
    output: z.strictObject({ vendor: z.string() }),
    sideEffect: 'none',
    publish: () => ok(published({ vendor: 'Small' })),
  }),
  defineRead({
    ...description('get_thing'),
    access: { scope: 'referrals:read' },
    input: z.strictObject({ thing_id: z.string().max(40), size: z.int().max(9).optional() }),
    output: z.union([thing, z.strictObject({ gone: z.boolean() })]),
    failures: ['resource.not_found'],
    sideEffect: 'none',
    view: (_facts, { input }) => (input.thing_id === 'thg_1' ? ok({ id: input.thing_id, name: 'One' }) : refuse('resource.not_found')),
  }),
  defineWrite({
    ...description('open_thing'),
    access: { scope: 'workspaces:provision', anonymous: true },
    input: z.strictObject({ name: z.string().max(20) }),
    output: z.strictObject({ thing, api_key: z.string() }),
    sideEffect: 'irreversible',
    decide: (_facts, { input }, given) => ok({ changes: {}, result: { id: given.newId('thg'), name: input.name } }),
    view: (result) => ({ thing: result, api_key: workspaceKey }),
  }),
  defineWrite({
    ...description('write_notes'),
    access: { scope: 'workspaces:write' },
    input: z.strictObject({ workspace_id: z.string(), notes: z.array(z.string()).max(9) }),
    output: z.strictObject({ workspace_id: z.string(), written: z.int() }),
    sideEffect: 'reversible',
    decide: (_facts, { input, principal }) =>
      principal.workspaceId === input.workspace_id ? ok({ changes: {}, result: input }) : refuse('resource.not_found'),
    view: ({ workspace_id, notes }) => ({ workspace_id, written: notes.length }),
  }),
  defineRead({
    ...description('break_thing'),
    access: { scope: 'referrals:read' },
    input: z.strictObject({}),
    output: z.strictObject({}),
    sideEffect: 'none',
    view: () => {
      throw new Error('a secret detail');
    },
  }),
  defineRead({
    ...description('hidden_thing'),
    mcp: false,
    access: { scope: 'referrals:read' },
    input: z.strictObject({}),
    output: z.strictObject({}),
    sideEffect: 'none',
    view: () => ok({}),
  }),
];

const secretOf = (kind: 'key' | 'sbx', byte: number) => formatSecret(kind, 'dev', new Uint8Array(24).fill(byte));
export const agentKey = secretOf('key', 1);
export const narrowKey = secretOf('key', 2);
export const revokedKey = secretOf('key', 3);
export const workspaceKey = secretOf('sbx', 4);

const principal: Principal = {
  kind: 'agent',
  id: 'org_1',
  organizationId: 'org_1',
  agentId: null,
  workspaceId: null,
  domain: null,
  scopes: ['workspaces:provision', 'workspaces:write', 'referrals:read'],
  tier: 'key_bound',
};
const principals = new Map<string, Principal>([
  [secretHash(agentKey), principal],
  [secretHash(narrowKey), { ...principal, id: 'org_2', scopes: ['workspaces:provision'] }],
  [secretHash(workspaceKey), { ...principal, kind: 'workspace', id: 'ws_1', workspaceId: 'ws_1', scopes: ['workspaces:write'] }],
]);
const anonymous: Principal = { ...principal, kind: 'anonymous', id: 'anon:1', organizationId: null, scopes: [], tier: 'anonymous' };

/** A door over the small catalogue. `limited`: every call is over its limit. `bugs`: what was reported. */
export function smallDesk(origin = 'https://small.example') {
  const answers = new Map<string, Answered>();
  const bugs: unknown[] = [];
  const desk = deskAt(origin);
  const state = { limited: false };
  const memory: Memory = {
    async load(_role, { credential, operation, key }) {
      const known = credential.kind === 'none' ? anonymous : ('hash' in credential && principals.get(credential.hash)) || null;
      const earlier = answers.get([known?.id, operation, key].join(' '));
      const limit: Entry['limit'] = state.limited ? { name: 'api_key', allowed: false, q: 1, w: 60, r: 0, t: 7 } : null;
      return {
        entry: {
          revision: desk.revision,
          principal: known,
          limit,
          earlier: earlier ? { fingerprint: earlier.fingerprint, result: earlier.result, committedAt: new Date(0), workspace: null } : null,
        },
        facts: [],
      };
    },
    consult: async () => [],
    async commit(_tenant, { idempotency }) {
      if (idempotency) answers.set([idempotency.principal, idempotency.operation, idempotency.key].join(' '), idempotency);
      return 'done';
    },
  };
  const find = async (host: string) => (host === new URL(origin).host ? desk : null);
  const deps: Deps = { memory, queries, desks: { find, reopen: find }, now: () => new Date(0), given, pause: async () => {} };
  const door = mcpDoor({ operations: smallCatalogue, deps, version: '1.2.3', onBug: (error) => bugs.push(error) });
  const fetch = (request: Request) =>
    door(request, {
      host: request.headers.get('host') ?? new URL(request.url).host,
      credential: credentialOf(request.headers.get('authorization')),
      address: 'anon:1',
      network: 'net:1',
      requestId: 'req-12345678',
      resource: '/mcp',
      // As over REST; this door must not take it.
      ...(request.headers.has('idempotency-key') ? { idempotencyKey: request.headers.get('idempotency-key') ?? '' } : {}),
    });
  return { fetch, url: `${origin}/mcp`, state, bugs };
}

let ids = 0;
const given: Deps['given'] = (_desk, now) => ({
  now,
  newId: (prefix) => `${prefix}_${++ids}`,
  random: (bytes) => new Uint8Array(bytes),
  derive: () => new Uint8Array(32),
});

function deskAt(origin: string): Desk {
  const vendor = parseVendorConfig(vendorFile);
  invariant(vendor.ok, 'the second vendor is valid');
  return {
    tenant: 'tn_1',
    name: 'Small',
    origin,
    host: new URL(origin).host,
    revision: 1,
    stripe: null,
    environment: 'dev',
    vendor: vendor.value,
    program: { id: 'prg_1', version: 1, sha256: '', url: '' },
    capabilities: published({}),
    jwks: published({}),
    signingKid: () => 'kid',
    canSign: () => true,
    sign: async () => 'signature',
    signAgain: async () => 'signature',
    signNote: async () => ({ kid: 'kid', publicKey: new Uint8Array(32), signature: new Uint8Array(64) }),
    verifyReferralToken: async () => null,
    verifyAccessToken: async () => null,
    verifyAssertion: async () => null,
    verifyTouch: async () => null,
    verifyClaimAssertion: async () => null,
    mayReach: () => false,
    derive: () => new Uint8Array(32),
  };
}

/** Published bytes are indented, so that a test can tell them from a fresh serialisation. */
function published<T>(value: T): Published<T> {
  return { value, body: JSON.stringify(value, null, 2), etag: '"1"', contentType: 'application/json', immutable: false };
}
