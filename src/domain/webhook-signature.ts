import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { invariant } from './result.ts';

/**
 * The three headers of a signed webhook (Standard Webhooks 1.0.0, "Webhook Headers"): HMAC-SHA-256 over `id.timestamp.body`, one `v1`
 * signature for each secret, separated by spaces, so that the old and the new secret both hold while one replaces the other.
 * `timestamp` is in seconds and of this attempt, `id` of the message and the same in each attempt; secrets have 24 to 64 bytes.
 */
export function signWebhook({ id, timestamp, body, secrets }: Unsigned): WebhookHeaders {
  invariant(/^[0-9A-Za-z_-]{1,128}$/.test(id), 'a webhook id holds no full stop, which separates what is signed');
  invariant(Number.isSafeInteger(timestamp) && timestamp > 0, 'a webhook is stamped in whole seconds');
  invariant(secrets.length > 0 && secrets.length <= mostSignatures, 'a webhook is signed by one secret or a few');
  const signatures = secrets.map((secret) => signature(secret, id, String(timestamp), body));
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}

/**
 * Whether `headers` (names in lower case) sign `body`, the exact text received, under one of `secrets` and within 300 seconds of `now`
 * (seconds). Takes the same time wherever signatures differ. Signatures of other versions than `v1` are passed over.
 */
export function verifyWebhook({ headers, body, secrets, now }: Received): Verdict {
  const { 'webhook-id': id = '', 'webhook-timestamp': stamp = '', 'webhook-signature': list = '' } = headers;
  if (!/^[!-~]{1,256}$/.test(id) || !/^[0-9]{1,12}$/.test(stamp) || list.length > longestList) return refused('headers_malformed');
  const given = list.split(' ').filter((entry) => entry.startsWith('v1,'));
  if (given.length === 0 || given.length > mostSignatures) return refused('headers_malformed');
  if (Math.abs(now - Number(stamp)) > toleranceS) return refused('timestamp_out_of_tolerance');
  let matches = 0;
  for (const secret of secrets) {
    const expected = signature(secret, id, stamp, body);
    for (const entry of given) matches += isSame(entry, expected) ? 1 : 0;
  }
  return matches > 0 ? { ok: true, id, timestamp: Number(stamp) } : refused('signature_mismatch');
}

/** 32 random bytes as the receiver is shown them, once: `whsec_` and base64. */
export function webhookSecret(bytes: Uint8Array): string {
  invariant(bytes.length === 32, 'a webhook secret has 32 bytes');
  return prefix + base64(bytes);
}

/** The bytes of a secret in its `whsec_` form; null unless it holds 24 to 64 of them. */
export function webhookSecretBytes(text: string): Uint8Array | null {
  if (!/^whsec_[0-9A-Za-z+/]{32,86}={0,2}$/.test(text) || text.length % 4 !== prefix.length % 4) return null;
  const bytes = Uint8Array.from(atob(text.slice(prefix.length)), (character) => character.charCodeAt(0));
  return isSecretLength(bytes.length) ? bytes : null;
}

export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

interface Unsigned {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly secrets: readonly Uint8Array[];
}

interface Received {
  readonly headers: { readonly [name in keyof WebhookHeaders]?: string | undefined };
  readonly body: string;
  readonly secrets: readonly Uint8Array[];
  readonly now: number;
}

type Verdict =
  | { readonly ok: true; readonly id: string; readonly timestamp: number }
  | { readonly ok: false; readonly reason: WebhookRefusal };

export type WebhookRefusal = 'headers_malformed' | 'timestamp_out_of_tolerance' | 'signature_mismatch';

const prefix = 'whsec_';
const toleranceS = 300;
const mostSignatures = 16;
const longestList = 2048;

function signature(secret: Uint8Array, id: string, timestamp: string, body: string): string {
  invariant(isSecretLength(secret.length), 'a webhook secret has 24 to 64 bytes');
  return `v1,${base64(hmac(sha256, secret, utf8ToBytes(`${id}.${timestamp}.${body}`)))}`;
}

function isSecretLength(length: number): boolean {
  return length >= 24 && length <= 64;
}

/** Constant in time for texts of one length; the length of a signature is no secret. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function refused(reason: WebhookRefusal): Verdict {
  return { ok: false, reason };
}
