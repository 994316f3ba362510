import { expect, test } from 'vitest';
import { SealError, seal, unseal } from '../../src/access/seal.ts';
import { masterKeyId } from '../../src/access/server-key.ts';

const masterKey = new Uint8Array(32).fill(1);
const owner = { tenant: 'ten_a', kid: 'k1' };
const secret = new TextEncoder().encode('thirty-two bytes of private key!');

test('a sealed secret opens under the same master key, for the same tenant and key', async () => {
  const sealed = await seal(secret, masterKey, owner);
  expect(sealed).toMatch(new RegExp(`^v1\\.${masterKeyId(masterKey)}\\.[\\w-]{16}\\.[\\w-]{64}$`));
  expect(await unseal(sealed, masterKey, owner)).toEqual(secret);
});

test('sealing twice gives two texts', async () => {
  expect(await seal(secret, masterKey, owner)).not.toBe(await seal(secret, masterKey, owner));
});

test('the master key id is the head of a labelled hash', () => {
  // (printf 'frontdesk master key id'; head -c 32 /dev/zero | tr '\\0' '\\1') | sha256sum
  expect(masterKeyId(masterKey)).toBe('ce3d75a1');
  expect(masterKeyId(new Uint8Array(32).fill(2))).not.toBe('ce3d75a1');
});

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'opened',
    (error: unknown) => (error instanceof SealError ? error.reason : error),
  );

test('another master key is told from a damaged or moved secret', async () => {
  const sealed = await seal(secret, masterKey, owner);
  const damaged = sealed.slice(0, 40) + (sealed[40] === 'A' ? 'B' : 'A') + sealed.slice(41);
  expect(await reasonOf(unseal(sealed, new Uint8Array(32).fill(2), owner))).toBe('other_master_key');
  expect(await reasonOf(unseal(sealed, masterKey, { ...owner, tenant: 'ten_b' }))).toBe('not_authentic');
  expect(await reasonOf(unseal(sealed, masterKey, { ...owner, kid: 'k2' }))).toBe('not_authentic');
  expect(await reasonOf(unseal(damaged, masterKey, owner))).toBe('not_authentic');
});

test.each(['', 'v1', 'v2.00000000.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA', 'v1.00000000.AAAA.BBBB', 'v1.'.repeat(5000)])(
  '%.20s is malformed',
  async (text) => {
    expect(await reasonOf(unseal(text, masterKey, owner))).toBe('malformed');
  },
);
