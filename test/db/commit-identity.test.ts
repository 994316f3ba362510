import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { commit } from '../../src/db/commit.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import type { Beside } from '../../src/db/memory.ts';
import type { IdentityChanges } from '../../src/domain/identity-changes.ts';
import { hashOf, neededIdentityRows, wholeIdentity } from '../support/identity-decision.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { firstOfEach, insertInto, rowOf } from '../support/row-of-each-table.ts';

/** What follows from a part of a decision beside the rows that it names. */
let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  const session = (byte: string, change: object = {}) =>
    insertInto('sessions', { ...rowOf('sessions', 1), session_hash: `\\x${hashOf(byte)}`, ...change });
  const content = [
    ...[firstOfEach(), ...neededIdentityRows()],
    ...[insertInto('people', rowOf('people', 2)), session('e1'), session('e2', { person_id: 'psn_2' })],
    insertInto('organizations', rowOf('organizations', 2)),
    insertInto('agents', { ...rowOf('agents', 1), agent_id: 'agt_asking' }),
    insertInto('api_keys', { ...rowOf('api_keys', 2), key_id: 'key_lasting', secret_hash: `\\x${hashOf('e3')}` }),
  ];
  await query(database.adminUrl, content.join(';\n'));
  db = connectPostgres(database.appUrl, { max: 2 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const at = '2026-02-03T04:05:06.000Z';
const send = (changes: IdentityChanges & Beside) => db.batch({ role: 'writer', tenant: 'ten_a' }, [commit(changes)]);
const see = (text: string) => rowsOf(database.adminUrl, text);

test('an agent that changes its organization takes its keys along, and leaves no workspace behind', async () => {
  const change = { agent_id: 'agt_1', status: 'active', organization_id: 'org_taker', revoked_at: null } as const;
  const changed_agents = [{ ...change, epoch: 2 }];
  await expect(send({ changed_agents })).rejects.toMatchObject({ sqlState: 'FD001' });
  const adopted = { workspace_id: 'ws_of_agent', from_owner: 'org_1', organization_id: 'org_taker', owner: 'org_taker' };
  await send({ changed_agents, adopted_workspaces: [adopted] });
  expect(await see('select organization_id from frontdesk.agent_keys')).toEqual([{ organization_id: 'org_taker' }]);
});

test('a workspace that is adopted takes its rows along, and nobody else’s', async () => {
  await send({
    adopted_workspaces: [{ workspace_id: 'ws_adopted', from_owner: 'net:1', organization_id: 'org_taker', owner: 'org_taker' }],
  });
  expect(await see('select workspace_id, organization_id from frontdesk.workspace_rows order by 1')).toEqual([
    { workspace_id: 'ws_1', organization_id: 'org_1' },
    { workspace_id: 'ws_adopted', organization_id: 'org_taker' },
  ]);
});

test('an agent that leaves the address of its document frees it for somebody else', async () => {
  const agent = { organization_id: 'org_2', name: 'x', kind: 'document', client_id: 'https://left.example/agent', created_at: at } as const;
  await db.batch({ role: 'writer', tenant: 'ten_a' }, [commit({ agents: [{ ...agent, agent_id: 'agt_leaves' }] })]);
  const leaves = {
    agent_id: 'agt_leaves',
    epoch: 2,
    status: 'active',
    organization_id: 'org_2',
    kind: 'registered',
    revoked_at: null,
  } as const;
  await send({ changed_agents: [leaves] });
  await db.batch({ role: 'writer', tenant: 'ten_a' }, [commit({ agents: [{ ...agent, agent_id: 'agt_comes' }] })]);
  expect(await see("select agent_id from frontdesk.agents where client_id = 'https://left.example/agent'")).toEqual([
    { agent_id: 'agt_comes' },
  ]);
});

test('an agent that is revoked waits for no answer any more', async () => {
  const open = { organization_id: 'org_2', state: 'open', version: 1, requested_at: at, decided_at: null, decided_by: null } as const;
  await send({ join_requests: [{ ...open, join_id: 'jrq_left', agent_id: 'agt_asking' }] });
  await send({ changed_agents: [{ agent_id: 'agt_asking', epoch: 2, status: 'revoked', organization_id: 'org_1', revoked_at: at }] });
  expect(await see("select state, version, decided_by from frontdesk.join_requests where join_id = 'jrq_left'")).toEqual([
    { state: 'expired', version: 2, decided_by: 'agt_asking' },
  ]);
});

test('a person is signed out everywhere, others stay', async () => {
  await send({ ended_sessions: { person_id: 'psn_1', at } });
  expect(
    await see('select person_id, count(*)::int as n, count(ended_at)::int as ended from frontdesk.sessions group by 1 order by 1'),
  ).toEqual([
    { person_id: 'psn_1', n: 2, ended: 2 },
    { person_id: 'psn_2', n: 1, ended: 0 },
  ]);
  const spending = (byte: string) =>
    send({ acting: { session_hash: hashOf(byte) }, spent: [{ kind: 'dpop', digest: `d${byte}`, expires_at: '2026-03-01T00:00:00.000Z' }] });
  await expect(spending('e1')).rejects.toMatchObject({ sqlState: 'FD001' });
  await spending('e2');
});

test('the end of an API key comes nearer, and never goes away again', async () => {
  const ends = async (expires_at: string | null, revoked_at: string | null = null) => {
    await send({ ended_api_keys: [{ key_id: 'key_lasting', expires_at, revoked_at }] });
    const [row] = await rowsOf<{ expires_at: Date }>(
      database.adminUrl,
      "select expires_at from frontdesk.api_keys where key_id = 'key_lasting'",
    );
    return row?.expires_at.toISOString();
  };
  expect(await ends('2026-03-02T00:00:00.000Z')).toBe('2026-03-02T00:00:00.000Z');
  expect(await ends('2026-03-09T00:00:00.000Z')).toBe('2026-03-02T00:00:00.000Z');
  expect(await ends('2026-03-01T00:00:00.000Z')).toBe('2026-03-01T00:00:00.000Z');
  expect(await ends(null, at)).toBe('2026-03-01T00:00:00.000Z');
});

test('what may be used once is forgotten when it would be over anyway: that is when the schedule looks again', async () => {
  await send({ spent: [{ kind: 'dpop', digest: 'd3', expires_at: '2025-01-01T00:00:00.000Z' }] });
  expect(await see("select at from frontdesk.due_work where kind = 'expire'")).toEqual([{ at: new Date('2025-01-01T00:00:00.000Z') }]);
});

test('a domain and its proof go to another organization in one decision, in whichever order it names them', async () => {
  const { changed_organizations, domain_proofs } = wholeIdentity;
  const given = { changed_organizations, domain_proofs: domain_proofs.map((row) => ({ ...row, organization_id: 'org_1' })) };
  await send(given);
  expect(
    await see(
      "select organization_id, domain from frontdesk.organizations where organization_id in ('org_holder', 'org_taker') order by 1",
    ),
  ).toEqual([
    { organization_id: 'org_holder', domain: null },
    { organization_id: 'org_taker', domain: 'moving.example' },
  ]);
  const back = changed_organizations.map((row) => ({
    ...{ ...row, from_tier: row.tier, from_domain: row.domain, from_frozen_at: row.frozen_at },
    ...{ tier: row.from_tier, domain: row.from_domain, frozen_at: row.from_frozen_at },
  }));
  await send({ changed_organizations: back });
  expect(await see('select proof_id, state, version from frontdesk.domain_proofs order by 1')).toEqual([
    { proof_id: 'dpf_1', state: 'lapsed', version: 2 },
    { proof_id: 'dpf_2', state: 'verified', version: 1 },
  ]);
});
