import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../src/access/public-address.ts';

describe('isPublicAddress', () => {
  /** First and last address of each block, and its neighbours on both sides where they are public. */
  test.each([
    ['this network', '0.0.0.0', '0.255.255.255', null, '1.0.0.0'],
    ['private 10/8', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['carrier-grade NAT', '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
    ['loopback', '127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
    ['inside Azure', '168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17'],
    ['link-local', '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
    ['private 172.16/12', '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
    ['protocol assignments', '192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
    ['documentation 1', '192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
    ['6to4 relays', '192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
    ['private 192.168/16', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['benchmarking', '198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
    ['documentation 2', '198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
    ['documentation 3', '203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
    ['multicast, reserved and broadcast', '224.0.0.0', '255.255.255.255', '223.255.255.255', null],
    ['reserved', '240.0.0.0', '255.255.255.254', null, null],
    ['unspecified, loopback, IPv4-compatible', '::', '::ffff:ffff', null, null],
    ['below global unicast', '::1:0:0:0', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, '2000::'],
    ['IPv6 protocol assignments', '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff::', '2001:200::'],
    ['Teredo', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
    ['IPv6 benchmarking', '2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff', null, null],
    ['IPv6 documentation 1', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7::', '2001:db9::'],
    ['6to4', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:ffff::', '2003::'],
    ['IPv6 documentation 2', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffe::', '3fff:1000::'],
    ['above global unicast', '4000::', 'fbff:ffff::', '3fff:ffff::', null],
    ['unique local', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
    ['IPv6 link-local', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
    ['IPv6 site-local', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
    ['IPv6 multicast', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
  ])('%s is not public, its neighbours are', (_, first, last, before, after) => {
    expect([first, last].map(isPublicAddress)).toEqual([false, false]);
    expect([before, after].filter((neighbour) => neighbour !== null && !isPublicAddress(neighbour))).toEqual([]);
  });

  test.each([
    ['metadata of AWS, Azure, Google', '169.254.169.254'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['metadata of AWS over IPv6', 'fd00:ec2::254'],
    ['metadata of Google over IPv6', 'fd20:ce::254'],
    ['IPv4-mapped private', '::ffff:10.0.0.1'],
    ['IPv4-mapped loopback in hex', '::ffff:7f00:1'],
    ['IPv4-mapped public', '::ffff:93.184.216.34'],
    ['IPv4-translated', '::ffff:0:93.184.216.34'],
    ['IPv4-compatible', '::93.184.216.34'],
    ['6to4 of a private address', '2002:a00:1::'],
    ['6to4 of a public address', '2002:5db8:d822::'],
    ['Teredo of a private address', '2001:0:4136:e378:8000:63bf:f5ff:fffe'],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
    ['NAT64 of loopback', '64:ff9b::7f00:1'],
    ['NAT64 of metadata', '64:ff9b::169.254.169.254'],
    ['NAT64 of a prefix of one network', '64:ff9b:1::93.184.216.34'],
    ['discard only', '100::1'],
    ['segment routing', '5f00::1'],
    ['a zone id', 'fe80::1%eth0'],
    ['a zone id behind a public address', '2606:4700::1%1'],
    ['octal', '0177.0.0.1'],
    ['hex', '0x7f.0.0.1'],
    ['one number', '2130706433'],
    ['short', '127.1'],
    ['brackets', '[2606:4700::1]'],
    ['a port', '93.184.216.34:443'],
    ['a space', ' 93.184.216.34'],
    ['a name', 'example.com'],
    ['nothing', ''],
  ])('%s is not public: %s', (_, text) => expect(isPublicAddress(text)).toBe(false));

  test.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '2606:4700:4700::1111', '2A00:1450::1', '2620:4f:8000::1', '64:ff9b::8.8.8.8'])(
    '%s is public',
    (text) => expect(isPublicAddress(text)).toBe(true),
  );

  test('no other way of writing an IPv6 address changes what it is', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const short = groups.map((value) => value.toString(16)).join(':');
        const long = groups.map((value) => value.toString(16).toUpperCase().padStart(4, '0')).join(':');
        expect(isPublicAddress(short)).toBe(isPublicAddress(long));
      }),
    );
  });
});
