import { bytesToHex } from '@noble/hashes/utils.js';
import { deriveBytes } from '../domain/secret.ts';
import { type Ip, parseIp } from './ip.ts';
import { serverKey } from './server-key.ts';

/** Who an anonymous caller is, and whose quota it uses: keyed hashes, so that no address is stored. */
export interface CallerAddress {
  /** `anon:` and 32 hex digits; of the whole IPv4 address, or of the IPv6 /64. */
  readonly address: string;
  /** `net:` and 32 hex digits; of the IPv4 /24, or of the IPv6 /48. */
  readonly network: string;
}

/** Hashes an address under `addressKey`. What is absent or no address shares one bucket, so that hiding an address gains nothing. */
export function callerAddress(ip: string | undefined, key: Uint8Array): CallerAddress {
  const parsed = ip === undefined ? null : parseIp(ip);
  const [address, network] = parsed?.length === 4 ? [4, 3] : [8, 6];
  return {
    address: `anon:${digest(key, 'address', parsed, address)}`,
    network: `net:${digest(key, 'network', parsed, network)}`,
  };
}

/** The key under which addresses are hashed: one for the whole server, so that it is known before the tenant is. */
export function addressKey(masterKey: Uint8Array): Uint8Array {
  return serverKey(masterKey, 'address');
}

/**
 * The caller's address. Each trusted proxy appended the address of its own peer to X-Forwarded-For, so the caller's is the
 * `trustedProxyHops`-th entry from the right; what stands further left was written by the caller. With 0, or where the header is
 * shorter than the chain of proxies, the socket's address counts.
 */
export function clientIp(headers: Headers, socketAddress: string | undefined, trustedProxyHops: number): string | undefined {
  if (trustedProxyHops === 0) return socketAddress;
  const chain = headers.get('x-forwarded-for')?.slice(-longestChain).split(',') ?? [];
  const entry = chain.at(-trustedProxyHops)?.trim();
  return entry === undefined || chain.length < trustedProxyHops ? socketAddress : withoutPort(entry);
}

/** Ten proxies, 64 characters each, and room for spaces. */
const longestChain = 1024;

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const match = /^(?:\[([^\]]+)\]|([0-9.]+))(?::[0-9]{1,5})?$/.exec(entry);
  return match?.[1] ?? match?.[2] ?? entry;
}

function digest(key: Uint8Array, purpose: string, ip: Ip | null, length: number): string {
  const prefix = ip === null ? 'unknown' : `${ip.length === 4 ? 'v4' : 'v6'}:${ip.slice(0, length).join('.')}`;
  return bytesToHex(deriveBytes(key, purpose, prefix)).slice(0, 32);
}
