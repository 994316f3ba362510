import AxeBuilder from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { type LedgerSite, openLedgerSite } from '../support/ledger-site.ts';

if (chromiumPath === null)
  console.warn('There is no Chromium here: what pages look like in one is not tested. CHROMIUM_PATH says where it is.');

const views = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 320 },
  { colorScheme: 'dark', width: 320 },
] as const;

describe.runIf(chromiumPath !== null)('in Chromium', () => {
  let site: LedgerSite;
  let browser: Browser;
  let operator: BrowserContext;
  let page: Page;
  let addresses: readonly string[];
  const complaints: string[] = [];

  beforeAll(async () => {
    [site, browser] = await Promise.all([openLedgerSite(8797), launchChromium()]);
    operator = await browser.newContext();
    await site.signIn(operator);
    addresses = await site.addresses(operator);
    page = await operator.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(`${page.url()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on('request', (request) => new URL(request.url()).origin !== site.origin && complaints.push(`asks ${request.url()}`));
    await page.addInitScript({ content: AxeBuilder.source });
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  it('a dispute is reviewed and decided by keyboard alone, with a passkey', async () => {
    const walk = await operator.newPage();
    const session = await operator.newCDPSession(walk);
    await session.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    } as const;
    await session.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } });
    await walk.goto(`${site.origin}/account/passkeys`);
    await tabTo(walk, 'form[data-passkey="create"] button');
    await walk.keyboard.press('Enter');
    await walk.waitForSelector('form[action="/account/passkeys/remove"]');

    await walk.goto(`${site.origin}/ledger`);
    await tabTo(walk, 'a[href="/ledger/review"]');
    await walk.keyboard.press('Enter');
    await walk.waitForURL(/\/ledger\/review$/);
    await tabTo(walk, 'main select[name="kind"]');
    await walk.keyboard.press('d');
    await walk.keyboard.press('Tab');
    await walk.keyboard.press('Enter');
    await walk.waitForURL(/kind=dispute/);
    await walk.keyboard.press('j');
    await walk.keyboard.press('Enter');
    await walk.waitForURL(/\/ledger\/review\/dsp_/);
    await tabTo(walk, 'a[href*="decide=denied"]');
    await walk.keyboard.press('Enter');
    await walk.waitForURL(/decide=denied/);
    await tabTo(walk, 'main a[href^="/step-up"]');
    await walk.keyboard.press('Enter');
    await walk.waitForURL(/\/step-up/);
    await tabTo(walk, 'form[data-passkey="get"] button');
    await walk.keyboard.press('Enter');
    await walk.waitForURL(/decide=denied/);
    await tabTo(walk, 'select[name="reason"]');
    await walk.keyboard.press('ArrowDown');
    await tabTo(walk, 'input[name="read"]');
    await walk.keyboard.press('Space');
    await tabTo(walk, 'form[action$="/decide"] button');
    await walk.keyboard.press('Enter');
    await walk.waitForSelector('main .said[role="status"]');
    expect(new URL(walk.url()).pathname).toBe('/ledger/review');
    await walk.close();
  }, 180_000);

  it('the live strip shows a new referral within two seconds, and after a lost connection what came meanwhile, once', async () => {
    const watching = await operator.newPage();
    await watching.goto(`${site.origin}/ledger`);
    await watching.waitForSelector('#live li');
    const told = async (id: string) => watching.locator(`#live a[href="/ledger/referrals/${id}"]`).count();
    const began = Date.now();
    const first = await refer(site, 'first-light.example');
    await watching.waitForSelector(`#live a[href="/ledger/referrals/${first}"]`, { timeout: 10_000 });
    console.info(`told ${Date.now() - began} ms after the call was sent`);
    await operator.setOffline(true);
    const second = await refer(site, 'second-light.example');
    expect(await told(second)).toBe(0);
    await operator.setOffline(false);
    await watching.waitForSelector(`#live a[href="/ledger/referrals/${second}"]`, { timeout: 90_000 });
    const ids = await watching.locator('#live li').evaluateAll((items) => items.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    await watching.close();
  }, 180_000);

  it('every page is accessible (WCAG 2.2 AA), light and dark, at 320 and 1280 pixels, and asks nobody else for anything', async () => {
    const violations: string[] = [];
    for (const address of addresses) {
      await page.goto(site.origin + address, { waitUntil: 'domcontentloaded' });
      for (const { colorScheme, width } of views) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        for (const found of await violationsOf(page)) violations.push(`${address} ${colorScheme} ${width}: ${found}`);
      }
    }
    expect(violations).toEqual([]);
    // A page that is refused is one all the same; that its status is an error, the browser says by itself.
    expect(complaints.filter((one) => !/Failed to load resource/.test(one))).toEqual([]);
  }, 600_000);

  it('every page says the same without script', async () => {
    const without = await browser.newContext({ javaScriptEnabled: false });
    await site.signIn(without);
    const plain = await without.newPage();
    const missing: string[] = [];
    for (const address of addresses) {
      await plain.goto(site.origin + address);
      await page.goto(site.origin + address, { waitUntil: 'domcontentloaded' });
      const [bare, scripted] = [await saidOn(plain), await saidOn(page)];
      if (bare.heading !== scripted.heading || bare.rows !== scripted.rows || bare.heading === '') missing.push(address);
      if (bare.dead > 0) missing.push(`${address}: ${bare.dead} controls that need a script`);
    }
    await without.close();
    expect(missing).toEqual([]);
  }, 300_000);
});

/** Goes on with Tab until what has the focus is that. Throws where no Tab leads there. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let n = 0; n < 250; n++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`no Tab leads to ${selector} on ${page.url()}`);
}

async function refer({ origin, key }: LedgerSite, domain: string): Promise<string> {
  const answer = await fetch(`${origin}/v1/referrals`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), Authorization: `Bearer ${key}` },
    body: JSON.stringify({ prospect: { name: 'A company', domain } }),
  });
  const { referral } = (await answer.json()) as { referral: { id: string } };
  return referral.id;
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds, with the page's own width: at 320 pixels nothing but a table may be scrolled sideways (WCAG 1.4.10). */
async function violationsOf(page: Page): Promise<string[]> {
  return page.evaluate(async (values) => {
    const { axe } = window as unknown as { axe: { run: (context: unknown, options: unknown) => Promise<AxeResults> } };
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
    const wide = document.documentElement.scrollWidth > window.innerWidth ? [`is ${document.documentElement.scrollWidth} pixels wide`] : [];
    return [...violations.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.target} ${nodes[0]?.html.slice(0, 160)}`), ...wide];
  }, rules);
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly target: unknown; readonly html: string }[] }[];
}

/** What a page says, as far as it must be the same for everybody. */
async function saidOn(page: Page): Promise<{ heading: string; rows: number; dead: number }> {
  return {
    heading: (await page.locator('h1').first().textContent()) ?? '',
    rows: await page.locator('main tbody tr').count(),
    // Buttons beside forms do nothing by themselves.
    dead: await page.locator('main button:not(form button):visible').count(),
  };
}
