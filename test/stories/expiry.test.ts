import { beforeAll, describe, expect, it } from 'vitest';
import { account, freshAddress, freshProspect, freshWorkspace, made201, type Stage, stageOf } from '../support/examples.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

const hour = 3_600_000;

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});

const lifetime = (made: { workspace: { created_at: string; expires_at: string } }) =>
  (Date.parse(made.workspace.expires_at) - Date.parse(made.workspace.created_at)) / hour;
const provision = (stage: Stage, more = {}) =>
  made201(stage, '/v1/workspaces/provision', { prospect: freshProspect(), seed_rows: 1, ...more });

describe('a workspace lives', () => {
  it.each([
    [{}, 72],
    [{ ttl_hours: 1 }, 1],
    [{ ttl_hours: 168 }, 168],
  ])('as long as was asked for: %j, %i hours', async (more, hours) => {
    expect(lifetime(await provision(acme, more))).toBe(hours);
  });

  it.each([
    [{}, 24],
    [{ ttl_hours: 168 }, 48],
  ])('no longer than its vendor allows: %j, %i hours', async (more, hours) => {
    expect(lifetime(await provision(await stageOf(t, { host: otherHost }), more))).toBe(hours);
  });
});

describe('when its time is over', () => {
  it('a workspace is gone at once, swept or not; it can still be looked at', async () => {
    const { id, key } = await freshWorkspace(acme, { ttl_hours: 1 });
    const calls = async () =>
      Promise.all([
        t.send('GET', `/v1/workspaces/${id}/data/account`, { key }),
        t.send('POST', `/v1/workspaces/${id}/data/account`, { key, body: { rows: [account()] } }),
        t.send('POST', `/v1/workspaces/${id}/rotate-credentials`, { key }),
        t.send('DELETE', `/v1/workspaces/${id}`, { key }),
        t.send('GET', `/v1/workspaces/${id}`, { key }),
      ]);
    t.advance(hour - 60_000);
    expect((await t.send('GET', `/v1/workspaces/${id}/data/account`, { key })).status).toBe(200);
    t.advance(60_000);
    const statuses = async () => (await calls()).map(({ status }) => status);
    expect(await statuses()).toEqual([410, 410, 410, 410, 200]);
    await t.world.schedules.expire?.();
    expect(await statuses()).toEqual([410, 410, 410, 410, 200]);
    expect((await t.send('GET', `/v1/workspaces/${id}`, acme)).body).toMatchObject({
      status: 'expired',
      entities: [{ row_count: 0 }, { row_count: 0 }, { row_count: 0 }],
    });
    expect((await t.send('GET', '/v1/workspaces?status=expired', acme)).body.data.map((each: { id: string }) => each.id)).toContain(id);
    expect(await sql(t, 'select 1 from frontdesk.workspace_rows where workspace_id = $1', [id])).toEqual([]);
  });

  it('its referral stays what it was', async () => {
    const { referralId } = await freshWorkspace(acme, { ttl_hours: 1 });
    const read = async () => (await t.send('GET', `/v1/referrals/${referralId}`, acme)).body;
    const before = await read();
    t.advance(hour);
    await t.world.schedules.expire?.();
    expect(await read()).toEqual(before);
    expect(before).toMatchObject({ status: 'pending', rewards: [], risk: 'not_assessed' });
  });

  it('the sweep ends nothing early, nothing twice, and says what it did', async () => {
    await t.world.schedules.expire?.();
    await freshWorkspace(acme, { ttl_hours: 2 });
    await freshWorkspace(await stageOf(t, { host: otherHost }), { ttl_hours: 2 });
    const before = await contentsOf(t);
    t.advance(hour);
    expect(await t.world.schedules.expire?.()).toMatchObject({ expired: 0, failed: 0 });
    expect((await contentsOf(t)).workspaces).toBe(before.workspaces);
    t.advance(hour + 1_000);
    expect(await t.world.schedules.expire?.()).toMatchObject({ expired: 2, failed: 0 });
    expect(await t.world.schedules.expire?.()).toMatchObject({ expired: 0, failed: 0 });
  });

  it('of a workspace without a referral nothing is left after a week, of one with a referral the workspace is', async () => {
    const from = freshAddress();
    const anonymous = await t.send('POST', '/v1/workspaces/provision', { from, body: { prospect: freshProspect(), ttl_hours: 1 } });
    const { id } = await freshWorkspace(acme, { ttl_hours: 1 });
    const leftOf = async (workspace: string) => sql(t, 'select 1 as n from frontdesk.workspaces where workspace_id = $1', [workspace]);
    t.advance(hour);
    await t.world.schedules.expire?.();
    expect(await leftOf(anonymous.body.workspace.id)).toHaveLength(1);
    for (let day = 0; day < 8; day++) {
      t.advance(24 * hour + 1_000);
      await t.world.schedules.expire?.();
    }
    expect(await leftOf(anonymous.body.workspace.id)).toEqual([]);
    expect((await t.send('GET', `/v1/workspaces/${anonymous.body.workspace.id}`, { key: anonymous.body.credentials.api_key })).status).toBe(
      401,
    );
    expect(await leftOf(id)).toHaveLength(1);
  });
});
