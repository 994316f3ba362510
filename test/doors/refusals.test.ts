import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/admin/create-key.ts';
import { formatSecret } from '../../src/domain/secret.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { challengeOf } from '../../src/operations/problem.ts';
import { type CallOptions, callAt, type DoorName, doorsOf, isKeyed, problemOnly } from '../support/doors.ts';
import {
  exampleOf,
  freshAddress,
  freshWorkspace,
  type Input,
  isForSignedIn,
  isForStaff,
  type Stage,
  signedInStage,
  staffStage,
  stageFor,
  stageOf,
} from '../support/examples.ts';
import { exhaustLimit, keyWithout, missingIds } from '../support/mishaps.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
/** Two callers of one vendor, and one of another. Where there is but one at a vendor, its staff, nobody is foreign there. */
interface Cast {
  readonly acme: Stage;
  readonly rival: Stage | null;
  readonly elsewhere: Stage;
}
let organizations: Cast;
let staff: Cast;
let signedIn: Cast;
const badKeys: Record<string, string> = {};

beforeAll(async () => {
  t = await openTestWorld();
  organizations = { acme: await stageOf(t), rival: await stageOf(t), elsewhere: await stageOf(t, { host: otherHost }) };
  staff = { acme: await staffStage(t), rival: null, elsewhere: await staffStage(t, otherHost) };
  signedIn = { acme: await signedInStage(t), rival: await signedInStage(t), elsewhere: await signedInStage(t, otherHost) };
  const { acme, elsewhere } = organizations;
  Object.assign(badKeys, {
    'no secret at all': 'x',
    'a key with a typo': `${acme.key.slice(0, -1)}${acme.key.endsWith('0') ? '1' : '0'}`,
    'a key nobody was given': formatSecret('key', 'dev', new Uint8Array(32).fill(9)),
    'a workspace key nobody was given': formatSecret('sbx', 'dev', new Uint8Array(32).fill(9)),
    'a claim token': formatSecret('clm', 'dev', new Uint8Array(32).fill(9)),
    'a revoked key': await revokedKey(),
    'an expired key': await expiredKey(),
    'the key of another tenant': elsewhere.key,
    'no bearer at all': '',
  });
});

async function revokedKey(): Promise<string> {
  const { key } = await stageOf(t);
  const at = t.world.deps.now();
  await sql(t, 'update frontdesk.api_keys set revoked_at = $2 where secret_hash = sha256($1::text::bytea)', [key, at]);
  return key;
}

async function expiredKey(): Promise<string> {
  const expiresAt = new Date(t.world.deps.now().getTime() + 60_000);
  const created = await createKey(t.world.admin, {
    host: demoHost,
    organization: { domain: 'late.example' },
    agentName: 'late',
    expiresAt,
  });
  if (!created.ok) throw new Error(created.code);
  t.advance(61_000);
  return created.value.key;
}

const castOf = (operation: Operation): Cast => (isForSignedIn(operation) ? signedIn : isForStaff(operation) ? staff : organizations);

const guarded = catalogue.flatMap((operation) =>
  operation.access === 'public'
    ? []
    : doorsOf(operation).map((door) => [`${operation.name} over ${door}`, operation, door, operation.access] as const),
);

