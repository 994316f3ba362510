import { canonicalize } from '../canonical.ts';

/**
 * Whether a JSON text is the RFC 8785 form of its value, so that it can be read in one way only. Nearly every body is told by one scan;
 * the few with escapes, fractions or large numbers are written again and compared. `value` is what the text was parsed to.
 */
export function isCanonicalText(text: string, value: unknown): boolean {
  // A backslash may escape what needs no escape, half a surrogate pair would need one.
  if (!/[\\\ud800-\udfff]/.test(text) && afterValue(text, 0, 0) === text.length) return true;
  try {
    return canonicalize(value) === text;
  } catch {
    // Nested deeper than the stack: no body of ours.
    return false;
  }
}

const [quote, comma, minus, zero, nine, colon] = [0x22, 0x2c, 0x2d, 0x30, 0x39, 0x3a];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const nowhere = -1;
const deepest = 16;
/** Every integer of so many digits is written by JavaScript as it stands. */
const longestInteger = 15;

/** Where the value that begins at `at` ends, in a text that is JSON without escapes; nowhere if it may not be canonical. */
function afterValue(text: string, at: number, depth: number): number {
  const first = text.charCodeAt(at);
  if (first === quote) return text.indexOf('"', at + 1) + 1;
  if (first === openObject) return depth < deepest ? afterObject(text, at + 1, depth + 1) : nowhere;
  if (first === openList) return depth < deepest ? afterList(text, at + 1, depth + 1) : nowhere;
  if (text.startsWith('null', at) || text.startsWith('true', at)) return at + 4;
  return text.startsWith('false', at) ? at + 5 : afterInteger(text, at);
}

function afterObject(text: string, start: number, depth: number): number {
  if (text.charCodeAt(start) === closeObject) return start + 1;
  let last: string | null = null;
  for (let at = start; text.charCodeAt(at) === quote; ) {
    const end = text.indexOf('"', at + 1);
    const name = text.slice(at + 1, end);
    if ((last !== null && name <= last) || text.charCodeAt(end + 1) !== colon) return nowhere;
    last = name;
    const next = afterValue(text, end + 2, depth);
    if (next === nowhere) return nowhere;
    if (text.charCodeAt(next) === closeObject) return next + 1;
    if (text.charCodeAt(next) !== comma) return nowhere;
    at = next + 1;
  }
  return nowhere;
}

function afterList(text: string, start: number, depth: number): number {
  if (text.charCodeAt(start) === closeList) return start + 1;
  for (let at = start; ; ) {
    const next = afterValue(text, at, depth);
    if (next === nowhere) return nowhere;
    if (text.charCodeAt(next) === closeList) return next + 1;
    if (text.charCodeAt(next) !== comma) return nowhere;
    at = next + 1;
  }
}

function afterInteger(text: string, start: number): number {
  const digits = text.charCodeAt(start) === minus ? start + 1 : start;
  let at = digits;
  while (text.charCodeAt(at) >= zero && text.charCodeAt(at) <= nine) at++;
  const isMinusZero = digits > start && text.charCodeAt(digits) === zero;
  return at === digits || at - digits > longestInteger || isMinusZero ? nowhere : at;
}
