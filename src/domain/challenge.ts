import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalize, sha256Hex } from './canonical.ts';
import type { Given } from './decision.ts';

/**
 * Proof of work as it is handed out. To solve it, find a whole number such that SHA-256 of `<challenge>.<number>` (UTF-8) begins with
 * `bits` zero bits; that text is the answer.
 */
export interface Challenge {
  readonly alg: 'sha-256';
  readonly bits: number;
  /** Opaque to who solves it. */
  readonly challenge: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly expires_at: string;
}

/** One call: which operation, and what it is asked. Any other call needs a challenge of its own. */
export interface Challenged {
  readonly operation: string;
  readonly inputSha256: string;
}

/**
 * Makes a challenge for one call, valid for five minutes. Nothing is stored: what it says is under a MAC of the tenant's. It costs 2^16
 * hashes on average, twice as many with every doubling of `load` (how many calls of the caller's network stand against its limit), 2^22 at most.
 */
export function makeChallenge(call: Challenged, load: number, given: Pick<Given, 'now' | 'random' | 'derive'>): Challenge {
  const bits = Math.min(mostBits, leastBits + Math.floor(Math.log2(Math.max(1, load))));
  const expiresAt = Math.floor(given.now.getTime() / 1000) + lifetimeS;
  const said = [version, bits, expiresAt, bytesToHex(given.random(16)), boundTo(call)].join('.');
  return {
    alg: 'sha-256',
    bits,
    challenge: `${said}.${macOf(said, given.derive)}`,
    expires_at: new Date(expiresAt * 1000).toISOString(),
  };
}

/** For who asks beforehand: how busy the network will be that the call comes from, and which one that is, nobody knows yet. */
export function makeHardestChallenge(call: Challenged, given: Pick<Given, 'now' | 'random' | 'derive'>): Challenge {
  return makeChallenge(call, 2 ** (mostBits - leastBits), given);
}

/**
 * What an answer uses up, when it solves a challenge that we made for this very call and that has not expired: the digest of the
 * challenge, which must not be spent twice, and until when it could be. Null for everything else.
 */
export function solvedChallenge(
  answer: string,
  call: Challenged,
  at: { readonly now: Date; readonly derive: Given['derive'] },
): { readonly digest: string; readonly expiresAt: Date } | null {
  const [, said, bits, expiry, bound, mac] = (answer.length <= longestAnswer && form.exec(answer)) || [];
  if (said === undefined || mac === undefined || !isSame(mac, macOf(said, at.derive))) return null;
  const expiresAt = new Date(Number(expiry) * 1000);
  if (expiresAt.getTime() <= at.now.getTime() || bound !== boundTo(call)) return null;
  return leadingZeroBits(sha256(utf8ToBytes(answer))) >= Number(bits) ? { digest: sha256Hex(said), expiresAt } : null;
}

/** What a call is asked, by its meaning: SHA-256 of the canonical form (RFC 8785) of the input as it was sent, path parameters included. */
export const inputSha256 = (input: unknown): string => sha256Hex(canonicalize(input));

const version = 'pow1';
const leastBits = 16;
const mostBits = 22;
const lifetimeS = 300;
/** Of a challenge it is always the same but for the digits of its time and of the answer. */
const longestAnswer = 256;
const form = /^(pow1\.(\d{2})\.(\d{10})\.[0-9a-f]{32}\.([0-9a-f]{64}))\.([0-9a-f]{64})\.(?:0|[1-9]\d{0,15})$/;

const boundTo = ({ operation, inputSha256 }: Challenged): string => sha256Hex(canonicalize([operation, inputSha256]));
const macOf = (said: string, derive: Given['derive']): string => bytesToHex(derive('challenge', said, 1));

/** In a time that does not tell how much of it is right. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < other.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

function leadingZeroBits(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? bytes.length * 8 : first * 8 + Math.clz32(bytes[first] ?? 0) - 24;
}
