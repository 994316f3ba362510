import { beforeAll, describe, expect, it } from 'vitest';
import { inviteOperator } from '../../src/admin/invite-operator.ts';
import { formatSecret } from '../../src/domain/secret.ts';
import { type Browser, mailedPath, openBrowser, operatorBrowser, person } from '../support/browser.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let made = 0;
beforeAll(async () => {
  t = await openTestWorld();
});
const browse = (): Browser => openBrowser(t, { from: `203.0.${++made}.9` });
const isSignedIn = async (browser: Browser) => (await browser.get('/ledger')).status === 200;

async function invitation(email = 'ops@example.com'): Promise<string> {
  const invited = await inviteOperator(t.world.admin, { host: demoHost, email });
  if (!invited.ok) throw new Error(invited.code);
  return new URL(invited.value.url).pathname;
}

describe('(46) what another site makes a browser post', () => {
  const evil = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
  const forged: readonly [string, Record<string, string | null>][] = [
    ['a form of another site', evil],
    ['a form of another site, by an old browser', { ...evil, 'Sec-Fetch-Site': null }],
    ['a form of a sibling host', { Origin: 'http://other.localhost', 'Sec-Fetch-Site': 'same-site' }],
    ['a form of another port', { Origin: 'http://localhost:4000', 'Sec-Fetch-Site': 'same-site' }],
    ['text/plain', { ...evil, 'Content-Type': 'text/plain' }],
    ['JSON', { ...evil, 'Content-Type': 'application/json' }],
    ['neither Origin nor Sec-Fetch-Site', { Origin: null, 'Sec-Fetch-Site': null }],
    ['an opaque Origin by an old browser', { Origin: 'null', 'Sec-Fetch-Site': null }],
    ['an opaque Origin from a sandboxed frame', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
    ['no Origin, from the address bar', { Origin: null, 'Sec-Fetch-Site': 'none' }],
  ];
  it.each(forged)('(46) %s changes nothing', async (_, headers) => {
    const browser = await operatorBrowser(t);
    expect((await browser.post('/logout', {}, headers)).status).toBe(403);
    expect(await isSignedIn(browser)).toBe(true);
    expect((await browse().post(await invitation(), {}, headers)).status).toBe(403);
  });

  it.each(['text/plain', 'application/json', 'multipart/form-data; boundary=x'])(
    '(46) %s is no form, wherever it is from',
    async (type) => {
      const browser = await operatorBrowser(t);
      expect((await browser.post('/logout', {}, { 'Content-Type': type })).status).toBe(415);
      expect(await isSignedIn(browser)).toBe(true);
    },
  );

  it('(46) a page of ours that sends no referrer, and so an opaque Origin, is believed', async () => {
    const browser = await operatorBrowser(t);
    expect((await browser.post('/logout', {}, { Origin: 'null' })).status).toBe(200);
  });

  it('(46) no page may be read across origins, or framed', async () => {
    const { headers } = await browse().get('/login');
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    expect(headers.get('Content-Security-Policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  });
});

describe('(47) sessions and links', () => {
  it('(47) a session that was planted before is not the one that signs in, and ends', async () => {
    const victim = browse();
    const attacker = await operatorBrowser(t, 'attacker@example.com');
    const planted = attacker.cookies.get('__Host-fd_session') ?? '';
    victim.cookies.set('__Host-fd_session', planted);
    await victim.post(await invitation('victim@example.com'));
    expect(victim.cookies.get('__Host-fd_session')).not.toBe(planted);
    expect(await isSignedIn(victim)).toBe(true);
    expect(await isSignedIn(attacker)).toBe(false);
  });

  it('(47) a made-up session is nobody’s, also in the right form', async () => {
    const browser = browse();
    for (const secret of ['1', formatSecret('ses', 'dev', new Uint8Array(32)), formatSecret('key', 'dev', new Uint8Array(32))]) {
      browser.cookies.set('__Host-fd_session', secret);
      expect(await isSignedIn(browser)).toBe(false);
    }
  });

  it('(47) every cookie is bound to the host, closed to scripts and to other sites', async () => {
    const browser = browse();
    const set = [
      ...(await browser.post('/login', { email: 'a@example.com' })).setCookies,
      ...(await browser.post(await invitation())).setCookies,
    ];
    expect(set.length).toBeGreaterThan(3);
    for (const cookie of set) expect(cookie).toMatch(/^__Host-fd_\w+=[^;]*; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$/);
  });

  it('(47) a link signs in once: of two parallel uses exactly one wins', async () => {
    const path = await invitation();
    const statuses = await Promise.all([browse(), browse(), browse()].map(async (browser) => (await browser.post(path)).status));
    expect(statuses.toSorted()).toEqual([303, 404, 404]);
  });

  it('(47) a scanner that follows a link, as often as it likes, uses nothing up', async () => {
    const path = await invitation();
    for (let n = 0; n < 3; n++) {
      const looked = await browse().get(path);
      expect(looked.status).toBe(200);
      expect(looked.setCookies).toEqual([]);
      expect(looked.headers.get('Referrer-Policy')).toBe('no-referrer');
    }
    expect((await browse().post(path)).status).toBe(303);
  });

  it('(47) a mail that was intercepted signs nobody in, in no other browser', async () => {
    await person(t, 'ada@example.com');
    const ada = browse();
    await ada.post('/login', { email: 'ada@example.com' });
    const path = await mailedPath(t, 'ada@example.com');
    const thief = browse();
    expect((await thief.get(path)).status).toBe(403);
    expect((await thief.post(path)).status).toBe(403);
    // Not even where a link was asked for there, for another person.
    await thief.post('/login', { email: 'mallory@example.com' });
    expect((await thief.post(path)).status).toBe(403);
    expect((await ada.post(path)).status).toBe(303);
  });

  it('(47) links that were never made, or for another host, look like used ones', async () => {
    const made = await browse().get(`/login/${'A'.repeat(43)}`);
    const short = await browse().get('/login/x');
    const elsewhere = await openBrowser(t, { host: 'quayside.test', origin: 'https://quayside.test', from: '203.0.200.1' }).get(
      await invitation(),
    );
    expect([made.status, short.status, elsewhere.status]).toEqual([404, 404, 404]);
    expect(made.text).toContain('does not work any more');
  });

  it('(47) what an Authorization header says is not looked at by pages', async () => {
    const key = await t.key();
    expect((await browse().get('/ledger', { Authorization: `Bearer ${key}` })).status).toBe(303);
    const browser = await operatorBrowser(t);
    expect((await browser.get('/ledger', { Authorization: 'Bearer nonsense' })).status).toBe(200);
  });

  it('(47) a cookie is not looked at by the API', async () => {
    const browser = await operatorBrowser(t);
    const session = browser.cookies.get('__Host-fd_session') ?? '';
    expect((await t.send('GET', '/v1/referrals', { headers: { Cookie: `__Host-fd_session=${session}` } })).status).toBe(401);
    expect((await t.send('GET', '/v1/referrals', { key: session })).status).toBe(401);
  });

  it('(47) text of a stranger in a page is text', async () => {
    const { text } = await browse().get(`/login?next=${encodeURIComponent('/a?"><script>alert(1)</script>')}`);
    expect(text).not.toMatch(/<script>|alert\(1\)</);
  });
});
