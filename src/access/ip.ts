/** An IP address: 4 bytes, or 16. */
export type Ip = readonly number[];

/**
 * Reads an address in text: IPv4 in four decimal parts without leading zeros, or any IPv6 form of RFC 4291 §2.2. IPv4-mapped IPv6
 * (§2.5.5.2) comes out as the IPv4 address it is. Null for everything else: zone ids, brackets, ports, prefixes.
 */
export function parseIp(text: string): Ip | null {
  if (text.length > longest) return null;
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  return bytes !== null && isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** `0000:0000:0000:0000:0000:ffff:255.255.255.255` */
const longest = 45;

function parseIpv4(text: string): Ip | null {
  const parts = text.split('.', 5);
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.map(Number);
}

/** At most one `::`, which stands for at least one group of zeros. */
function parseIpv6(text: string): Ip | null {
  const halves = text.split('::', 3);
  if (halves.length > 2) return null;
  const [head = '', tail] = halves;
  if (tail === undefined) return exactly(16, groups(head, true));
  const left = head === '' ? [] : groups(head, false);
  const right = tail === '' ? [] : groups(tail, true);
  if (left === null || right === null || left.length + right.length > 14) return null;
  return [...left, ...Array<number>(16 - left.length - right.length).fill(0), ...right];
}

/** Bytes of groups between single colons; the last may be an IPv4 address where the text ends with it. */
function groups(text: string, atEnd: boolean): number[] | null {
  const bytes: number[] = [];
  const parts = text.split(':', 9);
  for (const [at, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const embedded = atEnd && at === parts.length - 1 ? parseIpv4(part) : null;
    if (embedded === null) return null;
    bytes.push(...embedded);
  }
  return bytes;
}

function exactly(length: number, bytes: number[] | null): Ip | null {
  return bytes?.length === length ? bytes : null;
}

function isMapped(bytes: Ip): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
