/** Where an agent's document may stand that nobody knows yet: on this machine only while nobody else reaches the server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { identityHands } from '../../src/identity-hands.ts';
import { fetchesFromHere } from '../../src/open-world.ts';
import { clientOf, type OAuthClient } from '../support/oauth-world.ts';

const now = () => new Date();
const issuer = 'http://localhost';
let agent: OAuthClient;
let asked = 0;
const server = createServer((_, response) => {
  asked += 1;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ client_id: agent.id, jwks: { keys: [agent.publicJwk] } }));
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  agent = await clientOf(`http://127.0.0.1:${port()}/agents/scout.json`, now, issuer);
});
afterAll(() => void server.close());
const port = () => (server.address() as AddressInfo).port;

/** Whether the agent proves itself to a server in this environment, and how often its host was asked for that. */
async function proves(env: Record<string, string>): Promise<readonly [boolean, number]> {
  asked = 0;
  const { fetchOutside, fetchDocuments } = fetchesFromHere(readConfig(env));
  const { outside } = identityHands({ fetchDocuments })({ fetchOutside, now });
  const assertion = await agent.assertion();
  const proven = await outside.proveClient({ assertion, clientId: agent.id, keys: null, audiences: [issuer], now: now() });
  return [proven.ok, asked];
}

it('a document on this machine is looked for by a server that only this machine reaches', async () => {
  expect(await proves({})).toEqual([true, 1]);
  expect(await proves({ HOST: 'localhost' })).toEqual([true, 1]);
});

it.each([{ PUBLIC_ORIGIN: 'https://desk.example.com' }, { HOST: '0.0.0.0' }, { FRONTDESK_ENV: 'production' }])(
  'nobody has a server ask its own machine that others reach: %j',
  async (env) => {
    expect(await proves(env)).toEqual([false, 0]);
    // Where the operator vouches for it, it is asked all the same.
    expect(await proves({ ...env, FRONTDESK_OUTBOUND_ALLOW: `127.0.0.1:${port()}` })).toEqual([true, 1]);
  },
);
