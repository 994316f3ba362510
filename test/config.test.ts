import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';
import { configReference, envExample } from '../src/config-reference.ts';
import { environment } from '../src/environment.ts';

const strong = (seed: number) => Uint8Array.from({ length: 32 }, (_, index) => (seed + index * index * 37 + index * 11) % 256);
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const hosted = {
  DATABASE_URL: 'postgres://u:p@db.example.com/desk',
  FRONTDESK_MASTER_KEY: base64(strong(1)),
  CRON_SECRET: base64(strong(2)),
};

function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('readConfig', () => {
  it('needs nothing for the embedded default', () => {
    expect(readConfig({ PATH: '/bin', PORT: '', FRONTDESK_MASTER_KEY: '  ' })).toEqual({
      mode: 'embedded',
      environment: 'development',
      port: 8787,
      host: '127.0.0.1',
      publicOrigin: undefined,
      dataDir: '.frontdesk',
      vendorFile: 'vendor/ledgerbridge.json',
      trustedProxyHops: 0,
      outboundAllow: [],
      dnsUrl: 'https://cloudflare-dns.com/dns-query',
      dnsSecondUrl: 'https://dns.google/dns-query',
      masterKey: undefined,
      cronSecret: undefined,
      stripe: undefined,
      release: { platform: 'self-hosted', region: undefined, commit: undefined },
      demo: 'history',
    });
  });

  it('invents a history for the demo vendor at the stand-in for Stripe only', () => {
    expect(readConfig({ FRONTDESK_DEMO: 'plain' })).toMatchObject({ demo: 'plain' });
    expect(readConfig({ FRONTDESK_VENDOR_FILE: 'vendor/mine.json' })).toMatchObject({ demo: 'plain' });
    expect(readConfig({ STRIPE_SECRET_KEY: 'sk_test_123456789', FRONTDESK_DEMO: 'history' })).toMatchObject({ demo: 'plain' });
  });

  it('reads what may be called although it is private, and refuses what is no host and port', () => {
    expect(readConfig({ FRONTDESK_OUTBOUND_ALLOW: 'Hooks.internal:8443, 10.0.0.7:80,[fd00::1]:443' }).outboundAllow).toEqual([
      'hooks.internal:8443',
      '10.0.0.7:80',
      '[fd00::1]:443',
    ]);
    for (const FRONTDESK_OUTBOUND_ALLOW of ['hooks.internal', 'https://hooks.internal:1', 'a:1,,b:2', '*:80'])
      expect(() => readConfig({ FRONTDESK_OUTBOUND_ALLOW })).toThrow(/FRONTDESK_OUTBOUND_ALLOW must be a list/);
  });

  it('asks names of an https resolver only', () => {
    expect(() => readConfig({ FRONTDESK_DNS_URL: 'http://1.1.1.1/dns-query' })).toThrow(/FRONTDESK_DNS_URL must be an https address/);
  });

  it('lets mail leave and people sign in at a provider only when everything for it is there', () => {
    const mail = { RESEND_API_KEY: 're_12345678', MAIL_FROM: 'Desk <desk@example.com>' };
    const oidc = { OIDC_ISSUER: 'https://id.example/realm', OIDC_CLIENT_ID: 'desk', OIDC_CLIENT_SECRET: 'sesame' };
    expect(readConfig({ ...mail, ...oidc })).toMatchObject({
      resend: { apiKey: 're_12345678', from: 'Desk <desk@example.com>' },
      oidc: { issuer: 'https://id.example/realm', clientId: 'desk', clientSecret: 'sesame' },
    });
    expect(problemsOf({ ...mail, MAIL_FROM: '' })).toEqual(['MAIL_FROM must be set as well: RESEND_API_KEY, MAIL_FROM go together.']);
    expect(problemsOf({ OIDC_CLIENT_ID: 'desk' })).toEqual([
      expect.stringMatching(/^OIDC_ISSUER and OIDC_CLIENT_SECRET must be set as well/),
    ]);
    for (const OIDC_ISSUER of ['http://id.example', 'https://id.example/?a=b', 'https://u:p@id.example', 'id.example'])
      expect(problemsOf({ ...oidc, OIDC_ISSUER })).toEqual([expect.stringMatching(/^OIDC_ISSUER must be the https address/)]);
    for (const MAIL_FROM of ['Desk', 'Desk <a@b>\r\nBcc: c@d', 'a b@c']) expect(problemsOf({ ...mail, MAIL_FROM })).toHaveLength(1);
  });

  it('takes a Postgres, and runs in production then', () => {
    expect(readConfig({ ...hosted, PORT: '0', PUBLIC_ORIGIN: 'https://Desk.example.com/', DATABASE_POOLED: '1' })).toMatchObject({
      mode: 'postgres',
      environment: 'production',
      port: 0,
      publicOrigin: 'https://desk.example.com',
      databaseUrl: hosted.DATABASE_URL,
      databaseOwnerUrl: hosted.DATABASE_URL,
      databasePooled: true,
      masterKey: strong(1),
      cronSecret: hosted.CRON_SECRET,
    });
    expect(readConfig({ ...hosted, DATABASE_OWNER_URL: 'postgresql:///desk?host=/run/pg' })).toMatchObject({
      databaseOwnerUrl: 'postgresql:///desk?host=/run/pg',
      databasePooled: false,
    });
  });

  it('knows the platform, and ignores what it does not understand of it', () => {
    const vercel = { ...hosted, VERCEL: '1', VERCEL_REGION: 'fra1', VERCEL_GIT_COMMIT_SHA: 'a'.repeat(40) };
    expect(readConfig(vercel)).toMatchObject({
      trustedProxyHops: 1,
      release: { platform: 'vercel', region: 'fra1', commit: 'a'.repeat(40) },
    });
    expect(readConfig({ ...vercel, VERCEL_REGION: '<b>', VERCEL_GIT_COMMIT_SHA: 'main', TRUSTED_PROXY_HOPS: '2' })).toMatchObject({
      trustedProxyHops: 2,
      release: { region: undefined, commit: undefined },
    });
  });

  it('reads the master key as base64url, base64 or hex', () => {
    const key = strong(251);
    const padded = base64(key);
    const encodings = [
      padded,
      padded.replaceAll('=', ''),
      padded.replaceAll('+', '-').replaceAll('/', '_'),
      hex(key),
      hex(key).toUpperCase(),
    ];
    for (const text of encodings) expect(readConfig({ FRONTDESK_MASTER_KEY: ` ${text}\n` }).masterKey).toEqual(key);
  });

  it('reports all problems at once and repeats no value', () => {
    const env = {
      PORT: '87870',
      HOST: 'sesame open',
      PUBLIC_ORIGIN: 'https://sesame.example/path',
      TRUSTED_PROXY_HOPS: '-1',
      FRONTDESK_ENV: 'sesame',
      DATABASE_URL: 'mysql://sesame',
      DATABASE_OWNER_URL: 'sesame',
      DATABASE_POOLED: 'sesame',
      FRONTDESK_DATA_DIR: 'sesame'.repeat(200),
      FRONTDESK_VENDOR_FILE: 'sesame'.repeat(200),
      FRONTDESK_MASTER_KEY: 'open, sesame',
      CRON_SECRET: 'sesame open',
      STRIPE_SECRET_KEY: 'pk_test_sesame',
      STRIPE_WEBHOOK_SECRET: 'sesame',
    };
    const problems = problemsOf(env);
    for (const name of Object.keys(env)) expect(problems.filter((problem) => problem.startsWith(`${name} `)).length).toBeGreaterThan(0);
    expect(problems.join('\n')).not.toContain('sesame');
    const error = new ConfigError(problems);
    for (const problem of problems) expect(error.message).toContain(`\n- ${problem}\n`);
  });

  it('requires both secrets with a database, and a database on Vercel', () => {
    const [masterKey, cronSecret, ...others] = problemsOf({ DATABASE_URL: hosted.DATABASE_URL });
    expect(masterKey).toMatch(/^FRONTDESK_MASTER_KEY is required .*randomBytes\(32\)/);
    expect(cronSecret).toMatch(/^CRON_SECRET is required/);
    expect(others).toEqual([]);
    expect(problemsOf({ VERCEL: '1' }).map((problem) => problem.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'FRONTDESK_MASTER_KEY',
      'CRON_SECRET',
    ]);
    expect(problemsOf({ ...hosted, DATABASE_URL: '', DATABASE_OWNER_URL: hosted.DATABASE_URL })).toEqual([
      'DATABASE_OWNER_URL has no effect without DATABASE_URL: set both or neither.',
    ]);
  });

  it.each([
    ['short', base64(strong(1).slice(0, 31)), 'is too short'],
    ['32 characters that decode to 24 bytes', base64(strong(1)).slice(0, 32), 'is too short'],
    ['one character over and over', 'a'.repeat(64), 'is too easy to guess'],
    ['one byte over and over', base64(new Uint8Array(32).fill(7)), 'is too easy to guess'],
    ['half of it twice', hex(Uint8Array.from([...strong(1).slice(0, 16), ...strong(1).slice(0, 16)])), 'is too easy to guess'],
    ['counted', hex(Uint8Array.from({ length: 32 }, (_, index) => index)), 'is too easy to guess'],
    ['counted in text', '0123456789abcdef'.repeat(4), 'is too easy to guess'],
    ['typed', 'changeme'.repeat(8), 'is too easy to guess'],
  ])('refuses a secret that is %s, but not in development', (_, secret, reason) => {
    for (const name of ['FRONTDESK_MASTER_KEY', 'CRON_SECRET']) {
      const env = { ...hosted, [name]: secret };
      expect(problemsOf(env)).toEqual([expect.stringContaining(`${name} ${reason}`)]);
      expect(problemsOf({ ...env, FRONTDESK_ENV: 'development' })).toEqual([]);
    }
    expect(problemsOf({ FRONTDESK_MASTER_KEY: secret })).toEqual([]);
    expect(problemsOf({ FRONTDESK_MASTER_KEY: secret, FRONTDESK_ENV: 'production' })).toHaveLength(1);
  });

  it('takes a live key of Stripe in production only', () => {
    const key = `sk_${'live'}_sesame0123456789`;
    expect(readConfig({ ...hosted, STRIPE_SECRET_KEY: key }).stripe).toEqual({ secretKey: key, webhookSecret: undefined });
    for (const development of [{}, { ...hosted, FRONTDESK_ENV: 'development' }])
      expect(problemsOf({ ...development, STRIPE_SECRET_KEY: key })).toEqual([expect.stringMatching(/^STRIPE_SECRET_KEY is a live key/)]);
    expect(problemsOf({ STRIPE_SECRET_KEY: 'rk_test_sesame0123456789' })).toEqual([]);
  });

  it('finds no fault in random secrets', () => {
    for (let count = 0; count < 1000; count += 1) {
      const env = {
        ...hosted,
        FRONTDESK_MASTER_KEY: hex(crypto.getRandomValues(new Uint8Array(32))),
        CRON_SECRET: base64(crypto.getRandomValues(new Uint8Array(32))),
      };
      expect(problemsOf(env)).toEqual([]);
    }
  });

  it('refuses one secret for two purposes, in whatever encoding', () => {
    expect(problemsOf({ ...hosted, CRON_SECRET: hex(strong(1)) })).toEqual([expect.stringContaining('CRON_SECRET must differ')]);
  });

  it('wants https in production, but for this machine', () => {
    const faults = (origin: string, more = {}) => problemsOf({ ...hosted, PUBLIC_ORIGIN: origin, ...more }).length;
    expect(faults('http://desk.example.com')).toBe(1);
    expect(faults('http://desk.example.com', { FRONTDESK_ENV: 'development' })).toBe(0);
    expect(['http://localhost:8787', 'http://127.0.0.1:1', 'http://[::1]:1', 'http://a.localhost'].map((origin) => faults(origin))).toEqual(
      [0, 0, 0, 0],
    );
    const hostile = ['ftp://x.example', 'https://u:p@x.example', 'https://x.example/?a', 'https://x.example/#a', 'x.example'];
    expect(hostile.map((origin) => faults(origin))).toEqual(hostile.map(() => 1));
  });
});

describe('what is emitted', () => {
  it('explains every variable', () => {
    const reference = configReference();
    for (const name of Object.keys(environment.shape)) expect(reference).toContain(`\n| \`${name}\` | `);
    for (const row of reference.trim().split('\n')) expect(row.split('|')).toHaveLength(7);
  });

  it('.env.example is up to date and, copied as it is, changes nothing', () => {
    const content = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
    expect(content).toBe(envExample());
    expect(content.split('\n').every((line) => line === '' || line.startsWith('#'))).toBe(true);
    const uncommented = Object.fromEntries(Array.from(content.matchAll(/^# ([A-Z_]+)=(.*)$/gm), ([, name, value]) => [name, value]));
    expect(Object.keys(uncommented)).toEqual(Object.keys(environment.shape).filter((name) => !name.startsWith('VERCEL')));
    expect(readConfig(uncommented)).toEqual(readConfig({}));
  });
});
