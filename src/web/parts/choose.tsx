import type { Scene } from '../ledger/definition.ts';
import type { Content } from '../markup.ts';
import { shellWords } from '../words/shell.ts';

/** What a list is narrowed by: a form that leads to another address of the same page. */
export function FilterForm({ scene, children }: { scene: Scene; children: Content }) {
  const words = shellWords[scene.locale];
  return (
    <form class="filters" method="get" action={scene.url.pathname}>
      {children}
      <button type="submit">{words.filter}</button>
      {[...scene.url.searchParams.keys()].some((name) => name !== 'done' && name !== 'cursor') ? (
        <a href={scene.url.pathname}>{words.clear}</a>
      ) : null}
    </form>
  );
}

interface ChooseProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** One of several. Within its label, so that a page may have many of one name. */
export function Choose({ name, label, value, options }: ChooseProps) {
  return (
    <label>
      {label}
      <br />
      <select name={name}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}
