/** Languages in which pages are written. English is the one that every text has first. */
export const locales = ['en', 'de', 'ja'] as const;
export type Locale = (typeof locales)[number];

export const localeNames: Readonly<Record<Locale, string>> = { en: 'English', de: 'Deutsch', ja: '日本語' };

export const isLocale = (text: string): text is Locale => locales.some((locale) => locale === text);

/** The texts of some pages in every language, all with the same keys: one that is missing does not compile. */
export function wordsOf<W extends Words>(
  all: { readonly en: W } & Readonly<Record<Exclude<Locale, 'en'>, SameWords<W>>>,
): Readonly<Record<Locale, SameWords<W>>> {
  // A `W` is one of its own kind; the compiler does not see that through the mapped type.
  return all as unknown as Readonly<Record<Locale, SameWords<W>>>;
}

/** A text, a function that puts numbers or names into one, or a group of them. */
export type Words = { readonly [key: string]: Word };
type Word = string | ((...given: never[]) => string) | Words;

type SameWords<W> = {
  readonly [K in keyof W]: W[K] extends string
    ? string
    : W[K] extends (...given: infer G) => string
      ? (...given: G) => string
      : SameWords<W[K]>;
};

/** What a browser would rather read (RFC 9110 §12.5.4): the first of its languages that we write, by weight; English if none. */
export function preferredLocale(acceptLanguage: string | null): Locale {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 512)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const weight = parameters.map((one) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(one)?.[1]).find((one) => one !== undefined);
      return { locale: tag.toLowerCase().split('-')[0] ?? '', weight: Number(weight ?? 1) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted.map(({ locale }) => locale).find(isLocale) ?? 'en';
}
