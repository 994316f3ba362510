import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Desk, Granted, Provisioned } from './desk.ts';
import { expect, granted, refused } from './expectations.ts';
import type { Say } from './narrator.ts';
import northwindSchema from './northwind.schema.json' with { type: 'json' };

const northwind = { name: 'Northwind Freight', domain: 'northwind-freight.example' };
const schema = { format: 'json-schema', document: northwindSchema };

export async function rehearse(desk: Desk, key: string, say: Say): Promise<void> {
  const asked = { idempotency_key: randomUUID(), prospect: northwind, schema, dry_run: true };
  const { body } = granted(await desk.call('provision_workspace', asked, { key }), 'The dry run');
  expect(body.workspace === null && body.credentials === null, 'The dry run opened something.');
  const { mapping } = body;
  expect(mapping, 'The dry run answered no mapping.');
  const count = (outcome: string) => mapping.filter((line) => line.outcome === outcome).length;
  const dropped = mapping.find(({ pointer }) => pointer.endsWith('/dependentRequired'));
  expect(count('mapped') > 0, 'Nothing of the schema was mapped.');
  expect(dropped?.outcome === 'dropped', 'The mapping does not say that dependentRequired is dropped.');
  say('mapping', `${count('mapped')} mapped, ${count('coerced')} coerced, ${count('dropped')} dropped`);
  say('for example', `${dropped.pointer} dropped: ${dropped.reason}`);
}

/** One intent, one idempotency key: what is sent again has to be the same. */
export function provisionIntent(termsSha256: string) {
  return { idempotency_key: randomUUID(), prospect: northwind, schema, seed_rows: 5, ttl_hours: 24, expected_terms_sha256: termsSha256 };
}

export async function provision(
  desk: Desk,
  key: string,
  intent: ReturnType<typeof provisionIntent>,
  say: Say,
): Promise<Granted<Provisioned>> {
  const answer = granted(await desk.call('provision_workspace', intent, { key }), 'Provisioning');
  const { workspace, credentials, claim, referral, attribution } = answer.body;
  expect(!answer.replayed, 'A new request was answered as a repetition.');
  expect(workspace?.status === 'active', 'The workspace is not active.');
  const names = Object.keys(northwindSchema.$defs).filter((name) => name !== 'currency');
  expect(names.join() === workspace.entities.map(({ name }) => name).join(), 'The workspace does not have the entities of the schema.');
  expect(
    workspace.entities.every(({ row_count }) => row_count === intent.seed_rows),
    'An entity lacks its synthetic rows.',
  );
  expect(credentials, 'No workspace key was shown.');
  expect(/^fd_sbx_/.test(credentials.api_key), 'What was shown is not a workspace key.');
  expect(claim, 'There is no claim link.');
  expect(referral?.status === 'pending', 'There is no pending referral.');
  const isNew = attribution.outcome === 'attributed';
  expect(isNew || attribution.outcome === 'existing_referral', `Nobody was credited: ${attribution.outcome}.`);
  expect(!isNew || referral.terms.sha256 === intent.expected_terms_sha256, 'The referral is bound to other terms.');
  say('workspace', workspace.id);
  say('entities', workspace.entities.map(({ name, row_count }) => `${name} ${row_count}`).join(', '));
  say('expires', workspace.expires_at);
  say('key', `${credentials.api_key.slice(0, 11)}${'•'.repeat(8)}, shown once`);
  say('claim', `${claim.url}`);
  say('user code', claim.user_code);
  say('referral', `${referral.id} ${referral.status}${isNew ? '' : ', open since an earlier run'}`);
  return answer;
}

export async function useWorkspace(desk: Desk, workspace_id: string, workspace_key: string, say: Say): Promise<void> {
  const at = { workspace_id, workspace_key, entity: 'account' };
  const account = { id: randomUUID(), name: 'Baltic Cold Chain', segment: 'carrier', route_code: 'BX-2040', fleet_size: 85 };
  const rows = [account, { ...account, id: randomUUID(), name: 'Gdynia Warehousing', segment: 'warehouse', fleet_size: 3 }];
  const written = granted(await desk.call('write_workspace_rows', { ...at, idempotency_key: randomUUID(), rows }), 'Writing rows').body
    .rows;
  expect(written.length === rows.length, `${written.length} rows were written instead of ${rows.length}.`);
  say('written', written.map(({ id }) => id).join(', '));

  const filter = { route_code: account.route_code };
  const read = granted(await desk.call('list_workspace_rows', { ...at, filter }), 'Reading rows').body.data;
  expect(
    written.every((row) => read.some(({ id, values }) => id === row.id && isDeepStrictEqual(values, row.values))) &&
      read.every(({ values }) => values.route_code === filter.route_code),
    'The filter does not find the rows as they were written.',
  );
  say('read back', `${read.length} with route_code ${filter.route_code}`);

  const bad = { ...at, idempotency_key: randomUUID(), rows: [{ ...account, fleet_size: -1 }] };
  const problem = refused(await desk.call('write_workspace_rows', bad), 400, 'request.invalid', 'A row with a negative fleet');
  const issue = problem.errors?.find(({ pointer }) => pointer === '/rows/0/fleet_size');
  expect(issue, 'The refusal does not point to the wrong field.');
  say('bad row', `refused, ${issue.pointer}: ${issue.message}`);
}

export async function repeat(
  desk: Desk,
  key: string,
  intent: ReturnType<typeof provisionIntent>,
  first: Granted<Provisioned>,
  say: Say,
): Promise<void> {
  const again = granted(await desk.call('provision_workspace', intent, { key }), 'Repeating the request');
  expect(again.replayed, 'The repetition is not marked as one.');
  expect(isDeepStrictEqual(again.body, first.body), 'The repetition was answered differently.');
  say('same input', 'the same answer, marked as replayed; nothing was opened');
  const other = await desk.call('provision_workspace', { ...intent, seed_rows: intent.seed_rows + 1 }, { key });
  refused(other, 422, 'idempotency.mismatch', 'The same key with another input');
  say('other input', 'refused, 422 idempotency.mismatch');
}
