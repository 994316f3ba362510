import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { expireDue } from '../../src/admin/expire.ts';
import { DatabaseError, type Db } from '../../src/db/batch.ts';
import { openDatabase, select, type TestDesk, vendorFile } from './database.ts';

let desk: TestDesk;
let one: string;
let other: string;
const open = async (host: string) => {
  const applied = await applyVendor(desk, { raw: vendorFile({ hosts: [host] }) });
  if (!applied.ok) throw new Error(applied.code);
  return applied.value.tenant;
};
beforeAll(async () => {
  desk = await openDatabase();
  one = await open('one.example.com');
  other = await open('other.example.com');
});
afterAll(() => desk.db.close());

const hour = 3_600_000;
const at = (hours: number) => new Date(Date.parse('2026-03-01T09:00:00.000Z') + hours * hour);
const workspaces = (tenant: string) =>
  select(
    desk,
    tenant,
    'select status, count(*)::int as n, sum(row_count)::int as rows from frontdesk.workspaces group by status order by status',
  );

/** Workspaces without an organization that end at `expiresAt`; the first has one row. */
async function provision(tenant: string, count: number, expiresAt: Date): Promise<void> {
  const created_at = at(0).toISOString();
  const expires_at = expiresAt.toISOString();
  const hex = (i: number) => i.toString(16).padStart(64, '0');
  const prospect_id = `pro_${tenant}`;
  const stay = {
    organization_id: null,
    owner: 'net:x',
    agent_id: null,
    prospect_id,
    referral_id: null,
    status: 'active',
    host: 'builtin',
  } as const;
  const form = { model: {}, mapping: [], untrusted: {}, row_limit: 10, key_version: 1, claim_version: 1 };
  const workspaces = Array.from({ length: count }, (_, i) => ({
    ...stay,
    ...form,
    workspace_id: `ws_${i}`,
    key_hash: hex(i),
    claim_hash: hex(i),
    created_at,
    expires_at,
  }));
  const written = await desk.memory.commit(tenant, {
    prospects: [{ prospect_id, fingerprint: hex(0), created_at }],
    workspaces,
    created_rows: { workspace_id: 'ws_0', organization_id: null, at: created_at, rows: [{ entity: 'e', row_id: 'r', values: {} }] },
    due: [{ kind: 'expire', at: expires_at }],
    counters: [{ name: 'workspaces.active', subject: 'net:x', by: count, limit: 2000 }],
  });
  expect(written).toBe('done');
}

test('before anything is over, nothing ends', async () => {
  expect(await expireDue(desk, at(-1))).toEqual({ tenants: 0, expired: 0, swept: 0, forgotten: 0, failed: 0 });
  await provision(one, 1_100, at(1));
  await provision(other, 3, at(2));
  expect(await expireDue(desk, at(0.5))).toMatchObject({ expired: 0 });
  expect(await workspaces(one)).toEqual([{ status: 'active', n: 1_100, rows: 1 }]);
});

test('what is over ends in batches, tenant by tenant, and frees what it used; two runs at once end it once', async () => {
  const runs = await Promise.all([expireDue(desk, at(1)), expireDue(desk, at(1))]);
  expect(runs.reduce((sum, run) => sum + run.expired, 0)).toBe(1_100);
  expect(await workspaces(one)).toEqual([{ status: 'expired', n: 1_100, rows: 0 }]);
  expect(await workspaces(other)).toEqual([{ status: 'active', n: 3, rows: 1 }]);
  expect(await select(desk, one, 'select count(*)::int as n from frontdesk.workspace_rows')).toEqual([{ n: 0 }]);
  expect(await select(desk, one, 'select value from frontdesk.counters')).toEqual([{ value: 0n }]);
});

test('a tenant at which the database refuses does not keep the others waiting, and stays due', async () => {
  const refusing: Db = {
    close: async () => {},
    batch: (context, statements) =>
      context.tenant === one ? Promise.reject(new DatabaseError('deadlock', '40P01', undefined)) : desk.db.batch(context, statements),
  };
  expect(await expireDue({ db: refusing }, at(30))).toMatchObject({ tenants: 2, expired: 3, failed: 1 });
  expect(await expireDue(desk, at(30))).toMatchObject({ tenants: 1, failed: 0 });
});

test('a week later nothing is left of them', async () => {
  expect(await expireDue(desk, at(24 * 9))).toMatchObject({ swept: 1_103, failed: 0 });
  expect([await workspaces(one), await workspaces(other)]).toEqual([[], []]);
});
