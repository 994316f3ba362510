import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatSecret, secretHash } from '../../src/domain/secret.ts';
import { person } from '../support/browser.ts';
import { assertionIn, browse, type Handed, handed, proofPath, provenHuman, wrongCode } from '../support/claims.ts';
import { account, freshDomain, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { type OidcProvider, openOidcProvider } from '../support/oidc-provider.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let provider: OidcProvider;
let acme: Stage;
let staff: Stage;
let made = 0;
beforeAll(async () => {
  let world: TestWorld | undefined;
  provider = await openOidcProvider(() => world?.world.deps.now() ?? new Date());
  t = await openTestWorld({ oidc: provider.settings, fetchOutside: provider.fetch });
  world = t;
  [acme, staff] = [await stageOf(t, { domain: 'acme-of-claims.example' }), await staffStage(t)];
});

const open = (more: Parameters<typeof handed>[2] = {}) => handed(t, acme, more);
const rowsOf = ({ id }: Handed, key: string) => t.send('GET', `/v1/workspaces/${id}/data/account`, { key });
const redeem = (assertion: string, more: { key?: string; idempotencyKey?: string; host?: string } = {}) =>
  t.send('POST', '/v1/claim-assertions/redeem', { key: staff.key, body: { assertion }, ...more });

/** A browser in which somebody with this address is signed in. */
async function signedIn(email: string) {
  const person_id = await person(t, email, 'auditor');
  const { given, desk } = await sceneAt(t, demoHost);
  const secret = formatSecret('ses', desk.environment, given.random(32));
  const created_at = given.now.toISOString();
  const expires_at = new Date(given.now.getTime() + 43_200_000).toISOString();
  await commitAt(t, demoHost, {
    sessions: [{ session_hash: secretHash(secret), person_id, created_at, expires_at, stepped_up_at: null }],
  });
  const browser = browse(t);
  browser.cookies.set('__Host-fd_session', secret);
  return browser;
}

const evidenceOf = async ({ referralId }: Handed) => {
  await t.settle();
  return sql(t, 'select kind from frontdesk.evidence where referral_id = $1', [referralId]);
};
const reportsOf = ({ id }: Handed) => sql(t, 'select source, data from frontdesk.reports where workspace_id = $1', [id]);

describe('a human of the prospect', () => {
  it('proves a mailbox, types the code, and is led to the vendor, who redeems the assertion for a key', async () => {
    const opened = await open();
    const browser = browse(t);
    const email = `ada@mail.${opened.domain}`;
    const asked = await browser.post(opened.path, { email: ` Ada@MAIL.${opened.domain.toUpperCase()}` });
    expect([asked.status, asked.text.includes('Look into your mail')]).toEqual([200, true]);
    const link = await proofPath(t, email);
    expect((await browser.get(link)).text).toContain(email);
    expect(await browser.post(link)).toMatchObject({ status: 303, location: opened.path });
    expect((await browser.get(opened.path)).text).toContain('name="user_code"');

    const typed = opened.code.toLowerCase().replace('-', ' ');
    const taken = await browser.post(opened.path, { user_code: typed });
    expect([taken.status, taken.location]).toEqual([
      303,
      expect.stringMatching(/^https:\/\/app\.ledgerbridge\.example\/signup\?fd_assertion=/),
    ]);
    expect(taken.headers.get('Referrer-Policy')).toBe('no-referrer');
    expect((await rowsOf(opened, opened.key)).status).toBe(401);

    const assertion = assertionIn(taken.location);
    const keys = createLocalJWKSet((await t.send('GET', '/.well-known/jwks.json')).body);
    const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
      ...{ typ: 'claim+jwt', algorithms: ['EdDSA'], issuer: 'http://localhost', audience: 'https://app.ledgerbridge.example' },
      currentDate: t.world.deps.now(),
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: expect.any(String), typ: 'claim+jwt' });
    expect(payload).toEqual({
      ...{ iss: 'http://localhost', aud: 'https://app.ledgerbridge.example', tid: expect.any(String), sub: opened.id },
      ...{ jti: expect.stringMatching(/^mbx_/), iat: expect.any(Number), exp: (payload.iat ?? 0) + 300 },
      ...{ email, email_verified: true, domain: opened.domain, referral: opened.referralId },
    });
    const redeemed = await redeem(assertion);
    expect([redeemed.status, redeemed.body]).toEqual([
      200,
      {
        ...{ workspace_id: opened.id, referral_id: opened.referralId, domain: opened.domain, email, email_verified: true },
        credentials: { type: 'bearer', api_key: expect.stringMatching(/^fd_sbx_dev_\w{36}$/) },
        credentials_reason: null,
      },
    ]);
    const { api_key } = redeemed.body.credentials;
    const written = await t.send('POST', `/v1/workspaces/${opened.id}/data/account`, { key: api_key, body: { rows: [account()] } });
    expect(written.status).toBe(201);
  });

  it('is evidence for the referral once the vendor redeems the assertion, not before', async () => {
    const opened = await open();
    const { location } = await (await provenHuman(t, opened)).post(opened.path, { user_code: opened.code });
    expect(await evidenceOf(opened)).toEqual([]);
    expect(await reportsOf(opened)).toEqual([]);
    await redeem(assertionIn(location));
    expect(await evidenceOf(opened)).toEqual([{ kind: 'workspace_claimed' }]);
    expect(await reportsOf(opened)).toEqual([{ source: 'vendor', data: { via: 'assertion' } }]);
    const told = await sql(t, "select data from frontdesk.events where type = 'workspace.claimed' and subject_id = $1", [opened.id]);
    expect(told).toEqual([{ data: { workspace: opened.id, organization: expect.any(String), referral: opened.referralId } }]);
  });

  it('is evidence as well when the vendor, who redeemed nothing, reports it', async () => {
    const opened = await open();
    await (await provenHuman(t, opened)).post(opened.path, { user_code: opened.code });
    const occurred_at = t.world.deps.now().toISOString();
    const subject = { workspace_id: opened.id };
    await made201(staff, '/v1/events', { id: crypto.randomUUID(), type: 'workspace.claimed', occurred_at, subject });
    expect(await evidenceOf(opened)).toEqual([{ kind: 'workspace_claimed' }]);
  });

  it('who is signed in with an address there needs no mail', async () => {
    const opened = await open();
    const browser = await signedIn(`grace@${opened.domain}`);
    expect((await browser.get(opened.path)).text).toContain(`grace@${opened.domain}`);
    const { status, location } = await browser.post(opened.path, { user_code: opened.code });
    expect(status).toBe(303);
    expect((await redeem(assertionIn(location))).body).toMatchObject({ email: `grace@${opened.domain}`, domain: opened.domain });
  });

  it('whose session has ended since is nobody: the link is as dead as for everybody else', async () => {
    const opened = await open();
    const browser = await signedIn(`grace@${opened.domain}`);
    const press = () => browser.post(opened.path, { user_code: opened.code });
    expect((await press()).location).toContain('fd_assertion');
    expect([(await press()).status, (await browser.get(opened.path)).status]).toEqual([303, 200]);
    const session = secretHash(browser.cookies.get('__Host-fd_session') ?? '');
    await sql(t, "update frontdesk.sessions set ended_at = $2 where session_hash = decode($1, 'hex')", [session, t.world.deps.now()]);
    expect([(await press()).status, (await browser.get(opened.path)).status]).toEqual([404, 404]);
  });

  it('who is signed in with another address is asked for a mailbox there', async () => {
    const opened = await open();
    const browser = await signedIn(`grace@${freshDomain()}`);
    const { status, text } = await browser.post(opened.path, { user_code: opened.code });
    expect(status).toBe(403);
    expect(text).toContain('name="email"');
  });

  it.each([
    ['is let on by a verified address there', true, true, 'name="user_code"'],
    ['is told so when the address is another', false, true, 'Your account has no confirmed address'],
    ['is told so when nobody verified the address', true, false, 'Your account has no confirmed address'],
  ])('who comes with a company account %s', async (_, atDomain, email_verified, words) => {
    const opened = await open();
    const browser = browse(t);
    expect((await browser.get(opened.path)).text).toContain(`${opened.path}/account`);
    const { location } = await browser.get(`${opened.path}/account`);
    provider.subject = { sub: `claimant-${++made}`, email: `lin@${atDomain ? opened.domain : freshDomain()}`, email_verified };
    const answer = provider.authorize(location ?? '');
    const back = await browser.get(`/login/oidc/callback?${answer}`, { 'Sec-Fetch-Site': 'cross-site' });
    expect(back.status).toBe(303);
    expect((await browser.get(back.location ?? '')).text).toContain(words);
    expect(browser.cookies.has('__Host-fd_session')).toBe(false);
    const { status } = await browser.post(opened.path, { user_code: opened.code });
    expect(status).toBe(atDomain && email_verified ? 303 : 403);
  });

  it('who presses twice, or at once, gets the same; when the vendor cannot be told any more, a page that says it is theirs', async () => {
    const opened = await open();
    const browser = await provenHuman(t, opened);
    const press = () => browser.post(opened.path, { user_code: opened.code });
    const [first, second] = await Promise.all([press(), press()]);
    expect([first.status, second.location]).toEqual([303, first.location]);
    expect((await press()).location).toBe(first.location);
    t.advance(300_000);
    const late = await press();
    expect([late.status, late.location]).toEqual([303, opened.path]);
    const page = await browser.get(opened.path);
    expect([page.status, page.text.includes('The workspace is yours')]).toEqual([200, true]);
    expect(page.text).not.toContain('fd_assertion');
    expect((await browse(t).get(opened.path)).status).toBe(404);
  });
});

