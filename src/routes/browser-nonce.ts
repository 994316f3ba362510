import { cookieOf, cookies } from './cookies.ts';

/** The nonce of a browser that asked for a link: 64 hex digits, or null where it has none. */
export function browserOf(request: Request): string | null {
  const nonce = cookieOf(request, cookies.login);
  return nonce !== null && /^[0-9a-f]{64}$/.test(nonce) ? nonce : null;
}

/** 256 bits for a browser that has none. */
export function freshBrowser(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
