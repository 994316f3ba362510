/** A whole desk in one process: app, database, two vendors, organizations with keys. Each test file opens its own. */
import { readFile } from 'node:fs/promises';
import { afterAll } from 'vitest';
import type { GuardedFetch } from '../../src/access/guarded-fetch.ts';
import type { Resolvers } from '../../src/access/look-in-domains.ts';
import { type OidcSettings, signInAt } from '../../src/access/oidc.ts';
import { openPasskeys } from '../../src/access/passkeys.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { createKey, type KeyWanted } from '../../src/admin/create-key.ts';
import { createApp } from '../../src/app.ts';
import type { Db } from '../../src/db/batch.ts';
import { createWorld } from '../../src/deps.ts';
import { type DevelopmentInbox, openInbox } from '../../src/effects/mail/inbox.ts';
import type { PaymentHands } from '../../src/effects/stripe/hands.ts';
import { identityHands } from '../../src/identity-hands.ts';
import { readAssets } from '../../src/node-assets.ts';
import { linesType } from '../../src/routes/lines.ts';
import { migratedPglite } from './migrated-pglite.ts';
import { type PretendedProvider, pretendedProvider } from './pretended-provider.ts';

export interface TestWorld {
  readonly app: ReturnType<typeof createApp>;
  readonly world: ReturnType<typeof createWorld>;
  readonly db: Db;
  /** Every database round trip so far. */
  readonly roundTrips: () => number;
  /** Moves the one clock that everything here reads. */
  readonly advance: (ms: number) => void;
  readonly reported: unknown[];
  /** Whom operations ask that record nothing, where `payments` does not say. */
  readonly provider: PretendedProvider;
  /** The mail that left. */
  readonly inbox: DevelopmentInbox;
  /** Does what was left to be done and is due, until nothing is. */
  readonly settle: () => Promise<void>;
  /** A key of the demo vendor, or of the vendor at `host`. */
  readonly key: (wanted?: Partial<KeyWanted>) => Promise<string>;
  /** Sends to the demo vendor unless `host` says otherwise. Objects become JSON; a write gets a fresh idempotency key unless one is given. */
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Sent>;
}

export interface SendOptions {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly host?: string;
  readonly idempotencyKey?: string | null;
  readonly headers?: Record<string, string>;
  /** The caller's socket address. */
  readonly from?: string;
}

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  readonly body: any;
}

export const demoHost = 'localhost';
export const otherHost = 'quayside.test';

export interface TestWorldOptions {
  readonly db?: Db;
  readonly startAt?: string;
  /** Whom effects call; nobody unless given. */
  readonly fetchOutside?: GuardedFetch;
  /** Who is asked for the TXT records that prove a domain. */
  readonly resolvers?: Resolvers;
  /** Where people sign in otherwise than by mail, through `fetchOutside`. */
  readonly oidc?: OidcSettings;
  /** Whether what a commit left is done after the answer, and not only by `settle`. */
  readonly kicks?: boolean;
  /** Waits before a call is decided anew. */
  readonly pause?: (attempt: number) => Promise<void>;
  /** What is done at the payment provider; nothing unless given. */
  readonly payments?: PaymentHands;
  /** The one clock, where it is another's: then `advance` does not move it. */
  readonly now?: () => Date;
  /** Who closes the database, where there is no test file to come to an end. */
  readonly atEnd?: (close: () => Promise<void>) => void;
}

