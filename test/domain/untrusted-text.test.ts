import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, hasInvisibleText, isStorableText } from '../../src/domain/untrusted-text.ts';

describe('cleanText', () => {
  test.each([
    ['line\r\nbreak\tand  spaces ', 'line break and spaces'],
    ['a\u0000b\u001b[31mc', 'ab[31mc'],
    ['pay\u202Eeno\u2066!', 'payeno!'],
    ['zero\u200Bwidth\u200D\uFEFF', 'zerowidth'],
    ['tag\u{E0041}\u{E007F}s', 'tags'],
    ['vs\uFE0F\u{E0101}', 'vs'],
    ['filler\u3164\u115F', 'filler'],
    ['lone\ud800', 'lone'],
    ['e\u200D\u0301', 'é'],
    ['数量 😀', '数量 😀'],
  ])('%j becomes %j', (given, wanted) => {
    expect(cleanText(given, 80)).toBe(wanted);
  });

  test('never exceeds its length, is idempotent, storable and visible for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (text, length) => {
        const clean = cleanText(text, length);
        expect([...clean].length).toBeLessThanOrEqual(length);
        expect(cleanText(clean, length)).toBe(clean);
        expect(isStorableText(clean)).toBe(true);
        expect(hasInvisibleText(clean)).toBe(false);
        expect(clean).toBe(clean.normalize('NFC'));
      }),
      { numRuns: 1_000 },
    );
  });
});
