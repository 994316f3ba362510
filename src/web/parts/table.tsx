import type { Scene } from '../ledger/definition.ts';
import type { Content } from '../markup.ts';
import { shellWords } from '../words/shell.ts';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Content;
  /** Numbers stand at the end of their column. */
  readonly num?: true;
  /** Where a click on its head leads, and how it is sorted now. */
  readonly sort?: { readonly href: string; readonly now: 'ascending' | 'descending' | 'none' };
}

/**
 * Rows as a table, the first cell of each its head. The only way to a row is the link in that cell, which the keyboard follows as well.
 * @param caption what the rows are, for whoever does not see the page around them
 */
export function Table<Row>({ caption, columns, rows }: { caption: string; columns: readonly Column<Row>[]; rows: readonly Row[] }) {
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={caption}>
      <table data-rows>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, num, sort }) => (
              <th scope="col" class={num ? 'num' : undefined} aria-sort={sort && sort.now !== 'none' ? sort.now : undefined}>
                {sort ? <a href={sort.href}>{head}</a> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ cell, num }, at) =>
                at === 0 ? <th scope="row">{cell(row)}</th> : <td class={num ? 'num' : undefined}>{cell(row)}</td>,
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The way on from a page of a list, with everything else in the address as it is. */
export function Pager({ next, scene }: { next: string | null; scene: Scene }) {
  const words = shellWords[scene.locale];
  const isFirst = scene.query('cursor') === undefined;
  if (next === null && isFirst) return null;
  return (
    <nav class="pager" aria-label={words.next}>
      {isFirst ? null : <a href={addressWith(scene.url, { cursor: null })}>{words.first}</a>}
      {next === null ? null : (
        <a rel="next" href={addressWith(scene.url, { cursor: next })}>
          {words.next}
        </a>
      )}
    </nav>
  );
}

/** An address with some of its query changed; null takes it away. What was done before is not said again. */
export function addressWith(url: URL, query: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(url.search);
  params.delete('done');
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return text === '' ? url.pathname : `${url.pathname}?${text}`;
}

/** Where there are no rows: what would stand here, and what makes the first one. `call`: a request to copy. */
export function Empty({ title, children, call }: { title: string; children?: Content; call?: string }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p class="soft">{children}</p>
      {call === undefined ? null : <pre tabindex={0}>{call}</pre>}
    </div>
  );
}