/** Opens a world on PGlite, or on the database that is given. Closed after the file's last test. */
export async function openTestWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
  const inner = options.db ?? (await migratedPglite());
  let trips = 0;
  const db: Db = {
    batch: (context, statements) => {
      trips += 1;
      return inner.batch(context, statements);
    },
    close: () => inner.close(),
  };
  let offset = options.startAt === undefined ? 0 : Date.parse(options.startAt) - Date.now();
  const reported: unknown[] = [];
  const now = options.now ?? (() => new Date(Date.now() + offset));
  const provider = pretendedProvider(now);
  const inbox = openInbox();
  const masterKey = new Uint8Array(32).map((_, i) => (i * 37 + 11) % 256);
  const world = createWorld({
    db,
    masterKey,
    identity: identityHands({
      resolvers: options.resolvers,
      mail: inbox.transport,
      signIn: signInAt({ ...options, masterKey }),
      passkeys: openPasskeys(masterKey),
    }),
    mode: 'embedded',
    cronSecret: 'a cron secret of at least thirty-two bytes',
    trustedProxyHops: 0,
    release: { region: undefined, commit: undefined },
    now,
    ...(options.payments === undefined ? { provider } : { payments: options.payments }),
    ...(options.pause === undefined ? {} : { pause: options.pause }),
    ...(options.kicks === undefined ? {} : { kicks: options.kicks }),
    ...(options.fetchOutside === undefined ? {} : { fetchOutside: options.fetchOutside }),
    report: (error) => void reported.push(error),
  });
  await open(world, '../../vendor/ledgerbridge.json', demoHost, 'http://localhost');
  await open(world, './second-vendor.json', otherHost, `https://${otherHost}`);
  const app = createApp({ ...world, assets: readAssets() });
  (options.atEnd ?? afterAll)(() => db.close());
  return {
    app,
    world,
    db,
    reported,
    provider,
    inbox,
    roundTrips: () => trips,
    advance: (ms) => {
      offset += ms;
    },
    async key(wanted = {}) {
      const created = await createKey(world.admin, {
        host: demoHost,
        organization: { domain: 'acme-ops.example', name: 'Acme Ops' },
        agentName: 'ops-optimizer',
        ...wanted,
      });
      if (!created.ok) throw new Error(JSON.stringify(created));
      return created.value.key;
    },
    send: (method, path, given = {}) => send(app, method, path, given),
    settle: () => settle(world),
  };
}

/** What commits leave to be done, in the order in which one makes work for the next. */
const workOfCommits = ['seal', 'drain'];
/** What a round counts that leaves less for the next one. */
const progress = ['blocks', 'leaves', 'done', 'retried', 'dead', 'fenced'];

async function settle({ schedules }: ReturnType<typeof createWorld>): Promise<void> {
  for (let rounds = 0; rounds < 100; rounds++) {
    let came = 0;
    for (const name of workOfCommits) {
      const counts = Object.entries({ ...(await schedules[name]?.()) });
      came += counts.reduce((sum, [what, count]) => sum + (progress.includes(what) ? Number(count) : 0), 0);
    }
    if (came === 0) return;
  }
  throw new Error('there is always something left to be done');
}

async function open(world: ReturnType<typeof createWorld>, file: string, host: string, origin: string): Promise<void> {
  const raw: unknown = JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8'));
  const applied = await applyVendor(world.admin, { raw, origin, hosts: [host] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
}

async function send(app: TestWorld['app'], method: string, path: string, options: SendOptions): Promise<Sent> {
  const { key, body, host = demoHost, idempotencyKey, headers = {}, from = '192.0.2.1' } = options;
  const write = method !== 'GET' && method !== 'HEAD';
  const response = await app.fetch(
    new Request(`http://${host}${path}`, {
      method,
      headers: {
        Host: host,
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
        ...(write && idempotencyKey !== null ? { 'Idempotency-Key': idempotencyKey ?? crypto.randomUUID() } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
    { incoming: { socket: { remoteAddress: from } } },
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: bodyOf(response, text) };
}

/** JSON as it is; lines as the page of a list that holds them all. */
function bodyOf({ headers }: Response, text: string): unknown {
  if (headers.get('Content-Type') !== linesType) return text.startsWith('{') ? JSON.parse(text) : undefined;
  const data = text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { object: 'list', data, has_more: false, next_cursor: null };
}
