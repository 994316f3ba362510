import { beforeAll, expect, it } from 'vitest';
import { freshProspect } from '../support/examples.ts';
import { claimsIn, freshNetwork, type OAuthWorld, openOAuthWorld } from '../support/oauth-world.ts';
import { sql } from '../support/sql.ts';

/** Agents that nobody vouches for: whoever makes itself up counts where it cannot choose. */
let w: OAuthWorld;
beforeAll(async () => {
  w = await openOAuthWorld();
});

/** Each client is another organization; its document proves its key and no domain. */
const newcomer = async () => w.tokenOf(await w.client(`https://hosted-${crypto.randomUUID()}.example/agents/one.json`));
const post = (path: string, token: string, from: string, body: object) => w.t.send('POST', path, { key: token, from, body });
const provision = (token: string, from: string) =>
  post('/v1/workspaces/provision', token, from, { prospect: freshProspect(), seed_rows: 0 });

it('ten active workspaces are there for all of a network together, and API keys do not count among them', async () => {
  const [from, tokens] = [freshNetwork(), [await newcomer(), await newcomer()]];
  const statuses: number[] = [];
  for (let n = 0; n < 11; n++) statuses.push((await provision(tokens[n % 2] ?? '', from)).status);
  expect(statuses).toEqual([...Array(10).fill(201), 429]);
  expect((await provision(tokens[0] ?? '', freshNetwork())).status).toBe(201);
  expect((await provision(await w.t.key(), from)).status).toBe(201);
});

it('names that a hosting company lends are proven, and their workspaces count by network all the same', async () => {
  const from = freshNetwork();
  const lent = async () => {
    const host = `made-${crypto.randomUUID().slice(0, 8)}.vercel.app`;
    return w.tokenOf(await w.client(`https://${host}/.well-known/frontdesk-agent.json`));
  };
  const tokens = [await lent(), await lent()];
  expect(tokens.map((token) => claimsIn(token).tier)).toEqual(['domain_verified', 'domain_verified']);
  const statuses: number[] = [];
  for (let n = 0; n < 11; n++) statuses.push((await provision(tokens[n % 2] ?? '', from)).status);
  expect(statuses).toEqual([...Array(10).fill(201), 429]);
});

it('each has a limit of its own, and what a call is told is of the one that is closest to its end', async () => {
  const { headers } = await provision(await newcomer(), freshNetwork());
  expect([headers.get('RateLimit-Policy'), headers.get('RateLimit')]).toEqual(['"key_bound";q=200;w=20', '"key_bound";r=199;t=1']);
});

it('an anonymous identity is recorded, credited with nothing, and shares the limit of callers without a credential', async () => {
  const [token, from] = [await newcomer(), freshNetwork()];
  const { sub } = claimsIn(token);
  await sql(w.t, "update frontdesk.agents set kind = 'anonymous' where agent_id = $1", [String(sub)]);
  await sql(
    w.t,
    "update frontdesk.organizations set tier = 'anonymous' where organization_id = (select organization_id from frontdesk.agents where agent_id = $1)",
    [String(sub)],
  );
  const provisioned = await provision(token, from);
  expect([provisioned.status, provisioned.headers.get('RateLimit-Policy')]).toEqual([201, '"anonymous";q=20;w=1200']);
  const nobody = { outcome: 'unattributed', rule: 'anonymous_identity' };
  expect([provisioned.body.referral, provisioned.body.attribution]).toEqual([null, nobody]);
  const recorded = await post('/v1/referrals', token, from, { prospect: freshProspect() });
  expect([recorded.status, recorded.body]).toEqual([200, { referral: null, receipt: null, attribution: nobody }]);
  const other = await post('/v1/referral-tokens', await w.t.key(), from, {});
  const sent = await post('/v1/referrals', token, from, { prospect: freshProspect(), attribution: { referral_code: other.body.code } });
  expect(sent.body.attribution).toEqual({ outcome: 'attributed', rule: 'referral_code' });
});

it('an API key of an organization that has no domain any more is counted like the agent that made it', async () => {
  const [from, key, lasting] = [freshNetwork(), await w.t.key({ organization: { domain: 'lapsing.example' } }), await w.t.key()];
  await sql(w.t, "update frontdesk.organizations set domain = null, tier = 'key_bound' where domain = 'lapsing.example'");
  const { headers } = await provision(key, from);
  expect(headers.get('RateLimit-Policy')).toBe('"key_bound";q=200;w=20');
  for (let n = 1; n < 10; n++) expect((await provision(key, from)).status).toBe(201);
  expect([(await provision(key, from)).body.code, (await provision(await newcomer(), from)).body.code]).toEqual(
    Array(2).fill('quota.exhausted'),
  );
  expect((await provision(key, freshNetwork())).status).toBe(201);
  expect((await provision(lasting, from)).headers.get('RateLimit-Policy')).toBe('"api_key";q=2000;w=20');
});

it.each([
  ['20 proofs of domains', 20, '/v1/organizations/verify', [201]],
  ['five requests to join', 5, '/v1/organization-joins', [200]],
])('all of a network together ask for %s a day, however many they are', async (_, most, path, answers) => {
  const from = freshNetwork();
  const ask = async (at = from) => (await post(path, await newcomer(), at, { domain: freshProspect().domain })).status;
  const statuses: number[] = [];
  for (let n = 0; n < most; n++) statuses.push(await ask());
  expect(statuses.filter((status) => !answers.includes(status))).toEqual([]);
  expect([await ask(), await ask(freshNetwork())]).toEqual([429, answers[0]]);
});
