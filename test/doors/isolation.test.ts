import { beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { callAt, type DoorName, doorsOf } from '../support/doors.ts';
import {
  account,
  exampleOf,
  freshAddress,
  freshProspect,
  freshWorkspace,
  isForStaff,
  made201,
  type Stage,
  staffStage,
  stageOf,
} from '../support/examples.ts';
import { backEndKey } from '../support/mishaps.ts';
import { contentsOf } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let rival: Stage;
let elsewhere: Stage;
/** Everything that Acme made, by the names of input fields. */
let things: { workspace_id: string; row_id: string; referral_id: string; organization_id: string; key: string; claim: string };
let backEnd: string;
let staff: Stage;
let token: { token: string; code: string };

beforeAll(async () => {
  t = await openTestWorld();
  [acme, rival, elsewhere] = [await stageOf(t), await stageOf(t), await stageOf(t, { host: otherHost })];
  const made = await made201(acme, '/v1/workspaces/provision', { prospect: freshProspect(), seed_rows: 1 });
  const { rows } = await made201(acme, `/v1/workspaces/${made.workspace.id}/data/account`, { rows: [account()] });
  backEnd = await backEndKey(t, otherHost);
  staff = await staffStage(t);
  token = await made201(acme, '/v1/referral-tokens', {});
  things = {
    workspace_id: made.workspace.id,
    row_id: rows[0].id,
    referral_id: made.referral.id,
    organization_id: made.referral.organization_id,
    key: made.credentials.api_key,
    claim: made.claim.url,
  };
});

const named = (name: string): Operation => catalogue.find((operation) => operation.name === name) ?? never(name);
const never = (name: string): never => {
  throw new Error(`no operation ${name}`);
};

/** Every door of every operation that names something with an owner. */
const owned = catalogue.flatMap((operation) =>
  Object.keys(exampleOf(operation).owned).some((field) => field !== 'program_id')
    ? doorsOf(operation).map((door) => [`${operation.name} over ${door}`, operation, door] as const)
    : [],
);

const isOfWorkspaces = ({ access }: Operation): boolean => access !== 'public' && access.scope?.startsWith('workspaces:') === true;

async function ownInput(operation: Operation, stage: Stage) {
  const input = await exampleOf(operation).input(stage);
  const mine = Object.entries(things).filter(([field]) => Object.hasOwn(input, field));
  return { ...input, ...Object.fromEntries(mine) };
}

describe('what one organization made', () => {
  it.each(owned)('is not found by any other: %s', async (_, operation, door) => {
    const [otherWorkspace, input] = [await freshWorkspace(acme), await ownInput(operation, isForStaff(operation) ? staff : acme)];
    const strangers: readonly (readonly [string, string, string])[] = [
      ...(isForStaff(operation)
        ? []
        : ([
            ['another organization', rival.key, demoHost],
            ['another tenant', elsewhere.key, otherHost],
          ] as const)),
      ['the back end of another tenant', backEnd, otherHost],
      ...(isOfWorkspaces(operation) ? [['the key of another workspace', otherWorkspace.key, demoHost] as const] : []),
    ];
    const before = await contentsOf(t);
    for (const [who, key, host] of strangers) {
      const answer = await callAt(door, t, operation, input, { key, host });
      expect([who, answer.body.code]).toEqual([who, 'resource.not_found']);
    }
    expect(await contentsOf(t)).toEqual(before);
  });

  it.each([
    ['list_workspaces', 'rest'],
    ['list_referrals', 'rest'],
    ['list_referrals', 'mcp'],
  ] as const)('shows in no list of anybody else: %s over %s', async (name, door: DoorName) => {
    const visible = async (stage: Stage, input = {}) =>
      JSON.stringify((await callAt(door, t, named(name), { limit: 100, ...input }, { key: stage.key, host: stage.host })).body.data);
    const id = name === 'list_workspaces' ? things.workspace_id : things.referral_id;
    expect(await visible(acme)).toContain(id);
    expect(await visible(rival)).not.toContain(id);
    expect(await visible(elsewhere)).not.toContain(id);
    if (name === 'list_referrals') expect(await visible(rival, { organization_id: things.organization_id })).toBe('[]');
    expect(await visible({ ...acme, key: await backEndKey(t, demoHost) })).toContain(id);
    expect(await visible({ ...elsewhere, key: backEnd })).not.toContain(id);
  });

  it('is not answered to somebody else who guesses the idempotency key', async () => {
    const [body, idempotencyKey] = [{ prospect: freshProspect() }, crypto.randomUUID()];
    const send = (stage: Stage) => t.send('POST', '/v1/workspaces/provision', { ...stage, body, idempotencyKey });
    const [mine, theirs, foreign] = [await send(acme), await send(rival), await send(elsewhere)];
    expect([mine.status, theirs.status, foreign.status]).toEqual([201, 201, 201]);
    expect(new Set([mine, theirs, foreign].map(({ body }) => body.workspace.id)).size).toBe(3);
    expect(theirs.headers.get('Idempotency-Replayed')).toBeNull();
  });

  it('has cursors that are worth nothing at another tenant', async () => {
    await freshWorkspace(acme);
    const { body } = await t.send('GET', '/v1/workspaces?limit=1', { key: acme.key });
    const answer = await t.send('GET', `/v1/workspaces?limit=1&cursor=${body.next_cursor}`, elsewhere);
    expect(answer.body).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/cursor' }] });
  });
});

describe('a workspace key', () => {
  it('reaches its workspace and no other, not even of the same owner', async () => {
    const other = await freshWorkspace(acme);
    for (const [, operation, door] of owned.filter(([, each]) => isOfWorkspaces(each) && !each.name.startsWith('revoke'))) {
      const theirs = await callAt(door, t, operation, await ownInput(operation, acme), { key: other.key });
      expect([operation.name, door, theirs.body.code]).toEqual([operation.name, door, 'resource.not_found']);
    }
    expect((await t.send('GET', `/v1/workspaces/${other.id}`, { key: other.key })).status).toBe(200);
    const listed = await t.send('GET', '/v1/workspaces', { key: other.key });
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toEqual([other.id]);
  });

  it('does not find a row of another workspace under its own', async () => {
    const other = await freshWorkspace(acme);
    for (const [method, body] of [['GET'], ['PATCH', { values: { name: 'Taken' } }], ['DELETE']] as const) {
      const answer = await t.send(method, `/v1/workspaces/${other.id}/data/account/${things.row_id}`, { key: other.key, body });
      expect([method, answer.body.code]).toEqual([method, 'resource.not_found']);
    }
  });

  it('is good for its workspace only, not for its organization’s other rights', async () => {
    for (const [method, path, body] of [
      ['GET', '/v1/referrals'],
      ['POST', '/v1/referral-tokens', {}],
      ['POST', '/v1/referrals', { prospect: freshProspect() }],
      ['POST', '/v1/workspaces/provision', { prospect: freshProspect() }],
    ] as const) {
      expect([path, (await t.send(method, path, { key: things.key, body })).status]).toEqual([path, 403]);
    }
  });

  it('finds its workspace gone once time is over, at every door', async () => {
    const { id, key } = await freshWorkspace(acme, { ttl_hours: 1 });
    const input = { workspace_id: id, entity: 'account' };
    t.advance(3_600_000);
    for (const door of ['rest', 'mcp'] as const) {
      expect((await callAt(door, t, named('list_workspace_rows'), input, { key })).body.code).toBe('workspace.gone');
      expect((await callAt(door, t, named('write_workspace_rows'), { ...input, rows: [account()] }, { key })).body.code).toBe(
        'workspace.gone',
      );
      expect((await callAt(door, t, named('get_workspace'), { workspace_id: id }, { key })).body.status).toBe('expired');
    }
    expect((await t.send('GET', `/v1/workspaces/${id}/data/account`, { key: rival.key })).status).toBe(404);
  });
});

describe('two strangers without a credential', () => {
  const provision = (from: string, idempotencyKey: string, body: unknown) =>
    t.send('POST', '/v1/workspaces/provision', { body, idempotencyKey, from });

  it.each([
    ['from different networks', '198.51.100.7', '203.0.113.7'],
    ['from the same network', '198.51.100.20', '198.51.100.21'],
    ['from two /64 of one IPv6 network', '2001:db8:1:1::1', '2001:db8:1:2::1'],
  ])('%s never see each other’s workspace, whatever idempotency key they use', async (_, one, two) => {
    const [key, body] = [crypto.randomUUID(), { prospect: freshProspect() }];
    const [first, second] = [await provision(one, key, body), await provision(two, key, body)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('Idempotency-Replayed')).toBeNull();
    expect(second.body.workspace.id).not.toBe(first.body.workspace.id);
    expect(second.body.credentials.api_key).not.toBe(first.body.credentials.api_key);
    const again = await provision(one, key, body);
    expect([again.headers.get('Idempotency-Replayed'), again.text]).toEqual(['true', first.text]);
    const { api_key } = second.body.credentials;
    expect((await t.send('GET', `/v1/workspaces/${first.body.workspace.id}`, { key: api_key })).status).toBe(404);
  });

  it('who share an IPv6 /64 are one', async () => {
    const [key, body] = [crypto.randomUUID(), { prospect: freshProspect() }];
    const first = await provision('2001:db8:2:1::1', key, body);
    expect((await provision('2001:db8:2:1:ffff::2', key, body)).text).toBe(first.text);
  });

  it('have workspaces that belong to no organization', async () => {
    const { body } = await provision(freshAddress(), crypto.randomUUID(), { prospect: freshProspect() });
    for (const key of [acme.key, rival.key]) expect((await t.send('GET', `/v1/workspaces/${body.workspace.id}`, { key })).status).toBe(404);
  });
});

describe('what a tenant gives out', () => {
  it('its claim links lead nowhere at another tenant', async () => {
    const { pathname } = new URL(things.claim);
    expect((await t.send('GET', pathname)).status).toBe(200);
    expect((await t.send('GET', pathname, { host: otherHost })).status).toBe(404);
  });

  it('its referral links lead nowhere at another tenant', async () => {
    expect((await t.send('GET', `/r/${token.code}`)).status).toBe(302);
    expect((await t.send('GET', `/r/${token.code}`, { host: otherHost })).status).toBe(404);
  });

  it.each(['rest', 'mcp'] as const)('its terms are not another tenant’s, over %s', async (door) => {
    const input = await exampleOf(named('get_program_terms')).input(acme);
    expect((await callAt(door, t, named('get_program_terms'), input)).ok).toBe(true);
    expect((await callAt(door, t, named('get_program_terms'), input, { host: otherHost })).body.code).toBe('resource.not_found');
  });

  it('its signing keys are its own', async () => {
    const [mine, theirs] = [
      await t.send('GET', '/.well-known/jwks.json'),
      await t.send('GET', '/.well-known/jwks.json', { host: otherHost }),
    ];
    const kids = ({ body }: typeof mine) => body.keys.map(({ kid }: { kid: string }) => kid);
    expect(kids(mine)).toHaveLength(7);
    expect(kids(mine).filter((kid: string) => kids(theirs).includes(kid))).toEqual([]);
  });
});
