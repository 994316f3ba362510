import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { ok, type Result, refuse } from './result.ts';

/** A referral token that another one is to descend from. */
export interface ParentToken {
  readonly tokenId: string;
  /** `tokenDigest` of its text. */
  readonly digest: string;
  /** How many tokens it descends from itself. */
  readonly depth: number;
  /** When it expires, in seconds since 1970. */
  readonly exp: number;
}

/** Where a new referral token stands: its claims `dep` and `par`, its parent, and its expiry in seconds since 1970. */
export interface Lineage {
  readonly claims: { readonly dep: number; readonly par?: string };
  readonly parentId: string | null;
  readonly depth: number;
  readonly exp: number;
}

/** How many tokens a token may descend from. */
export const deepest = 3;

/** A child is one deeper than its parent and never outlives it. Refuses `state.forbidden` below the deepest. */
export function lineageOf(parent: ParentToken | null, exp: number): Result<Lineage, 'state.forbidden'> {
  if (parent === null) return ok({ claims: { dep: 0 }, parentId: null, depth: 0, exp });
  const depth = parent.depth + 1;
  if (depth > deepest)
    return refuse('state.forbidden', {
      detail: `A referral token descends from ${deepest} others at most; use one further up as the parent.`,
    });
  return ok({ claims: { dep: depth, par: parent.digest }, parentId: parent.tokenId, depth, exp: Math.min(exp, parent.exp) });
}

/** SHA-256 of a token's text in base64url without padding, 43 characters (RFC 4648 §5). */
export function tokenDigest(token: string): string {
  return btoa(String.fromCharCode(...sha256(utf8ToBytes(token))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
