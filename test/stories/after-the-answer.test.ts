import { expect, it } from 'vitest';
import { agentScopes } from '../../src/domain/scopes.ts';
import { freshProspect } from '../support/examples.ts';
import { fetchNearby, openReceiver } from '../support/receiver.ts';
import { openTestWorld } from '../support/world.ts';

const receiver = await openReceiver();

it('what a write left is done without a schedule, and the platform is told to stay until it is', async () => {
  const t = await openTestWorld({ fetchOutside: fetchNearby, kicks: true });
  const key = await t.key({ scopes: agentScopes });
  const created = await t.send('POST', '/v1/webhook-endpoints', { key, body: { url: receiver.url('/x'), types: ['referral.created'] } });
  expect(created.status).toBe(201);
  const kept: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => void kept.push(work), passThroughOnException: () => undefined, props: {} };
  const answer = await t.app.fetch(
    new Request('http://localhost/v1/referrals', {
      method: 'POST',
      headers: {
        Host: 'localhost',
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
      },
      body: JSON.stringify({ prospect: freshProspect() }),
    }),
    {},
    context,
  );
  expect(answer.status).toBe(201);
  expect(kept).toHaveLength(1);
  await Promise.all(kept);
  expect(receiver.at('/x').map(({ event }) => event.type)).toEqual(['referral.created']);
});

it('a read leaves nothing to be done', async () => {
  const t = await openTestWorld({ fetchOutside: fetchNearby, kicks: true });
  const key = await t.key();
  await t.world.afterwards();
  await t.send('GET', '/v1/workspaces', { key });
  expect(t.world.afterwards()).toBeNull();
});
