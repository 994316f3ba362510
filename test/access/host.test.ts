import { expect, test } from 'vitest';
import { normaliseHost, normaliseLocalHost } from '../../src/access/host.ts';

test.each([
  ['Desk.Example.COM', 'desk.example.com'],
  ['desk.example.com:443', 'desk.example.com'],
  ['desk.example.com:80', 'desk.example.com'],
  ['desk.example.com.', 'desk.example.com'],
  ['desk.example.com:8443', 'desk.example.com:8443'],
  ['[::1]:8787', '[::1]:8787'],
  ['localhost:8787', 'localhost:8787'],
])('%s is stored as %s', (given, stored) => expect(normaliseHost(given)).toBe(stored));

test.each(['', '.', 'a b', 'a/b', 'user@host', "x' or 1=1", '-a', 'a-', 'a:b', 'a:1:2', '::1', '[x]', 'a'.repeat(300), 'é.example'])(
  '%.20s is no host',
  (given) => expect(normaliseHost(given)).toBeNull(),
);

test.each(['localhost', 'LOCALHOST:8787', '127.0.0.1:1', '[::1]:9', '[::1]'])('%s is this machine', (given) =>
  expect(normaliseLocalHost(given)).toBe('localhost'),
);

test.each(['localhost.example.com', '127.0.0.11', '127.0.0.1.example.com', 'desk.example.com'])('%s is not this machine', (given) =>
  expect(normaliseLocalHost(given)).not.toBe('localhost'),
);
