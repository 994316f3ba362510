/** The main story gives the same answers whatever database stands behind it. */
import { afterAll, describe, expect, it } from 'vitest';
import { connectNeon } from '../../src/db/drivers/neon.ts';
import { type NeonBridge, startNeonBridge } from '../support/neon-bridge.ts';
import { migratedDatabase, openPostgresWorld } from '../support/postgres-world.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

const prospect = { name: 'Northwind Freight', domain: 'northwind-freight.example' };
const schema = {
  format: 'json-schema',
  document: {
    $defs: {
      shipment: {
        type: 'object',
        required: ['reference'],
        properties: { reference: { type: 'string' }, weight_kg: { type: 'number', minimum: 0 } },
      },
    },
  },
};

async function overNeon(): Promise<TestWorld> {
  const database = await migratedDatabase();
  const bridge: NeonBridge = await startNeonBridge();
  afterAll(async () => {
    await bridge.close();
    await database.drop();
  });
  return openTestWorld({ db: connectNeon(database.appUrl, { fetchEndpoint: bridge.url }) });
}

/** What differs from run to run (ids, times, secrets, signatures) replaced by its kind, in order of appearance. */
function normalised(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replace(/\b(ws|ref|row|org|agt|prg|led|tch|rtk)_[0-9a-hjkmnp-tv-z]{26}\b/g, '$1_')
      .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, 'instant')
      .replace(/fd_(sbx|clm)_dev_[0-9A-Za-z]{36}/g, 'fd_$1')
      .replace(/"[A-Z0-9]{4}-[A-Z0-9]{4}"/g, '"code"')
      .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'jws')
      .replace(/[0-9a-f]{64}/g, 'sha256')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uuid'),
  );
}

/** The story, with how many round trips each step took. Synthetic rows depend on the workspace's id, so none are asked for. */
async function tell(t: TestWorld) {
  const key = await t.key();
  await t.send('GET', '/v1/capabilities');
  const steps: { step: string; status: number; roundTrips: number; body: unknown }[] = [];
  const take = async (step: string, ...sent: Parameters<TestWorld['send']>) => {
    const before = t.roundTrips();
    const answer = await t.send(...sent);
    steps.push({ step, status: answer.status, roundTrips: t.roundTrips() - before, body: normalised(answer.body) });
    return answer.body;
  };
  const idempotencyKey = crypto.randomUUID();
  const ask = { key, idempotencyKey, body: { prospect, schema, seed_rows: 0 } };
  const made = await take('provision', 'POST', '/v1/workspaces/provision', ask);
  const data = `/v1/workspaces/${made.workspace.id}/data/shipment`;
  const own = made.credentials.api_key;
  const written = await take('write', 'POST', data, {
    key: own,
    body: { rows: [{ reference: 'BX-1', weight_kg: 12.5 }, { reference: 'BX-2' }] },
  });
  await take('read', 'GET', `${data}?filter[reference]=BX-2`, { key: own });
  await take('update', 'PATCH', `${data}/${written.rows[0].id}`, { key: own, body: { values: { weight_kg: 13 } } });
  await take('bad row', 'POST', data, { key: own, body: { rows: [{ reference: 7 }] } });
  await take('workspace', 'GET', `/v1/workspaces/${made.workspace.id}`, { key: own });
  await take('referral', 'GET', `/v1/referrals/${made.referral.id}`, { key });
  await take('referrals', 'GET', '/v1/referrals', { key });
  await take('again', 'POST', '/v1/workspaces/provision', ask);
  await take('another', 'POST', '/v1/workspaces/provision', { ...ask, idempotencyKey: crypto.randomUUID() });
  await take('foreign', 'GET', `/v1/workspaces/${made.workspace.id}`, {
    key: await t.key({ organization: { domain: 'procura.example' } }),
  });
  await take('revoke', 'DELETE', `/v1/workspaces/${made.workspace.id}`, { key: own });
  await take('gone', 'GET', data, { key: own });
  const [counters] = await t.db.batch({ role: 'writer', tenant: (await t.world.deps.desks.find('localhost'))?.tenant ?? '' }, [
    { name: 'test.counters', text: 'select c.name, c.value from frontdesk.counters c order by c.name', values: [], read: (rows) => rows },
  ]);
  return { steps, counters };
}

describe('over PGlite, pg and Neon’s driver', () => {
  it('the main story is the same, in one round trip a read and two a write, and amounts are bigint', async () => {
    const told = await Promise.all([openTestWorld(), openPostgresWorld(), overNeon()].map(async (world) => tell(await world)));
    const [embedded, server, neon] = told;
    expect(server).toEqual(embedded);
    expect(neon).toEqual(embedded);
    expect(embedded?.counters).toEqual([
      { name: 'referrals.open_declared', value: 1n },
      { name: 'workspaces.active', value: 1n },
    ]);
    expect(embedded?.steps.map(({ step, status, roundTrips }) => [step, status, roundTrips])).toEqual([
      ['provision', 201, 2],
      ['write', 201, 2],
      ['read', 200, 1],
      ['update', 200, 2],
      ['bad row', 400, 1],
      ['workspace', 200, 1],
      ['referral', 200, 1],
      ['referrals', 200, 1],
      ['again', 201, 1],
      ['another', 201, 2],
      ['foreign', 404, 1],
      ['revoke', 200, 2],
      ['gone', 410, 1],
    ]);
  });
});
