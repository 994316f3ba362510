import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalize } from '../../src/domain/canonical.ts';
import { isCanonicalText } from '../../src/domain/verification/canonical-text.ts';

/** As JSON.parse and RFC 8785 together say it; a text that is no JSON is never asked about, a number beyond all numbers has no form. */
const isCanonical = (text: string): boolean => Number.isFinite(numbersIn(JSON.parse(text))) && canonicalize(JSON.parse(text)) === text;
const numbersIn = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Math.max(0, ...Object.values(value).map(numbersIn))
    : Math.abs(Number(typeof value === 'number' && value));
const judged = (text: string): boolean => isCanonicalText(text, JSON.parse(text));

it('is told of every canonical text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(judged(canonicalize(value))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('is told as RFC 8785 does of any JSON text with a character more, less or changed', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      fc.nat(2),
      fc.constantFrom(...' \n",:{}[]-0159.eEtz\\u'),
      (value, any, less, more) => {
        const text = canonicalize(value);
        const at = any % text.length;
        const changed = text.slice(0, at) + more + text.slice(at + less);
        fc.pre(isJson(changed));
        expect(judged(changed)).toBe(isCanonical(changed));
      },
    ),
    { numRuns: 3000 },
  );
});

it.each([
  ['{"a":1,"a":1}', false],
  ['{"b":1,"a":1}', false],
  ['{"a":1,"b":1}', true],
  ['{"":1,"a":2}', true],
  ['{"":1,"":2}', false],
  ['{"10":1,"9":2}', true],
  ['{"9":1,"10":2}', false],
  ['{"a":{"c":[],"d":{}},"b":[1,-1,null,true,false]}', true],
  ['{"a": 1}', false],
  ['[1, 2]', false],
  ['-0', false],
  ['-1', true],
  ['1.0', false],
  ['1.5', true],
  ['1e3', false],
  ['9007199254740993', false],
  ['9007199254740992', true],
  ['"\\u0061"', false],
  ['"\\ud800"', true],
  ['"\\n"', true],
  ['"é—𝄞"', true],
  ['"\ud800"', false],
  [`${'['.repeat(40)}${']'.repeat(40)}`, true],
])('is told of %s', (text, expected) => {
  expect([judged(text), isCanonical(text)]).toEqual([expected, expected]);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
