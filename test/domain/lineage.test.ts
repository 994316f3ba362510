import { describe, expect, test } from 'vitest';
import { lineageOf, type ParentToken, tokenDigest } from '../../src/domain/lineage.ts';

const parent = (more: Partial<ParentToken> = {}): ParentToken => ({
  tokenId: 'rtk_1',
  digest: tokenDigest('x'),
  depth: 0,
  exp: 1000,
  ...more,
});

describe('lineageOf', () => {
  test('without a parent a token stands at the top', () => {
    expect(lineageOf(null, 500)).toEqual({ ok: true, value: { claims: { dep: 0 }, parentId: null, depth: 0, exp: 500 } });
  });

  test('a child is one deeper, names its parent by hash, and ends no later', () => {
    const child = { claims: { dep: 2, par: parent().digest }, parentId: 'rtk_1', depth: 2 };
    expect(lineageOf(parent({ depth: 1 }), 500)).toEqual({ ok: true, value: { ...child, exp: 500 } });
    expect(lineageOf(parent({ depth: 1 }), 5000)).toEqual({ ok: true, value: { ...child, exp: 1000 } });
  });

  test('below the third there is none', () => {
    expect(lineageOf(parent({ depth: 2 }), 500).ok).toBe(true);
    expect(lineageOf(parent({ depth: 3 }), 500)).toMatchObject({ ok: false, code: 'state.forbidden' });
  });
});

test('a digest is SHA-256 in base64url without padding', () => {
  // NIST FIPS 180-2 appendix B.1.
  expect(tokenDigest('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
});
