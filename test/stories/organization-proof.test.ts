import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/admin/create-key.ts';
import type { Tier } from '../../src/domain/actor.ts';
import { challengeRecord } from '../../src/domain/domain-proof.ts';
import { agentScopes, staffScopes } from '../../src/domain/scopes.ts';
import { nextSteps } from '../../src/domain/tier-steps.ts';
import { pretendResolver, pretendResolvers } from '../support/dns-resolver.ts';
import { withOwnKey } from '../support/domains.ts';
import { day, earn, holdPeriod, release } from '../support/earned.ts';
import { type EventVendor, eventHost, openEventVendor } from '../support/event-vendor.ts';
import { freshDomain, freshWorkspace, organizationOfKey } from '../support/examples.ts';
import { claimsIn, freshNetwork, jwtBearer, type OAuthClient, type OAuthWorld, openOAuthWorld } from '../support/oauth-world.ts';
import { payOut } from '../support/pay-out.ts';
import { sql } from '../support/sql.ts';
import { demoHost, type Sent, type TestWorld } from '../support/world.ts';

const [first, second] = [pretendResolver(), pretendResolver()];
const resolvers = {
  fetch: pretendResolvers({ 'https://one.example/dns': first, 'https://two.example/dns': second }),
  urls: ['https://one.example/dns', 'https://two.example/dns'] as const,
} as const;
const minute = 60_000;

let world: OAuthWorld;
let t: TestWorld;
let staff: string;
beforeAll(async () => {
  world = await openOAuthWorld({ resolvers });
  t = world.t;
  staff = await keyOf(demoHost, null);
});

async function keyOf(host: string, domain: string | null): Promise<string> {
  const scopes = domain === null ? [...agentScopes, ...staffScopes] : agentScopes;
  const wanted = { host, agentName: 'agent', scopes, ...(domain === null ? {} : { organization: { domain } }) };
  const made = await createKey(t.world.admin, wanted);
  if (!made.ok) throw new Error(made.code);
  return made.value.key;
}

/** A key of an organization that is known by its key only: no domain, nobody's word. Its agent has a public key too. */
async function newcomer(host = demoHost): Promise<string> {
  const key = await keyOf(host, freshDomain());
  await withOwnKey({ t, host, key });
  await sql(t, `update frontdesk.organizations set domain = null where ${organizationOfKey}`, [key], host);
  return key;
}

/** Each time from another network: all of one ask for no more than twenty a day. */
const verify = (key: string, domain: string, more: object = {}, host = demoHost): Promise<Sent> =>
  t.send('POST', '/v1/organizations/verify', { host, key, from: freshNetwork(), body: { domain, ...more } });

/** What the organization of a key is now. */
async function organizationOf(key: string, host = demoHost) {
  const [row] = await sql(t, `select organization_id from frontdesk.organizations where ${organizationOfKey}`, [key], host);
  return (await t.send('GET', `/v1/organizations/${row?.organization_id}`, { host, key })).body;
}

/** Publishes what an answer says, at both resolvers unless it says otherwise; beside what is there. */
function publishTxt({ body }: Sent, at = [first, second]): void {
  const { name, value } = body.proof.txt;
  for (const { zone } of at) zone.set(name, [...(zone.get(name) ?? []), value]);
}

const withdrawTxt = (domain: string): void => {
  for (const { zone } of [first, second]) zone.delete(challengeRecord(domain, '').name);
};

/** An organization that has proven a domain. */
async function proven(domain: string, host = demoHost): Promise<string> {
  const key = await newcomer(host);
  publishTxt(await verify(key, domain, {}, host));
  await t.settle();
  return key;
}

