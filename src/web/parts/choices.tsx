import type { Scene } from '../ledger/definition.ts';
import type { Content } from '../markup.ts';
import { wrongWith } from './form.tsx';

interface ChoicesProps {
  /** Of the operation's list; what is wrong with one of its items is said for all. */
  readonly name: string;
  readonly legend: string;
  readonly scene: Scene;
  readonly options: readonly { readonly value: string; readonly text: Content }[];
  /** What is ticked before anybody typed. */
  readonly chosen?: readonly string[];
  /** Goes on with a list of the same name, where what is wrong was said already. */
  readonly quiet?: true;
}

/** Several of several: a box to tick for each. What was ticked is not lost when it was refused. */
export function Choices({ name, legend, scene, options, chosen = [], quiet }: ChoicesProps) {
  const wrong = wrongWith(name, scene);
  const ticked = scene.problem ? scene.typed.getAll(name) : chosen;
  return (
    <fieldset>
      <legend>{legend}</legend>
      {wrong && !quiet ? <p class="wrong">{wrong}</p> : null}
      <div class="choices">
        {options.map(({ value, text }) => (
          <label>
            <input type="checkbox" name={name} value={value} checked={ticked.includes(value)} /> <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
