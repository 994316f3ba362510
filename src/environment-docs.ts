import { type environment, makeSecret } from './environment.ts';

/** What every variable is for. */
export const environmentDocs: Readonly<Record<keyof typeof environment.shape, Doc>> = {
  PORT: {
    group: 'Server',
    meaning: 'The TCP port that the server listens on; 0 takes any free one.',
    neededBy: 'self-hosting, when the port is taken',
    make: 'choose a free port',
  },
  HOST: {
    group: 'Server',
    meaning: 'The address that the server binds to; the default is reachable from this machine only.',
    neededBy: 'self-hosting in a container or behind a proxy on another machine',
    make: '`0.0.0.0` for all IPv4 interfaces, `::` for all interfaces',
  },
  PUBLIC_ORIGIN: {
    group: 'Server',
    meaning: 'The origin under which callers reach the server, used for the addresses it writes into documents and answers.',
    neededBy: 'every server behind a proxy or a domain name',
    make: 'scheme and host of your public address, without a path',
    absent: 'the address it listens on in the embedded default, otherwise the origin given to vendor:apply',
  },
  TRUSTED_PROXY_HOPS: {
    group: 'Server',
    meaning:
      'How many proxies of yours stand in front of the server and append to X-Forwarded-For; 0 trusts only the address of the socket.',
    neededBy: 'self-hosting behind a proxy; too high a number lets callers forge their address and so escape rate limits',
    make: 'count your own proxies',
    absent: '1 on Vercel, otherwise 0',
  },
  FRONTDESK_OUTBOUND_ALLOW: {
    group: 'Server',
    meaning:
      'Receivers of webhooks, and hosts of documents with which agents show who they are, that may be private addresses or plain http, as host:port separated by commas; everything else must be public and https.',
    neededBy: 'deployments that send to systems of their own network, or whose agents publish there',
    make: 'list what you run yourself; an agent that nobody knows yet may have any of it asked by GET',
    absent:
      'none; in the embedded default localhost and 127.0.0.1 on every port for webhooks, and for documents while only this machine reaches the server: in development, without PUBLIC_ORIGIN, with HOST a loopback address',
  },
  FRONTDESK_DNS_URL: {
    group: 'Server',
    meaning:
      'The resolver, DNS over HTTPS, that is asked for the records that prove a domain, and by which an edge deployment checks where a name leads before it calls it.',
    neededBy: 'deployments that prefer another resolver',
    make: 'the address of a resolver that speaks RFC 8484',
  },
  FRONTDESK_DNS_SECOND_URL: {
    group: 'Server',
    meaning: 'A second resolver, of another operator: a DNS record proves a domain only where both show it.',
    neededBy: 'deployments that prefer other resolvers, or whose network has one of its own, which may be given as both',
    make: 'the address of a resolver that speaks RFC 8484',
  },
  FRONTDESK_ENV: {
    group: 'Server',
    meaning: 'Whether weak secrets are tolerated (development) or refused (production).',
    neededBy: 'developers who work against their own Postgres',
    make: '`development` or `production`',
    absent: 'development in the embedded default, production when DATABASE_URL is set',
  },
  DATABASE_URL: {
    group: 'Database',
    meaning: 'The Postgres (16 or later) that holds everything, through a role that cannot bypass row-level security.',
    neededBy: 'every deployment but the embedded default, which runs its own database in the data folder',
    make: 'the connection string of your provider: `postgres://user:password@host/database`',
    absent: 'the embedded database',
  },
  DATABASE_OWNER_URL: {
    group: 'Database',
    meaning: 'The same database through the role that owns the tables, used by migrations only.',
    neededBy: '`npm run db:migrate`, where the owner is not the role of DATABASE_URL',
    make: 'a direct connection string, not one through a pooler',
    absent: 'the value of DATABASE_URL',
  },
  DATABASE_POOLED: {
    group: 'Database',
    meaning: 'Whether a pooler in transaction mode stands before Postgres, so that statements must not be named.',
    neededBy: 'databases behind PgBouncer or a similar pooler',
    make: '`1` behind a pooler',
  },
  FRONTDESK_DATA_DIR: {
    group: 'Database',
    meaning: 'The folder that holds the embedded database, its master key and `demo.json`.',
    neededBy: 'the embedded default, to keep its data elsewhere',
    make: 'a path on a local disk; the folder is created, readable by its owner only',
  },
  FRONTDESK_MASTER_KEY: {
    group: 'Secrets',
    meaning:
      'At least 32 random bytes (base64url, base64 or hex) from which the server derives its secrets and under which it seals signing keys; whoever has it can forge every credential, and without it the sealed keys are lost.',
    neededBy: 'every deployment but the embedded default',
    make: makeSecret,
    absent: 'made once and kept in the data folder in the embedded default, otherwise required',
  },
  CRON_SECRET: {
    group: 'Secrets',
    meaning: 'The bearer token with which a schedule calls `/internal/cron/*`; at least 32 random bytes.',
    neededBy: 'every deployment but the embedded default; Vercel sends it with its cron calls by itself',
    make: `${makeSecret}, a different one`,
    absent: 'the addresses for schedules are closed in the embedded default, otherwise required',
  },
  STRIPE_SECRET_KEY: {
    group: 'Payments',
    meaning:
      'The key of the account at Stripe that `npm run stripe:setup` connects to a tenant; it is sealed into the database, and the server reads it from there. In the embedded default the server connects it itself, and takes test keys only.',
    neededBy:
      'going live, while `npm run stripe:setup` and `npm run doctor -- --live` run; trying your own test account in the embedded default',
    make: 'a restricted key with the permissions that `npm run stripe:setup -- --permissions` lists',
    absent: 'the stand-in for Stripe in the embedded default, otherwise whatever was connected before',
  },
  STRIPE_WEBHOOK_SECRET: {
    group: 'Payments',
    meaning: 'The signing secret of a webhook endpoint that you made yourself; without it `npm run stripe:setup` makes one.',
    neededBy:
      'a test account in the embedded default, which Stripe cannot reach: `stripe listen` forwards its webhooks and names the secret',
    make: '`stripe listen --forward-to localhost:8787/v1/webhooks/stripe`',
    absent: 'made with the endpoint and sealed into the database; in the embedded default, events are asked for by schedule',
  },
  RESEND_API_KEY: {
    group: 'People',
    meaning: 'The key with which sign-in links and invitations are mailed through Resend.',
    neededBy: 'every deployment whose people sign in by mail; set MAIL_FROM as well',
    make: 'an API key at resend.com with sending access only',
    absent: 'mail is printed by the embedded default; elsewhere none is sent, and the effects wait as dead letters',
  },
  MAIL_FROM: {
    group: 'People',
    meaning: 'Whom mail comes from, at a domain that is verified at Resend.',
    neededBy: 'whoever sets RESEND_API_KEY',
    make: '`Desk <desk@example.com>`',
    absent: 'no mail is sent',
  },
  OIDC_ISSUER: {
    group: 'People',
    meaning:
      'The identity provider of your company (OpenID Connect), as it names itself; its verified e-mail addresses are believed for everybody who was invited.',
    neededBy: 'companies whose people sign in with their company account; set all three OIDC variables',
    make: 'the issuer in `/.well-known/openid-configuration` of your provider',
    absent: 'people sign in by mail only',
  },
  OIDC_CLIENT_ID: {
    group: 'People',
    meaning: 'What the provider calls this desk.',
    neededBy: 'whoever sets OIDC_ISSUER',
    make: 'register a web application there with the redirect address `<origin>/login/oidc/callback`',
    absent: 'people sign in by mail only',
  },
  OIDC_CLIENT_SECRET: {
    group: 'People',
    meaning: 'The secret with which this desk redeems the codes of the provider.',
    neededBy: 'whoever sets OIDC_ISSUER',
    make: 'the provider gives it with the registration',
    absent: 'people sign in by mail only',
  },
  FRONTDESK_VENDOR_FILE: {
    group: 'Vendor',
    meaning:
      'The vendor configuration (product, features, pricing, program terms, limits) that is applied at boot in the embedded default.',
    neededBy: 'every vendor but the demo one',
    make: 'copy `vendor/ledgerbridge.json` and edit it',
  },
  FRONTDESK_DEMO: {
    group: 'Vendor',
    meaning:
      'Whether the embedded default begins with a hundred and twenty days of invented history (history), or with keys of three organizations and nothing else (plain). It counts when the data folder is new.',
    neededBy: 'whoever wants to see only what they did themselves',
    make: '`history` or `plain`',
    absent: 'history with the demo vendor and the stand-in for Stripe, otherwise plain',
  },
  VERCEL: {
    group: 'Platform',
    meaning: 'Present on Vercel.',
    neededBy: 'nobody: the platform sets it',
    make: 'leave it alone',
    absent: 'self-hosted',
  },
  VERCEL_REGION: {
    group: 'Platform',
    meaning: 'The region that `/version` names.',
    neededBy: 'nobody: the platform sets it',
    make: 'leave it alone',
    absent: 'no region is named',
  },
  VERCEL_GIT_COMMIT_SHA: {
    group: 'Platform',
    meaning: 'The commit that `/version` names.',
    neededBy: 'nobody: the platform sets it; a self-hosted server may be given it too',
    make: '`git rev-parse HEAD`',
    absent: 'no commit is named',
  },
};

/** The prose of a variable, from which `.env.example` and the reference are emitted. */
export interface Doc {
  readonly group: 'Server' | 'Database' | 'Secrets' | 'Payments' | 'People' | 'Vendor' | 'Platform';
  readonly meaning: string;
  readonly neededBy: string;
  readonly make: string;
  /** What is true without the variable, where that is not simply a default value. */
  readonly absent?: string;
}
