import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context, Db, Row, Value } from '../../src/db/batch.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/postgres-world.ts';
import { type Fixture, firstOfEach, insertInto, rowOf } from '../support/row-of-each-table.ts';

let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  await query(database.adminUrl, [firstOfEach(), ...more].join(';\n'));
  db = connectPostgres(database.appUrl, { max: 10 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const hex = (digit: string): string => digit.repeat(64);
const another = (table: string, change: Fixture): string => insertInto(table, { ...rowOf(table, 2), ...change });
const apiKey = (digit: string, change: Fixture) =>
  another('api_keys', { key_id: `key_${digit}`, secret_hash: `\\x${hex(digit)}`, ...change });
const more = [
  apiKey('a', { organization_id: 'org_1', expires_at: '2026-03-01T00:00:00Z' }),
  apiKey('b', { organization_id: 'org_1', revoked_at: '2026-01-03T00:00:00Z' }),
  apiKey('c', { organization_id: null, scopes: ['ledger:read', 'referrals:read'] }),
  another('tenants', { tenant_id: 'ten_b', limits: {} }),
  another('tenant_hosts', { tenant_id: 'ten_b', host: 'b.example' }),
  apiKey('d', { tenant_id: 'ten_b', organization_id: null }),
  "update frontdesk.workspaces set claim_hash = decode(repeat('c1', 32), 'hex')",
  "insert into frontdesk.idempotency (tenant_id, principal, operation, key, fingerprint, result, subject_id, committed_at) values ('ten_a', 'org_1', 'provision_workspace', 'once', 'fp', '{}', 'ws_1', '2026-01-02T00:00:00Z')",
];

const statement = (text: string, values: readonly Value[] = []) => ({
  name: text.slice(0, 60),
  text,
  values,
  read: (rows: readonly Row[]) => rows,
});

const call = (kind: string, hash: string | null, change: Fixture = {}): Fixture => ({
  host: 'a1.example',
  credential: { kind, ...(hash === null ? {} : { hash }) },
  address: 'anon:1',
  network: 'net:1',
  operation: 'provision_workspace',
  at: '2026-02-01T00:00:00.000Z',
  charged: false,
  ...change,
});

const contextNow = statement(
  `select current_setting('frontdesk.tenant') as tenant, current_setting('frontdesk.reach') as reach,
    current_setting('frontdesk.organizations') as organizations, current_setting('frontdesk.workspace') as workspace`,
);
const enter = (asked: Fixture) => statement('select frontdesk.enter($1::jsonb) as entry', [asked]);

/** What `enter` answers, and the context that it leaves for the rest of the batch. */
async function entered(asked: Fixture, role: Context['role'] = 'reader') {
  const [answer, after] = await db.batch({ role }, [enter(asked), contextNow]);
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the database
  return { entry: answer[0]?.entry as any, context: after[0] };
}

describe('enter', () => {
  const anonymous = { tenant: 'ten_a', reach: 'none', organizations: '', workspace: '' };

  test('a host that nobody serves: nothing, and no context', async () => {
    const { entry, context } = await entered(call('none', null, { host: 'nobody.example' }));
    expect(entry).toBeNull();
    expect(context).toEqual({ ...anonymous, tenant: '' });
  });

  test('no credential: anonymous, reaching nothing', async () => {
    const { entry, context } = await entered(call('none', null));
    expect(entry).toMatchObject({
      tenant_id: 'ten_a',
      revision: 1,
      principal: { kind: 'anonymous', id: 'anon:1', scopes: [], tier: 'anonymous' },
    });
    expect(context).toEqual(anonymous);
  });

  test('an API key of an organization: the organization, and what belongs to it', async () => {
    const { entry, context } = await entered(call('api_key', hex('01').slice(0, 64)));
    expect(entry.principal).toEqual({
      kind: 'agent',
      id: 'org_1',
      key_id: 'key_1',
      organization_id: 'org_1',
      agent_id: 'agt_1',
      epoch: 1,
      scopes: ['referrals:read'],
      tier: 'attested',
      domain: 'o1.example',
    });
    expect(context).toEqual({ ...anonymous, reach: 'organizations', organizations: 'org_1' });
  });

  test('an API key of the vendor’s own back end: the whole tenant', async () => {
    const { entry, context } = await entered(call('api_key', hex('c')));
    expect(entry.principal).toMatchObject({
      kind: 'backend',
      id: 'key_c',
      organization_id: null,
      scopes: ['ledger:read', 'referrals:read'],
    });
    expect(context).toEqual({ ...anonymous, reach: 'tenant' });
  });

  test('a workspace key: that workspace alone', async () => {
    const { entry, context } = await entered(call('workspace_key', hex('01').slice(0, 64)));
    expect(entry.principal).toMatchObject({
      kind: 'workspace',
      id: 'ws_1',
      workspace_id: 'ws_1',
      scopes: ['workspaces:read', 'workspaces:write'],
    });
    expect(context).toEqual({ ...anonymous, reach: 'workspace', workspace: 'ws_1' });
  });

  test('a claim token: that workspace, to look at', async () => {
    const { entry, context } = await entered(call('claim_token', 'c1'.repeat(32)));
    expect(entry.principal).toMatchObject({ kind: 'claimant', id: 'ws_1', scopes: ['workspaces:claim'] });
    expect(context).toEqual({ ...anonymous, reach: 'workspace', workspace: 'ws_1' });
  });

  test.each([
    ['an API key that nobody has', call('api_key', hex('e'))],
    ['an API key that was revoked', call('api_key', hex('b'))],
    ['an API key that has expired', call('api_key', hex('a'), { at: '2026-03-01T00:00:00.000Z' })],
    ['an API key of another tenant', call('api_key', hex('d'))],
    ['an API key as a workspace key', call('workspace_key', hex('c'))],
    ['a claim token as a workspace key', call('workspace_key', 'c1'.repeat(32))],
    ['a workspace key as a claim token', call('claim_token', hex('01').slice(0, 64))],
    ['a workspace key of another tenant’s host', call('workspace_key', hex('01').slice(0, 64), { host: 'b.example' })],
    ['an API key without a hash', call('api_key', null)],
    ['a credential of no known kind', call('invalid', null)],
  ])('%s: nobody, and nothing is reached', async (_, asked) => {
    for (const role of ['reader', 'writer'] as const) {
      const { entry, context } = await entered({ ...asked, charged: true, key: 'once' }, role);
      expect(entry).toEqual({ tenant_id: asked.host === 'b.example' ? 'ten_b' : 'ten_a', revision: 1, principal: null });
      expect(context).toMatchObject({ reach: 'none', organizations: '', workspace: '' });
    }
  });

  test('a key that will expire works until then', async () => {
    expect((await entered(call('api_key', hex('a')))).entry.principal).toMatchObject({ key_id: 'key_a' });
  });

  test('an earlier answer is found by its principal, operation and key alone, with how its workspace stands now', async () => {
    const asked = call('api_key', hex('01').slice(0, 64), { key: 'once' });
    const { entry } = await entered(asked);
    expect(entry.earlier).toMatchObject({
      fingerprint: 'fp',
      result: '{}',
      workspace: { key_version: 1, claim_version: 1, status: 'expired' },
    });
    for (const change of [{ key: 'twice' }, { operation: 'record_referral' }, { credential: { kind: 'api_key', hash: hex('c') } }]) {
      expect((await entered({ ...asked, ...change })).entry.earlier).toBeNull();
    }
  });

  test('the context lasts for one batch, also on a connection that is used again', async () => {
    const single = connectPostgres(database.appUrl, { max: 1 });
    await single.batch({ role: 'reader' }, [enter(call('api_key', hex('c')))]);
    const [after, seen] = await single.batch({ role: 'reader' }, [contextNow, statement('select from frontdesk.workspaces')]);
    await single.close();
    expect(after).toEqual([{ tenant: '', reach: 'none', organizations: '', workspace: '' }]);
    expect(seen).toEqual([]);
  });

  test('a first answer is charged, an earlier one is not', async () => {
    await query(database.adminUrl, `update frontdesk.tenants set limits = '{"api_key": {"q": 2, "w": 60}}' where tenant_id = 'ten_a'`);
    const asked = call('api_key', hex('01').slice(0, 64), { charged: true });
    const { entry } = await entered(asked);
    expect(entry.limit).toEqual({ name: 'api_key', allowed: true, q: 2, w: 60, r: 1, t: 30 });
    expect((await entered({ ...asked, key: 'once' })).entry.limit).toBeNull();
    expect((await entered(asked)).entry.limit).toMatchObject({ allowed: true, r: 0 });
    expect((await entered(asked)).entry.limit).toMatchObject({ allowed: false, q: 2, w: 60, r: 0, t: 30 });
  });
});

describe('charge', () => {
  const charged = async (bucket: string, policy: Fixture, at: string) => {
    const text = 'select frontdesk.charge($1, $2::jsonb, $3::timestamptz) as state';
    const [rows] = await db.batch({ role: 'writer', tenant: 'ten_a' }, [statement(text, [bucket, policy, at])]);
    return rows[0]?.state as { allowed: boolean; r: number; t: number };
  };
  const noon = (ms: number): string => new Date(Date.parse('2026-02-01T12:00:00.000Z') + ms).toISOString();

  // The last three do not divide into whole milliseconds.
  test.each([
    { q: 1, w: 1 },
    { q: 5, w: 10 },
    { q: 200, w: 2 },
    { q: 3, w: 2 },
    { q: 7, w: 2291 },
    { q: 600, w: 7 },
  ])('$q at once are let through, then none, and one more after each $w/$q seconds', async ({ q, w }) => {
    const bucket = `burst ${q}/${w}`;
    const policy = { q, w };
    for (let left = q - 1; left >= 0; left--) {
      expect(await charged(bucket, policy, noon(0))).toMatchObject({ allowed: true, r: left });
    }
    const step = (w / q) * 1000;
    expect(await charged(bucket, policy, noon(0))).toMatchObject({ allowed: false, r: 0, t: Math.max(1, Math.ceil(w / q)) });
    expect(await charged(bucket, policy, noon(Math.floor(step) - 1))).toMatchObject({ allowed: false });
    expect(await charged(bucket, policy, noon(Math.ceil(step)))).toMatchObject({ allowed: true });
    expect(await charged(bucket, policy, noon(Math.ceil(step)))).toMatchObject({ allowed: false });
    expect(await charged(bucket, policy, noon(w * 1000 * 3))).toMatchObject({ allowed: true, r: q - 1 });
  });

  test('of 50 at once exactly the quota passes', async () => {
    for (const round of [1, 2, 3]) {
      const states = await Promise.all(Array.from({ length: 50 }, () => charged(`parallel ${round}`, { q: 20, w: 60 }, noon(0))));
      expect(
        states
          .filter(({ allowed }) => allowed)
          .map(({ r }) => r)
          .toSorted((a, b) => a - b),
      ).toEqual(Array.from({ length: 20 }, (_, r) => r));
    }
  });

  test('a clock that went back waits no longer than the quota says', async () => {
    await charged('back', { q: 1, w: 10 }, noon(0));
    expect(await charged('back', { q: 1, w: 10 }, noon(-1000))).toEqual({ allowed: false, q: 1, w: 10, r: 0, t: 11 });
  });

  test('without a tenant nothing is counted', async () => {
    const text = statement('select frontdesk.charge($1, $2::jsonb, now())', ['none', { q: 1, w: 1 }]);
    await expect(db.batch({ role: 'writer' }, [text])).rejects.toMatchObject({ sqlState: expect.stringMatching(/^23502$|^42501$/) });
  });
});

test('the reader may neither charge, nor commit, nor let time pass', async () => {
  for (const text of ["select frontdesk.charge('b', '{}', now())", "select frontdesk.commit('{}')", 'select frontdesk.expire(now(), 1)']) {
    await expect(db.batch({ role: 'reader', tenant: 'ten_a' }, [statement(text)])).rejects.toMatchObject({ sqlState: '42501' });
  }
});
