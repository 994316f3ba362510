import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressesIn, addressQuery, textQuery, textsIn } from '../../src/access/dns-message.ts';

const query = addressQuery('hooks.example.com', 'A');
const pointer = [0xc0, 12];
const record = (type: number, data: readonly number[], name: readonly number[] = pointer, kind = 1) => [
  ...name,
  ...[0, type, 0, kind, 0, 0, 0, 60, 0, data.length],
  ...data,
];
const v4 = record(1, [93, 184, 216, 34]);
const alias = record(5, [3, 0x63, 0x64, 0x6e, 0xc0, 18]);

function answer(records: readonly (readonly number[])[], head: Readonly<Record<number, number>> = {}, question = [...query.slice(12)]) {
  const message = Uint8Array.of(0, 0, 0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0, ...question, ...records.flat());
  for (const [at, byte] of Object.entries(head)) message[Number(at)] = byte;
  return message;
}

describe('a question for addresses', () => {
  test('is the example of RFC 8484 §4.1.1', () => {
    expect(Buffer.from(addressQuery('www.example.com', 'A')).toString('base64url')).toBe('AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB');
  });

  test('for IPv6 asks for AAAA', () => {
    expect([...addressQuery('a.bc', 'AAAA').slice(12)]).toEqual([1, 0x61, 2, 0x62, 0x63, 0, 0, 28, 0, 1]);
  });
});

describe('an answer', () => {
  test.each([
    ['one address', [v4], ['93.184.216.34']],
    ['addresses behind an alias', [alias, record(1, [1, 2, 3, 4], [0xc0, 40])], ['1.2.3.4']],
    ['a name written out', [record(1, [1, 2, 3, 4], [1, 0x61, 0])], ['1.2.3.4']],
    ['both kinds, though one was asked for', [v4, record(28, [0xfd, ...Array(14).fill(0), 1])], ['93.184.216.34', 'fd00:0:0:0:0:0:0:1']],
    ['none', [], []],
    ['an alias only', [alias], []],
    ['another class', [record(1, [10, 0, 0, 1], pointer, 3)], []],
  ])('with %s', (_, records, addresses) => expect(addressesIn(answer(records), query)).toEqual(addresses));

  test('quotes the question in any case', () => {
    const upper = [...query.slice(12)].map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte));
    expect(addressesIn(answer([v4], {}, upper), query)).toEqual(['93.184.216.34']);
  });

  test.each([
    ['is no answer', answer([v4], { 2: 0x01 })],
    ['is cut off by the server', answer([v4], { 2: 0x83 })],
    ['is an error of the format', answer([v4], { 3: 0x81 })],
    ['is SERVFAIL', answer([], { 3: 0x82 })],
    ['is NXDOMAIN', answer([], { 3: 0x83 })],
    ['is REFUSED', answer([], { 3: 0x85 })],
    ['has another id', answer([v4], { 1: 7 })],
    ['quotes no question', answer([v4], { 5: 0 })],
    ['is to another name', answer([v4], {}, [...addressQuery('hooks.example.net', 'A').slice(12)])],
    ['is to another type', answer([v4], {}, [...addressQuery('hooks.example.com', 'AAAA').slice(12)])],
    ['announces more records than it has', answer([v4], { 7: 2 })],
    ['ends within an address', answer([v4]).slice(0, -1)],
    ['ends within a record', answer([v4]).slice(0, -8)],
    ['ends within a name', answer([[5, 0x61]])],
    ['has a name of an unknown kind', answer([record(1, [1, 2, 3, 4], [0x40, 0])])],
    ['has an IPv4 address of five bytes', answer([record(1, [1, 2, 3, 4, 5])])],
    ['has an IPv6 address of four bytes', answer([record(28, [1, 2, 3, 4])])],
    ['is empty', new Uint8Array()],
    ['is a head', answer([]).slice(0, 12)],
  ])('that %s is none', (_, message) => expect(addressesIn(message, query)).toBeNull());

  test('of any bytes is read without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = addressesIn(answer([[...bytes]], { 7: 9 }), query);
        expect(read === null || read.length <= 9).toBe(true);
      }),
    );
  });
});

describe('texts', () => {
  const asked = textQuery('_frontdesk-challenge.acme.example');
  const bytes = (text: string) => [...new TextEncoder().encode(text)];
  const text = (...parts: readonly string[]) => parts.flatMap((part) => [bytes(part).length, ...bytes(part)]);
  const told = (records: readonly (readonly number[])[], head = {}) => textsIn(answer(records, head, [...asked.slice(12)]), asked);

  test('are asked for with type 16', () => {
    expect([...asked.slice(12, 14), ...asked.slice(-4)]).toEqual([20, 0x5f, 0, 16, 0, 1]);
  });

  test.each([
    ['one', [record(16, text('token=a'))], ['token=a']],
    ['several', [record(16, text('a')), record(16, text('b'))], ['a', 'b']],
    ['one of several strings, joined', [record(16, text('token', '=', 'a'))], ['token=a']],
    ['one behind an alias', [alias, record(16, text('a'), [0xc0, 40])], ['a']],
    ['an empty one', [record(16, [0])], ['']],
    ['addresses only', [v4], []],
    ['one of another class', [record(16, text('a'), pointer, 3)], []],
  ])('in an answer with %s', (_, records, texts) => expect(told(records)).toEqual(texts));

  test('are none under a name that does not exist', () => {
    expect(told([], { 3: 0x83 })).toEqual([]);
  });

  test.each([
    ['SERVFAIL', [], { 3: 0x82 }],
    ['REFUSED', [], { 3: 0x85 }],
    ['an answer that is cut off', [record(16, text('a'))], { 2: 0x83 }],
    ['NXDOMAIN that is cut off', [], { 2: 0x83, 3: 0x83 }],
    ['a string longer than its record', [record(16, [9, 0x61])], {}],
    ['a question instead of an answer', [], { 2: 0x01 }],
  ])('cannot be told from %s', (_, records, head) => expect(told(records, head)).toBeNull());

  test('are no more than a hundred, none of them longer than 2048 bytes', () => {
    const long = [...Array(9).keys()].flatMap(() => text('x'.repeat(255)));
    const tooLong = [...pointer, 0, 16, 0, 1, 0, 0, 0, 60, long.length >> 8, long.length & 0xff, ...long];
    expect(told([tooLong, ...Array.from({ length: 120 }, () => record(16, text('a')))])).toEqual(Array(100).fill('a'));
  });

  test('of any bytes are read without harm', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (data) => void told([[...data]], { 7: 9 })));
  });
});
