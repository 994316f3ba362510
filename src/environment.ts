import * as z from 'zod';
import { decodeSecret } from './secret-strength.ts';

/** A host name, an IPv4 address or an IPv6 address in brackets, and a port. */
const hostAndPort = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\]):[0-9]{1,5}$/;
/** How a secret is made, for messages and documents. */
export const makeSecret = `\`node -p "crypto.randomBytes(32).toString('base64url')"\``;

/** The vendor that nobody has to configure. */
export const demoVendorFile = 'vendor/ledgerbridge.json';

/** Every variable that this program reads, and its form. What each is for stands in `environment-docs.ts`. */
export const environment = z.object({
  PORT: whole(0, 65_535).default(8787),
  HOST: z
    .string()
    .regex(/^[0-9A-Za-z.:_-]{1,253}$/, 'must be an IP address or a host name')
    .default('127.0.0.1'),
  PUBLIC_ORIGIN: z
    .string()
    .refine(isOrigin, 'must be an origin such as https://desk.example.com, without a path')
    .transform((text) => new URL(text).origin)
    .optional(),
  TRUSTED_PROXY_HOPS: whole(0, 10).optional(),
  FRONTDESK_OUTBOUND_ALLOW: z
    .string()
    .max(4096, 'must be at most 4096 characters')
    .transform((text) => text.split(',').map((entry) => entry.trim().toLowerCase()))
    .refine((entries) => entries.every((entry) => hostAndPort.test(entry)), 'must be a list such as hooks.internal:8443,10.0.0.7:8080')
    .default([]),
  FRONTDESK_DNS_URL: z
    .string()
    .max(512, 'must be at most 512 characters')
    .refine((text) => parseUrl(text)?.protocol === 'https:', 'must be an https address')
    .default('https://cloudflare-dns.com/dns-query'),
  FRONTDESK_DNS_SECOND_URL: z
    .string()
    .max(512, 'must be at most 512 characters')
    .refine((text) => parseUrl(text)?.protocol === 'https:', 'must be an https address')
    .default('https://dns.google/dns-query'),
  FRONTDESK_ENV: z.enum(['development', 'production'], { error: 'must be development or production' }).optional(),
  DATABASE_URL: postgresUrl(),
  DATABASE_OWNER_URL: postgresUrl(),
  DATABASE_POOLED: z
    .enum(['0', '1'], { error: 'must be 0 or 1' })
    .transform((flag) => flag === '1')
    .default(false),
  FRONTDESK_DATA_DIR: z.string().max(1024, 'must be at most 1024 characters').default('.frontdesk'),
  FRONTDESK_MASTER_KEY: z
    .string()
    .regex(/^[0-9A-Za-z+/_=-]{1,1024}$/, 'must be base64url, base64 or hex, at most 1024 characters')
    .transform((text, context) => {
      const bytes = decodeSecret(text);
      if (bytes === undefined) context.addIssue({ code: 'custom', message: 'must be base64url, base64 or hex' });
      return bytes ?? z.NEVER;
    })
    .optional(),
  CRON_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]{1,1024}$/, 'must be at most 1024 visible ASCII characters without spaces')
    .optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(?:sk|rk)_(?:test|live)_[0-9A-Za-z_]{8,250}$/, 'must be a secret or restricted key of Stripe (sk_test_…, rk_live_…)')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[0-9A-Za-z+/=_-]{8,250}$/, 'must be the signing secret of a webhook endpoint (whsec_…)')
    .optional(),
  RESEND_API_KEY: z
    .string()
    .regex(/^re_[0-9A-Za-z_-]{8,250}$/, 'must be an API key of Resend (re_…)')
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>"\\\p{Cc}]{1,100} <[^\s<>@]{1,64}@[^\s<>@]{1,190}>|[^\s<>@]{1,64}@[^\s<>@]{1,190})$/u,
      'must be an address such as Desk <desk@example.com>',
    )
    .optional(),
  OIDC_ISSUER: z
    .string()
    .max(512, 'must be at most 512 characters')
    .refine(isIssuer, 'must be the https address of a provider, without a query')
    .optional(),
  OIDC_CLIENT_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be at most 255 visible ASCII characters without spaces')
    .optional(),
  OIDC_CLIENT_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]{1,1024}$/, 'must be at most 1024 visible ASCII characters without spaces')
    .optional(),
  FRONTDESK_VENDOR_FILE: z.string().max(1024, 'must be at most 1024 characters').default(demoVendorFile),
  FRONTDESK_DEMO: z.enum(['history', 'plain'], { error: 'must be history or plain' }).optional(),
  VERCEL: z.string().optional().catch(undefined),
  VERCEL_REGION: fact(/^[a-z0-9-]{1,32}$/),
  VERCEL_GIT_COMMIT_SHA: fact(/^[0-9a-f]{7,64}$/),
});

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

/** Whether it is a scheme, a host and perhaps a port, and nothing else. */
export function isOrigin(text: string): boolean {
  const url = parseUrl(text);
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) return false;
  return url.pathname === '/' && url.search + url.hash + url.username + url.password === '' && text.length <= 512;
}

/** OpenID Connect Discovery 1.0 §3: https, perhaps a path, no query and no fragment. A provider on this machine may be plain http. */
function isIssuer(text: string): boolean {
  const url = parseUrl(text);
  if (url === undefined || url.search + url.hash + url.username + url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname));
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
