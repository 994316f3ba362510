import type * as z from 'zod';
import { invariant } from './domain/result.ts';
import { demoVendorFile, environment, isOrigin, makeSecret } from './environment.ts';
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
  /** Another one: what proves a domain has to be seen by both. */
  readonly dnsSecondUrl: string;
  /** An account at Stripe that is to be connected to one tenant; the tenants' own keys are sealed in the database. */
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string | undefined } | undefined;
  /** Through which mail leaves. */
  readonly resend: { readonly apiKey: string; readonly from: string } | undefined;
  /** Where people sign in otherwise than by mail. */
  readonly oidc: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string } | undefined;
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
  /** What a new data folder begins with. */
  readonly demo: 'history' | 'plain';
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
  if (lenient && given.STRIPE_SECRET_KEY !== undefined && isLiveKey(given.STRIPE_SECRET_KEY)) {
    problems.push('STRIPE_SECRET_KEY is a live key, and this is a development server: use a test key, or run on Postgres in production.');
  }
  if (given.STRIPE_WEBHOOK_SECRET !== undefined && given.STRIPE_SECRET_KEY === undefined) {
    problems.push('STRIPE_WEBHOOK_SECRET has no effect without STRIPE_SECRET_KEY: set both or neither.');
  }
  problems.push(
    ...halfSet(given, ['RESEND_API_KEY', 'MAIL_FROM']),
    ...halfSet(given, ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']),
  );
  if (!lenient && origin !== undefined && isOrigin(origin) && !isConfidential(new URL(origin))) {
    problems.push('PUBLIC_ORIGIN must use https in production, unless it is localhost.');
  }
  return problems;
}

/** Variables that mean something together only. */
function halfSet(given: Given, names: readonly (keyof Parsed)[]): string[] {
  const missing = names.filter((name) => given[name] === undefined);
  if (missing.length === 0 || missing.length === names.length) return [];
  return [`${missing.join(' and ')} must be set as well: ${names.join(', ')} go together.`];
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
    dnsSecondUrl: parsed.FRONTDESK_DNS_SECOND_URL,
    stripe:
      parsed.STRIPE_SECRET_KEY === undefined
        ? undefined
        : { secretKey: parsed.STRIPE_SECRET_KEY, webhookSecret: parsed.STRIPE_WEBHOOK_SECRET },
    ...people(parsed),
    release: { platform: vercel ? 'vercel' : 'self-hosted', region: parsed.VERCEL_REGION, commit: parsed.VERCEL_GIT_COMMIT_SHA },
  };
  if (databaseUrl === undefined) {
    return { mode: 'embedded', ...shared, dataDir: parsed.FRONTDESK_DATA_DIR, masterKey, cronSecret, demo: demoOf(parsed) };
  }
  invariant(masterKey !== undefined && cronSecret !== undefined, 'crossProblems requires both secrets beside DATABASE_URL');
  const databaseOwnerUrl = parsed.DATABASE_OWNER_URL ?? databaseUrl;
  return { mode: 'postgres', ...shared, databaseUrl, databaseOwnerUrl, databasePooled: parsed.DATABASE_POOLED, masterKey, cronSecret };
}

/** The history is the demo vendor's, and paid at what stands in for Stripe. */
function demoOf({ FRONTDESK_DEMO: wanted, FRONTDESK_VENDOR_FILE: file, STRIPE_SECRET_KEY: account }: Parsed): EmbeddedConfig['demo'] {
  if (account !== undefined) return 'plain';
  return wanted ?? (file === demoVendorFile ? 'history' : 'plain');
}

/** `crossProblems` lets only whole sets through. */
function people({ RESEND_API_KEY: apiKey, MAIL_FROM: from, ...rest }: Parsed): Pick<Shared, 'resend' | 'oidc'> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = rest;
  return {
    resend: apiKey === undefined || from === undefined ? undefined : { apiKey, from },
    oidc: issuer === undefined || clientId === undefined || clientSecret === undefined ? undefined : { issuer, clientId, clientSecret },
  };
}

/** Whether real money moves under this key of Stripe's. */
export function isLiveKey(key: string): boolean {
  return /^[a-z]+_live_/.test(key);
}

function isConfidential(url: URL): boolean {
  return url.protocol === 'https:' || /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
