import { mkdirSync, writeFileSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../test/support/chromium.ts';
import { openLedgerSite } from '../test/support/ledger-site.ts';

/**
 * `npm run pictures`: what every page looks like, light and dark, from the demo's history, as docs/pictures/<page>-<theme>.webp. The first
 * of them is the picture of the README. Needs Chromium.
 */
async function main(): Promise<number> {
  if (chromiumPath === null) {
    console.error('There is no Chromium here. Install it, or say with CHROMIUM_PATH where it is.');
    return 1;
  }
  const site = await openLedgerSite(8796);
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    await site.signIn(context);
    const page = await context.newPage();
    mkdirSync(folder, { recursive: true });
    for (const address of await site.addresses(context)) {
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme });
        await page.goto(site.origin + address, { waitUntil: 'load' });
        const bytes = await picture(page);
        const name = `${nameOf(address)}-${theme}.webp`;
        writeFileSync(new URL(name, folder), bytes);
        console.log(`${String(Math.round(bytes.byteLength / 1000)).padStart(5)} KB  ${name}`);
      }
    }
    return 0;
  } finally {
    await browser.close();
    await site.stop();
  }
}

const folder = new URL('../docs/pictures/', import.meta.url);

/** `/ledger/referrals/ref_…` → `ledger-referrals-one`. */
function nameOf(address: string): string {
  const path = address.split('?')[0] ?? '';
  const asked = address.includes('?') ? '-refused' : '';
  const parts = path.split('/').filter((part) => part !== '');
  return (
    parts
      .map((part) => (/^[a-z]+_[0-9a-z]{26}$|^fd_clm_/.test(part) ? 'one' : part))
      .join('-')
      .replace(/[^\w-]+/g, '-') + asked
  );
}

/** As the browser itself makes it small (Chrome DevTools Protocol, Page.captureScreenshot). It cannot always at once: three times at most. */
async function picture(page: Page, attempt = 1): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  try {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 72 });
    return Buffer.from(data, 'base64');
  } catch (error) {
    if (attempt === 3) throw error;
    await page.waitForTimeout(300);
    return picture(page, attempt + 1);
  } finally {
    await session.detach();
  }
}

process.exitCode = await main();
