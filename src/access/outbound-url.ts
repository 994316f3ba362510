/** Where a request may go, before its name is resolved. */
export interface OutboundTarget {
  readonly url: URL;
  /** The operator vouches for this host and port: whatever it resolves to is right. */
  readonly vouched: boolean;
}

export type OutboundRefusal = 'address_forbidden' | 'scheme_forbidden' | 'port_forbidden';

/**
 * Reads an address that came from outside: https, port 443 or 8443, a name of at least two labels that is not one of an inner network,
 * no user name or password, at most 2048 characters. An IP address is refused in every spelling: the URL standard ("host parsing")
 * turns octal, hex, decimal and shortened IPv4 into four decimal parts first, and writes IPv6 in brackets.
 * `allow` lists what an operator vouches for, each as `host:port` the way `URL` writes the host: there, http, any port, any name
 * and an IP address are right as well.
 */
export function outboundTarget(text: string, allow: readonly string[]): OutboundTarget | OutboundRefusal {
  if (text.length > 2048 || !URL.canParse(text)) return 'address_forbidden';
  const url = new URL(text);
  const { protocol, hostname, port, username, password } = url;
  if (protocol !== 'https:' && protocol !== 'http:') return 'scheme_forbidden';
  if (username !== '' || password !== '') return 'address_forbidden';
  if (allow.includes(`${hostname}:${port || standardPorts[protocol]}`)) return { url, vouched: true };
  if (protocol !== 'https:') return 'scheme_forbidden';
  if (!isPublicName(hostname)) return 'address_forbidden';
  if (port !== '' && port !== '8443') return 'port_forbidden';
  return { url, vouched: false };
}

const standardPorts = { 'https:': '443', 'http:': '80' };

/** Lower case, by the URL parser. RFC 1123 §2.1: a last label that begins with a digit is that of an IPv4 address. */
function isPublicName(hostname: string): boolean {
  const labels = hostname.split('.');
  const last = labels.at(-1) ?? '';
  const isLabel = (label: string) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
  return hostname.length <= 253 && labels.length > 1 && labels.every(isLabel) && /^[a-z]/.test(last) && !innerNames.has(last);
}

/** Last labels that only inner networks resolve: RFC 6761, 6762, 7686, 8375, ICANN's `internal`, and what routers make up. */
const innerNames = new Set(['local', 'localhost', 'internal', 'arpa', 'onion', 'invalid', 'lan', 'home', 'corp', 'intranet']);
