import { isLocale, type Locale, preferredLocale } from './locale.ts';

export const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** How somebody wants pages to be. Kept in a cookie of the browser, and nowhere else. */
export interface Preferences {
  readonly locale: Locale;
  readonly theme: Theme;
  /** Whether single keys do something (WCAG 2.2, 2.1.4). */
  readonly keys: boolean;
}

/** From the cookie, as `writePreferences` made it; what is missing there, from what the browser asks for. */
export function readPreferences(cookie: string | null, acceptLanguage: string | null): Preferences {
  const [locale = '', theme = '', keys = ''] = (cookie ?? '').split('.');
  return {
    locale: isLocale(locale) ? locale : preferredLocale(acceptLanguage),
    theme: themes.find((one) => one === theme) ?? 'system',
    keys: keys !== 'off',
  };
}

export const writePreferences = ({ locale, theme, keys }: Preferences): string => `${locale}.${theme}.${keys ? 'on' : 'off'}`;