describe('the proof of a domain', () => {
  it('is a TXT record that both resolvers show; the organization then has the domain and its tier', async () => {
    const [key, domain] = [await newcomer(), freshDomain()];
    const asked = await verify(key, `www.${domain}`);
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({ outcome: 'opened', proof: { domain, state: 'pending', well_known: null } });
    expect(asked.body.proof.txt.name).toBe(`_frontdesk-challenge.${domain}`);
    publishTxt(asked);
    await t.settle();
    expect(await organizationOf(key)).toMatchObject({
      domain,
      tier: 'domain_verified',
      proofs: [{ state: 'verified', method: 'dns_txt' }],
    });
    const again = await verify(key, domain);
    expect([again.status, again.body.outcome]).toEqual([200, 'unchanged']);
  });

  it('is not what one resolver shows and the other does not', async () => {
    const [key, domain] = [await newcomer(), freshDomain()];
    publishTxt(await verify(key, domain), [first]);
    await t.settle();
    expect(await organizationOf(key)).toMatchObject({ domain: null, tier: 'key_bound', proofs: [{ state: 'pending' }] });
  });

  it('is a file at the domain itself', async () => {
    const [key, domain] = [await newcomer(), freshDomain()];
    const { body } = await verify(key, domain, { method: 'well_known' });
    expect(body.proof.well_known.url).toBe(`https://${domain}/.well-known/frontdesk-organization.json`);
    world.hosts.publish(body.proof.well_known.url, body.proof.well_known.content);
    await t.settle();
    expect(await organizationOf(key)).toMatchObject({ domain, tier: 'domain_verified' });
  });

  it('is looked for once in half a minute, whichever way it is asked for in turn', async () => {
    const [key, domain] = [await newcomer(), freshDomain()];
    expect((await verify(key, domain)).status).toBe(201);
    const soon = await verify(key, domain, { method: 'well_known' });
    expect([soon.status, soon.body.code]).toEqual([409, 'state.forbidden']);
    t.advance(30_000);
    expect((await verify(key, domain, { method: 'well_known' })).body).toMatchObject({ outcome: 'opened', proof: { txt: null } });
  });

  it('is looked for again by itself, and at once when somebody asks', async () => {
    const [key, other] = [await newcomer(), await newcomer()];
    const [domain, otherDomain] = [freshDomain(), freshDomain()];
    const [asked, otherAsked] = [await verify(key, domain), await verify(other, otherDomain)];
    await t.settle();
    publishTxt(asked);
    publishTxt(otherAsked);
    t.advance(40_000);
    const again = await verify(other, otherDomain);
    expect([again.status, again.body.outcome]).toEqual([200, 'looking']);
    await t.settle();
    expect((await organizationOf(key)).domain).toBeNull();
    expect((await organizationOf(other)).domain).toBe(otherDomain);
    t.advance(30_000);
    await t.settle();
    expect((await organizationOf(key)).domain).toBe(domain);
  });

  it('expires after seven days, and makes room for another', async () => {
    const [key, domain] = [await newcomer(), freshDomain()];
    await verify(key, domain);
    for (let at = 0; at < 7 * day; at += day) {
      t.advance(day);
      await t.settle();
    }
    expect(await organizationOf(key)).toMatchObject({ domain: null, proofs: [{ state: 'expired' }] });
    expect((await verify(key, domain)).status).toBe(201);
  });

  it('is wanted of ten domains at once at most', async () => {
    const key = await newcomer();
    const asked = await Promise.all(Array.from({ length: 12 }, () => verify(key, freshDomain())));
    expect(asked.map(({ status }) => status).toSorted()).toEqual([...Array.from({ length: 10 }, () => 201), 429, 429]);
  });

  it.each([
    ['a public suffix', 'co.uk', 'domain'],
    ['a host of many', 'vercel.app', 'domain'],
    ['a provider of mailboxes', 'gmail.com', 'free_mail'],
  ])('is refused for %s', async (_, domain, code) => {
    const { status, body } = await verify(await newcomer(), domain);
    expect([status, body.errors?.[0]?.code]).toEqual([400, code]);
  });

  it('lapses once it is missing three times in a row over three days: the domain is free again', async () => {
    const domain = freshDomain();
    const key = await proven(domain);
    first.fault = 'unreachable';
    t.advance(7 * day);
    await t.settle();
    first.fault = null;
    withdrawTxt(domain);
    for (const wait of [1.5, 1.5]) {
      t.advance(wait * day);
      await t.settle();
      expect((await organizationOf(key)).domain).toBe(domain);
    }
    t.advance(1.5 * day);
    await t.settle();
    expect(await organizationOf(key)).toMatchObject({ domain: null, tier: 'key_bound', proofs: [{ state: 'lapsed' }] });
    expect(await organizationOf(await proven(domain))).toMatchObject({ domain, tier: 'domain_verified' });
  });

  it('takes nothing with it that an operator said', async () => {
    const domain = freshDomain();
    const key = await keyOf(demoHost, domain);
    publishTxt(await verify(key, domain));
    await t.settle();
    expect(await organizationOf(key)).toMatchObject({ domain, tier: 'domain_verified' });
    withdrawTxt(domain);
    for (const wait of [7, 1.5, 1.5]) {
      t.advance(wait * day);
      await t.settle();
    }
    expect(await organizationOf(key)).toMatchObject({ domain, tier: 'key_bound', proofs: [{ state: 'lapsed' }] });
  });

  it.each([
    ['where the organization said itself where it is paid', 'onboarding', 'key_bound'],
    ['not where the vendor said so', 'operator', 'payout_bound'],
  ])('takes along that the organization is payable, %s', async (_, source, tier) => {
    const domain = freshDomain();
    const key = await proven(domain);
    const { id } = await organizationOf(key);
    const linked = { key: staff, body: { stripe_customer: `cus_${domain.replace(/\W/g, '')}` } };
    expect((await t.send('POST', `/v1/organizations/${id}/customer`, linked)).status).toBe(200);
    await sql(t, 'update frontdesk.payees set source = $2 where organization_id = $1', [id, source]);
    withdrawTxt(domain);
    for (const wait of [7, 1.5, 1.5]) {
      t.advance(wait * day);
      await t.settle();
    }
    expect(await organizationOf(key)).toMatchObject({ domain: null, tier });
  });

  it.each([
    ['stays while the agent’s own document names a key', false, 'verified'],
    ['lapses as well where it was an agent’s own document that is gone', true, 'lapsed'],
  ])('%s', async (_, isGone, state) => {
    const domain = freshDomain();
    const client = await world.client(`https://${domain}/.well-known/frontdesk-agent.json`);
    const me = await t.send('GET', '/v1/me', { key: await world.tokenOf(client) });
    const { id } = me.body.organization;
    const organization = async () => (await t.send('GET', `/v1/organizations/${id}`, { key: staff })).body;
    expect(await organization()).toMatchObject({ domain, tier: 'domain_verified', proofs: [{ method: 'metadata_document' }] });
    if (isGone) world.hosts.withdraw(client.id);
    for (const wait of [7, 1.5, 1.5]) {
      t.advance(wait * day);
      await t.settle();
    }
    const left = isGone ? { domain: null, tier: 'key_bound' } : { domain, tier: 'domain_verified' };
    expect(await organization()).toMatchObject({ ...left, proofs: [{ state }] });
  });

  it('makes one organization of a domain, however many prove it at once', async () => {
    const domain = freshDomain();
    const keys = await Promise.all(Array.from({ length: 16 }, () => newcomer()));
    for (const asked of await Promise.all(keys.map((key) => verify(key, domain)))) publishTxt(asked);
    await Promise.all(Array.from({ length: 4 }, () => t.settle()));
    const organizations = await Promise.all(keys.map((key) => organizationOf(key)));
    expect(organizations.filter((one) => one.domain === domain)).toHaveLength(1);
    expect(organizations.map(({ proofs }) => proofs[0].state).toSorted()).toEqual([
      ...Array.from({ length: 15 }, () => 'disputed'),
      'verified',
    ]);
    expect(organizations.filter(({ disputed_since }) => disputed_since === null)).toEqual([]);
    expect(t.reported).toEqual([]);
  });
});

