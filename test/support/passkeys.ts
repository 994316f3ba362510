/** What the script of our pages does, without a browser: takes the options from the page, asks the authenticator, sends the form. */
import { type Authenticator, openAuthenticator, type Twist } from './authenticator.ts';
import { type Browser, openBrowser, operatorBrowser, type Page } from './browser.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface Asked {
  readonly options: string;
  readonly kept: string;
}

/** What a page with a passkey's form asks for; null where there is no such form. */
export function askedBy({ text }: Page): Asked | null {
  const [, options] = / data-options="([^"]*)"/.exec(text) ?? [];
  const [, kept] = / name="kept" value="([^"]*)"/.exec(text) ?? [];
  return options === undefined || kept === undefined ? null : { options: options.replaceAll('&quot;', '"'), kept };
}

async function asked(browser: Browser, path: string): Promise<Asked> {
  const found = askedBy(await browser.get(path));
  if (!found) throw new Error(`${path} asks for no passkey`);
  return found;
}

export const askToAdd = (browser: Browser) => asked(browser, '/account/passkeys');
export const askToStepUp = (browser: Browser, next = '/ledger') => asked(browser, `/step-up?next=${encodeURIComponent(next)}`);

export async function addPasskey(browser: Browser, authenticator: Authenticator, twist?: Twist): Promise<Page> {
  const { options, kept } = await askToAdd(browser);
  return browser.post('/account/passkeys', { kept, answer: await authenticator.create(options, twist) });
}

export async function stepUp(browser: Browser, authenticator: Authenticator, twist?: Twist, next?: string): Promise<Page> {
  const { options, kept } = await askToStepUp(browser, next);
  return browser.post('/step-up', { kept, next: next ?? '/ledger', answer: await authenticator.get(options, twist) });
}

/** An operator who has just signed in and added a passkey. */
export async function operatorWithPasskey(t: TestWorld, email: string): Promise<{ browser: Browser; authenticator: Authenticator }> {
  const browser = await operatorBrowser(t, email);
  const authenticator = await openAuthenticator();
  const { status } = await addPasskey(browser, authenticator);
  if (status !== 303) throw new Error(`adding a passkey answered ${status}`);
  return { browser, authenticator };
}

/** The same cookies in another place. */
export function copyOf(t: TestWorld, browser: Browser): Browser {
  const copy = openBrowser(t, { host: demoHost, from: '198.51.100.99' });
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}
