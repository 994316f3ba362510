import { type PlainAt, plainPage } from './shell.tsx';
import { partnerWords } from './words/partners.ts';

/** What somebody typed before, to be corrected. */
export interface Typed {
  readonly email: string;
  readonly organization_name: string;
  readonly domain: string;
  readonly note: string;
}

/** Where an organization asks to be taken as a partner. `problems`: a sentence for each field that cannot be used. */
export function applyPage(at: PlainAt, vendor: string, typed?: Typed, problems: ReadonlyMap<string, string> = new Map()): string {
  const words = partnerWords[at.preferences.locale];
  const given = { typed, problems };
  return plainPage({
    ...at,
    title: words.become(vendor),
    children: (
      <>
        <h1>{words.become(vendor)}</h1>
        <p>{words.lead}</p>
        {problems.size === 0 ? null : (
          <div class="said tone bad" role="alert">
            <p>{words.wrong}</p>
          </div>
        )}
        <form method="post" action="/partners/apply">
          <TextField {...given} name="email" label={words.email} type="email" most={254} autocomplete="email" required />
          <TextField {...given} name="organization_name" label={words.organization} most={120} autocomplete="organization" required />
          <TextField {...given} name="domain" label={words.domain} most={253} autocomplete="off" />
          <div class="field">
            <label for="note">{words.note}</label>
            <textarea id="note" name="note" rows={4} maxlength={500}>
              {typed?.note ?? ''}
            </textarea>
          </div>
          <button type="submit" class="main">
            {words.apply}
          </button>
        </form>
        <p class="soft">
          {words.use} <a href="/auth.md">{words.register}</a>.
        </p>
      </>
    ),
  });
}

interface TextFieldProps {
  readonly name: 'email' | 'organization_name' | 'domain';
  readonly label: string;
  readonly type?: 'email';
  readonly most: number;
  readonly autocomplete: string;
  readonly required?: true;
  readonly typed: Typed | undefined;
  readonly problems: ReadonlyMap<string, string>;
}

function TextField({ name, label, type, most, autocomplete, required, typed, problems }: TextFieldProps) {
  const problem = problems.get(name);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        {...{
          id: name,
          name,
          type: type ?? 'text',
          maxlength: most,
          autocomplete,
          value: typed?.[name] ?? '',
          required: required ?? false,
        }}
        {...(problem === undefined ? {} : { 'aria-invalid': 'true', 'aria-describedby': `${name}-problem` })}
      />
      {problem === undefined ? null : (
        <p class="wrong" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

/** The same for everybody, whether or not the address is known. */
export function appliedPage(at: PlainAt, vendor: string): string {
  const words = partnerWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.have,
    children: (
      <>
        <h1>{words.have}</h1>
        <p role="status">
          {words.haveText(vendor)} <a href="/login">{words.signIn}</a>.
        </p>
      </>
    ),
  });
}
