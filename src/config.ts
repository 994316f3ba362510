import { z } from 'zod';
import { invariant } from './domain/result.ts';
import { decodeSecret, secretBytes, weakness } from './secret-strength.ts';

/** What every deployment knows. */
interface Shared {
  readonly environment: 'development' | 'production';
  readonly port: number;
  readonly host: string;
  /** Scheme, host and port without a trailing slash, for example `https://desk.example.com`. */
  readonly publicOrigin: string | undefined;
  readonly vendorFile: string;
  /** How many proxies in front of this server append to X-Forwarded-For; 0 means that the socket's address is the caller's. */
  readonly trustedProxyHops: number;
  /** What may be called although it is private or plain http, each as `host:port`. */
  readonly outboundAllow: readonly string[];
  /** DNS over HTTPS (RFC 8484): where a runtime that cannot resolve names itself asks. */
  readonly dnsUrl: string;
  readonly release: {
    readonly platform: 'vercel' | 'self-hosted';
    readonly region: string | undefined;
    readonly commit: string | undefined;
  };
}

/** The embedded default: the database lives in the data folder, and so does the master key unless one is given. */
export interface EmbeddedConfig extends Shared {
  readonly mode: 'embedded';
  readonly dataDir: string;
  readonly masterKey: Uint8Array | undefined;
  readonly cronSecret: string | undefined;
}

export interface PostgresConfig extends Shared {
  readonly mode: 'postgres';
  readonly databaseUrl: string;
  /** For migrations; the same as `databaseUrl` unless given. */
  readonly databaseOwnerUrl: string;
  readonly databasePooled: boolean;
  readonly masterKey: Uint8Array;
  readonly cronSecret: string;
}

export type Config = EmbeddedConfig | PostgresConfig;

/** The environment cannot be used. Each problem names its variable and never repeats a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(
      `The environment has ${count}:\n${problems.map((problem) => `- ${problem}`).join('\n')}\nEvery variable is explained in .env.example.`,
    );
  }
}

/**
 * Reads the environment, once, at the start. An empty variable counts as absent.
 * @throws ConfigError with all problems at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = presentOnly(env);
  const parsed = environment.safeParse(given);
  const problems = [...(parsed.error?.issues ?? []).map((issue) => `${String(issue.path[0])} ${issue.message}.`), ...crossProblems(given)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return assemble(parsed.data);
}

/** The prose of a variable, from which `.env.example` and the reference are emitted. */
export interface Doc {
  readonly group: 'Server' | 'Database' | 'Secrets' | 'Vendor' | 'Platform';
  readonly meaning: string;
  readonly neededBy: string;
  readonly make: string;
  /** What is true without the variable, where that is not simply a default value. */
  readonly absent?: string;
}

export const docs = z.registry<Doc>();
/** A host name, an IPv4 address or an IPv6 address in brackets, and a port. */
const hostAndPort = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\]):[0-9]{1,5}$/;
const makeSecret = `\`node -p "crypto.randomBytes(32).toString('base64url')"\``;