describe.each(guarded)('%s', (_, operation, door, access) => {
  if (access === 'public') return;
  const { scope, anonymous } = access;
  const cast = () => castOf(operation);
  const call = (input: Input, options: CallOptions = {}) => callAt(door, t, operation, input, { key: cast().acme.key, ...options });
  const example = () => exampleOf(operation).input(cast().acme);
  const challenge = (code: string) =>
    challengeOf({ code, ...(scope === null ? {} : { requiredScope: scope }) }, 'http://localhost', door === 'mcp' ? '/mcp' : '');

  it(anonymous ? 'works without a credential' : 'asks for a credential, and says of which scope', async () => {
    const answer = await call(await example(), { key: null, from: freshAddress() });
    if (anonymous) return expect(answer.ok).toBe(true);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'auth.required', ...(scope === null ? {} : { required_scope: scope }) });
    expect(answer.headers.get('WWW-Authenticate')).toBe(challenge('auth.required'));
  });

  it('takes no credential that is not valid now, at this tenant', async () => {
    const input = await example();
    for (const [name, key] of Object.entries(badKeys)) {
      const headers = { Authorization: key === '' ? 'Basic Zm9vOmJhcg==' : `Bearer ${key}` };
      const answer = await call(input, { key: null, headers });
      expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'auth.invalid']);
      expect(answer.headers.get('WWW-Authenticate')).toBe(challenge('auth.invalid'));
      expect(answer.text).not.toContain(key === '' ? 'Basic' : key === 'x' ? '"x"' : key);
    }
  });

  it(scope === null ? 'needs no scope' : 'needs its scope, and names it', async () => {
    const answer = await call(await example(), { key: await keyWithout(operation, cast().acme) });
    if (scope === null) return expect(answer.ok).toBe(true);
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'scope.missing', required_scope: scope });
    expect(answer.headers.get('WWW-Authenticate')).toBe(challenge('scope.missing'));
  });

  it('refuses a field that it does not know, by pointer', async () => {
    const answer = await call({ ...(await example()), 'no/such~field': 'a value' });
    expect(answer.body.code).toBe('request.invalid');
    expect(answer.body.errors).toEqual([{ pointer: '/no~1such~0field', code: 'unknown_field', message: 'There is no such field here.' }]);
  });

  if (Object.keys(exampleOf(operation).owned).length > 0) {
    it('answers for what belongs to somebody else exactly as for what is not there', async () => {
      const input = await example();
      const missing = await call({ ...input, ...missingIds(operation) });
      expect(missing.body.code).toBe('resource.not_found');
      const { acme, rival, elsewhere } = cast();
      const strangers: readonly (readonly [string, Input, CallOptions])[] = [
        ...(rival ? [['another organization', input, { key: rival.key }] as const] : []),
        ['another tenant', input, { key: elsewhere.key, host: otherHost }],
        ['an id of another tenant', await exampleOf(operation).input(elsewhere), {}],
        ...(scope?.startsWith('workspaces:') ? [['another workspace', input, { key: (await freshWorkspace(acme)).key }] as const] : []),
      ];
      const before = await contentsOf(t);
      for (const [who, foreign, options] of strangers) {
        const answer = await call(foreign, options);
        const origin = options.host === otherHost ? 'https://quayside.test' : 'http://localhost';
        const expected = { ...problemOnly(missing), type: `${origin}/docs/failures/resource.not_found` };
        expect([who, problemOnly(answer)]).toEqual([who, expected]);
        expect(answer.status).toBe(missing.status);
      }
      expect(await contentsOf(t)).toEqual(before);
    });
  }

  it('refuses in one order: credential, scope, limit, request', async () => {
    const { acme } = cast();
    const [anyone, narrow] = [await stageFor(operation, t), { ...acme, key: await keyWithout(operation, acme) }];
    const input = await exampleOf(operation).input(anyone);
    await exhaustLimit(anyone);
    await exhaustLimit(narrow);
    const bad = { ...input, no_such_field: 1 };
    const codes: unknown[] = [];
    for (const options of [{ key: 'x' }, { key: narrow.key }, { key: anyone.key }, { key: acme.key }]) {
      const answer = await call(bad, { ...options, ...(isKeyed(operation) ? { idempotencyKey: null } : {}) });
      codes.push(answer.body.code);
    }
    const last = isKeyed(operation) ? 'idempotency.key_missing' : 'request.invalid';
    expect(codes).toEqual(['auth.invalid', scope === null ? 'rate.limited' : 'scope.missing', 'rate.limited', last]);
  });

  if (isKeyed(operation)) describeWrite(operation, door, call, Boolean(anonymous));
});

function describeWrite(
  operation: Operation,
  door: DoorName,
  call: (input: Input, options?: CallOptions) => ReturnType<typeof callAt>,
  anonymous: boolean,
) {
  const example = () => exampleOf(operation).input(castOf(operation).acme);

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['one with a space', 'two words'],
    ['one of 256 characters', 'k'.repeat(256)],
    ['one beyond ASCII', 'clé-clé-clé-clé-clé-clé'],
  ])('needs an idempotency key; %s is none', async (_, idempotencyKey) => {
    const input = await example();
    const before = await contentsOf(t);
    expect((await call(input, { idempotencyKey })).body.code).toBe('idempotency.key_missing');
    expect(await contentsOf(t)).toEqual(before);
  });

  if (anonymous) {
    it('takes no weak key from somebody without a credential', async () => {
      const from = freshAddress();
      expect((await call(await example(), { key: null, from, idempotencyKey: 'k'.repeat(21) })).body.code).toBe('idempotency.key_weak');
      expect((await call(await example(), { key: null, from, idempotencyKey: `${crypto.randomUUID()}` })).ok).toBe(true);
    });
  }

  it('answers the same key and input again, byte for byte, and does nothing more', async () => {
    const [input, idempotencyKey] = [await example(), crypto.randomUUID()];
    const first = await call(input, { idempotencyKey });
    expect([first.ok, first.replayed]).toEqual([true, false]);
    const after = await contentsOf(t);
    t.advance(1_000);
    const again = await call(input, { idempotencyKey: door === 'rest' ? `"${idempotencyKey}"` : idempotencyKey });
    const secret = exampleOf(operation).shownOnce ?? [];
    const kept = ({ text, body }: typeof first) =>
      secret.length === 0 ? text : Object.entries(body).filter(([field]) => !secret.includes(field));
    expect([again.status, again.replayed, kept(again)]).toEqual([first.status, true, kept(first)]);
    expect(await contentsOf(t)).toEqual(after);
  });

  it('refuses a known key with another input, and does nothing', async () => {
    const [input, idempotencyKey] = [await example(), crypto.randomUUID()];
    await call(input, { idempotencyKey });
    const other = (await exampleOf(operation).other?.(castOf(operation).acme, input)) ?? {};
    const before = await contentsOf(t);
    expect((await call(other, { idempotencyKey })).body).toMatchObject({ code: 'idempotency.mismatch', status: 422 });
    expect(await contentsOf(t)).toEqual(before);
    expect((await call(input, { idempotencyKey })).replayed).toBe(true);
  });

  it('does not use up a key by refusing', async () => {
    const [input, idempotencyKey] = [await example(), crypto.randomUUID()];
    expect((await call({ ...input, no_such_field: 1 }, { idempotencyKey })).body.code).toBe('request.invalid');
    expect(await call(input, { idempotencyKey })).toMatchObject({ ok: true, replayed: false });
  });
}
