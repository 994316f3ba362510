import { type Ip, parseIp } from './ip.ts';

/**
 * Whether an IP address in text is one of a host on the public internet, judged by the IANA special-purpose address registries (RFC 6890)
 * and narrower where they leave room: all of IPv6 but global unicast (2000::/3) is refused, and so are the transition forms that carry an
 * IPv4 address (mapped, compatible, 6to4, Teredo), public or not. NAT64 (RFC 6052 §2.1) counts as the IPv4 address it carries, since
 * that is how a name looks from a network without IPv4. False for what is no address.
 */
export function isPublicAddress(text: string): boolean {
  const ip = parseIp(text);
  if (ip === null) return false;
  if (ip.length === 4) return !text.includes(':') && !isWithin(specialIpv4, ip);
  if (isWithin(nat64, ip)) return !isWithin(specialIpv4, ip.slice(12));
  return isWithin(globalUnicast, ip) && !isWithin(specialIpv6, ip);
}

interface Block {
  readonly start: Ip;
  readonly bits: number;
}

const specialIpv4 = blocks(
  '0.0.0.0/8', // "this network" (RFC 791 §3.2), the unspecified address
  '10.0.0.0/8', // private (RFC 1918)
  '100.64.0.0/10', // shared, carrier-grade NAT (RFC 6598)
  '127.0.0.0/8', // loopback (RFC 1122 §3.2.1.3)
  '168.63.129.16/32', // public in form, the platform's own channel inside Azure
  '169.254.0.0/16', // link-local (RFC 3927), metadata of clouds
  '172.16.0.0/12', // private (RFC 1918)
  '192.0.0.0/24', // protocol assignments (RFC 6890 §2.1)
  '192.0.2.0/24', // documentation (RFC 5737)
  '192.88.99.0/24', // 6to4 relays, withdrawn (RFC 7526)
  '192.168.0.0/16', // private (RFC 1918)
  '198.18.0.0/15', // benchmarking (RFC 2544)
  '198.51.100.0/24', // documentation (RFC 5737)
  '203.0.113.0/24', // documentation (RFC 5737)
  '224.0.0.0/4', // multicast (RFC 5771)
  '240.0.0.0/4', // reserved (RFC 1112 §4), limited broadcast
);

const globalUnicast = blocks('2000::/3');

const nat64 = blocks('64:ff9b::/96');

const specialIpv6 = blocks(
  '2001::/23', // protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID
  '2001:db8::/32', // documentation (RFC 3849)
  '2002::/16', // 6to4 (RFC 3056)
  '3fff::/20', // documentation (RFC 9637)
);

function blocks(...ranges: readonly string[]): readonly Block[] {
  return ranges.map((range) => {
    const [start = '', bits] = range.split('/');
    return { start: parseIp(start) ?? [], bits: Number(bits) };
  });
}

function isWithin(list: readonly Block[], ip: Ip): boolean {
  return list.some(({ start, bits }) =>
    start.every((byte, at) => {
      const significant = Math.min(8, Math.max(0, bits - at * 8));
      return (byte ^ (ip[at] ?? 0)) >> (8 - significant) === 0;
    }),
  );
}
