import { bytesToHex } from '@noble/hashes/utils.js';
import { getDomain, parse } from 'tldts';
import { ok, type Result, refuse } from './result.ts';

/** A prospect's registrable domain, in lower-case ASCII: what identifies a company here. */
export interface ProspectKey {
  readonly domain: string;
  /** HMAC of the registrable domain under the tenant's key, hex: comparable inside one tenant, meaningless outside. */
  readonly fingerprint: string;
}

/**
 * The key of a prospect by the Public Suffix List with its private section (`x.vercel.app` is its own company, not everybody's).
 * Refuses addresses and single labels.
 */
export function prospectKey(
  domain: string,
  derive: (purpose: string, id: string, version: number) => Uint8Array,
): Result<ProspectKey, 'request.invalid'> {
  const registrable = registrableDomain(domain);
  if (registrable === null) {
    return refuse('request.invalid', {
      issues: [
        {
          pointer: '/prospect/domain',
          code: 'domain',
          message: 'Not a registrable domain: give the company’s own domain, such as example.com.',
        },
      ],
    });
  }
  return ok({ domain: registrable, fingerprint: fingerprintOf(registrable, derive) });
}

/** The fingerprint of a registrable domain. */
export function fingerprintOf(registrable: string, derive: (purpose: string, id: string, version: number) => Uint8Array): string {
  return bytesToHex(derive('prospect', registrable, 1));
}

/** The registrable domain of a host name (Public Suffix List, private section included), or null. */
export function registrableDomain(host: string): string | null {
  const ascii = toAscii(host);
  if (ascii === null || parse(ascii).isIp) return null;
  return getDomain(ascii, { allowPrivateDomains: true });
}

/**
 * Whether a registrable domain is a name that a hosting company lends (`x.vercel.app`): a company of its own, but one that anybody makes in a
 * minute and as often as they like.
 */
export function isLent(registrable: string): boolean {
  return getDomain(registrable, { allowPrivateDomains: false }) !== registrable;
}

/** IDNA to ASCII by the URL standard's own rules (https://url.spec.whatwg.org/#host-parsing); null if it is no host name. */
function toAscii(host: string): string | null {
  try {
    const { hostname, pathname, search } = new URL(`https://${host.trim().replace(/\.$/, '')}/`);
    return pathname === '/' && search === '' ? hostname : null;
  } catch {
    return null;
  }
}
