import { anyButLineBreak, type CharSet, charSet, complement, digits, union, whiteSpace, wordCharacters } from './char-set.ts';
import { dataSchemaLimits as limits } from './limits.ts';

export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly at: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number };

/**
 * Parse the part of ECMA-262 regular expressions (read as with the `u` flag) that finite automata can run: literals, `\d \w \s \b` and
 * their complements, character escapes, classes, plain groups, alternation, greedy and lazy quantifiers, `^`, `$`, dot. Anything else
 * (back references, look-around, named groups, property escapes, flags) and anything beyond the limits is `undefined`.
 */
export function parsePattern(source: string): PatternNode | undefined {
  if (source.length > limits.patternCharacters) return undefined;
  const characters = [...source];
  let at = 0;
  let depth = 0;

  function choice(): PatternNode | undefined {
    const options: PatternNode[] = [];
    do {
      const option = sequence();
      if (option === undefined) return undefined;
      options.push(option);
    } while (take('|'));
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  function sequence(): PatternNode | undefined {
    const parts: PatternNode[] = [];
    while (at < characters.length && characters[at] !== '|' && characters[at] !== ')') {
      const atom = term();
      const part = atom === undefined ? undefined : quantified(atom);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return { kind: 'sequence', parts };
  }

  function term(): PatternNode | undefined {
    const character = characters[at++];
    if (character === '^') return { kind: 'assert', at: 'start' };
    if (character === '$') return { kind: 'assert', at: 'end' };
    if (character === '.') return { kind: 'set', set: anyButLineBreak };
    if (character === '(') return group();
    if (character === '[') return characterClass();
    if (character === '\\') return escaped();
    return character === undefined || '*+?{}]'.includes(character)
      ? undefined
      : { kind: 'set', set: single(character.codePointAt(0) ?? 0) };
  }

  function group(): PatternNode | undefined {
    if (take('?') && !take(':')) return undefined;
    depth += 1;
    const inner = depth > limits.patternDepth ? undefined : choice();
    depth -= 1;
    return take(')') ? inner : undefined;
  }

  function escaped(): PatternNode | undefined {
    if (take('b')) return { kind: 'assert', at: 'boundary' };
    if (take('B')) return { kind: 'assert', at: 'inside' };
    const set = escapedSet();
    return set === undefined ? undefined : { kind: 'set', set };
  }

  /** After a backslash. One code point comes back as a set of one. */
  function escapedSet(): CharSet | undefined {
    const character = characters[at++];
    if (character === undefined) return undefined;
    const known = classEscapes.get(character);
    if (known !== undefined) return known;
    if (character === 'x') return fixedHex(2);
    if (character === 'u') return take('{') ? bracedHex() : surrogateAware();
    return /[a-zA-Z0-9]/.test(character) ? undefined : single(character.codePointAt(0) ?? 0);
  }

  function surrogateAware(): CharSet | undefined {
    const high = fixedHex(4)?.[0];
    if (high === undefined || high < 0xd800 || high > 0xdfff) return high === undefined ? undefined : single(high);
    if (high > 0xdbff || !take('\\') || !take('u')) return undefined;
    const low = fixedHex(4)?.[0];
    return low === undefined || low < 0xdc00 || low > 0xdfff ? undefined : single((high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000);
  }

  function fixedHex(length: number): CharSet | undefined {
    const hex = characters.slice(at, at + length).join('');
    at += length;
    return hex.length === length && /^[0-9a-fA-F]+$/.test(hex) ? single(Number.parseInt(hex, 16)) : undefined;
  }

  function bracedHex(): CharSet | undefined {
    const end = characters.indexOf('}', at);
    const hex = characters.slice(at, end).join('');
    at = end + 1;
    const codePoint = /^[0-9a-fA-F]{1,6}$/.test(hex) && end > 0 ? Number.parseInt(hex, 16) : Number.NaN;
    return codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff) ? single(codePoint) : undefined;
  }

  function characterClass(): PatternNode | undefined {
    const negated = take('^');
    const sets: CharSet[] = [];
    while (!take(']')) {
      const from = classAtom();
      if (from === undefined) return undefined;
      if (characters[at] !== '-' || characters[at + 1] === ']') {
        sets.push(from);
        continue;
      }
      at += 1;
      const to = classAtom();
      const [low, high] = [onlyMember(from), to === undefined ? undefined : onlyMember(to)];
      if (low === undefined || high === undefined || high < low) return undefined;
      sets.push(charSet([[low, high]]));
    }
    return { kind: 'set', set: negated ? complement(union(sets)) : union(sets) };
  }

  function classAtom(): CharSet | undefined {
    const character = characters[at++];
    if (character === '\\') return take('b') ? single(8) : escapedSet();
    return character === undefined ? undefined : single(character.codePointAt(0) ?? 0);
  }

  function quantified(atom: PatternNode): PatternNode | undefined {
    const bounds = quantifier();
    if (bounds === undefined) return undefined;
    if (bounds === 'none') return atom;
    take('?');
    return atom.kind === 'assert' ? undefined : { kind: 'repeat', of: atom, min: bounds[0], max: bounds[1] };
  }

  function quantifier(): readonly [number, number] | 'none' | undefined {
    if (take('*')) return [0, Number.POSITIVE_INFINITY];
    if (take('+')) return [1, Number.POSITIVE_INFINITY];
    if (take('?')) return [0, 1];
    if (!take('{')) return 'none';
    const end = characters.indexOf('}', at);
    const written = /^([0-9]{1,4})(,([0-9]{1,4})?)?$/.exec(end < 0 ? '' : characters.slice(at, end).join(''));
    at = end + 1;
    if (written === null) return undefined;
    const min = Number(written[1]);
    const max = written[3] !== undefined ? Number(written[3]) : written[2] === undefined ? min : Number.POSITIVE_INFINITY;
    const largest = Number.isFinite(max) ? max : min;
    return largest > limits.patternRepeat || max < min ? undefined : [min, max];
  }

  function take(character: string): boolean {
    if (characters[at] !== character) return false;
    at += 1;
    return true;
  }

  const parsed = choice();
  return at === characters.length ? parsed : undefined;
}

const single = (codePoint: number): CharSet => [codePoint, codePoint];
const onlyMember = (set: CharSet): number | undefined => (set.length === 2 && set[0] === set[1] ? set[0] : undefined);

const classEscapes = new Map<string, CharSet>([
  ['d', digits],
  ['D', complement(digits)],
  ['w', wordCharacters],
  ['W', complement(wordCharacters)],
  ['s', whiteSpace],
  ['S', complement(whiteSpace)],
  ['t', single(9)],
  ['n', single(10)],
  ['v', single(11)],
  ['f', single(12)],
  ['r', single(13)],
]);
