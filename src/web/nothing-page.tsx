import { type PlainAt, plainPage } from './shell.tsx';

/** Where there is nothing to be seen, and one way on. */
export function nothingPage(
  at: PlainAt,
  { title, text, href, link }: { readonly title: string; readonly text: string; readonly href: string; readonly link: string },
): string {
  return plainPage({
    ...at,
    title,
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
