/** A running server with the demo's history, and every address of its pages. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { ledgerPages } from '../../src/web/ledger/pages.ts';
import { startEmbedded } from './embedded-server.ts';

export interface LedgerSite {
  readonly origin: string;
  /** A key of an organization that refers. */
  readonly key: string;
  /** Signs the operator of the demo in. Its link works once: the others of this site get the cookies of the first. */
  signIn(context: BrowserContext): Promise<void>;
  /** An address for each page of the ledger, one that has something to show, and for each page beside it. */
  addresses(context: BrowserContext): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function openLedgerSite(port: number): Promise<LedgerSite> {
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-pages-'));
  const server = await startEmbedded(folder, port, 'history');
  const demo = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) as {
    ledger_login_url: string;
    organizations: { api_key: string }[];
  };
  let first: BrowserContext | null = null;
  let found: readonly string[] | null = null;
  return {
    origin: server.origin,
    key: demo.organizations[0]?.api_key ?? '',
    async signIn(context) {
      if (first === null) {
        const page = await context.newPage();
        await page.goto(demo.ledger_login_url);
        await page.getByRole('button').click();
        await page.waitForURL(/\/ledger$/);
        await page.close();
        first = context;
      } else await context.addCookies(await first.cookies());
    },
    async addresses(context) {
      found ??= [...(await ledgerAddresses(context, server.origin)), ...(await otherAddresses(server.origin))];
      return found;
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Pages whose addresses have no parts to fill in, and then those to which their links lead. */
async function ledgerAddresses(context: BrowserContext, origin: string): Promise<readonly string[]> {
  const page = await context.newPage();
  const [plain, filled] = [ledgerPages.filter(({ path }) => !path.includes('{')), ledgerPages.filter(({ path }) => path.includes('{'))];
  const links = new Set<string>();
  for (const { path } of plain) {
    await page.goto(origin + path);
    const hrefs = await page.locator('main a[href]').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
    for (const href of hrefs) links.add(new URL(href, origin).pathname);
  }
  await page.close();
  const first = ({ path }: { readonly path: string }) => {
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[a-z]+_[0-9a-z]{26}')}$`);
    const address = [...links].find((link) => pattern.test(link));
    if (address === undefined) throw new Error(`no page links to ${path}`);
    return address;
  };
  return [...plain.map(({ path }) => path), ...filled.map(first)];
}

/** Beside the ledger: where one signs in, applies, takes over, reads, or finds nothing. */
async function otherAddresses(origin: string): Promise<readonly string[]> {
  const answer = await fetch(`${origin}/v1/workspaces/provision`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
    body: JSON.stringify({ prospect: { name: 'Harbour Lights', domain: 'harbour-lights.example' } }),
  });
  const { claim } = (await answer.json()) as { claim: { url: string } };
  return [
    new URL(claim.url).pathname,
    ...['/claim/fd_clm_dev_nothing', '/login', '/login/nothing', '/partners/apply', '/link', '/account/passkeys', '/step-up'],
    ...['/docs', '/docs/failures/terms.changed', '/ledger/nothing', '/ledger/referrals?from=never'],
  ];
}
