import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { formatSecret } from '../../src/domain/secret.ts';
import { freshAddress, freshDomain, freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type Sent, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});

const provision = (more: object = {}) => made201(acme, '/v1/workspaces/provision', { prospect: freshProspect(), seed_rows: 2, ...more });
const pathOf = (made: { claim: { url: string } }) => new URL(made.claim.url).pathname;

describe('a claim link', () => {
  it('shows what the workspace is, and changes nothing, however often it is read', async () => {
    const made = await provision();
    expect(made.claim).toEqual({
      url: expect.stringMatching(/^http:\/\/localhost\/claim\/fd_clm_dev_\w+$/),
      user_code: expect.stringMatching(/^[B-Z2-9]{4}-[B-Z2-9]{4}$/),
      expires_at: made.workspace.expires_at,
    });
    const before = await contentsOf(t);
    for (let i = 0; i < 3; i++) {
      const page = await t.send('GET', pathOf(made));
      expect([page.status, page.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8']);
      for (const shown of ['active', 'Northwind Freight', 'account, contact, deal', '6 rows', 'LedgerBridge'])
        expect(page.text).toContain(shown);
      expect(page.text).not.toContain(made.claim.user_code);
      expect(page.text).not.toContain(made.credentials.api_key);
    }
    expect((await t.send('HEAD', pathOf(made))).status).toBe(200);
    expect(await contentsOf(t)).toEqual(before);
  });

  it('shows what a stranger wrote as text, never as markup, and without what cannot be seen', async () => {
    const made = await provision({ prospect: { name: `<img src=x onerror=alert(1)>"'&\u202Eevil\u200B\u{E0041}`, domain: freshDomain() } });
    const { text, headers } = await t.send('GET', pathOf(made));
    const shown = '&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;evil';
    expect(text).toContain(shown);
    expect(text.replace(shown, '')).not.toMatch(/<img|\son\w+=|src="(?!\/assets\/)|alert|[\u202E\u200B]|\u{E0041}/u);
    expect(headers.get('Content-Security-Policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect([headers.get('Cache-Control'), headers.get('X-Robots-Tag'), headers.get('Referrer-Policy')]).toEqual([
      'private, no-store',
      'noindex',
      'no-referrer',
    ]);
  });

  it('looks the same whether the workspace expired or was revoked, the link was replaced, or never was', async () => {
    const [expired, revoked, replaced] = [await provision({ ttl_hours: 1 }), await provision(), await provision()];
    await made201(acme, `/v1/workspaces/${revoked.workspace.id}`, undefined, 'DELETE');
    await made201(acme, `/v1/workspaces/${replaced.workspace.id}/claim-link`, undefined);
    t.advance(3_600_000);
    const nobodys = `/claim/${formatSecret('clm', 'dev', new Uint8Array(32).fill(5))}`;
    const paths = [...[expired, revoked, replaced].map(pathOf), nobodys];
    const pages = await Promise.all(paths.map(async (path) => await t.send('GET', path)));
    expect(pages.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(new Set(pages.map(({ text }) => text.replaceAll(/nonce="[^"]+"/g, ''))).size).toBe(1);
  });

  it.each([
    ['nobody’s token', formatSecret('clm', 'dev', new Uint8Array(32).fill(3))],
    ['a token with a typo', 'fd_clm_dev_000000000000000000000000000000000000'],
    ['a workspace key', formatSecret('sbx', 'dev', new Uint8Array(32).fill(3))],
    ['nonsense', 'x'],
    ['markup', encodeURIComponent('<script>alert(1)</script>')],
    ['broken percent encoding', '%E0%A4%A'],
    ['a path', '..%2F..%2Fv1'],
  ])('that leads nowhere is a page that says so: %s', async (_, token) => {
    const { status, text, headers } = await t.send('GET', `/claim/${token}`);
    expect([status, headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(text).toContain('There is no workspace behind this link');
    expect(text).not.toContain('alert(1)');
  });

  it('is no credential: its token opens nothing of the API', async () => {
    const made = await provision();
    const token = pathOf(made).split('/').at(-1) ?? '';
    for (const path of [`/v1/workspaces/${made.workspace.id}`, '/v1/workspaces', '/v1/referrals'])
      expect([path, (await t.send('GET', path, { key: token })).status]).toEqual([path, 401]);
  });
});

const visits = async () => Number((await sql(t, 'select count(*)::int as n from frontdesk.link_visits'))[0]?.n);

describe('a referral link', () => {
  it('is recorded and leads to the vendor, who is told the code', async () => {
    const { code, url } = await made201(acme, '/v1/referral-tokens', {});
    expect(url).toBe(`http://localhost/r/${code}`);
    const before = await visits();
    const { status, headers, text } = await t.send('GET', `/r/${code}`);
    const [landing, touch] = (headers.get('Location') ?? '').split('&fd_touch=');
    expect([status, landing, text]).toEqual([302, `https://ledgerbridge.example/welcome?ref=${code}`, '']);
    expect(touch).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect([headers.get('Cache-Control'), headers.get('Referrer-Policy')]).toEqual(['private, no-store', 'no-referrer']);
    expect(await visits()).toBe(before + 1);
  });

  it('touches neither ledger nor referrals', async () => {
    const { code } = await made201(acme, '/v1/referral-tokens', {});
    const before = await contentsOf(t);
    await t.send('GET', `/r/${code}`);
    const after = await contentsOf(t);
    expect(Object.keys(after).filter((table) => after[table] !== before[table])).toEqual(['link_visits']);
  });

  it('looks at no credential', async () => {
    const { code } = await made201(acme, '/v1/referral-tokens', {});
    for (const key of [acme.key, 'nonsense']) expect((await t.send('GET', `/r/${code}`, { key })).status).toBe(302);
  });

  it.each([
    'AAAAAAAA',
    'short',
    'much-too-long-for-a-code',
    '%3Cscript%3E',
    '..%2f..%2f',
    '%E0%A4%A',
    encodeURIComponent('//evil.example'),
  ])('that nobody made is not found: %s', async (code) => {
    const before = await visits();
    const { status, body, headers } = await t.send('GET', `/r/${code}`);
    expect([status, body.code, headers.get('Location')]).toEqual([404, 'resource.not_found', null]);
    expect(await visits()).toBe(before);
  });

  it('that ran out is not found', async () => {
    const { code } = await made201(acme, '/v1/referral-tokens', { ttl_days: 1 });
    t.advance(86_400_000);
    expect((await t.send('GET', `/r/${code}`)).status).toBe(404);
  });

  it('leads a person on, uncounted, when too many follow links from there', async () => {
    const { code } = await made201(acme, '/v1/referral-tokens', {});
    const follow = () => t.send('GET', `/r/${code}`, { from: '203.0.113.50' });
    for (let i = 0; i < 60; i++) await follow();
    const before = await visits();
    const { status, headers } = await follow();
    expect([status, headers.get('Location')]).toEqual([302, `https://ledgerbridge.example/welcome?ref=${code}`]);
    expect(headers.get('Set-Cookie')).toBeNull();
    expect(await visits()).toBe(before);
  });
});

describe('what a visitor carries away from a referral link', () => {
  const touchOf = ({ headers }: Sent) => new URL(headers.get('Location') ?? '').searchParams.get('fd_touch') ?? '';
  const visitOf = async (touch: string, host = demoHost) => (await t.world.deps.desks.find(host))?.verifyTouch(touch, t.world.admin.now());
  const follow = async (host = demoHost, headers: Record<string, string> = {}) => {
    const stage = host === demoHost ? acme : await stageOf(t, { host });
    const { id, code } = await made201(stage, '/v1/referral-tokens', {});
    return { id, code, sent: await t.send('GET', `/r/${code}`, { host, headers, from: freshAddress() }) };
  };

  it('is a signed note of the visit, which the vendor can hand back for 30 days', async () => {
    const { id, sent } = await follow();
    const touch = touchOf(sent);
    const [stored] = await sql(t, 'select visit_id, created_at from frontdesk.link_visits where token_id = $1', [id]);
    const [known] = await sql(t, 'select organization_id from frontdesk.referral_tokens where token_id = $1', [id]);
    const visitedAt = new Date(Math.floor(Date.parse(String(stored?.created_at)) / 1000) * 1000);
    expect(await visitOf(touch)).toEqual({ visitId: stored?.visit_id, tokenId: id, organizationId: known?.organization_id, visitedAt });
    const header = JSON.parse(atob(touch.split('.')[0] ?? ''));
    expect(header).toEqual({ alg: 'HS256', kid: expect.any(String), typ: 'touch+jwt' });
    const desk = await t.world.deps.desks.find(demoHost);
    const inDays = (days: number) => new Date(visitedAt.getTime() + days * 86_400_000);
    expect(await desk?.verifyTouch(touch, new Date(inDays(30).getTime() - 1000))).not.toBeNull();
    expect(await desk?.verifyTouch(touch, inDays(30))).toBeNull();
  });

  it('is kept in a cookie that no script reads; over plain http it has no Secure prefix', async () => {
    const { sent } = await follow();
    const attributes = '; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax';
    expect(sent.headers.get('Set-Cookie')).toBe(`fd_touch=${touchOf(sent)}${attributes}`);
    const secure = (await follow(otherHost)).sent;
    expect(secure.headers.get('Set-Cookie')).toBe(`__Host-fd_touch=${touchOf(secure)}${attributes}; Secure`);
  });

  it('is replaced by the newer link, and both visits are kept', async () => {
    const first = await follow();
    const cookie = first.sent.headers.get('Set-Cookie')?.split(';')[0] ?? '';
    const before = await visits();
    const second = await follow(demoHost, { Cookie: cookie });
    expect((await visitOf(touchOf(second.sent)))?.tokenId).toBe(second.id);
    expect(second.sent.headers.get('Set-Cookie')).toContain(touchOf(second.sent));
    expect(await visits()).toBe(before + 1);
  });

  it('follows the link alone, whatever cookie a stranger made up', async () => {
    for (const cookie of ['fd_touch=x.y.z', `__Host-fd_touch=${'a'.repeat(5000)}`, 'fd_touch', '=;=;'])
      expect((await follow(demoHost, { Cookie: cookie })).sent.status).toBe(302);
  });

  it('is no referral token, and of no other vendor', async () => {
    const touch = touchOf((await follow()).sent);
    const desk = await t.world.deps.desks.find(demoHost);
    expect(await desk?.verifyReferralToken(touch, t.world.admin.now())).toBeNull();
    expect(await visitOf(touch, otherHost)).toBeNull();
  });

  it.each<[string, string, Record<string, string>]>([
    ['a HEAD request', 'HEAD', {}],
    ['a prefetch', 'GET', { 'Sec-Purpose': 'prefetch;prerender' }],
    ['a picture in somebody’s page', 'GET', { 'Sec-Fetch-Dest': 'image' }],
    ['a frame in somebody’s page', 'GET', { 'Sec-Fetch-Dest': 'iframe' }],
    ['a script', 'GET', { 'Sec-Fetch-Dest': 'empty' }],
  ])('is given to people only: %s is led on, uncounted', async (_, method, headers) => {
    const { code } = await made201(acme, '/v1/referral-tokens', {});
    const before = await contentsOf(t);
    const sent = await t.send(method, `/r/${code}`, { headers, from: freshAddress() });
    expect([sent.status, sent.headers.get('Location')]).toEqual([302, `https://ledgerbridge.example/welcome?ref=${code}`]);
    expect(sent.headers.get('Set-Cookie')).toBeNull();
    expect(await contentsOf(t)).toEqual(before);
  });

  it('is left out where the vendor has no key for it yet, and the visit kept', async () => {
    const older = await openTestWorld({ atEnd: onTestFinished });
    await sql(older, "update frontdesk.signing_keys set state = 'revoked' where purpose = 'touches'");
    await sql(older, 'update frontdesk.tenants set revision = revision + 1');
    const { code } = await made201(await stageOf(older), '/v1/referral-tokens', {});
    const sent = await older.send('GET', `/r/${code}`);
    expect([sent.status, touchOf(sent), sent.headers.get('Set-Cookie')]).toEqual([302, '', null]);
    expect((await sql(older, 'select count(*)::int as n from frontdesk.link_visits'))[0]?.n).toBe(1);
  });
});
