import { describe, expect, test } from 'vitest';
import { credentialOf, workspaceKeyCredential } from '../../src/access/credential.ts';
import { formatSecret, type SecretKind, secretHash } from '../../src/domain/secret.ts';

const secret = (kind: SecretKind) => formatSecret(kind, 'dev', new Uint8Array(32).fill(9));
const key = secret('key');
const invalid = { kind: 'invalid' };

describe('credentialOf', () => {
  test('without a header there is no credential', () => expect(credentialOf(null)).toEqual({ kind: 'none' }));

  test('an API key and a workspace key become their kind and hash', () => {
    expect(credentialOf(`Bearer ${key}`)).toEqual({ kind: 'api_key', hash: secretHash(key) });
    expect(credentialOf(`bearer  ${secret('sbx')}`)).toEqual({ kind: 'workspace_key', hash: secretHash(secret('sbx')) });
  });

  test('a typo is noticed by the checksum', () => {
    const typo = key.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'));
    expect(credentialOf(`Bearer ${typo}`)).toEqual(invalid);
  });

  test.each([
    '',
    'Bearer',
    'Bearer ',
    key,
    `Basic ${key}`,
    `Bearer ${key} x`,
    `Bearer${key}`,
    `Bearer ${secret('clm')}`,
    `Bearer ${'a'.repeat(100_000)}`,
  ])('%.40s is invalid', (header) => expect(credentialOf(header)).toEqual(invalid));
});

test('only a workspace key is a workspace key', () => {
  expect(workspaceKeyCredential(secret('sbx'))).toEqual({ kind: 'workspace_key', hash: secretHash(secret('sbx')) });
  for (const text of [key, secret('clm'), '', 'x'.repeat(100_000)]) expect(workspaceKeyCredential(text)).toEqual(invalid);
});
