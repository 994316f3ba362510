import { beforeAll, describe, expect, it } from 'vitest';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
beforeAll(async () => {
  t = await openTestWorld();
});

const northwind = { name: 'Northwind Freight', domain: 'northwind-freight.example' };

describe('an agent provisions for its prospect', () => {
  it('gets a workspace, its key, a claim link and a pending referral in one answer, in two round trips', async () => {
    const key = await t.key();
    await t.send('GET', '/v1/capabilities');
    const before = t.roundTrips();
    const made = await t.send('POST', '/v1/workspaces/provision', { key, body: { prospect: northwind } });
    expect(made.status).toBe(201);
    expect(t.roundTrips() - before).toBe(2);
    expect(made.body.referral.status).toBe('pending');
    expect(made.body.attribution).toEqual({ outcome: 'attributed', rule: 'caller' });
    const read = await t.send('GET', `/v1/workspaces/${made.body.workspace.id}`, { key: made.body.credentials.api_key });
    expect(read.status).toBe(200);
    expect(read.body.entities.map(({ row_count }: { row_count: number }) => row_count)).toEqual([5, 5, 5]);
  });
});
