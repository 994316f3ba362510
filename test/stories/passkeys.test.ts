import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../../src/domain/result.ts';
import { secretHash } from '../../src/domain/secret.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { perform } from '../../src/operations/perform.ts';
import { openAuthenticator, present, type Twist, verified } from '../support/authenticator.ts';
import { type Browser, openBrowser, operatorBrowser } from '../support/browser.ts';
import { exampleOf, staffStage } from '../support/examples.ts';
import { addPasskey, askedBy, askToAdd, askToStepUp, copyOf, operatorWithPasskey, stepUp } from '../support/passkeys.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let made = 0;
beforeAll(async () => {
  t = await openTestWorld();
});
const freshEmail = () => `grace-${++made}@example.com`;
const minutes = 60_000;

const keptPasskeys = async (email: string) =>
  (
    await sql(t, 'select k.counter from frontdesk.passkeys k join frontdesk.people p using (tenant_id, person_id) where p.email = $1', [
      email,
    ])
  ).length;

/** What a page would do: an operation in the name of whoever is signed in. */
function asSignedIn(browser: Browser, operation: Operation, input: object) {
  const credential = { kind: 'session' as const, hash: secretHash(browser.cookies.get('__Host-fd_session') ?? '') };
  const place = { host: demoHost, address: '', network: '', resource: '' as const, requestId: 'req_1' };
  return perform(operation, t.world.deps, { ...place, credential, idempotencyKey: crypto.randomUUID() }, ok(input));
}

async function isSteppedUp(browser: Browser): Promise<boolean> {
  const outcome = await asSignedIn(browser, named('remove_person'), {});
  return outcome.ok || outcome.refusal.code !== 'challenge.required';
}

function named(name: string): Operation {
  const found = catalogue.find((operation) => operation.name === name);
  if (!found) throw new Error(name);
  return found;
}

describe('a passkey', () => {
  it('is added after signing in, and shown', async () => {
    const email = freshEmail();
    const { browser } = await operatorWithPasskey(t, email);
    expect((await browser.get('/account/passkeys')).text).toContain('not used yet');
    expect(await keptPasskeys(email)).toBe(1);
  });

  it('is not added first by a session that was left open', async () => {
    const browser = await operatorBrowser(t, freshEmail());
    const { options, kept } = await askToAdd(browser);
    t.advance(10 * minutes + 1000);
    expect(askedBy(await browser.get('/account/passkeys'))).toBeNull();
    expect((await browser.get('/account/passkeys')).text).toContain('Sign in again');
    const late = await browser.post('/account/passkeys', { kept, answer: await (await openAuthenticator()).create(options) });
    expect(late.status).toBe(400);
  });

  it('is added beside another one only after that one was used', async () => {
    const email = freshEmail();
    const { authenticator } = await operatorWithPasskey(t, email);
    const anew = await operatorBrowser(t, email);
    expect(askedBy(await anew.get('/account/passkeys'))).toBeNull();
    await stepUp(anew, authenticator);
    expect((await addPasskey(anew, await openAuthenticator())).status).toBe(303);
    expect(await keptPasskeys(email)).toBe(2);
  });

  const bad: readonly [string, Twist][] = [
    ['made for another origin', { origin: 'https://evil.example' }],
    ['made for a port of the same host', { origin: 'http://localhost:4000' }],
    ['made for another relying party', { rpId: 'evil.example' }],
    ['made in a frame of another site', { crossOrigin: true }],
    ['whose user was not verified', { flags: present | 0x40 }],
    ['that answers another challenge', { challenge: 'AAAA' }],
    ['that is no new one', { type: 'webauthn.get' }],
  ];
  it.each(bad)('%s is not kept', async (_, twist) => {
    const email = freshEmail();
    const browser = await operatorBrowser(t, email);
    expect((await addPasskey(browser, await openAuthenticator(), twist)).status).toBe(400);
    expect(await keptPasskeys(email)).toBe(0);
  });

  it('is taken whatever its maker attests: the statement is not read, and nothing in it is followed', async () => {
    const email = freshEmail();
    const browser = await operatorBrowser(t, email);
    const attestation = { fmt: 'packed', certificate: new TextEncoder().encode('http://169.254.169.254/crl') };
    expect((await addPasskey(browser, await openAuthenticator(), { attestation })).status).toBe(303);
    expect(await keptPasskeys(email)).toBe(1);
  });

  it('is added by a challenge that was answered before neither once more nor beside another', async () => {
    const email = freshEmail();
    const { browser, authenticator } = await operatorWithPasskey(t, email);
    await stepUp(browser, authenticator);
    const { options, kept } = await askToAdd(browser);
    const add = async () => browser.post('/account/passkeys', { kept, answer: await (await openAuthenticator()).create(options) });
    expect((await Promise.all([add(), add()])).map(({ status }) => status).sort()).toEqual([303, 400]);
    expect((await add()).status).toBe(400);
    expect(await keptPasskeys(email)).toBe(2);
  });

  it('of somebody else cannot be added again', async () => {
    const { authenticator } = await operatorWithPasskey(t, freshEmail());
    const email = freshEmail();
    const added = await addPasskey(await operatorBrowser(t, email), authenticator);
    expect(added.status).toBe(400);
    expect(await keptPasskeys(email)).toBe(0);
  });

  it('is removed by whoever has just used one, and nobody else’s is', async () => {
    const [email, other] = [freshEmail(), freshEmail()];
    const { browser, authenticator } = await operatorWithPasskey(t, email);
    await operatorWithPasskey(t, other);
    const ids = await sql(
      t,
      'select k.credential_id as id, p.email from frontdesk.passkeys k join frontdesk.people p using (tenant_id, person_id)',
    );
    const idOf = (of: string) => String(ids.find((row) => row.email === of)?.id);
    const remove = (of: string) => browser.post('/account/passkeys/remove', { credential_id: idOf(of) });
    expect((await remove(email)).location).toBe('/step-up?next=%2Faccount%2Fpasskeys');
    await stepUp(browser, authenticator);
    expect((await remove(other)).status).toBe(404);
    expect((await remove(email)).location).toBe('/account/passkeys');
    expect([await keptPasskeys(email), await keptPasskeys(other)]).toEqual([0, 1]);
  });
});