describe('the claim page', () => {
  it('states what is known, and marks what the agent said', async () => {
    const opened = await open();
    await sql(t, "update frontdesk.organizations set tier = 'domain_verified' where domain = 'acme-of-claims.example'");
    const { text } = await browse(t).get(opened.path);
    for (const shown of ['LedgerBridge', 'an agent of acme-of-claims.example', 'account, contact, deal', opened.domain])
      expect(text).toContain(shown);
    const [known = '', stated = ''] = text.split('What the agent stated');
    expect([known.includes('Northwind Freight'), stated.includes('Northwind Freight')]).toEqual([false, true]);
    const byNobody = await handed(t, null);
    expect((await browse(t).get(byNobody.path)).text).toContain('an agent that belongs to no organization');
    await sql(t, "update frontdesk.organizations set tier = 'key_bound' where domain = 'acme-of-claims.example'");
    expect((await browse(t).get(opened.path)).text).toContain('whose domain is not proven');
  });

  it.each([
    ['of another company', () => `ada@${freshDomain()}`],
    ['of a mail provider', () => 'ada@gmail.com'],
    ['that only begins like the company’s', ({ domain }: Handed) => `ada@${domain}.evil.example`],
    ['that is none', () => 'ada'],
  ])('mails nothing to an address %s, and says why', async (_, addressOf) => {
    const opened = await open();
    const before = await contentsOf(t);
    const { status, text } = await browse(t).post(opened.path, { email: addressOf(opened) });
    expect([status, text.includes('not an address at the domain')]).toEqual([400, true]);
    expect(await contentsOf(t)).toEqual(before);
  });

  it.each([
    ['at a mail provider', 'gmail.com'],
    ['at a mail provider of one country', 'hotmail.co.th'],
    ['at everybody’s domain of a provider', 'acme.onmicrosoft.com'],
    ['at a name that a hosting company lends', 'acme.vercel.app'],
  ])('mails nobody for a prospect %s: anybody could have such an address', async (_, domain) => {
    const opened = await open({ domain });
    expect((await browse(t).post(opened.path, { email: `ada@${domain}` })).status).toBe(400);
  });

  it('mails no word of the agent, nor of who asks', async () => {
    const body = { prospect: { name: 'Pay now at evil.example', domain: freshDomain() }, seed_rows: 0 };
    const { claim } = await made201(acme, '/v1/workspaces/provision', body);
    const email = `ada@${body.prospect.domain}`;
    await browse(t).post(new URL(claim.url).pathname, { email });
    await t.settle();
    const mail = t.inbox.letters.findLast(({ to }) => to === email);
    expect(`${mail?.subject}${mail?.text}`).toContain('LedgerBridge');
    expect(`${mail?.subject}${mail?.text}`).not.toMatch(/evil|Pay now/);
  });

  it('sends one address five mails an hour for one workspace, also when many ask at once', async () => {
    const opened = await open();
    const email = `ada@${opened.domain}`;
    const sent = await Promise.all(Array.from({ length: 8 }, () => browse(t).post(opened.path, { email })));
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    await t.settle();
    expect(t.inbox.letters.filter(({ to }) => to === email)).toHaveLength(5);
    t.advance(3_600_000);
    expect((await browse(t).post(opened.path, { email })).status).toBe(200);
  });

  it('keeps no address in an effect, an answer or a counter, and none at all after a day', async () => {
    const opened = await open();
    const email = `lovelace@${opened.domain}`;
    const browser = browse(t);
    await browser.post(opened.path, { email });
    await browser.post(await proofPath(t, email));
    const { location } = await browser.post(opened.path, { user_code: opened.code });
    const idempotencyKey = crypto.randomUUID();
    await redeem(assertionIn(location), { idempotencyKey });
    const tables = ['outbox', 'counters', 'idempotency', 'reports', 'events', 'ledger_events', 'spent'];
    const rows = await Promise.all(tables.map((name) => sql(t, `select to_jsonb(x)::text as row from frontdesk.${name} x`)));
    expect(JSON.stringify(rows)).not.toContain('lovelace');
    const kept = async () => (await sql(t, 'select 1 from frontdesk.mailbox_proofs where email = $1', [email])).length;
    expect(await kept()).toBe(1);
    t.advance(90_000_000);
    await t.world.schedules.expire?.();
    expect(await kept()).toBe(0);
  });

  it('is written in the reader’s language', async () => {
    const { path } = await open();
    expect((await browse(t).get(path, { 'Accept-Language': 'de-CH, en;q=0.5' })).text).toContain('wartet ein Arbeitsbereich auf Sie');
    expect((await browse(t).get(path, { 'Accept-Language': 'ja' })).text).toContain('<html lang="ja"');
  });

  it('lets its forms lead to the vendor’s sign-up and nowhere else', async () => {
    const policy = (await browse(t).get((await open()).path)).headers.get('Content-Security-Policy');
    expect(policy).toContain(
      "form-action 'self' https://app.ledgerbridge.example https://ledgerbridge.example https://*.ledgerbridge.example;",
    );
  });
});

