import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { createApp } from '../../src/app.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import journal from '../../src/db/migrations/meta/_journal.json' with { type: 'json' };
import { createWorld } from '../../src/deps.ts';
import { createDatabase, type PostgresServer, query, type ScratchDatabase, startPostgres } from '../support/postgres.ts';
import { appUrl, createTemplate, migrateAs } from '../support/postgres-template.ts';
import { rowsOf } from '../support/postgres-world.ts';

/** A server of its own: roles belong to the whole server, and here nobody has made them yet. */
let server: PostgresServer;
let first: ScratchDatabase;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const release = journal.entries.map(({ tag }) => tag);

test('an owner who is no superuser migrates from zero; a second time changes nothing', async () => {
  const roles = () => rowsOf(server.adminUrl, "select rolname from pg_roles where rolname in ('frontdesk_reader', 'frontdesk_writer')");
  expect(await roles()).toEqual([]);
  const scratch = await createDatabase(server.adminUrl);
  expect(await migrateAs(scratch.ownerUrl)).toEqual(release);
  expect(await migrateAs(scratch.ownerUrl)).toEqual([]);
  expect(await roles()).toHaveLength(2);
  await scratch.drop();
});

test('a second database of the same server finds the roles and works as well', async () => {
  first = await createTemplate(server.adminUrl);
  const second = await createDatabase(server.adminUrl);
  expect(await migrateAs(second.ownerUrl)).toEqual(release);
  expect(await rowsOf(second.ownerUrl, 'select name from frontdesk_migrations order by name')).toEqual(release.map((name) => ({ name })));
});

test('another owner, who did not make the roles but may hand them on, can migrate a database of its own', async () => {
  await query(
    server.adminUrl,
    `create role second_owner login nobypassrls password 'scratch';
     grant frontdesk_reader, frontdesk_writer to second_owner with inherit false, set true`,
  );
  await query(server.adminUrl, 'create database of_second owner second_owner');
  const url = new URL(first.ownerUrl);
  url.username = 'second_owner';
  url.pathname = '/of_second';
  expect(await migrateAs(url.href)).toEqual(release);
});

/** What `/readyz` answers to a server that is connected through this URL. */
async function readiness(url: string): Promise<{ status: number; failing: string[] }> {
  const db = connectPostgres(url, { max: 1 });
  try {
    const world = createWorld({
      db,
      masterKey: new Uint8Array(32).fill(3),
      mode: 'postgres',
      cronSecret: undefined,
      trustedProxyHops: 0,
      release: { region: undefined, commit: undefined },
    });
    const raw: unknown = JSON.parse(await readFile(new URL('../../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
    const applied = await applyVendor(world.admin, { raw, origin: 'https://desk.example.com', hosts: ['desk.example.com'] });
    expect(applied.ok).toBe(true);
    const response = await createApp(world).fetch(new Request('https://desk.example.com/readyz'));
    const { checks }: { checks: { name: string; ok: boolean; detail: string }[] } = await response.json();
    return { status: response.status, failing: checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`) };
  } finally {
    await db.close();
  }
}

test('a server connected as a login role without privileges, or as the owner, is ready', async () => {
  expect(await readiness(appUrl(first))).toEqual({ status: 200, failing: [] });
  expect(await readiness(first.ownerUrl)).toEqual({ status: 200, failing: [] });
});

test('a server connected as a superuser is not ready, and says why', async () => {
  expect(await readiness(first.adminUrl)).toEqual({
    status: 503,
    failing: ['roles: These roles can bypass row-level security: postgres.'],
  });
});

test('a server connected as a role that may bypass policies, as an owner at some providers can, is not ready', async () => {
  await query(server.adminUrl, 'alter role frontdesk_owner bypassrls');
  expect((await readiness(first.ownerUrl)).failing).toEqual(['roles: These roles can bypass row-level security: frontdesk_owner.']);
  await query(server.adminUrl, 'alter role frontdesk_owner nobypassrls');
});

test('a login role without the two runtime roles cannot serve at all', async () => {
  await query(server.adminUrl, "create role stranger login password 'scratch'");
  const url = new URL(first.ownerUrl);
  url.username = 'stranger';
  const db = connectPostgres(url.href, { max: 1 });
  const refused = db.batch({ role: 'reader' }, [{ name: 'installation.one', text: 'select 1', values: [], read: () => undefined }]);
  await expect(refused).rejects.toMatchObject({ sqlState: '42501' });
  await db.close();
});