describe('whoever publishes a document at a domain', () => {
  const at = (domain: string) => world.client(`https://${domain}/.well-known/frontdesk-agent.json`);
  /** Somebody else, once what was read there is forgotten. */
  const next = (domain: string) => {
    t.advance(10 * minute + 1);
    return at(domain);
  };
  const ownerOf = async (client: OAuthClient) => String(claimsIn(await world.tokenOf(client)).org);
  const organization = async (id: string) => (await t.send('GET', `/v1/organizations/${id}`, { key: staff })).body;
  const decide = async (domain: string, outcome: 'keep' | 'move') => {
    const { body } = await t.send('GET', '/v1/domain-conflicts?state=open', { key: staff });
    const { id } = body.data.find((one: { domain: string }) => one.domain === domain);
    await t.send('POST', `/v1/domain-conflicts/${id}/decide`, { key: staff, body: { outcome, reason: 'Called both.' } });
  };
  const challenge = async (domain: string) => organizationOf(await proven(domain));

  it.each([
    ['was proven by somebody', proven],
    ['an operator gave to somebody', (domain: string) => keyOf(demoHost, domain)],
    [
      'is disputed',
      async (domain: string) => {
        const key = await proven(domain);
        await challenge(domain);
        return key;
      },
    ],
  ])('that %s asks to join, and is nobody but itself until it is let in', async (_, held) => {
    const domain = freshDomain();
    const key = await held(domain);
    const before = await organizationOf(key);
    const client = await at(domain);
    const own = await ownerOf(client);
    expect(await organization(own)).toMatchObject({ domain: null, tier: 'key_bound' });
    expect(await organizationOf(key)).toEqual(before);
    const { body } = await t.send('GET', '/v1/organization-joins?state=open', { key });
    expect(body.data).toMatchObject([{ organization_id: before.id, agent_id: claimsIn(await world.tokenOf(client)).sub }]);
    const approve = { key, body: { approve: true } };
    expect((await t.send('POST', `/v1/organization-joins/${body.data[0].id}/decide`, approve)).status).toBe(200);
    expect(await ownerOf(client)).toBe(before.id);
  });

  it('that was kept for its holder is not of the holder', async () => {
    const domain = freshDomain();
    const [holder] = [await proven(domain), await challenge(domain)];
    await decide(domain, 'keep');
    const { id } = await organizationOf(holder);
    expect(await ownerOf(await at(domain))).not.toBe(id);
    expect((await t.send('GET', '/v1/agents', { key: holder })).body.data).toHaveLength(1);
  });

  it('that was moved is not of who lost it, though its agent had the same address, and that agent’s tokens are dead', async () => {
    const domain = freshDomain();
    const before = await at(domain);
    const [lost, token] = [await ownerOf(before), await world.tokenOf(before)];
    const winner = await challenge(domain);
    await decide(domain, 'move');
    expect((await t.send('GET', '/v1/me', { key: token })).status).toBe(401);
    const after = await ownerOf(await next(domain));
    expect([lost, winner.id]).not.toContain(after);
    expect((await organization(winner.id)).domain).toBe(domain);
  });

  it('that was moved is served also where who lost it had revoked its agent there', async () => {
    const domain = freshDomain();
    const before = await at(domain);
    const { sub } = claimsIn(await world.tokenOf(before));
    await t.send('POST', `/v1/agents/${sub}/revoke`, { key: staff, body: {} });
    await challenge(domain);
    await decide(domain, 'move');
    expect(claimsIn(await world.tokenOf(await next(domain))).sub).not.toBe(sub);
  });

  it('that is disputed cannot turn the organization over: its agent there lets nobody in and ends nobody', async () => {
    const domain = freshDomain();
    const client = await at(domain);
    const scopes = async () => String(claimsIn(await world.tokenOf(client)).scope).split(' ');
    expect(await scopes()).toContain('agents:manage');
    await challenge(domain);
    expect(await scopes()).not.toContain('agents:manage');
    expect(await scopes()).toContain('workspaces:provision');
  });

  it('that lapsed is not of who had it', async () => {
    const domain = freshDomain();
    const before = await at(domain);
    const had = await ownerOf(before);
    world.hosts.withdraw(before.id);
    for (const wait of [7, 1.5, 1.5]) {
      t.advance(wait * day);
      await t.settle();
    }
    const after = await ownerOf(await next(domain));
    expect(after).not.toBe(had);
    expect(await organization(after)).toMatchObject({ domain, tier: 'domain_verified' });
  });
});

