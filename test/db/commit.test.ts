import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { commit } from '../../src/db/commit.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { type Answered, memory } from '../../src/db/memory.ts';
import type { Changes } from '../../src/domain/decision.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { insertInto, rowOf, tableNames } from '../support/row-of-each-table.ts';

type Whole = Required<Changes> & { readonly idempotency: Answered };

let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  const secrets = (byte: string) => ({ key_hash: `\\x${byte.repeat(32)}`, claim_hash: `\\x${byte.repeat(32)}` });
  const workspace = (id: string, byte: string) =>
    insertInto('workspaces', { ...rowOf('workspaces', 1), workspace_id: id, ...secrets(byte) });
  const row = (workspace_id: string, row_id: string) =>
    insertInto('workspace_rows', { ...rowOf('workspace_rows', 1), workspace_id, row_id });
  const more = [
    workspace('ws_rekeyed', 'e1'),
    workspace('ws_ended', 'e2'),
    workspace('ws_gone', 'e3'),
    workspace('ws_claimed', 'e4'),
    row('ws_ended', 'row_gone'),
    row('ws_1', 'row_deleted'),
    "update frontdesk.workspaces set status = 'expired', row_count = 0 where workspace_id = 'ws_gone'",
  ];
  await query(database.adminUrl, [...tableNames.map((table) => insertInto(table, rowOf(table, 1))), ...more].join(';\n'));
  db = connectPostgres(database.appUrl, { max: 2 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const at = '2026-02-03T04:05:06.000Z';
const hash = (byte: string): string => byte.repeat(32);
/** SHA-256 of a zero byte and `{}`. */
const leaf = '28a3a18f6cd6406b086e9ffda1f9b8a13dbcf44b0f3f32cb9031a11fd053acf9';
const owned = { organization_id: 'org_2', agent_id: 'agt_2' };

/** A decision with every part that there is. */
const whole: Whole = {
  idempotency: { principal: 'org_2', operation: 'op', key: 'key', fingerprint: 'f', result: '{}', subject_id: 'ws_2', committed_at: at },
  tenant: { name: 'A', origin: 'https://a.example', revision: 2, limits: {}, hosts: ['a1.example', 'a2.example'], created_at: at },
  vendor_versions: [{ version: 2, config: {}, created_at: at }],
  program_versions: [{ program_id: 'prg_1', version: 2, sha256: 's', terms: '{}', created_at: at }],
  documents: [{ kind: 'capabilities', body: '{}', etag: '"1"', issued_at: at, valid_until: at }],
  signing_keys: [{ kid: 'kid2', purpose: 'receipts', algorithm: 'ES256', public_jwk: null, sealed: 's', state: 'active', created_at: at }],
  organizations: [{ organization_id: 'org_2', name: 'O', domain: null, tier: 'key_bound', created_at: at }],
  agents: [{ ...owned, name: 'A', created_at: at }],
  api_keys: [
    { key_id: 'key_2', secret_hash: hash('f2'), last4: 'abcd', ...owned, scopes: ['referrals:read'], created_at: at, expires_at: null },
  ],
  prospects: [{ prospect_id: 'pro_2', fingerprint: hash('f2'), created_at: at }],
  referrals: [
    {
      ...{
        referral_id: 'ref_2',
        ...owned,
        prospect_id: 'pro_2',
        program_id: 'prg_1',
        program_version: 1,
        terms_sha256: 's',
        campaign: null,
      },
      ...{ token_id: null, entry_id: 'evt_2', receipt: 'r', created_at: at, expires_at: at },
    },
  ],
  touches: [
    {
      ...{ touch_id: 'tch_2', organization_id: 'org_2', prospect_id: 'pro_2', referral_id: 'ref_2', workspace_id: 'ws_2' },
      ...{ kind: 'declared', via: 'provision', token_id: null, entry_id: 'evt_2', created_at: at },
    },
  ],
  ledger_events: [
    { event_id: 'evt_2', kind: 'referral.created', subject_id: 'ref_2', organization_id: 'org_2', body: '{}', leaf, recorded_at: at },
  ],
  particulars: [{ subject_id: 'ref_2', organization_id: 'org_2', salt: hash('f2'), content: {} }],
  referral_tokens: [
    {
      ...{ token_id: 'rtk_2', ...owned, campaign: null, kid: 'kid2', claims: {}, token_hash: hash('f2'), code_hash: hash('f2') },
      ...{ created_at: at, expires_at: at },
    },
  ],
  link_visits: [{ visit_id: 'vis_2', token_id: 'rtk_2', created_at: at }],
  workspaces: [
    {
      ...{ workspace_id: 'ws_2', ...owned, owner: 'org_2', prospect_id: 'pro_2', referral_id: 'ref_2', status: 'active', host: 'built_in' },
      ...{
        model: {},
        mapping: [],
        untrusted: {},
        row_limit: 2,
        key_version: 1,
        key_hash: hash('f2'),
        claim_version: 1,
        claim_hash: hash('f2'),
      },
      ...{ created_at: at, expires_at: at },
    },
  ],
  rekeyed_workspace: { workspace_id: 'ws_rekeyed', key_version: 2, key_hash: hash('f3') },
  ended_workspace: { workspace_id: 'ws_ended', status: 'revoked', ended_at: at },
  created_rows: { workspace_id: 'ws_2', organization_id: 'org_2', at, rows: [{ entity: 'account', row_id: 'row_2', values: {} }] },
  updated_row: { workspace_id: 'ws_1', entity: 'account', row_id: 'row_1', from: {}, values: { a: 1 }, at },
  deleted_row: { workspace_id: 'ws_1', entity: 'account', row_id: 'row_deleted' },
  due: [{ kind: 'expire', at }],
  effects: [{ effect_id: 'eff_2', kind: 'k', aggregate: 'a', payload: {}, due_at: at, created_at: at }],
  counters: [
    { name: 'workspaces.active', subject: 'sub1', by: 4, limit: 5 },
    { name: 'workspaces.active', subject: 'org_2', by: 1, limit: 5 },
  ],
};

/** Every part, broken: what the commit then fails with. Lists hold their first row twice. */
const broken: { readonly [P in keyof Whole]: readonly (readonly [string, Whole[P], string])[] } = {
  idempotency: [['an answer that is there already', { ...whole.idempotency, ...{ principal: 'org_1', key: 'key1' } }, '23505']],
  tenant: [
    ['a revision that somebody else made', { ...whole.tenant, revision: 1 }, 'FD001'],
    ['a host that another tenant has', { ...whole.tenant, hosts: ['a1.example', 'a1.example'] }, '23505'],
  ],
  vendor_versions: twice('vendor_versions'),
  program_versions: twice('program_versions'),
  documents: twice('documents', '21000'),
  signing_keys: twice('signing_keys'),
  organizations: twice('organizations'),
  agents: twice('agents'),
  api_keys: twice('api_keys'),
  prospects: twice('prospects'),
  referrals: twice('referrals'),
  touches: twice('touches'),
  ledger_events: [
    ...twice('ledger_events'),
    ['a wrong leaf', whole.ledger_events.map((event) => ({ ...event, leaf: hash('00') })), '23514'],
  ],
  particulars: twice('particulars'),
  referral_tokens: twice('referral_tokens'),
  link_visits: twice('link_visits'),
  workspaces: twice('workspaces'),
  rekeyed_workspace: [
    ['a workspace that is not there', { ...whole.rekeyed_workspace, workspace_id: 'ws_9' }, 'FD001'],
    ['a version that was made already', { ...whole.rekeyed_workspace, key_version: 1 }, 'FD001'],
    ['a workspace that ended', { ...whole.rekeyed_workspace, workspace_id: 'ws_gone' }, 'FD001'],
  ],
  ended_workspace: [
    ['a workspace that is not there', { ...whole.ended_workspace, workspace_id: 'ws_9' }, 'FD001'],
    ['a workspace that ended', { ...whole.ended_workspace, workspace_id: 'ws_gone' }, 'FD001'],
  ],
  created_rows: [
    ['a workspace that ended', { ...whole.created_rows, workspace_id: 'ws_gone' }, 'FD001'],
    ['a row twice', { ...whole.created_rows, rows: [...whole.created_rows.rows, ...whole.created_rows.rows] }, '23505'],
    [
      'more rows than the workspace may have',
      { ...whole.created_rows, rows: [1, 2, 3].map((n) => ({ entity: 'e', row_id: `r${n}`, values: {} })) },
      '23514',
    ],
  ],
  updated_row: [
    ['a row that is not there', { ...whole.updated_row, row_id: 'row_9' }, 'FD001'],
    ['a row that changed meanwhile', { ...whole.updated_row, from: { a: 0 } }, 'FD001'],
  ],
  deleted_row: [
    ['a row that is not there', { ...whole.deleted_row, row_id: 'row_9' }, 'FD001'],
    ['a row of a workspace that ended', { ...whole.deleted_row, workspace_id: 'ws_gone' }, 'FD001'],
  ],
  due: twice('due', '21000'),
  effects: twice('effects'),
  counters: [['more than the limit', whole.counters.map((counter) => ({ ...counter, by: 5 })), '23514']],
};

function twice<P extends keyof Whole>(part: P, sqlState = '23505') {
  const rows = whole[part];
  if (!Array.isArray(rows)) throw new Error(`${part} is no list`);
  return [['a row twice', [...rows, rows[0]] as unknown as Whole[P], sqlState]] as const;
}

const contents = async () => {
  const digest = (table: string) =>
    `select '${table}' as name, count(*) || ' ' || coalesce(md5(string_agg(t::text, ' ' order by t::text)), '') as digest from frontdesk.${table} t`;
  return rowsOf<{ name: string; digest: string }>(database.adminUrl, `${tableNames.map(digest).join(' union all ')} order by 1`);
};
const send = (changes: object) => db.batch({ role: 'writer', tenant: 'ten_a' }, [commit(changes)]);

const cases = Object.entries(broken).flatMap(([part, ways]) => ways.map(([what, value, sqlState]) => ({ part, what, value, sqlState })));

test.each(cases)('$part with $what leaves nothing of the whole decision: $sqlState', async ({ part, value, sqlState }) => {
  const before = await contents();
  const changes = { ...whole, [part]: value };
  await expect(send(changes)).rejects.toMatchObject({ sqlState });
  expect(await contents()).toEqual(before);
  const told = memory(db).commit('ten_a', changes);
  if (sqlState === '23505' || sqlState === 'FD001') expect(await told).toBe('again');
  else if (part === 'counters' || part === 'created_rows') expect(await told).toBe('over');
  else await expect(told).rejects.toMatchObject({ sqlState });
  expect(await contents()).toEqual(before);
});

test('without a tenant nothing can be written', async () => {
  const before = await contents();
  for (const [part, value] of Object.entries(whole)) {
    const alone = db.batch({ role: 'writer' }, [commit({ [part]: value })]);
    await expect(alone, part).rejects.toMatchObject({ sqlState: expect.stringMatching(/^23502$|^42501$|^FD001$/) });
  }
  expect(await contents()).toEqual(before);
});

test('the rows of a claimed workspace can be changed, but neither its key nor its end is ours', async () => {
  await query(database.adminUrl, "update frontdesk.workspaces set status = 'claimed' where workspace_id = 'ws_claimed'");
  const part = { workspace_id: 'ws_claimed', organization_id: 'org_1', at };
  await send({ created_rows: { ...part, rows: [{ entity: 'e', row_id: 'row_c', values: {} }] } });
  await send({ deleted_row: { ...part, entity: 'e', row_id: 'row_c' } });
  const rekeyed = { ...part, key_version: 2, key_hash: hash('e5') };
  const ended = { ...part, status: 'revoked', ended_at: at };
  for (const change of [{ rekeyed_workspace: rekeyed }, { ended_workspace: ended }]) {
    await expect(send(change)).rejects.toMatchObject({ sqlState: 'FD001' });
  }
});

test('an unbroken decision is there in all its parts', async () => {
  const before = new Map((await contents()).map(({ name, digest }) => [name, digest]));
  await send(whole);
  const unchanged = (await contents()).filter(({ name, digest }) => before.get(name) === digest).map(({ name }) => name);
  expect(unchanged).toEqual(['limits']);
  expect(
    await rowsOf(database.adminUrl, 'select workspace_id, status, row_count, key_version from frontdesk.workspaces order by 1'),
  ).toEqual([
    { workspace_id: 'ws_1', status: 'active', row_count: 0, key_version: 1 },
    { workspace_id: 'ws_2', status: 'active', row_count: 1, key_version: 1 },
    { workspace_id: 'ws_claimed', status: 'claimed', row_count: 1, key_version: 1 },
    { workspace_id: 'ws_ended', status: 'revoked', row_count: 0, key_version: 1 },
    { workspace_id: 'ws_gone', status: 'expired', row_count: 0, key_version: 1 },
    { workspace_id: 'ws_rekeyed', status: 'active', row_count: 1, key_version: 2 },
  ]);
  expect(await rowsOf(database.adminUrl, 'select workspace_id, row_id, values from frontdesk.workspace_rows order by 1, 2')).toEqual([
    { workspace_id: 'ws_1', row_id: 'row_1', values: { a: 1 } },
    { workspace_id: 'ws_2', row_id: 'row_2', values: {} },
  ]);
  expect(await rowsOf(database.adminUrl, 'select subject, value::int from frontdesk.counters order by 1')).toEqual([
    { subject: 'org_2', value: 1 },
    { subject: 'sub1', value: 5 },
  ]);
});
