import { beforeAll, describe, expect, it } from 'vitest';
import { agentScopes } from '../../src/domain/scopes.ts';
import { ledgerPages } from '../../src/web/ledger/pages.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { freshDomain, type Stage } from '../support/examples.ts';
import { texts } from '../support/hostile.ts';
import { pageAddress } from '../support/page-address.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

const markup = '"><script>alert(45)</script><img src=x onerror=alert(45)><a href="javascript:alert(45)">';
const hostile = [markup, "'-alert(45)-'", '=HYPERLINK("https://attacker.example","go")', 'harm\u202eless', ...Object.values(texts)];

let t: TestWorld;
let acme: Stage;
let operator: Browser;

beforeAll(async () => {
  t = await openTestWorld();
  // Everything that a stranger or a partner can name is named as badly as it can be.
  acme = {
    t,
    host: 'localhost',
    key: await t.key({ organization: { domain: freshDomain(), name: markup }, agentName: 'attacker', scopes: agentScopes }),
  };
  for (const text of hostile) {
    const name = text.slice(0, 120);
    const recorded = await t.send('POST', '/v1/referrals', {
      key: acme.key,
      body: { prospect: { name, domain: freshDomain() }, note: text.slice(0, 280) },
    });
    if (recorded.status !== 201) continue;
    await t.send('POST', '/v1/disputes', { key: acme.key, body: { referral_id: recorded.body.referral.id, claim: text.slice(0, 2000) } });
    await t.send('POST', '/v1/workspaces/provision', { key: acme.key, body: { prospect: { name, domain: freshDomain() } } });
    await openBrowser(t, { from: `10.9.8.${hostile.indexOf(text)}` }).post('/partners/apply', {
      email: `someone@${freshDomain()}`,
      organization_name: name,
      note: text.slice(0, 500),
    });
  }
  operator = await roleBrowser(t, 'operator');
});

describe.each(ledgerPages.map((page) => [page.path, page] as const))('(45) %s', (_, page) => {
  it('shows what strangers wrote as text, and runs nothing but our scripts, by a nonce of this answer', async () => {
    const { status, text, headers } = await operator.get(await pageAddress(page, acme));
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script>|<img|alert\(45\)<|javascript:alert\(45\)">/i);
    expect([...text.matchAll(/<[a-z][^>]*\son\w+=/gi)]).toEqual([]);
    expect([...text.matchAll(/<[a-z][^>]*\sstyle=/gi)]).toEqual([]);
    const policy = headers.get('Content-Security-Policy') ?? '';
    const nonce = /script-src 'nonce-([\w=-]{20,})'/.exec(policy)?.[1];
    const scripts = [...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`) || !tag.includes('src="/assets/'))).toEqual([]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    // Letters that turn the direction of what stands around them are kept to themselves.
    expect(text.replace(/<bdi>[^<]*<\/bdi>/g, '').replace(/<pre[\s\S]*?<\/pre>/g, '')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  });
});

it('(45) a nonce is of one answer', async () => {
  const policies = [await operator.get('/ledger'), await operator.get('/ledger')].map(({ headers }) =>
    headers.get('Content-Security-Policy'),
  );
  expect(policies[0]).not.toBe(policies[1]);
});

it.each(['csv', 'ndjson'])('(45) the export of referrals as %s holds no formula and no line of its own', async (form) => {
  const { status, text } = await operator.get(`/ledger/exports/referrals.${form}`);
  expect(status).toBe(200);
  const lines = text.trimEnd().split(/\r?\n/);
  if (form === 'ndjson') for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  else for (const cell of text.split(/,|\r\n/)) expect(cell).not.toMatch(/^"?\s*[=+@\t]/);
});