/** Every variable that this program reads: its form, and (through `docs`) its meaning, who needs it and how to make it. */
export const environment = z.object({
  PORT: whole(0, 65_535).default(8787).register(docs, {
    group: 'Server',
    meaning: 'The TCP port that the server listens on; 0 takes any free one.',
    neededBy: 'self-hosting, when the port is taken',
    make: 'choose a free port',
  }),
  HOST: z
    .string()
    .regex(/^[0-9A-Za-z.:_-]{1,253}$/, 'must be an IP address or a host name')
    .default('127.0.0.1')
    .register(docs, {
      group: 'Server',
      meaning: 'The address that the server binds to; the default is reachable from this machine only.',
      neededBy: 'self-hosting in a container or behind a proxy on another machine',
      make: '`0.0.0.0` for all IPv4 interfaces, `::` for all interfaces',
    }),
  PUBLIC_ORIGIN: z
    .string()
    .refine(isOrigin, 'must be an origin such as https://desk.example.com, without a path')
    .transform((text) => new URL(text).origin)
    .optional()
    .register(docs, {
      group: 'Server',
      meaning: 'The origin under which callers reach the server, used for the addresses it writes into documents and answers.',
      neededBy: 'every server behind a proxy or a domain name',
      make: 'scheme and host of your public address, without a path',
      absent: 'the address it listens on in the embedded default, otherwise the origin given to vendor:apply',
    }),
  TRUSTED_PROXY_HOPS: whole(0, 10).optional().register(docs, {
    group: 'Server',
    meaning:
      'How many proxies of yours stand in front of the server and append to X-Forwarded-For; 0 trusts only the address of the socket.',
    neededBy: 'self-hosting behind a proxy; too high a number lets callers forge their address and so escape rate limits',
    make: 'count your own proxies',
    absent: '1 on Vercel, otherwise 0',
  }),
  FRONTDESK_OUTBOUND_ALLOW: z
    .string()
    .max(4096, 'must be at most 4096 characters')
    .transform((text) => text.split(',').map((entry) => entry.trim().toLowerCase()))
    .refine((entries) => entries.every((entry) => hostAndPort.test(entry)), 'must be a list such as hooks.internal:8443,10.0.0.7:8080')
    .default([])
    .register(docs, {
      group: 'Server',
      meaning:
        'Receivers of webhooks that may be private addresses or plain http, as host:port separated by commas; everything else must be public and https.',
      neededBy: 'deployments that send to systems of their own network',
      make: 'list what you run yourself, and nothing that a stranger could name',
      absent: 'none; in the embedded default localhost and 127.0.0.1 are allowed on every port',
    }),
  FRONTDESK_DNS_URL: z
    .string()
    .max(512, 'must be at most 512 characters')
    .refine((text) => parseUrl(text)?.protocol === 'https:', 'must be an https address')
    .default('https://cloudflare-dns.com/dns-query')
    .register(docs, {
      group: 'Server',
      meaning: 'The resolver, DNS over HTTPS, by which an edge deployment checks where a name leads before it calls it.',
      neededBy: 'edge deployments that prefer another resolver; Node resolves by itself',
      make: 'the address of a resolver that speaks RFC 8484',
    }),
  FRONTDESK_ENV: z.enum(['development', 'production'], { error: 'must be development or production' }).optional().register(docs, {
    group: 'Server',
    meaning: 'Whether weak secrets are tolerated (development) or refused (production).',
    neededBy: 'developers who work against their own Postgres',
    make: '`development` or `production`',
    absent: 'development in the embedded default, production when DATABASE_URL is set',
  }),
  DATABASE_URL: postgresUrl().register(docs, {
    group: 'Database',
    meaning: 'The Postgres (16 or later) that holds everything, through a role that cannot bypass row-level security.',
    neededBy: 'every deployment but the embedded default, which runs its own database in the data folder',
    make: 'the connection string of your provider: `postgres://user:password@host/database`',
    absent: 'the embedded database',
  }),
  DATABASE_OWNER_URL: postgresUrl().register(docs, {
    group: 'Database',
    meaning: 'The same database through the role that owns the tables, used by migrations only.',
    neededBy: '`npm run db:migrate`, where the owner is not the role of DATABASE_URL',
    make: 'a direct connection string, not one through a pooler',
    absent: 'the value of DATABASE_URL',
  }),
  DATABASE_POOLED: z
    .enum(['0', '1'], { error: 'must be 0 or 1' })
    .transform((flag) => flag === '1')
    .default(false)
    .register(docs, {
      group: 'Database',
      meaning: 'Whether a pooler in transaction mode stands before Postgres, so that statements must not be named.',
      neededBy: 'databases behind PgBouncer or a similar pooler',
      make: '`1` behind a pooler',
    }),
  FRONTDESK_DATA_DIR: z.string().max(1024, 'must be at most 1024 characters').default('.frontdesk').register(docs, {
    group: 'Database',
    meaning: 'The folder that holds the embedded database, its master key and `demo.json`.',
    neededBy: 'the embedded default, to keep its data elsewhere',
    make: 'a path on a local disk; the folder is created, readable by its owner only',
  }),
  FRONTDESK_MASTER_KEY: z
    .string()
    .regex(/^[0-9A-Za-z+/_=-]{1,1024}$/, 'must be base64url, base64 or hex, at most 1024 characters')
    .transform((text, context) => {
      const bytes = decodeSecret(text);
      if (bytes === undefined) context.addIssue({ code: 'custom', message: 'must be base64url, base64 or hex' });
      return bytes ?? z.NEVER;
    })
    .optional()
    .register(docs, {
      group: 'Secrets',
      meaning:
        'At least 32 random bytes (base64url, base64 or hex) from which the server derives its secrets and under which it seals signing keys; whoever has it can forge every credential, and without it the sealed keys are lost.',
      neededBy: 'every deployment but the embedded default',
      make: makeSecret,
      absent: 'made once and kept in the data folder in the embedded default, otherwise required',
    }),
  CRON_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]{1,1024}$/, 'must be at most 1024 visible ASCII characters without spaces')
    .optional()
    .register(docs, {
      group: 'Secrets',
      meaning: 'The bearer token with which a schedule calls `/internal/cron/*`; at least 32 random bytes.',
      neededBy: 'every deployment but the embedded default; Vercel sends it with its cron calls by itself',
      make: `${makeSecret}, a different one`,
      absent: 'the addresses for schedules are closed in the embedded default, otherwise required',
    }),
  FRONTDESK_VENDOR_FILE: z.string().max(1024, 'must be at most 1024 characters').default('vendor/ledgerbridge.json').register(docs, {
    group: 'Vendor',
    meaning:
      'The vendor configuration (product, features, pricing, program terms, limits) that is applied at boot in the embedded default.',
    neededBy: 'every vendor but the demo one',
    make: 'copy `vendor/ledgerbridge.json` and edit it',
  }),
  VERCEL: z.string().optional().catch(undefined).register(docs, {
    group: 'Platform',
    meaning: 'Present on Vercel.',
    neededBy: 'nobody: the platform sets it',
    make: 'leave it alone',
    absent: 'self-hosted',
  }),
  VERCEL_REGION: fact(/^[a-z0-9-]{1,32}$/).register(docs, {
    group: 'Platform',
    meaning: 'The region that `/version` names.',
    neededBy: 'nobody: the platform sets it',
    make: 'leave it alone',
    absent: 'no region is named',
  }),
  VERCEL_GIT_COMMIT_SHA: fact(/^[0-9a-f]{7,64}$/).register(docs, {
    group: 'Platform',
    meaning: 'The commit that `/version` names.',
    neededBy: 'nobody: the platform sets it; a self-hosted server may be given it too',
    make: '`git rev-parse HEAD`',
    absent: 'no commit is named',
  }),
});