describe('two organizations that prove one domain', () => {
  let vendor: EventVendor;
  let operator: string;
  beforeAll(async () => {
    vendor = await openEventVendor(t);
    operator = await keyOf(eventHost, null);
  });

  /** A holder that has something to be paid, and a challenger. */
  async function contested() {
    const domain = freshDomain();
    const holder = await vendor.organization(domain);
    const earned = await earn(t, vendor, holder);
    const challenger = await proven(domain, eventHost);
    const listed = await t.send('GET', '/v1/domain-conflicts?state=open', { host: eventHost, key: operator });
    const conflict = listed.body.data.find((one: { domain: string }) => one.domain === domain);
    return { domain, holder, earned, challenger, conflict };
  }
  const decide = (id: string, outcome: 'keep' | 'move') =>
    t.send('POST', `/v1/domain-conflicts/${id}/decide`, { host: eventHost, key: operator, body: { outcome, reason: 'Called both.' } });
  const reward = async (key: string, id: string) => (await t.send('GET', `/v1/rewards/${id}`, { host: eventHost, key })).body;

  it('are both frozen, and nothing moves: what was earned is not released until it is decided', async () => {
    const { domain, holder, earned, challenger, conflict } = await contested();
    expect(await organizationOf(challenger, eventHost)).toMatchObject({ domain: null, tier: 'key_bound', proofs: [{ state: 'disputed' }] });
    expect(await organizationOf(holder, eventHost)).toMatchObject({ domain, disputed_since: conflict.opened_at });
    t.advance(holdPeriod + minute);
    await release(t, eventHost);
    expect(await reward(holder, earned.rewardId)).toMatchObject({ status: 'held', held_reason: 'domain_disputed' });
    const body = { reference: 'bank-1' };
    expect((await t.send('POST', `/v1/rewards/${earned.rewardId}/confirm`, { host: eventHost, key: vendor.backEnd, body })).status).toBe(
      409,
    );

    expect((await decide(conflict.id, 'keep')).body).toMatchObject({ state: 'kept', reason: 'Called both.' });
    await release(t, eventHost);
    expect(await reward(holder, earned.rewardId)).toMatchObject({ status: 'fulfilling' });
    expect(await organizationOf(challenger, eventHost)).toMatchObject({
      domain: null,
      disputed_since: null,
      proofs: [{ state: 'expired' }],
    });
    const again = await verify(challenger, domain, {}, eventHost);
    expect([again.status, again.body.code]).toEqual([409, 'state.forbidden']);
  });

  it('change places where an operator says so: the domain goes over with its tier', async () => {
    const { domain, holder, challenger, conflict } = await contested();
    expect((await decide(conflict.id, 'move')).body.state).toBe('moved');
    expect(await organizationOf(holder, eventHost)).toMatchObject({ domain: null, tier: 'key_bound', disputed_since: null });
    const won = { domain, tier: 'domain_verified', disputed_since: null, proofs: [{ state: 'verified' }] };
    expect(await organizationOf(challenger, eventHost)).toMatchObject(won);
    expect((await decide(conflict.id, 'keep')).status).toBe(409);
  });

  it('change places also where the holder had proven it, and what it proved is over', async () => {
    const domain = freshDomain();
    const [holder, challenger] = [await proven(domain, eventHost), await proven(domain, eventHost)];
    const listed = await t.send('GET', '/v1/domain-conflicts', { host: eventHost, key: operator });
    await decide(listed.body.data[0].id, 'move');
    expect(await organizationOf(holder, eventHost)).toMatchObject({ domain: null, tier: 'key_bound', proofs: [{ state: 'lapsed' }] });
    expect(await organizationOf(challenger, eventHost)).toMatchObject({ domain, tier: 'domain_verified' });
  });

  it('arrange no payouts meanwhile', async () => {
    await payOut(t);
    const domain = freshDomain();
    const [holder] = [await proven(domain), await proven(domain)];
    const { id, disputed_since } = await organizationOf(holder);
    expect(disputed_since).not.toBeNull();
    const asked = await t.send('POST', `/v1/organizations/${id}/payout-link`, { key: holder, body: {} });
    expect([asked.status, asked.body.detail]).toEqual([409, expect.stringContaining('proved the domain as well')]);
  });

  it('are told of by nobody but the vendor’s own people', async () => {
    const { challenger, conflict } = await contested();
    expect((await t.send('GET', '/v1/domain-conflicts', { host: eventHost, key: challenger })).status).toBe(403);
    const own = { host: eventHost, key: challenger, body: { outcome: 'move', reason: 'Mine.' } };
    expect((await t.send('POST', `/v1/domain-conflicts/${conflict.id}/decide`, own)).status).toBe(403);
  });
});

