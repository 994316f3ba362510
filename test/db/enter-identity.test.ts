import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context, Db, Row } from '../../src/db/batch.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { type Entering, memory } from '../../src/db/memory.ts';
import { hashOf } from '../support/identity-decision.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/postgres-world.ts';
import { type Fixture, firstOfEach, insertInto, rowOf } from '../support/row-of-each-table.ts';

/** How the database lets in whoever brings a token or a session: what is revoked or over is seen in the very call. */
let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  const another = (table: string, change: Fixture) => insertInto(table, { ...rowOf(table, 2), ...change });
  const person = (n: number, change: Fixture) => another('people', { person_id: `psn_${n}`, email: `p${n}@o.example`, ...change });
  const session = (byte: string, change: Fixture) => another('sessions', { session_hash: `\\x${hashOf(byte)}`, ...change });
  const content = [
    firstOfEach(),
    another('agents', { agent_id: 'agt_revoked', status: 'revoked', revoked_at: at }),
    another('agents', { agent_id: 'agt_alone', organization_id: null }),
    another('agents', { agent_id: 'agt_anonymous', kind: 'anonymous' }),
    another('api_keys', { key_id: 'key_over', expires_at: at }),
    ...[another('tenants', { tenant_id: 'ten_b' }), another('tenant_hosts', { tenant_id: 'ten_b', host: 'b.example' })],
    ...[person(3, { role: 'operator' }), person(4, { role: 'auditor' }), person(5, { role: 'channel_manager' })],
    ...[person(6, { state: 'removed' }), person(7, { role: 'channel_manager' })],
    another('memberships', { person_id: 'psn_5', organization_id: 'org_1' }),
    ...['03', '04', '05', '06', '07'].map((byte) => session(byte, { person_id: `psn_${Number(byte)}` })),
    session('e1', { ended_at: at }),
    "update frontdesk.agents set epoch = 3 where agent_id = 'agt_1'",
    "update frontdesk.organizations set tier = 'domain_verified'",
    "update frontdesk.tenants set limits = '{}'",
  ];
  await query(database.adminUrl, content.join(';\n'));
  db = connectPostgres(database.appUrl, { max: 10 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

/** Some minutes after the sessions were last seen. */
const at = '2026-01-02T03:20:00.000Z';
const credentialOf = (agent_id: string, change: Fixture = {}): Fixture => ({
  kind: 'access_token',
  agent_id,
  epoch: 3,
  scopes: ['a:b'],
  ...change,
});
const sessionOf = (byte: string): Fixture => ({ kind: 'session', hash: hashOf(byte) });
const call = (credential: Fixture, change: Fixture = {}): Fixture => ({
  ...{ host: 'a1.example', credential, address: 'anon:1', network: 'net:1', operation: 'op', at, charged: false },
  ...change,
});

/** What `enter` answers, and which reach it leaves for the rest of the batch. */
async function entered(asked: Fixture, role: Context['role'] = 'reader') {
  const read = (rows: readonly Row[]) => rows[0];
  const [answer, context] = await db.batch({ role }, [
    { name: 'enter', text: 'select frontdesk.enter($1::jsonb) as entry', values: [asked], read },
    {
      name: 'reach',
      text: "select current_setting('frontdesk.reach') as reach, current_setting('frontdesk.organizations') as organizations",
      values: [],
      read,
    },
  ]);
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the database
  return { entry: answer?.entry as any, context };
}

test('a token of the agent’s own epoch: the scopes of the token, the tier and the reach of its organization now', async () => {
  const { entry, context } = await entered(call(credentialOf('agt_1')));
  expect(entry.principal).toMatchObject({
    kind: 'agent',
    agent_id: 'agt_1',
    epoch: 3,
    organization_id: 'org_1',
    scopes: ['a:b'],
    tier: 'domain_verified',
  });
  expect(context).toEqual({ reach: 'organizations', organizations: 'org_1' });
  const anonymous = await entered(call(credentialOf('agt_anonymous', { epoch: 1 })));
  expect(anonymous.entry.principal).toMatchObject({ tier: 'anonymous' });
});

describe('nobody, and nothing is reached:', () => {
  test.each([
    ['a token of an earlier epoch', call(credentialOf('agt_1', { epoch: 2 }))],
    ['a token of an epoch to come', call(credentialOf('agt_1', { epoch: 4 }))],
    ['a token of an agent that was revoked', call(credentialOf('agt_revoked', { epoch: 1 }))],
    ['an assertion of an agent that was revoked', call({ kind: 'agent', agent_id: 'agt_revoked' })],
    ['a token of an agent without an organization', call(credentialOf('agt_alone', { epoch: 1 }))],
    ['a token of an agent that is not there', call(credentialOf('agt_9'))],
    ['a token at another tenant’s host', call(credentialOf('agt_1'), { host: 'b.example' })],
    ['a token got with a key that is over', call(credentialOf('agt_1', { key_id: 'key_over' }))],
    ['a token got with a key that is not there', call(credentialOf('agt_1', { key_id: 'key_9' }))],
    ['a session that nobody has', call(sessionOf('e9'))],
    ['a session that ended', call(sessionOf('e1'))],
    ['a session that is over', call(sessionOf('01'), { at: '2026-03-04T05:06:07.000Z' })],
    ['a session an hour after it was last used', call(sessionOf('01'), { at: '2026-01-02T04:04:05.000Z' })],
    ['a session of a person who was removed', call(sessionOf('06'))],
    ['a session at another tenant’s host', call(sessionOf('01'), { host: 'b.example' })],
    ['a session as an API key', call({ ...sessionOf('03'), kind: 'api_key' })],
  ])('%s', async (_, asked) => {
    for (const role of ['reader', 'writer'] as const) {
      const { entry, context } = await entered({ ...asked, charged: true }, role);
      expect(entry.principal).toBeNull();
      expect(context).toEqual({ reach: 'none', organizations: '' });
    }
  });
});

test.each([
  ['operator', '03', 'tenant', ''],
  ['auditor', '04', 'tenant', ''],
  ['partner', '01', 'organizations', 'org_1'],
  ['channel_manager', '05', 'organizations', 'org_1'],
  ['channel_manager', '07', 'organizations', ''],
])('a session of a person who is %s (%s) reaches: %s %s', async (role, byte, reach, organizations) => {
  const { entry, context } = await entered(call(sessionOf(byte)));
  expect(entry.principal).toMatchObject({ kind: 'person', role });
  expect(context).toEqual({ reach, organizations });
});

test('of 20 calls at once with one nonce exactly one gets in, and a call that is sent away uses none up', async () => {
  const spend = [{ kind: 'dpop', digest: 'n1', expires_at: '2026-01-02T04:00:00Z' }];
  const calls = Array.from({ length: 20 }, () => entered(call(credentialOf('agt_1'), { charged: true, spend })));
  const answers = (await Promise.all(calls)).map(({ entry }) => entry.respent);
  expect(answers.filter((respent) => respent === undefined)).toHaveLength(1);
  expect(answers.filter((respent) => respent === 'dpop')).toHaveLength(19);
  await query(database.adminUrl, `update frontdesk.tenants set limits = '{"agent": {"q": 1, "w": 3600}}' where tenant_id = 'ten_a'`);
  const again = (digest: string) => entered(call(credentialOf('agt_1'), { charged: true, spend: [{ ...spend[0], digest }] }));
  expect((await again('n2')).entry.limit).toMatchObject({ allowed: true });
  expect((await again('n3')).entry.limit).toMatchObject({ allowed: false });
  await query(database.adminUrl, "update frontdesk.tenants set limits = '{}' where tenant_id = 'ten_a'");
  expect((await again('n3')).entry.respent).toBeUndefined();
});

test('what a call acts by is told with it, so that the commit finds it as it was', async () => {
  const actingBy = async (credential: Entering['credential']) => {
    const asked = { host: 'a1.example', address: 'anon:1', network: 'net:1', operation: 'op', at: new Date(at), charged: false };
    const loaded = await memory(db).load('writer', { ...asked, credential }, []);
    return typeof loaded === 'string' ? loaded : loaded.entry.acting;
  };
  const agent = { agent_id: 'agt_1', epoch: 3 };
  const token = { kind: 'access_token', ...agent, scopes: [] } as const;
  expect(await actingBy({ ...token, key_id: null })).toEqual(agent);
  expect(await actingBy({ ...token, key_id: 'key_1' })).toEqual({ ...agent, key_id: 'key_1' });
  expect(await actingBy({ kind: 'api_key', hash: hashOf('01') })).toEqual({ ...agent, key_id: 'key_1' });
  expect(await actingBy({ kind: 'session', hash: hashOf('03') })).toEqual({ session_hash: hashOf('03') });
  expect(await actingBy({ kind: 'none' })).toBeNull();
});