type Parsed = z.output<typeof environment>;
type Given = Partial<Record<keyof Parsed, string>>;

/** The variables of ours that say something: trimmed, without empty ones. */
function presentOnly(env: Readonly<Record<string, string | undefined>>): Given {
  const given: Given = {};
  for (const name of environment.keyof().options) {
    const text = env[name]?.trim();
    if (text) given[name] = text;
  }
  return given;
}

/** Rules that span variables. They look at the raw text, so that they are reported together with malformed variables. */
function crossProblems(given: Given): string[] {
  const hosted = given.DATABASE_URL !== undefined || given.VERCEL !== undefined;
  const lenient = given.FRONTDESK_ENV === undefined ? !hosted : given.FRONTDESK_ENV === 'development';
  const { FRONTDESK_MASTER_KEY: masterKey, CRON_SECRET: cronSecret, PUBLIC_ORIGIN: origin } = given;
  const problems: string[] = [];
  if (given.DATABASE_URL === undefined) {
    if (hosted) problems.push('DATABASE_URL is required on Vercel: the embedded database needs a disk.');
    else if (given.DATABASE_OWNER_URL !== undefined)
      problems.push('DATABASE_OWNER_URL has no effect without DATABASE_URL: set both or neither.');
  }
  for (const [name, secret] of [
    ['FRONTDESK_MASTER_KEY', masterKey],
    ['CRON_SECRET', cronSecret],
  ] as const) {
    if (secret === undefined) {
      if (hosted) problems.push(`${name} is required outside the embedded default. Make it with ${makeSecret}.`);
      continue;
    }
    const malformed = name === 'FRONTDESK_MASTER_KEY' && decodeSecret(secret) === undefined;
    const weak = lenient || malformed ? undefined : weakness(secret);
    if (weak !== undefined) problems.push(`${name} ${weak}. Make it with ${makeSecret}.`);
  }
  if (masterKey !== undefined && cronSecret !== undefined && sameBytes(secretBytes(masterKey), secretBytes(cronSecret))) {
    problems.push('CRON_SECRET must differ from FRONTDESK_MASTER_KEY: it travels with every scheduled call.');
  }
  if (!lenient && origin !== undefined && isOrigin(origin) && !isConfidential(new URL(origin))) {
    problems.push('PUBLIC_ORIGIN must use https in production, unless it is localhost.');
  }
  return problems;
}

