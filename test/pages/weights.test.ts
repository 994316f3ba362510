import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { freshDomain, stageOf } from '../support/examples.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;

beforeAll(async () => {
  t = await openTestWorld();
  const acme = await stageOf(t);
  for (let batch = 0; batch < 3; batch++) {
    const referrals = Array.from({ length: 20 }, (_, n) => ({
      prospect: { name: `Prospect number ${batch * 20 + n} of somewhere`, domain: freshDomain() },
    }));
    await t.send('POST', '/v1/referrals/batch', { key: acme.key, body: { referrals } });
  }
});

const zipped = (text: string): number => gzipSync(text, { level: 9 }).byteLength;
const asset = (name: string): number => zipped(readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8'));

describe('what a browser loads', () => {
  it('has at most 8 KB of styles and 20 KB of scripts', () => {
    const [css, js] = [asset('frontdesk.css'), asset('htmx.js') + asset('frontdesk.js')];
    console.info(`styles ${css} bytes, scripts ${js}, and ${asset('verify.js')} to verify with`);
    expect(css).toBeLessThanOrEqual(8000);
    expect(js).toBeLessThanOrEqual(20_000);
  });

  it('has at most 8 KB of HTML for fifty rows', async () => {
    const { status, text } = await (await roleBrowser(t, 'operator')).get('/ledger/referrals?limit=50');
    console.info(`fifty rows: ${zipped(text)} bytes`);
    expect([status, [...text.matchAll(/<tr>/g)].length]).toEqual([200, 51]);
    expect(zipped(text)).toBeLessThanOrEqual(8000);
  });

  it('comes under names that change with it, to be kept for ever', async () => {
    const page = await (await roleBrowser(t, 'operator')).get('/ledger/settings');
    const addresses = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, address = '']) => address);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) {
      const { status, headers } = await openBrowser(t).get(address);
      expect([status, headers.get('Cache-Control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    expect((await openBrowser(t).get('/assets/frontdesk-000000000000.css')).status).toBe(404);
  });
});

describe('what a page costs', () => {
  it.each(['/ledger', '/ledger/referrals?limit=50', '/ledger/rewards', '/ledger/organizations', '/ledger/workspaces'])(
    '%s takes at most two round trips to the database',
    async (address) => {
      const browser = await roleBrowser(t, 'operator');
      const before = t.roundTrips();
      expect((await browser.get(address)).status).toBe(200);
      expect(t.roundTrips() - before).toBeLessThanOrEqual(2);
    },
  );
});