describe('a claim assertion', () => {
  const claimed = async () => {
    const opened = await open();
    const { location } = await (await provenHuman(t, opened)).post(opened.path, { user_code: opened.code });
    return { opened, assertion: assertionIn(location) };
  };

  it('is redeemed once, also when many try at once; a repeated call gets its answer without the key', async () => {
    const { opened, assertion } = await claimed();
    const idempotencyKey = crypto.randomUUID();
    const sent = await Promise.all(Array.from({ length: 4 }, (_, n) => redeem(assertion, n === 0 ? { idempotencyKey } : {})));
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const winner = sent.find(({ status }) => status === 200);
    expect((await rowsOf(opened, winner?.body.credentials.api_key)).status).toBe(200);
    const next = await claimed();
    const first = await redeem(next.assertion, { idempotencyKey: `${idempotencyKey}2` });
    t.advance(600_000);
    const again = await redeem(next.assertion, { idempotencyKey: `${idempotencyKey}2` });
    expect(again.body).toEqual({ ...first.body, credentials: null, credentials_reason: 'shown_once' });
  });

  it('is good for five minutes, for the back end of this vendor alone', async () => {
    const { assertion } = await claimed();
    const narrow = await t.key({ scopes: ['workspaces:read'] });
    expect((await redeem(assertion, { key: narrow })).body.code).toBe('scope.missing');
    const other = await staffStage(t, 'quayside.test');
    expect((await redeem(assertion, { key: other.key, host: other.host })).body.code).toBe('resource.not_found');
    const [header, payload, signature = ''] = assertion.split('.');
    const forged = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect((await redeem([header, payload, forged].join('.'))).body.code).toBe('resource.not_found');
    t.advance(299_000);
    const late = await claimed();
    t.advance(301_000);
    expect((await redeem(late.assertion)).body.code).toBe('resource.not_found');
  });

  it('is nothing that the token endpoint or a referral takes', async () => {
    const { assertion } = await claimed();
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    const answer = await t.app.fetch(new Request('http://localhost/oauth/token', { method: 'POST', headers: { Host: demoHost }, body }));
    expect(answer.status).toBe(400);
    const desk = await t.world.deps.desks.find(demoHost);
    expect(await desk?.verifyAssertion(assertion, t.world.deps.now())).toBeNull();
  });
});

it('a wrong code leaves everything as it was but its count', async () => {
  const opened = await open();
  const browser = await provenHuman(t, opened);
  const before = await contentsOf(t);
  const { status, text } = await browser.post(opened.path, { user_code: wrongCode(opened.code) });
  expect([status, text.includes('This code is wrong')]).toEqual([400, true]);
  const after = await contentsOf(t);
  expect(Object.keys(after).filter((table) => after[table] !== before[table])).toEqual(['counters']);
  expect((await browser.post(opened.path, { user_code: opened.code })).status).toBe(303);
});

// The last one: the vendor has no such key from here on.
it('a vendor without a key for assertions yet gets the human without one', async () => {
  await sql(t, "update frontdesk.signing_keys set state = 'revoked' where purpose = 'claim_assertions'");
  await sql(t, 'update frontdesk.tenants set revision = revision + 1');
  const opened = await open();
  const taken = await (await provenHuman(t, opened)).post(opened.path, { user_code: opened.code });
  expect([taken.status, taken.location]).toEqual([303, 'https://app.ledgerbridge.example/signup']);
});