function assemble(parsed: Parsed): Config {
  const { DATABASE_URL: databaseUrl, FRONTDESK_MASTER_KEY: masterKey, CRON_SECRET: cronSecret } = parsed;
  const vercel = parsed.VERCEL !== undefined;
  const shared: Shared = {
    environment: parsed.FRONTDESK_ENV ?? (databaseUrl === undefined ? 'development' : 'production'),
    port: parsed.PORT,
    host: parsed.HOST,
    publicOrigin: parsed.PUBLIC_ORIGIN,
    vendorFile: parsed.FRONTDESK_VENDOR_FILE,
    trustedProxyHops: parsed.TRUSTED_PROXY_HOPS ?? (vercel ? 1 : 0),
    outboundAllow: parsed.FRONTDESK_OUTBOUND_ALLOW,
    dnsUrl: parsed.FRONTDESK_DNS_URL,
    release: { platform: vercel ? 'vercel' : 'self-hosted', region: parsed.VERCEL_REGION, commit: parsed.VERCEL_GIT_COMMIT_SHA },
  };
  if (databaseUrl === undefined) return { mode: 'embedded', ...shared, dataDir: parsed.FRONTDESK_DATA_DIR, masterKey, cronSecret };
  invariant(masterKey !== undefined && cronSecret !== undefined, 'crossProblems requires both secrets beside DATABASE_URL');
  const databaseOwnerUrl = parsed.DATABASE_OWNER_URL ?? databaseUrl;
  return { mode: 'postgres', ...shared, databaseUrl, databaseOwnerUrl, databasePooled: parsed.DATABASE_POOLED, masterKey, cronSecret };
}

function whole(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error: message, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

function postgresUrl() {
  return z
    .string()
    .max(2048, 'must be at most 2048 characters')
    .refine((text) => ['postgres:', 'postgresql:'].includes(parseUrl(text)?.protocol ?? ''), 'must be a postgres:// address')
    .optional();
}

/** What the platform says of itself: used when it looks right, ignored otherwise. */
function fact(pattern: RegExp) {
  return z.string().regex(pattern).optional().catch(undefined);
}

function isOrigin(text: string): boolean {
  const url = parseUrl(text);
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) return false;
  return url.pathname === '/' && url.search + url.hash + url.username + url.password === '' && text.length <= 512;
}

function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