describe('an agent that wants to join an organization', () => {
  const ask = (key: string, domain: string) => t.send('POST', '/v1/organization-joins', { key, from: freshNetwork(), body: { domain } });
  const decide = (key: string, id: string, approve: boolean) =>
    t.send('POST', `/v1/organization-joins/${id}/decide`, { key, body: { approve } });

  it('is answered the same whether there is such an organization', async () => {
    const [domain, key] = [freshDomain(), await newcomer()];
    await proven(domain);
    const [there, nowhere] = [await ask(key, domain), await ask(key, freshDomain())];
    const same = { status: 200, body: { join: { id: expect.stringMatching(/^jrq_[0-9a-z]{26}$/), state: 'open' } } };
    expect(there).toMatchObject(same);
    expect(nowhere).toMatchObject(same);
    expect(Object.keys(there.body.join)).toEqual(Object.keys(nowhere.body.join));
  });

  it('moves with its workspaces once the organization approves, and its old key is dead', async () => {
    const [domain, key] = [freshDomain(), await newcomer()];
    const holder = await proven(domain);
    const workspace = await freshWorkspace({ t, host: demoHost, key });
    const { body } = await ask(key, domain);
    expect((await decide(await newcomer(), body.join.id, true)).status).toBe(404);
    const listed = await t.send('GET', '/v1/organization-joins?state=open', { key: holder });
    expect(listed.body.data).toMatchObject([{ id: body.join.id, state: 'open' }]);
    expect((await decide(holder, body.join.id, true)).body).toMatchObject({ state: 'approved' });
    const taken = await t.send('GET', `/v1/workspaces/${workspace.id}`, { key: holder });
    expect(taken.status).toBe(200);
    expect((await t.send('GET', '/v1/workspaces', { key })).status).toBe(401);
    const [moved] = await sql(t, 'select a.organization_id, a.epoch from frontdesk.agents a where a.agent_id = $1', [
      listed.body.data[0].agent_id,
    ]);
    expect(moved).toEqual({ organization_id: listed.body.data[0].organization_id, epoch: 2 });
  });

  it('asks again as often as it likes, however many agents its organization has', async () => {
    const [domain, key] = [freshDomain(), await newcomer()];
    await proven(domain);
    await sql(
      t,
      `insert into frontdesk.agents (tenant_id, agent_id, organization_id, name, created_at)
       select o.tenant_id, 'agt_' || lpad(n::text, 26, '0'), o.organization_id, 'another', o.created_at
       from frontdesk.organizations o, generate_series(1, 100) n where o.${organizationOfKey}`,
      [key],
    );
    expect([(await ask(key, domain)).status, (await ask(key, domain)).status]).toEqual([200, 200]);
  });

  it('has a key of its own: one that has nothing but API keys would be left without any', async () => {
    const [domain, key] = [freshDomain(), await newcomer()];
    await proven(domain);
    await sql(t, `update frontdesk.agent_keys set state = 'revoked' where ${organizationOfKey}`, [key]);
    const { status, body } = await ask(key, domain);
    expect([status, body.code]).toEqual([409, 'state.forbidden']);
  });

  it('stays where it is when it is refused, and a request is decided once', async () => {
    const [domain, key] = [freshDomain(), await newcomer()];
    const holder = await proven(domain);
    const { body } = await ask(key, domain);
    expect((await decide(holder, body.join.id, false)).body).toMatchObject({ state: 'refused' });
    expect((await decide(staff, body.join.id, true)).status).toBe(409);
    expect((await t.send('GET', '/v1/workspaces', { key })).status).toBe(200);
  });
});

