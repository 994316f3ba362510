import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/batch.ts';
import { commit } from '../../src/db/commit.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { memory } from '../../src/db/memory.ts';
import { brokenIdentity } from '../support/broken-identity.ts';
import { hashOf } from '../support/identity-decision.ts';
import { query } from '../support/postgres.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { firstOfEach, tableNames } from '../support/row-of-each-table.ts';
import { neededRows, type Whole, whole } from '../support/whole-decision.ts';

let database: MigratedDatabase;
let db: Db;
beforeAll(async () => {
  database = await migratedDatabase();
  await query(database.adminUrl, [firstOfEach(), ...neededRows()].join(';\n'));
  db = connectPostgres(database.appUrl, { max: 2 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const at = '2026-02-03T04:05:06.000Z';

/** Every part, broken: what the commit then fails with. Lists hold their first row twice. */
const broken: { readonly [P in keyof Whole]: readonly (readonly [string, Whole[P], string])[] } = {
  acting: [
    ['an agent that was revoked or moved', { ...whole.acting, epoch: 2 }, 'FD001'],
    ['an agent that is not there', { ...whole.acting, agent_id: 'agt_9' }, 'FD001'],
    ['an API key that was revoked', { ...whole.acting, key_id: 'key_over' }, 'FD001'],
    ['a session that is not there', { ...whole.acting, session_hash: hashOf('e9') }, 'FD001'],
  ],
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
    ['a wrong leaf', whole.ledger_events.map((event) => ({ ...event, leaf: hashOf('00') })), '23514'],
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
  relinked_workspace: [
    ['a workspace that is not there', { ...whole.relinked_workspace, workspace_id: 'ws_9' }, 'FD001'],
    ['a version that was made already', { ...whole.relinked_workspace, claim_version: 1 }, 'FD001'],
    ['a workspace that ended', { ...whole.relinked_workspace, workspace_id: 'ws_gone' }, 'FD001'],
  ],
  claimed_workspaces: [
    ...twice('claimed_workspaces', 'FD001'),
    ['a workspace that is not there', whole.claimed_workspaces.map((row) => ({ ...row, workspace_id: 'ws_9' })), 'FD001'],
    ['a key that was changed meanwhile', whole.claimed_workspaces.map((row) => ({ ...row, key_version: 2 })), 'FD001'],
    ['a workspace that ended', whole.claimed_workspaces.map((row) => ({ ...row, workspace_id: 'ws_gone' })), 'FD001'],
  ],
  created_rows: [
    ['a workspace that changed hands', { ...whole.created_rows, organization_id: 'org_1' }, 'FD001'],
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
  due: [['a time that is none', [{ kind: 'expire', at: 'soon' }], '22007']],

  disputes: twice('disputes'),
  dispute_evidence: [
    ...twice('dispute_evidence'),
    ['a dispute that is not there', whole.dispute_evidence.map((row) => ({ ...row, dispute_id: 'dsp_9' })), '23503'],
  ],
  decided_disputes: [
    ...twice('decided_disputes', 'FD001'),
    ['a dispute that is not there', whole.decided_disputes.map((row) => ({ ...row, dispute_id: 'dsp_9' })), 'FD001'],
  ],
  holds: twice('holds'),
  closed_holds: [
    ...twice('closed_holds', 'FD001'),
    ['a hold that is closed', whole.closed_holds.map((row) => ({ ...row, hold_id: 'hld_1' })), 'FD001'],
  ],
  evidence: twice('evidence'),
  evidenced: [
    ...twice('evidenced', 'FD001'),
    ['a referral that is not there', whole.evidenced.map((row) => ({ ...row, referral_id: 'ref_9' })), 'FD001'],
  ],
  attributions: [
    ...twice('attributions'),
    ['a second decision without a dispute', whole.attributions.map((row) => ({ ...row, prospect_id: 'pro_1', seq: 2 })), '23514'],
  ],
  referral_moves: [
    ...twice('referral_moves'),
    ['a step that was taken', whole.referral_moves.map((row) => ({ ...row, referral_id: 'ref_1' })), '23505'],
    ['a step that is left out', whole.referral_moves.slice(1), '23503'],
    ['a step that nobody may take', whole.referral_moves.map((row) => ({ ...row, to_state: 'reversed' })), '23514'],
  ],

  rewards: [
    ...twice('rewards'),
    ['a payment that counts twice', whole.rewards.map((row) => ({ ...row, bases: [...(row.bases ?? []), ...(row.bases ?? [])] })), '23505'],
    ['an amount that its entries do not have', whole.rewards.map((row) => ({ ...row, amount_minor: '101' })), 'FD003'],
  ],
  reward_moves: [
    ...twice('reward_moves'),
    ['a step that its entries do not take', whole.reward_moves.slice(0, 2), 'FD003'],
    ['a step that is left out', whole.reward_moves.map((row) => ({ ...row, seq: row.seq + 1 })), '23503'],
    ['a reduction meanwhile', whole.reward_moves.map((row) => ({ ...row, reversed_minor: '1' })), 'FD001'],
    ['a release under a hold', whole.reward_moves.map((row) => ({ ...row, referral_id: 'ref_held' })), 'FD001'],
  ],
  reductions: [
    ...twice('reductions', 'FD001'),
    ['a step meanwhile', whole.reductions.map((row) => ({ ...row, seq: 9 })), 'FD001'],
    ['another reduction meanwhile', whole.reductions.map((row) => ({ ...row, reversed_before_minor: '1' })), 'FD001'],
    ['more than there is', whole.reductions.map((row) => ({ ...row, reversed_minor: '101' })), '23514'],
  ],
  fulfilments: [
    ...twice('fulfilments'),
    ['one under way', whole.fulfilments.map((row) => ({ ...row, reward_id: 'rwd_sent' })), '23505'],
    ['an open hold', whole.fulfilments.map((row) => ({ ...row, referral_id: 'ref_held' })), 'FD001'],
  ],
  settled_fulfilments: [
    ...twice('settled_fulfilments', 'FD001'),
    ['one that is settled', whole.settled_fulfilments.map((row) => ({ ...row, fulfilment_id: 'ful_1' })), 'FD001'],
  ],
  obstacles: [['a reward that is not there', [{ reward_id: 'rwd_9', obstacle: null }], 'FD001']],
  entries: [
    ...twice('entries'),
    ['postings that do not balance', whole.entries.map((row) => ({ ...row, postings: row.postings.slice(1) })), 'FD003'],
    ['no event', whole.entries.map((row) => ({ ...row, entry_id: `${row.entry_id}9` })), '23503'],
    [
      'more than stands there',
      whole.entries.map((row) => ({ ...row, postings: row.postings.map((leg) => ({ ...leg, amount_minor: `${leg.amount_minor}0` })) })),
      '23514',
    ],
  ],

  effects: twice('effects'),
  settled: [
    ['a lease that somebody else has', { ...whole.settled, lease: 2 }, 'FD004'],
    ['an effect that nobody took', { ...whole.settled, effect_id: 'eff_1', lease: 0 }, 'FD004'],
  ],
  revived_effects: [
    ...twice('revived_effects', 'FD001'),
    ['an effect that is not dead', whole.revived_effects.map((row) => ({ ...row, effect_id: 'eff_1' })), 'FD001'],
  ],
  endpoints: twice('endpoints'),
  changed_endpoints: [
    ...twice('changed_endpoints', 'FD001'),
    ['a version that was made already', whole.changed_endpoints.map((row) => ({ ...row, from_version: 0 })), 'FD001'],
  ],
  events: twice('events'),
  reports: twice('reports'),
  customers: twice('customers'),
  audits: [...twice('audits'), ['findings that it denies', whole.audits.map((row) => ({ ...row, ok: true })), '23514']],
  stripe_account: [['no secrets', { ...whole.stripe_account, sealed: null as unknown as string }, '23502']],
  heard: [['a time that is none', { ...whole.heard, created_at: 'soon' }, '22007']],
  events_seen: [['a comparison that somebody else has made', { ...whole.events_seen, before: at }, 'FD001']],
  payments: [
    ...twice('payments', '21000'),
    ['more collected than paid', whole.payments.map((row) => ({ ...row, paid_minor: '1' })), '23514'],
  ],
  payment_reversals: [
    ...twice('payment_reversals', '21000'),
    ['less than nothing', whole.payment_reversals.map((row) => ({ ...row, amount_minor: '-1' })), '23514'],
  ],
  payees: [
    ...twice('payees', '21000'),
    ['another one meanwhile', whole.payees.map((row) => ({ ...row, from_id: 'cus_8' })), 'FD001'],
    ['one where there should be none', whole.payees.map(({ from_id: _, ...row }) => row), 'FD001'],
  ],
  organization_tiers: [
    ...twice('organization_tiers', 'FD001'),
    ['another tier meanwhile', whole.organization_tiers.map((row) => ({ ...row, from_tier: 'key_bound' })), 'FD001'],
  ],
  credit_uses: [['nothing used', whole.credit_uses.map((row) => ({ ...row, amount_minor: '0' })), '23514']],
  reconciliations: [
    ...twice('reconciliations'),
    ['findings that it denies', whole.reconciliations.map((row) => ({ ...row, ok: true })), '23514'],
  ],
  key_states: [['a key that is not there', whole.key_states.map((row) => ({ ...row, kid: 'kid9' })), 'FD001']],
  revoked_token: [['a token that is not there', { ...whole.revoked_token, token_id: 'rtk_9' }, 'FD001']],
  block: [
    ['a number that was given', { ...whole.block, number: 0, previous: null }, '23505'],
    ['another block before it', { ...whole.block, previous: whole.block.root }, '23503'],
    ['a hash that is not of its header', { ...whole.block, header: '{}' }, '23514'],
    ['a leaf twice', { ...whole.block, leaves: [...whole.block.leaves, ...whole.block.leaves] }, '23505'],
  ],
  sequenced: [
    ...twice('sequenced', 'FD001'),
    ['a place that is taken', whole.sequenced.map((row) => ({ ...row, sequence: '1' })), '23505'],
    ['an event that has a place', whole.sequenced.map((row) => ({ ...row, event_id: 'evt_1' })), 'FD001'],
  ],

  ...brokenIdentity,

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
  // Nothing of any case stays, so what stood there before the first stands there before each.
  untouched ??= await contents();
  const changes = { ...whole, [part]: value };
  await expect(send(changes)).rejects.toMatchObject({ sqlState });
  const told = memory(db).commit('ten_a', changes);
  // A balance that somebody else used up meanwhile is decided anew, too.
  const isPassing = sqlState === '23505' || sqlState === 'FD001' || (part === 'entries' && sqlState === '23514');
  if (isPassing) expect(await told).toBe('again');
  else if (sqlState === 'FD004') expect(await told).toBe('fenced');
  else if (part === 'counters' || part === 'created_rows') expect(await told).toBe('over');
  else await expect(told).rejects.toMatchObject({ sqlState });
  expect(await contents()).toEqual(untouched);
});
let untouched: Awaited<ReturnType<typeof contents>> | undefined;

test('without a tenant nothing can be written', async () => {
  const before = await contents();
  for (const [part, value] of Object.entries(whole)) {
    const alone = db.batch({ role: 'writer' }, [commit({ [part]: value })]);
    await expect(alone, part).rejects.toMatchObject({ sqlState: expect.stringMatching(/^23502$|^42501$|^FD001$|^FD004$/) });
  }
  expect(await contents()).toEqual(before);
});

test('what was heard before leaves nothing else of the decision either', async () => {
  const before = await contents();
  await send({ ...whole, heard: { ...whole.heard, event_id: 'evt_stripe_1' } });
  expect(await contents()).toEqual(before);
});

test('an older look at a payment does not replace a newer one', async () => {
  const seen = (seen_at: string) => [{ seen_at: new Date(seen_at) }];
  const seenAt = () =>
    rowsOf(
      database.adminUrl,
      'select seen_at from frontdesk.payments union select seen_at from frontdesk.payment_reversals order by seen_at',
    );
  const look = (seen_at: string) => ({
    payments: whole.payments.map((row) => ({ ...row, invoice_id: 'in_1', seen_at })),
    payment_reversals: whole.payment_reversals.map((row) => ({ ...row, source_id: 're_1', invoice_id: 'in_1', seen_at })),
  });
  await send(look('2026-02-01T00:00:00Z'));
  await send(look('2026-01-31T00:00:00Z'));
  expect(await seenAt()).toEqual(seen('2026-02-01T00:00:00Z'));
});

test('the rows and the key of a claimed workspace can be changed, but its end is not ours', async () => {
  await query(
    database.adminUrl,
    "update frontdesk.workspaces set status = 'claimed', claimed_at = now() where workspace_id = 'ws_claimed'",
  );
  const part = { workspace_id: 'ws_claimed', organization_id: 'org_1', at };
  await send({ created_rows: { ...part, rows: [{ entity: 'e', row_id: 'row_c', values: {} }] } });
  await send({ deleted_row: { ...part, entity: 'e', row_id: 'row_c' } });
  const rekeyed = { ...part, key_version: 2, key_hash: hashOf('e5') };
  const ended = { ...part, status: 'revoked', ended_at: at };
  await send({ rekeyed_workspace: rekeyed });
  await expect(send({ ended_workspace: ended })).rejects.toMatchObject({ sqlState: 'FD001' });
});

test('an unbroken decision is there in all its parts', async () => {
  const before = new Map((await contents()).map(({ name, digest }) => [name, digest]));
  await send(whole);
  const unchanged = (await contents()).filter(({ name, digest }) => before.get(name) === digest).map(({ name }) => name);
  // What the audit notes, no decision writes.
  expect(unchanged).toEqual(['limits', 'verifications']);
  expect(
    await rowsOf(database.adminUrl, 'select workspace_id, status, row_count, key_version from frontdesk.workspaces order by 1'),
  ).toEqual([
    { workspace_id: 'ws_1', status: 'active', row_count: 0, key_version: 1 },
    { workspace_id: 'ws_2', status: 'active', row_count: 1, key_version: 1 },
    { workspace_id: 'ws_adopted', status: 'active', row_count: 1, key_version: 1 },
    { workspace_id: 'ws_claimed', status: 'claimed', row_count: 1, key_version: 2 },
    { workspace_id: 'ws_claiming', status: 'claimed', row_count: 1, key_version: 2 },
    { workspace_id: 'ws_ended', status: 'revoked', row_count: 0, key_version: 1 },
    { workspace_id: 'ws_gone', status: 'expired', row_count: 0, key_version: 1 },
    { workspace_id: 'ws_of_agent', status: 'active', row_count: 1, key_version: 1 },
    { workspace_id: 'ws_rekeyed', status: 'active', row_count: 1, key_version: 2 },
  ]);
  expect(await rowsOf(database.adminUrl, 'select workspace_id, row_id, values from frontdesk.workspace_rows order by 1, 2')).toEqual([
    { workspace_id: 'ws_1', row_id: 'row_1', values: { a: 1 } },
    { workspace_id: 'ws_2', row_id: 'row_2', values: {} },
    { workspace_id: 'ws_adopted', row_id: 'row_adopted', values: {} },
  ]);
  expect(await rowsOf(database.adminUrl, 'select subject, value::int from frontdesk.counters order by 1')).toEqual([
    { subject: 'org_2', value: 1 },
    { subject: 'sub1', value: 5 },
  ]);
});
