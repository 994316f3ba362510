import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { checkHealth, type DoctorDeps } from '../../src/admin/doctor.ts';
import { ConnectionLost } from '../../src/db/batch.ts';
import { asSuperuser, openDatabase, type TestDesk, vendorFile } from './database.ts';

const migrations = readdirSync('src/db/migrations')
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -4));
let desk: TestDesk;
beforeAll(async () => {
  desk = await openDatabase();
  expect(await applyVendor(desk, { raw: vendorFile() })).toMatchObject({ ok: true });
});
afterAll(() => desk.db.close());

const check = (changes: Partial<DoctorDeps> = {}) => checkHealth({ ...desk, migrations, ...changes });
/** Breaks something as the superuser, looks, and mends it. */
async function broken<T>(sql: string, mend: string, look: () => Promise<T>): Promise<T> {
  await asSuperuser(desk, sql);
  return look().finally(() => asSuperuser(desk, mend));
}
const failing = async (changes: Partial<DoctorDeps> = {}) => {
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

test.each(['force', 'enable'])('a table whose row-level security is not %sd is named', async (state) => {
  const off = state === 'force' ? 'no force' : 'disable';
  const failed = await broken(
    `alter table frontdesk.referrals ${off} row level security`,
    `alter table frontdesk.referrals ${state} row level security`,
    failing,
  );
  expect(failed).toEqual([expect.stringMatching(/^row_security: .* referrals\.$/)]);
});

test('a new table without any policy is named', async () => {
  const made =
    'create table frontdesk.hoard (tenant_id text); alter table frontdesk.hoard enable row level security, force row level security';
  expect(await broken(made, 'drop table frontdesk.hoard', failing)).toEqual([expect.stringMatching(/^row_security: .* hoard\.$/)]);
});

test.each(['frontdesk_writer', 'frontdesk_reader', 'frontdesk_owner'])('%s must not be able to bypass row-level security', async (role) => {
  const failed = await broken(`alter role ${role} bypassrls`, `alter role ${role} nobypassrls`, failing);
  expect(failed).toEqual([`roles: These roles can bypass row-level security: ${role}.`]);
});

test('a login role that is a superuser is not fit to serve', async () => {
  await desk.db.raw.exec('set session authorization postgres');
  const failed = await failing().finally(() => desk.db.raw.exec('set session authorization frontdesk_owner'));
  expect(failed).toEqual(['roles: These roles can bypass row-level security: postgres.']);
});

test('another master key is noticed', async () => {
  expect(await failing({ masterKey: new Uint8Array(32) })).toEqual([expect.stringMatching(/^keys: .*sealed under another master key/)]);
});

test('a purpose without an active key is named', async () => {
  const become = (state: string) => `update frontdesk.signing_keys set state = '${state}' where purpose = 'receipts'`;
  expect(await broken(become('revoked'), become('active'), failing)).toEqual([
    expect.stringMatching(/^keys: .*no active key for receipts/),
  ]);
});

test('without a vendor nothing can be served', async () => {
  const failed = await broken(
    'create table aside as table frontdesk.tenant_hosts; delete from frontdesk.tenant_hosts',
    'insert into frontdesk.tenant_hosts table aside; drop table aside',
    failing,
  );
  expect(failed).toEqual(['tenant: No vendor is applied: run npm run vendor:apply.']);
});

test('a database that was never migrated is told so', async () => {
  const failed = await broken(
    'alter schema frontdesk rename to aside; alter table frontdesk_migrations rename to aside',
    'alter schema aside rename to frontdesk; alter table aside rename to frontdesk_migrations',
    failing,
  );
  expect(failed).toEqual([
    expect.stringMatching(/^migrations: .*db:migrate/),
    expect.stringMatching(/^row_security: /),
    expect.stringMatching(/^tenant: .*is it migrated/),
  ]);
});

test('a list of migrations that nobody may read is reported as such', async () => {
  const failed = await broken(
    'alter table frontdesk_migrations owner to postgres; revoke select on frontdesk_migrations from frontdesk_reader',
    'alter table frontdesk_migrations owner to frontdesk_owner; grant select on frontdesk_migrations to frontdesk_reader',
    failing,
  );
  expect(failed).toEqual(['migrations: frontdesk_migrations cannot be read: grant select on it to frontdesk_reader.']);
});
