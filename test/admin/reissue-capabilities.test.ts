import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { reissueCapabilities } from '../../src/admin/reissue-capabilities.ts';
import { asSuperuser, openDatabase, select, type TestDesk, vendorFile } from './database.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openDatabase();
});
afterAll(() => desk.db.close());

const day = 86_400_000;
const pass = (ms: number) => {
  desk.clock = new Date(desk.clock.getTime() + ms);
};
const open = async (host: string) => {
  const applied = await applyVendor(desk, { raw: vendorFile({ hosts: [host] }) });
  if (!applied.ok) throw new Error(applied.code);
  return applied.value.tenant;
};

test('every tenant is signed for again once half of its time has passed, and not before', async () => {
  expect(await reissueCapabilities(desk)).toEqual({ tenants: 0, reissued: 0, failed: 0 });
  const tenant = await open('one.example.com');
  await open('two.example.com');
  pass(15 * day);
  expect(await reissueCapabilities(desk)).toEqual({ tenants: 2, reissued: 0, failed: 0 });
  pass(1);
  expect(await reissueCapabilities(desk)).toEqual({ tenants: 2, reissued: 2, failed: 0 });
  expect(await select(desk, tenant, 'select issued_at, valid_until from frontdesk.documents')).toEqual([
    { issued_at: desk.clock.toISOString(), valid_until: new Date(desk.clock.getTime() + 30 * day).toISOString() },
  ]);
  expect(await select(desk, tenant, 'select revision from frontdesk.tenants')).toEqual([{ revision: 2 }]);
  expect(await open('one.example.com')).toBe(tenant);
  expect(await select(desk, tenant, 'select revision from frontdesk.tenants')).toEqual([{ revision: 2 }]);
});

test('a tenant that cannot be signed for does not stop the others', async () => {
  const broken = await open('broken.example.com');
  await open('whole.example.com');
  await asSuperuser(desk, `update frontdesk.signing_keys set sealed = 'x' where tenant_id = '${broken}'`);
  pass(16 * day);
  const { tenants, reissued, failed } = await reissueCapabilities(desk);
  expect({ others: tenants - reissued, failed }).toEqual({ others: 1, failed: 1 });
});