describe('using a passkey', () => {
  it('lifts the session for ten minutes, and leads on to what needed it', async () => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    expect(await isSteppedUp(browser)).toBe(false);
    expect(await stepUp(browser, authenticator, {}, '/docs?page=2')).toMatchObject({ status: 303, location: '/docs?page=2' });
    expect(await isSteppedUp(browser)).toBe(true);
    t.advance(9 * minutes);
    expect(await isSteppedUp(browser)).toBe(true);
    t.advance(minutes + 1);
    expect(await isSteppedUp(browser)).toBe(false);
    expect((await browser.get('/ledger')).status).toBe(200);
  });

  it('gives the session another secret, and no longer life', async () => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    const stolen = copyOf(t, browser);
    await stepUp(browser, authenticator);
    expect((await stolen.get('/ledger')).status).toBe(303);
    const halfHours = 23;
    for (let n = 0; n < halfHours; n++) {
      t.advance(30 * minutes);
      expect((await browser.get('/ledger')).status).toBe(200);
    }
    await stepUp(browser, authenticator);
    t.advance(30 * minutes);
    expect((await browser.get('/ledger')).status).toBe(303);
  });

  const bad: readonly [string, Twist][] = [
    ['at another origin', { origin: 'https://evil.example' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['without its user being verified', { flags: present }],
    ['without anybody being there', { flags: verified }],
    ['with another challenge', { challenge: 'AAAA' }],
    ['as if it were new', { type: 'webauthn.create' }],
    ['with a counter that goes back', { counter: 1 }],
    ['with another key', { strangeKey: true }],
  ];
  it.each(bad)('%s lifts nothing', async (_, twist) => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    expect((await stepUp(browser, authenticator, twist)).status).toBe(400);
    expect(await isSteppedUp(browser)).toBe(false);
  });

  it('twice with one challenge lifts nothing the second time, nor when both come at once', async () => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    const { options, kept } = await askToStepUp(browser);
    const [first, second] = [await authenticator.get(options), await authenticator.get(options)];
    const both = await Promise.all([first, second].map((answer) => copyOf(t, browser).post('/step-up', { kept, answer })));
    expect(both.filter(({ status, location }) => status === 303 && location === '/ledger')).toHaveLength(1);

    const { browser: later, authenticator: other } = await operatorWithPasskey(t, freshEmail());
    const again = await askToStepUp(later);
    await later.post('/step-up', { kept: again.kept, answer: await other.get(again.options) });
    t.advance(10 * minutes + 1);
    expect((await later.post('/step-up', { kept: again.kept, answer: await other.get(again.options) })).status).toBe(400);
    expect(await isSteppedUp(later)).toBe(false);
  });

  it('after five minutes lifts nothing', async () => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    const { options, kept } = await askToStepUp(browser);
    t.advance(5 * minutes);
    expect((await browser.post('/step-up', { kept, answer: await authenticator.get(options) })).status).toBe(400);
  });

  it('of somebody else lifts nothing, nor does a challenge that another session was given', async () => {
    const [mine, theirs] = [await operatorWithPasskey(t, freshEmail()), await operatorWithPasskey(t, freshEmail())];
    expect((await stepUp(mine.browser, theirs.authenticator)).status).toBe(400);
    const { options, kept } = await askToStepUp(theirs.browser);
    expect((await mine.browser.post('/step-up', { kept, answer: await mine.authenticator.get(options) })).status).toBe(400);
    const toAdd = await askToAdd(await operatorBrowser(t, freshEmail()));
    expect((await mine.browser.post('/step-up', { kept: toAdd.kept, answer: await mine.authenticator.get(toAdd.options) })).status).toBe(
      400,
    );
    expect(await isSteppedUp(mine.browser)).toBe(false);
  });

  it('leads to no other site, and says what to do where there is none', async () => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    expect((await stepUp(browser, authenticator, {}, 'https://evil.example')).location).toBe('/ledger');
    expect((await (await operatorBrowser(t, freshEmail())).get('/step-up')).text).toContain('/account/passkeys');
    expect((await openBrowser(t).get('/step-up?next=/ledger')).location).toBe('/login?next=%2Fstep-up%3Fnext%3D%2Fledger');
  });

  it('needs a script, which its page names by a nonce and no other page loads; without it the page says so', async () => {
    const { browser } = await operatorWithPasskey(t, freshEmail());
    const { text, headers } = await browser.get('/step-up');
    const [, source = '', nonce] = /<script src="(\/assets\/passkey-\w+\.js)" nonce="([^"]+)"/.exec(text) ?? [];
    expect(headers.get('Content-Security-Policy')).toContain(`script-src 'nonce-${nonce}'`);
    expect((await browser.get(source)).text).toContain('navigator.credentials.get');
    expect(text).toContain('needs JavaScript');
    expect((await browser.get('/ledger')).text).not.toContain('/assets/passkey-');
  });
});

