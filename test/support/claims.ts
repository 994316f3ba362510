/** A workspace that an agent opened for a company, and humans of that company in their browsers. */
import { type Browser, openBrowser } from './browser.ts';
import { freshDomain, type Stage } from './examples.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface Handed {
  readonly id: string;
  /** The key that the agent has. */
  readonly key: string;
  readonly domain: string;
  /** Of the claim page. */
  readonly path: string;
  readonly code: string;
  readonly referralId: string | null;
  /** The idempotency key that it was opened under, and the input. */
  readonly asked: { readonly idempotencyKey: string; readonly body: object };
}

/** Opens a workspace, as an agent of the stage or as nobody's. */
export async function handed(t: TestWorld, stage: Stage | null, more: { readonly domain?: string; readonly ttl_hours?: number } = {}) {
  const { domain = freshDomain(), ...rest } = more;
  const asked = { idempotencyKey: crypto.randomUUID(), body: { prospect: { name: 'Northwind Freight', domain }, seed_rows: 1, ...rest } };
  const sent = await t.send('POST', '/v1/workspaces/provision', { key: stage?.key ?? null, from: freshNetwork(), ...asked });
  if (sent.status !== 201) throw new Error(sent.text);
  const { workspace, credentials, claim, referral } = sent.body;
  const path = new URL(claim.url).pathname;
  const opened: Handed = {
    ...{ id: workspace.id, key: credentials.api_key, domain, path, code: claim.user_code, asked },
    referralId: referral?.id ?? null,
  };
  return opened;
}

/** The path in the newest mail to somebody that proves a mailbox. */
export async function proofPath(t: TestWorld, email: string): Promise<string> {
  await t.settle();
  const mail = t.inbox.letters.findLast(({ to }) => to === email);
  const path = /https?:\/\/[^/\s]+(\/claim\/mailbox\/\S+)/.exec(mail?.text ?? '')?.[1];
  if (path === undefined) throw new Error(`no mail to ${email}`);
  return path;
}

/** A browser of somebody at the company who has shown that, by mail. */
export async function provenHuman(t: TestWorld, { domain, path }: Handed, name = 'ada'): Promise<Browser> {
  const browser = browse(t);
  const email = `${name}@${domain}`;
  const asked = await browser.post(path, { email });
  if (asked.status !== 200) throw new Error(asked.text);
  const proven = await browser.post(await proofPath(t, email));
  if (proven.location !== path) throw new Error(`${proven.status} ${proven.text}`);
  return browser;
}

let networks = 0;
const freshNetwork = (): string => `10.${(++networks >> 8) & 255}.${networks & 255}.9`;

/** A browser at a network of its own: none uses up another's limit. */
export const browse = (t: TestWorld): Browser => openBrowser(t, { host: demoHost, from: freshNetwork() });

/** What the vendor finds in the address to which somebody was led. */
export const assertionIn = (location: string | null): string => new URL(location ?? '').searchParams.get('fd_assertion') ?? '';

/** A code that differs from this one in its last character. */
export const wrongCode = (code: string): string => `${code.slice(0, -1)}${code.endsWith('B') ? 'C' : 'B'}`;
