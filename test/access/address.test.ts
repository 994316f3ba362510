import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKey, callerAddress, clientIp } from '../../src/access/address.ts';
import { parseIp } from '../../src/access/ip.ts';

describe('parseIp', () => {
  test.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['192.0.2.1', [192, 0, 2, 1]],
    ['::', Array(16).fill(0)],
    ['::1', [...Array(15).fill(0), 1]],
    ['1::', [0, 1, ...Array(14).fill(0)]],
    ['2001:db8::8:800:200c:417a', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 8, 8, 0, 0x20, 0x0c, 0x41, 0x7a]],
    ['2001:0DB8:0:0:8:800:200C:417A', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 8, 8, 0, 0x20, 0x0c, 0x41, 0x7a]],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ['::2:3:4:5:6:7:8', [0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['64:ff9b::192.0.2.33', [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33]],
    ['1:2:3:4:5:6:192.0.2.33', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 192, 0, 2, 33]],
  ])('%s', (text, bytes) => expect(parseIp(text)).toEqual(bytes));

  test.each(['::ffff:192.0.2.1', '::FFFF:C000:0201', '0:0:0:0:0:ffff:192.0.2.1', '0000:0000:0000:0000:0000:ffff:192.0.2.1'])(
    'IPv4-mapped %s is the IPv4 address',
    (text) => expect(parseIp(text)).toEqual([192, 0, 2, 1]),
  );

  test.each([
    '',
    ' 1.2.3.4',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x1.2.3.4',
    '1.2.3.4:80',
    '1.2.3.4/24',
    '3232235777',
    ':',
    ':::',
    '1::2::3',
    ':1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::1%eth0',
    'fe80::1%25en0',
    '[::1]',
    '::1/64',
    '::1.2.3.4:1',
    '1.2.3.4::',
    '::01.2.3.4',
    '1:2:3:4:5:6:7:192.0.2.33',
    'x'.repeat(100_000),
  ])('%.40s is no address', (text) => expect(parseIp(text)).toBeNull());

  test('every 16 bytes come back from their full form, and shortening changes nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const groups = Array.from({ length: 8 }, (_, i) => (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16));
        const full = parseIp(groups.join(':'));
        expect(full).toEqual(
          bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255 ? [...bytes.slice(12)] : [...bytes],
        );
        const host = new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
        expect(parseIp(host)).toEqual(full);
      }),
    );
  });

  test('whatever a stranger sends, nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%[\]]{0,50}$/)), (text) =>
        [null, 4, 16].includes(parseIp(text)?.length ?? null),
      ),
    );
  });
});

const key = addressKey(new Uint8Array(32).fill(3));

describe('callerAddress', () => {
  test('hashes show nothing of the address, and depend on the server key', () => {
    const { address, network } = callerAddress('192.0.2.1', key);
    expect(address).toMatch(/^anon:[0-9a-f]{32}$/);
    expect(network).toMatch(/^net:[0-9a-f]{32}$/);
    expect(callerAddress('192.0.2.1', addressKey(new Uint8Array(32).fill(4))).address).not.toBe(address);
  });

  test.each([
    ['192.0.2.1', '192.0.2.200', false, true],
    ['192.0.2.1', '192.0.3.1', false, false],
    ['192.0.2.1', '::ffff:192.0.2.1', true, true],
    ['::ffff:192.0.2.1', '::ffff:198.51.100.1', false, false],
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', true, true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false, true],
    ['2001:db8:0:1::1', '2001:db8:1:1::1', false, false],
  ])('%s and %s: same caller %s, same network %s', (one, other, sameAddress, sameNetwork) => {
    const [a, b] = [callerAddress(one, key), callerAddress(other, key)];
    expect([a.address === b.address, a.network === b.network]).toEqual([sameAddress, sameNetwork]);
  });

  test('who has no readable address shares one bucket', () => {
    const absent = callerAddress(undefined, key);
    for (const text of ['', 'unknown', '1.2.3.4.5', 'fe80::1%eth0']) expect(callerAddress(text, key)).toEqual(absent);
    expect(callerAddress('0.0.0.0', key)).not.toEqual(absent);
  });
});

describe('clientIp', () => {
  const ip = (forwarded: string | null, hops: number, socket: string | undefined = '10.0.0.9') =>
    clientIp(new Headers(forwarded === null ? {} : { 'x-forwarded-for': forwarded }), socket, hops);

  test('without trusted proxies only the socket counts', () => expect(ip('203.0.113.7', 0)).toBe('10.0.0.9'));

  test('what the caller wrote in front changes nothing', () => {
    for (const forged of ['', '1.1.1.1, ', '1.1.1.1, 2.2.2.2, ', `${'9.9.9.9, '.repeat(500)}`]) {
      expect(ip(`${forged}203.0.113.7`, 1)).toBe('203.0.113.7');
      expect(ip(`${forged}203.0.113.7, 10.0.0.1`, 2)).toBe('203.0.113.7');
    }
  });

  test('a header shorter than the chain of proxies is not believed', () => {
    expect(ip('203.0.113.7', 2)).toBe('10.0.0.9');
    expect(ip(null, 1)).toBe('10.0.0.9');
    expect(clientIp(new Headers(), undefined, 1)).toBeUndefined();
  });

  test('a port after the address is cut off', () => {
    expect(ip('203.0.113.7:4711', 1)).toBe('203.0.113.7');
    expect(ip('[2001:db8::1]:4711', 1)).toBe('2001:db8::1');
    expect(ip('[2001:db8::1]', 1)).toBe('2001:db8::1');
    expect(ip('2001:db8::1', 1)).toBe('2001:db8::1');
  });
});
