/** A question for the addresses of a name (RFC 1035 §4.1), id 0 as RFC 8484 §4.1 asks. The name: labels of letters, digits, hyphens. */
export function addressQuery(name: string, type: keyof typeof addressTypes): Uint8Array<ArrayBuffer> {
  return question(name, addressTypes[type]);
}

/** A question for the TXT records of a name, whose labels may also have underscores (RFC 8552). */
export function textQuery(name: string): Uint8Array<ArrayBuffer> {
  return question(name, textType);
}

/**
 * Every address in the answer to `query`, whichever name of a chain of aliases it stands under. Null for what is no full answer to it:
 * an error code, a truncated message, another question, records that do not parse. A name without addresses gives an empty list.
 */
export function addressesIn(message: Uint8Array, query: Uint8Array): readonly string[] | null {
  const records = recordsIn(message, query);
  if (records === null) return null;
  const found = records.filter(({ type }) => type === addressTypes.A || type === addressTypes.AAAA);
  if (found.some(({ type, data }) => data.length !== (type === addressTypes.A ? 4 : 16))) return null;
  return found.map(({ data }) => addressText(data));
}

/**
 * Every TXT record in the answer to `query`, its strings joined (RFC 1035 §3.3.14), at most 100 of at most 2048 bytes: longer ones are left
 * out, and what is not UTF-8 cannot be equal to anything of ours. A name that does not exist gives an empty list, null is for what is no
 * full answer.
 */
export function textsIn(message: Uint8Array, query: Uint8Array): readonly string[] | null {
  if (isAnswerTo(message, query) && responseCode(message) === noSuchName) return [];
  const records = recordsIn(message, query);
  if (records === null) return null;
  const texts: string[] = [];
  for (const { type, data } of records) {
    if (type !== textType) continue;
    const bytes = joinedStrings(data);
    if (bytes === null) return null;
    if (bytes.length <= longestText && texts.length < mostTexts) texts.push(new TextDecoder().decode(bytes));
  }
  return texts;
}

interface DnsRecord {
  readonly type: number;
  readonly data: Uint8Array;
}

/** The records of the internet class in an answer without an error, or null. */
function recordsIn(message: Uint8Array, query: Uint8Array): readonly DnsRecord[] | null {
  if (!isAnswerTo(message, query) || responseCode(message) !== 0) return null;
  const records: DnsRecord[] = [];
  let at: number | null = query.length;
  for (let left = uint16(message, 6); left > 0; left -= 1) {
    at = afterName(message, at);
    if (at === null || at + recordHead > message.length) return null;
    const [type, kind, length] = [uint16(message, at), uint16(message, at + 2), uint16(message, at + 8)];
    const data = message.subarray(at + recordHead, at + recordHead + length);
    if (data.length !== length) return null;
    at += recordHead + length;
    if (kind === internet) records.push({ type, data });
  }
  return records;
}

function isAnswerTo(message: Uint8Array, query: Uint8Array): boolean {
  const [high, low, flags = 0] = message;
  const isWhole = (flags & 0x80) !== 0 && (flags & truncated) === 0;
  return high === 0 && low === 0 && isWhole && uint16(message, 4) === 1 && repeats(message, query);
}

function responseCode(message: Uint8Array): number {
  return (message[3] ?? 0) & 0x0f;
}

function question(name: string, type: number): Uint8Array<ArrayBuffer> {
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.of(0, 0, recursionDesired, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, internet);
}

/** Null where a string is longer than what is left of the record. */
function joinedStrings(data: Uint8Array): Uint8Array | null {
  const parts: number[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data[at] ?? 0;
    if (at + 1 + length > data.length) return null;
    parts.push(...data.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return Uint8Array.from(parts);
}

const addressTypes = { A: 1, AAAA: 28 };
const textType = 16;
/** NXDOMAIN. */
const noSuchName = 3;
const longestText = 2048;
const mostTexts = 100;
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
