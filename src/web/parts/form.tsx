import type { Scene } from '../ledger/definition.ts';
import type { Content } from '../markup.ts';
import { issueText } from '../words/issues.ts';

interface ActionFormProps {
  readonly action: string;
  readonly children?: Content;
  readonly class?: string;
  /** The question that is asked first, where a script can ask. */
  readonly confirm?: string;
}

/** A form that is posted to an action. Sent twice, it acts once: it carries the idempotency key of what it will do. */
export function ActionForm({ action, children, class: name, confirm }: ActionFormProps) {
  return (
    <form method="post" action={action} class={name} data-confirm={confirm}>
      <input type="hidden" name="idempotency_key" value={crypto.randomUUID()} />
      {children}
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly scene: Scene;
  readonly hint?: string;
  readonly type?: 'text' | 'email' | 'url' | 'number' | 'search';
  readonly value?: string;
  readonly required?: boolean;
  readonly max?: number;
  readonly rows?: number;
  readonly autocomplete?: string;
  /** What it may be; then it is a list to choose from. */
  readonly options?: readonly { readonly value: string; readonly text: string }[];
}

/** A field with its label, its hint, and what the operation said of it when it was refused. What was typed is not lost. */
export function Field(props: FieldProps) {
  const { name, label, scene, hint } = props;
  const wrong = wrongWith(name, scene);
  const described = [hint && `${name}-hint`, wrong && `${name}-wrong`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint ? (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      ) : null}
      <Control {...props} described={described} isWrong={wrong !== undefined} />
      {wrong ? (
        <p class="wrong" id={`${name}-wrong`}>
          {wrong}
        </p>
      ) : null}
    </div>
  );
}

/** What is wrong with a field or with something in it, in the language of the page. */
export function wrongWith(name: string, { problem, locale }: Scene): string | undefined {
  const issue = problem?.issues.find(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`));
  return issue && issueText(issue, locale);
}

function Control({
  name,
  scene,
  value,
  required,
  max,
  rows,
  options,
  described,
  isWrong,
  ...rest
}: FieldProps & { described: string; isWrong: boolean }) {
  const typed = scene.typed.get(name) ?? value ?? '';
  const shared = {
    id: name,
    name,
    required: required ?? false,
    ...(described === '' ? {} : { 'aria-describedby': described }),
    ...(isWrong ? { 'aria-invalid': 'true' as const } : {}),
  };
  if (options) {
    return (
      <select {...shared}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === typed}>
            {option.text}
          </option>
        ))}
      </select>
    );
  }
  if (rows !== undefined) {
    return (
      <textarea {...shared} rows={rows} maxlength={max ?? 2000}>
        {typed}
      </textarea>
    );
  }
  return <input {...shared} type={rest.type ?? 'text'} value={typed} maxlength={max ?? 254} autocomplete={rest.autocomplete ?? 'off'} />;
}
