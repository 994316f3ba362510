import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { checkHealth, type DoctorDeps } from '../../src/admin/doctor.ts';
import { ConnectionLost } from '../../src/db/batch.ts';
import { openDatabase, type TestDesk, vendorFile } from './database.ts';

const migrations = readdirSync('src/db/migrations')
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4));
let desk: TestDesk;
beforeEach(async () => {
  desk = await openDatabase();
  expect(await applyVendor(desk, { raw: vendorFile() })).toMatchObject({ ok: true });
});
afterEach(() => desk.db.close());

const check = (changes: Partial<DoctorDeps> = {}) => checkHealth({ ...desk, migrations, embedded: false, ...changes });
/** Breaks something, as the superuser. */
const breaking = (sql: string) => desk.db.raw.exec(`reset session authorization; ${sql}; set session authorization frontdesk_owner`);
const failing = async (changes?: Partial<DoctorDeps>) => {
  const { ok, checks } = await check(changes);
  const failed = checks.filter((each) => !each.ok);
  expect(ok).toBe(failed.length === 0);
  return failed.map(({ name, detail }) => `${name}: ${detail}`);
};

test('a fresh installation is in order', async () => {
  const { ok, checks } = await check();
  expect(ok, JSON.stringify(checks)).toBe(true);
  expect(checks.map(({ name }) => name)).toEqual(['database', 'migrations', 'row_security', 'roles', 'tenant', 'keys']);
});

test('a database that does not answer is the one thing reported', async () => {
  const db = { ...desk.db, batch: () => Promise.reject(new ConnectionLost('gone')) };
  expect((await check({ db })).checks).toEqual([{ name: 'database', ok: false, detail: 'The database does not answer.' }]);
});

test('a missing migration is named', async () => {
  expect(await failing({ migrations: [...migrations, '9999_later'] })).toEqual([
    'migrations: Not applied: 9999_later. Run npm run db:migrate.',
  ]);
});

test.each(['no force row level security', 'disable row level security'])('a table with "%s" is named', async (change) => {
  await breaking(`alter table frontdesk.referrals ${change}`);
  expect(await failing()).toEqual([expect.stringMatching(/^row_security: .* referrals\.$/)]);
});

test.each(['frontdesk_writer', 'frontdesk_reader', 'frontdesk_owner'])('%s must not be able to bypass row-level security', async (role) => {
  await breaking(`alter role ${role} bypassrls`);
  expect(await failing()).toEqual([`roles: These roles can bypass row-level security: ${role}.`]);
  if (role === 'frontdesk_owner')
    expect((await check({ embedded: true })).checks).toContainEqual(
      expect.objectContaining({ name: 'roles', ok: true, detail: expect.stringContaining('login role of the embedded database can') }),
    );
  else expect(await failing({ embedded: true })).toHaveLength(1);
});

test('without a vendor nothing can be served', async () => {
  await breaking('delete from frontdesk.tenant_hosts');
  expect(await failing()).toEqual(['tenant: No vendor is applied: run npm run vendor:apply.']);
});

test('another master key is noticed', async () => {
  expect(await failing({ masterKey: new Uint8Array(32) })).toEqual([expect.stringMatching(/^keys: .*sealed under another master key/)]);
});

test('a purpose without an active key is named', async () => {
  await breaking("update frontdesk.signing_keys set state = 'revoked' where purpose = 'receipts'");
  expect(await failing()).toEqual([expect.stringMatching(/^keys: .*no active key for receipts/)]);
});

test('an empty database is told to be migrated', async () => {
  await breaking('drop schema frontdesk cascade; drop table frontdesk_migrations');
  expect(await failing()).toEqual([
    expect.stringMatching(/^migrations: .*db:migrate/),
    expect.stringMatching(/^row_security: /),
    expect.stringMatching(/^tenant: /),
  ]);
});
