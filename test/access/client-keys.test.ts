import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { findClientKey, type KeySource, readClientKeys } from '../../src/access/client-keys.ts';
import { accepted, rejected } from '../../src/access/verdict.ts';

let ed: JWK;
let secretEd: JWK;
let ec: JWK;
let rsa: JWK;

beforeAll(async () => {
  const pair = async (alg: string) => generateKeyPair(alg, { extractable: true });
  const { publicKey, privateKey } = await pair('Ed25519');
  [ed, secretEd] = [await exportJWK(publicKey), await exportJWK(privateKey)];
  ec = await exportJWK((await pair('ES256')).publicKey);
  rsa = await exportJWK((await pair('RS256')).publicKey);
});

const read = async (...keys: readonly unknown[]) => {
  const verdict = await readClientKeys({ keys });
  return verdict.ok ? verdict.value.map(({ algorithms }) => algorithms.join()) : verdict.reason;
};

describe('a key set', () => {
  test('gives each key the algorithms of its kind, or the one it names', async () => {
    expect(await read(ed, ec, rsa)).toEqual(['EdDSA,Ed25519', 'ES256', 'RS256,PS256']);
    expect(await read({ ...ed, alg: 'ed25519' }, { ...rsa, alg: 'PS256' })).toEqual(['EdDSA,Ed25519', 'PS256']);
  });

  test('knows a key by its RFC 7638 thumbprint: the example of RFC 8037 A.3', async () => {
    const verdict = await readClientKeys({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    });
    expect(verdict.ok && verdict.value[0]?.thumbprint).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  test('(22) with a symmetric key is refused as a whole', async () => {
    expect(await read(ed, { kty: 'oct', k: 'c2VjcmV0' })).toBe('key_secret');
    expect(await read(ed, { kty: 'oct' })).toBe('key_secret');
  });

  test('with a private key is refused as a whole', async () => {
    expect(await read(ed, secretEd)).toBe('key_secret');
  });

  test('(22) without keys is refused', async () => {
    expect(await read()).toBe('keys_none');
  });

  test('(22) of 20 keys is read, of 21 and of 1,000 refused', async () => {
    const many = (count: number) => read(...Array.from({ length: count }, () => ed));
    expect([(await many(20)).length, await many(21), await many(1000)]).toEqual([20, 'keys_too_many', 'keys_too_many']);
  });

  test.each(['text', null, [], {}, { keys: {} }, { keys: ['text'] }])('that is %j is refused', async (json) => {
    expect(await readClientKeys(json)).toEqual(rejected('keys_malformed'));
  });

  test('passes over keys that are for something else, if one is left', async () => {
    const others = [
      { kty: 'OKP', crv: 'X25519', x: ed.x },
      { ...ec, crv: 'P-384' },
      { ...ed, use: 'enc' },
      { ...ed, key_ops: ['sign'] },
    ];
    expect(await read(...others, { ...ed, use: 'sig', key_ops: ['verify'] })).toEqual(['EdDSA,Ed25519']);
    expect(await read(...others)).toBe('key_unusable');
  });

  test.each([
    ['an RSA key of 1024 bits', () => ({ ...rsa, n: 'v'.repeat(171) })],
    ['an RSA key whose first bit is missing', () => ({ ...rsa, n: `A${rsa.n?.slice(1)}` })],
    ['an RSA key of 8192 bits', () => ({ ...rsa, n: 'v'.repeat(1366) })],
    ['an RSA key of another exponent', () => ({ ...rsa, e: 'Aw' })],
    ['an Ed25519 key that is too short', () => ({ ...ed, x: ed.x?.slice(1) })],
    ['a key of another algorithm than it names', () => ({ ...ed, alg: 'HS256' })],
    ['a key whose id is not a text', () => ({ ...ed, kid: 7 })],
  ])('does not use %s', async (_, key) => {
    expect(await read(key())).toBe('key_unusable');
  });
});

describe('the key that is meant', () => {
  const find = async (keys: readonly JWK[], kid: string | null, alg = 'EdDSA', later = keys) => {
    const asked: boolean[] = [];
    const source: KeySource = async (reload) => {
      asked.push(reload);
      return readClientKeys({ keys: reload ? later : keys });
    };
    const found = await findClientKey(source, { kid, alg });
    return [found.ok ? found.value.kid : found.reason, asked];
  };

  test('is named by its own id', async () => {
    expect(
      await find(
        [
          { ...ed, kid: 'a' },
          { ...ec, kid: 'b' },
        ],
        'b',
        'ES256',
      ),
    ).toEqual(['b', [false]]);
  });

  test('is named by its thumbprint', async () => {
    const read = await readClientKeys({ keys: [ed] });
    expect(await find([{ ...ed, kid: 'a' }], read.ok ? (read.value[0]?.thumbprint ?? '') : '')).toEqual(['a', [false]]);
  });

  test('need not be named if one fits', async () => {
    expect(
      await find(
        [
          { ...ed, kid: 'a' },
          { ...ec, kid: 'b' },
        ],
        null,
      ),
    ).toEqual(['a', [false]]);
  });

  test('is none where two keys fit', async () => {
    const { publicKey } = await generateKeyPair('Ed25519', { extractable: true });
    const other = { ...(await exportJWK(publicKey)), kid: 'a' };
    expect(await find([{ ...ed, kid: 'a' }, other], 'a')).toEqual(['key_unknown', [false, true]]);
  });

  test('is none for an algorithm that it does not allow', async () => {
    expect(await find([{ ...ed, kid: 'a' }], 'a', 'RS256')).toEqual(['key_unknown', [false, true]]);
  });

  test('(7) is looked up again once where it is missing', async () => {
    expect(await find([{ ...ed, kid: 'old' }], 'new', 'EdDSA', [{ ...ed, kid: 'new' }])).toEqual(['new', [false, true]]);
    expect(await find([{ ...ed, kid: 'old' }], 'new')).toEqual(['key_unknown', [false, true]]);
  });

  test.each(['../../etc/passwd', "' OR 1=1 --", '__proto__'])('(8) is none for the id %s', async (kid) => {
    expect(await find([{ ...ed, kid: 'a' }], kid)).toEqual(['key_unknown', [false, true]]);
  });

  test('is not looked up again where keys cannot be had', async () => {
    let asked = 0;
    const source: KeySource = async () => {
      asked += 1;
      return asked > 1 ? accepted([]) : rejected('timeout');
    };
    expect(await findClientKey(source, { kid: 'a', alg: 'EdDSA' })).toEqual(rejected('timeout'));
    expect(asked).toBe(1);
  });
});
