import { generateKeyPair } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, openBrowser, person } from '../support/browser.ts';
import { type OidcProvider, openOidcProvider } from '../support/oidc-provider.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let provider: OidcProvider;
let made = 0;
beforeAll(async () => {
  let world: TestWorld | undefined;
  provider = await openOidcProvider(() => world?.world.deps.now() ?? new Date());
  t = await openTestWorld({ oidc: provider.settings, fetchOutside: provider.fetch });
  world = t;
});
beforeEach(() => {
  made += 1;
  provider.told = {};
  provider.userinfo = null;
  provider.subject = { sub: `subject-${made}`, email: `ada-${made}@example.com`, email_verified: true };
});
const email = () => `ada-${made}@example.com`;
const browse = () => openBrowser(t, { from: `198.51.${made}.7` });
const isSignedIn = async (browser: Browser) => (await browser.get('/ledger')).status === 200;

/** Leaves for the provider, signs in there and comes back with what it says, changed by `change`. */
async function signIn(browser: Browser, change: (answer: URLSearchParams) => void = () => undefined) {
  const { location } = await browser.get('/login/oidc?next=/docs');
  const answer = new URLSearchParams(provider.authorize(location ?? ''));
  change(answer);
  return browser.get(`/login/oidc/callback?${answer}`, { 'Sec-Fetch-Site': 'cross-site' });
}

describe('at the provider of a company', () => {
  it('a person who was invited signs in, and is known by their subject from then on', async () => {
    await person(t, email());
    const first = browse();
    expect(await signIn(first)).toMatchObject({ status: 303, location: '/docs' });
    expect(await isSignedIn(first)).toBe(true);
    provider.subject = { sub: `subject-${made}`, email: 'moved@example.com', email_verified: true };
    expect((await signIn(browse())).status).toBe(303);
    // The address alone, once somebody is bound to it, is nobody's.
    provider.subject = { sub: 'somebody else', email: email(), email_verified: true };
    expect((await signIn(browse())).status).toBe(403);
  });

  it('the address may be told only when it is asked for', async () => {
    await person(t, email());
    provider.subject = { sub: `subject-${made}` };
    provider.userinfo = { email: email(), email_verified: true };
    expect((await signIn(browse())).status).toBe(303);
  });

  it('who is not known is told how to become so, and signed in nowhere', async () => {
    const browser = browse();
    const { status, text } = await signIn(browser);
    expect(status).toBe(403);
    expect(text).toContain('/partners/apply');
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('an address that it did not verify is none', async () => {
    await person(t, email());
    provider.subject = { ...provider.subject, email_verified: false };
    expect((await signIn(browse())).status).toBe(403);
  });

  it('who was removed stays out, bound or not', async () => {
    await person(t, email());
    expect((await signIn(browse())).status).toBe(303);
    await sql(t, `update frontdesk.people set state = 'removed' where email = '${email()}'`);
    expect((await signIn(browse())).status).toBe(403);
  });
});

describe('what does not hold signs nobody in', () => {
  const wrong: Record<string, () => Promise<OidcProvider['told']> | OidcProvider['told']> = {
    'a wrong nonce': () => ({ claims: { nonce: 'another' } }),
    'no nonce': () => ({ claims: { nonce: undefined } }),
    'another audience': () => ({ claims: { aud: 'another-client' } }),
    'another issuer': () => ({ claims: { iss: 'https://evil.example' } }),
    'an expired token': () => ({ claims: { exp: Math.floor(t.world.deps.now().getTime() / 1000) - 60 } }),
    'another signature': async () => ({ key: (await generateKeyPair('RS256')).privateKey }),
  };
  it.each(Object.keys(wrong))('%s', async (name) => {
    await person(t, email());
    provider.told = (await wrong[name]?.()) ?? {};
    const browser = browse();
    expect((await signIn(browser)).status).toBe(400);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it.each(['state', 'iss', 'code'])('an answer with another %s', async (name) => {
    await person(t, email());
    expect((await signIn(browse(), (answer) => answer.set(name, 'https://evil.example'))).status).toBe(400);
  });

  it('an answer without the issuer, which this provider always says', async () => {
    await person(t, email());
    expect((await signIn(browse(), (answer) => answer.delete('iss'))).status).toBe(400);
  });

  it('an answer in another browser than the one that left', async () => {
    await person(t, email());
    const { location } = await browse().get('/login/oidc');
    const victim = browse();
    const answer = provider.authorize(location ?? '');
    expect((await victim.get(`/login/oidc/callback?${answer}`)).status).toBe(400);
    await victim.get('/login/oidc');
    expect((await victim.get(`/login/oidc/callback?${answer}`)).status).toBe(400);
    expect(await isSignedIn(victim)).toBe(false);
  });

  it('an answer that comes again, for which the provider is not asked again', async () => {
    await person(t, email());
    const browser = browse();
    const { location } = await browser.get('/login/oidc');
    const kept = browser.cookies.get('__Host-fd_oidc') ?? '';
    const answer = provider.authorize(location ?? '');
    expect((await browser.get(`/login/oidc/callback?${answer}`)).status).toBe(303);
    browser.cookies.set('__Host-fd_oidc', kept);
    const before = provider.redeemed;
    expect((await browser.get(`/login/oidc/callback?${answer}`)).status).toBe(400);
    expect(provider.redeemed).toBe(before);
  });

  it('an answer after ten minutes', async () => {
    await person(t, email());
    expect((await signIn(browse(), () => t.advance(601_000))).status).toBe(400);
  });

  it('a provider that does not answer, which is said as it is', async () => {
    await person(t, email());
    const { status, headers } = await signIn(browse(), () => {
      provider.told = { down: true };
    });
    expect(status).toBe(503);
    expect(headers.get('Retry-After')).toBe('30');
  });

  it('a provider that cannot be found, which is asked by one of many at once, and not again within 30 seconds', async () => {
    t.advance(600_000);
    const leave = async () => (await openBrowser(t, { from: `198.52.${++made}.7` }).get('/login/oidc')).status;
    const before = provider.asked;
    provider.told = { down: true };
    expect(await Promise.all([leave(), leave(), leave()])).toEqual([503, 503, 503]);
    expect(provider.asked - before).toBe(1);
    provider.told = {};
    expect(await leave()).toBe(503);
    t.advance(30_000);
    expect(await Promise.all([leave(), leave()])).toEqual([303, 303]);
    expect(provider.asked - before).toBe(2);
  });
});
