import type { Preferences } from './preferences.ts';
import { plainPage } from './shell.tsx';

/** Where there is nothing to be seen, and one way on. */
export function nothingPage(given: {
  readonly title: string;
  readonly text: string;
  readonly href: string;
  readonly link: string;
  readonly preferences: Preferences;
  readonly nonce: string;
}): string {
  const { title, text, href, link, preferences, nonce } = given;
  return plainPage({
    title,
    preferences,
    nonce,
    children: (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href={href}>{link}</a>
        </p>
      </>
    ),
  });
}
