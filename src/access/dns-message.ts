/** A question for the addresses of a name (RFC 1035 §4.1), id 0 as RFC 8484 §4.1 asks. The name: labels of letters, digits, hyphens. */
export function addressQuery(name: string, type: keyof typeof addressTypes): Uint8Array<ArrayBuffer> {
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.of(0, 0, recursionDesired, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, addressTypes[type], 0, internet);
}

/**
 * Every address in the answer to `query`, whichever name of a chain of aliases it stands under. Null for what is no full answer to it:
 * an error code, a truncated message, another question, records that do not parse. A name without addresses gives an empty list.
 */
export function addressesIn(message: Uint8Array, query: Uint8Array): readonly string[] | null {
  const [high, low, flags = 0, code = 0] = message;
  const isAnswer = (flags & 0x80) !== 0 && (flags & truncated) === 0 && (code & 0x0f) === 0;
  if (high !== 0 || low !== 0 || !isAnswer || uint16(message, 4) !== 1 || !repeats(message, query)) return null;
  const addresses: string[] = [];
  let at: number | null = query.length;
  for (let left = uint16(message, 6); left > 0; left -= 1) {
    at = afterName(message, at);
    if (at === null || at + recordHead > message.length) return null;
    const [type, kind, length] = [uint16(message, at), uint16(message, at + 2), uint16(message, at + 8)];
    const data = message.subarray(at + recordHead, at + recordHead + length);
    if (data.length !== length) return null;
    at += recordHead + length;
    if (kind !== internet || (type !== addressTypes.A && type !== addressTypes.AAAA)) continue;
    if (length !== (type === addressTypes.A ? 4 : 16)) return null;
    addresses.push(addressText(data));
  }
  return addresses;
}

const addressTypes = { A: 1, AAAA: 28 };
const internet = 1;
const recursionDesired = 0x01;
const truncated = 0x02;
const questionAt = 12;
/** Type, class, time to live, length of data. */
const recordHead = 10;

/** The answer quotes the question. Letters may have changed case (RFC 4343); no other byte of a question is a letter. */
function repeats(message: Uint8Array, query: Uint8Array): boolean {
  return query.every((byte, at) => at < questionAt || lowerCase(message[at] ?? 0) === lowerCase(byte));
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** Where a name ends: at the empty label, or at a pointer (RFC 1035 §4.1.4), which need not be followed. */
function afterName(message: Uint8Array, start: number): number | null {
  for (let at = start; at < message.length; ) {
    const length = message[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length >= 0x40) return null;
    at += 1 + length;
  }
  return null;
}

function uint16(message: Uint8Array, at: number): number {
  return ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0);
}

function addressText(data: Uint8Array): string {
  if (data.length === 4) return data.join('.');
  return Array.from({ length: 8 }, (_, group) => uint16(data, group * 2).toString(16)).join(':');
}