describe('what moves money, or says who gets it', () => {
  const guarded = catalogue.filter(({ access }) => access !== 'public' && access.stepUp);

  it('asks an operator for a passkey, and does nothing without', async () => {
    const { browser, authenticator } = await operatorWithPasskey(t, freshEmail());
    const operation = named('write_balance_off');
    const input = await exampleOf(operation).input(await staffStage(t));
    const writtenOff = () => sql(t, "select kind from frontdesk.entries where kind = 'balance.written_off'");
    const before = await writtenOff();
    expect(await asSignedIn(browser, operation, input)).toMatchObject({ ok: false, refusal: { code: 'challenge.required' } });
    expect(await writtenOff()).toEqual(before);
    await stepUp(browser, authenticator);
    expect(await asSignedIn(browser, operation, input)).toMatchObject({ ok: true });
    expect(await writtenOff()).toHaveLength(before.length + 1);
    t.advance(10 * minutes + 1);
    const again = await asSignedIn(browser, operation, { ...input, amount_minor: 1 });
    expect(again).toMatchObject({ ok: false, refusal: { code: 'challenge.required' } });
  });

  it('is this list, and whoever lets others in or gives them keys stands on it too', () => {
    expect(guarded.map(({ name }) => name).sort()).toEqual([
      ...['confirm_reward', 'create_api_key', 'create_payout_link', 'decide_dispute', 'decide_domain_conflict', 'decide_organization_join'],
      ...['decide_partner_application', 'discard_effect', 'invite_person', 'link_organization_customer', 'release_referral_hold'],
      ...['remove_person', 'retry_effect', 'reverse_reward', 'rotate_api_key', 'update_person', 'write_balance_off'],
    ]);
  });

  it('asks before anything else is looked at, whichever it is', async () => {
    const browser = await operatorBrowser(t, freshEmail());
    for (const operation of guarded) {
      expect(await asSignedIn(browser, operation, {}), operation.name).toMatchObject({ refusal: { code: 'challenge.required' } });
    }
  });

  it('asks no back end', async () => {
    const stage = await staffStage(t);
    const input = await exampleOf(named('write_balance_off')).input(stage);
    const { organization_id, ...body } = input;
    const { status } = await t.send('POST', `/v1/organizations/${organization_id}/write-off`, { key: stage.key, body });
    expect(status).toBe(200);
  });
});