describe('the ladder of trust', () => {
  const at = { domain: null, isDisputed: false, hasPendingProof: false, paysOut: false };
  const missing = (tier: Tier) => nextSteps({ ...at, tier })?.steps.map(({ code }) => code) ?? null;

  it('begins with an anonymous agent, which cannot prove a domain', async () => {
    const registered = await t.send('POST', '/agent/identity', { idempotencyKey: null, body: { type: 'anonymous' } });
    const exchanged = await world.ask({ grant_type: jwtBearer, assertion: registered.body.identity_assertion });
    const asked = await verify(exchanged.body.access_token, freshDomain());
    expect([asked.status, asked.body.code]).toEqual([403, 'scope.missing']);
    expect(missing('anonymous')).toEqual(['add_key', 'link_person']);
  });

  it('leads from a key to being paid, and each step says what is missing for the next', async () => {
    const client = await world.client(`https://${freshDomain()}/agents/one.json`);
    const send = async (method: string, path: string, body?: object) =>
      t.send(method, path, { key: await world.tokenOf(client), ...(body ? { body } : {}) });
    const domain = freshDomain();
    const asked = await send('POST', '/v1/organizations/verify', { domain });
    const id: string = asked.body.proof.organization_id;
    expect((await send('GET', `/v1/organizations/${id}`)).body.tier).toBe('key_bound');
    expect(missing('key_bound')).toEqual(['verify_domain', 'join_organization']);
    expect((await send('POST', `/v1/organizations/${id}/payout-link`, {})).status).toBe(409);

    publishTxt(asked);
    await t.settle();
    expect((await send('GET', `/v1/organizations/${id}`)).body).toMatchObject({ tier: 'domain_verified', domain });
    expect(missing('domain_verified')).toEqual(['link_payee']);

    const linked = { key: staff, body: { stripe_customer: 'cus_ladder' } };
    expect((await t.send('POST', `/v1/organizations/${id}/customer`, linked)).status).toBe(200);
    expect((await send('GET', `/v1/organizations/${id}`)).body.tier).toBe('payout_bound');
    expect(missing('payout_bound')).toBeNull();
  });

  it('holds what a key has earned in escrow until its organization is proven, and then lets it go', async () => {
    const vendor = await openEventVendor(t);
    const key = await newcomer(eventHost);
    const { rewardId } = await earn(t, vendor, key);
    const reward = async () => (await t.send('GET', `/v1/rewards/${rewardId}`, { host: eventHost, key })).body;
    t.advance(holdPeriod + minute);
    await release(t, eventHost);
    expect(await reward()).toMatchObject({ status: 'held', held_reason: 'organization_not_payable', requires: ['domain_verified'] });
    publishTxt(await verify(key, freshDomain(), {}, eventHost));
    await t.settle();
    await release(t, eventHost);
    expect(await reward()).toMatchObject({ status: 'fulfilling' });
  });
});
