import type { Content } from './markup.ts';
import { Instant } from './parts/text.tsx';
import { type PlainAt, plainPage } from './shell.tsx';
import { passkeyWords } from './words/passkeys.ts';

export interface ShownPasskey {
  readonly credential_id: string;
  readonly created_at: string;
  readonly used_at: string | null;
}

/** Options for the browser as JSON, and the sealed challenge. */
export interface Asked {
  readonly options: string;
  readonly kept: string;
}

/** One's own passkeys. `asked` null: none can be added now, and `opening` says what it takes. `problem`: a sentence. */
export function passkeysPage(
  at: PlainAt,
  passkeys: readonly ShownPasskey[],
  opening: 'open' | 'step_up' | 'sign_in',
  asked: Asked | null,
  problem?: string,
): string {
  const words = passkeyWords[at.preferences.locale];
  return scripted(
    at,
    words.yours,
    <>
      <p>{words.lead}</p>
      <Problem text={problem} />
      {passkeys.length === 0 ? <p>{words.none}</p> : <ul>{passkeys.map((passkey) => item(at, passkey))}</ul>}
      <section>
        <h2>{words.add}</h2>
        {asked === null ? (
          <Closed at={at} opening={opening} />
        ) : (
          <UsingForm at={at} action="/account/passkeys" use="create" asked={asked} button={words.add} />
        )}
      </section>
    </>,
  );
}

function item(at: PlainAt, { credential_id, created_at, used_at }: ShownPasskey) {
  const { locale } = at.preferences;
  const words = passkeyWords[locale];
  return (
    <li>
      {words.added} <Instant at={created_at} locale={locale} day />, {used_at === null ? words.unused : words.used}{' '}
      {used_at === null ? null : <Instant at={used_at} locale={locale} day />}
      <form method="post" action="/account/passkeys/remove">
        <input type="hidden" name="credential_id" value={credential_id} />
        <button type="submit">{words.remove}</button>
      </form>
    </li>
  );
}

function Closed({ at, opening }: { at: PlainAt; opening: 'open' | 'step_up' | 'sign_in' }) {
  const words = passkeyWords[at.preferences.locale];
  const back = '?next=%2Faccount%2Fpasskeys';
  return opening === 'step_up' ? (
    <p>
      {words.toAddAnother} <a href={`/step-up${back}`}>{words.useOne}</a> {words.first}
    </p>
  ) : (
    <p>
      {words.soonAfter} <a href={`/login${back}`}>{words.signInAgain}</a>, {words.comeBack}
    </p>
  );
}

/** Where one uses a passkey, and goes on to what needed it. `asked` null: there is none to use. `problem`: a sentence. */
export function stepUpPage(at: PlainAt, next: string, asked: Asked | null, problem?: string): string {
  const words = passkeyWords[at.preferences.locale];
  return scripted(
    at,
    words.confirm,
    <>
      <Problem text={problem} />
      {asked === null ? (
        <p>
          {words.needsOne} <a href="/account/passkeys">{words.addOne}</a>.
        </p>
      ) : (
        <>
          <p>{words.useIt}</p>
          <UsingForm at={at} action="/step-up" use="get" asked={asked} button={words.useMine} next={next} />
        </>
      )}
    </>,
  );
}

function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <div class="said tone bad" role="alert">
      <p>{text}</p>
    </div>
  );
}

interface UsingProps {
  readonly at: PlainAt;
  readonly action: string;
  readonly use: 'create' | 'get';
  readonly asked: Asked;
  readonly button: string;
  readonly next?: string;
}

/** Shown by the script that can use it (`src/browser/passkey.ts`), which says in these words how it goes. */
function UsingForm({ at, action, use, asked, button, next }: UsingProps) {
  const words = passkeyWords[at.preferences.locale];
  const { unable, follow, already, failed } = words;
  return (
    <>
      <form
        method="post"
        action={action}
        data-passkey={use}
        data-options={asked.options}
        data-words={JSON.stringify({ unable, follow, already, failed })}
        hidden
      >
        {next === undefined ? null : <input type="hidden" name="next" value={next} />}
        <input type="hidden" name="kept" value={asked.kept} />
        <input type="hidden" name="answer" value="" />
        <button type="submit" class="main">
          {button}
        </button>
      </form>
      <p id="passkey-status" role="status">
        {words.needsScript}
      </p>
    </>
  );
}

function scripted(at: PlainAt, title: string, body: Content): string {
  return plainPage({
    ...at,
    title,
    scripts: ['passkey.js'],
    children: (
      <>
        <h1>{title}</h1>
        {body}
        <p>
          <a href="/ledger">{passkeyWords[at.preferences.locale].back}</a>
        </p>
      </>
    ),
  });
}
