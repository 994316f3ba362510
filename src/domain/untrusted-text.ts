/**
 * Make a stranger's text safe to show to people and to other people's language models: line breaks and runs of white space become one
 * space; control, bidirectional, zero-width, tag, variation, filler, private-use and lone surrogate characters are removed; the rest is
 * NFC-normalised (Unicode Annex 15) and cut to `maxLength` code points. Idempotent; never throws; may return an empty string.
 */
export function cleanText(text: string, maxLength: number): string {
  const visible = text
    .slice(0, maxLength * 8 + 256)
    .replace(/[\s\u0085]+/gu, ' ')
    .replace(invisible, '')
    .normalize('NFC');
  return [...visible.replace(/ {2,}/g, ' ').trim()].slice(0, maxLength).join('').trim();
}

/** Does the text hold characters that `cleanText` would remove as invisible? Names that end up in JSON Pointers must not. */
export function hasInvisibleText(text: string): boolean {
  return anyInvisible.test(text);
}

/** Can Postgres store the text in `jsonb`? It refuses U+0000 and lone surrogates. */
export function isStorableText(text: string): boolean {
  return !unstorable.test(text);
}

const classes = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]';
const invisible = new RegExp(classes, 'gu');
const anyInvisible = new RegExp(classes, 'u');
const unstorable = /[\p{Cs}\0]/u;
