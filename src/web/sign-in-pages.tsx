import { type PlainAt, plainPage } from './shell.tsx';
import { signInWords } from './words/sign-in.ts';

export interface SignInFacts {
  readonly vendor: string;
  /** Where the person wanted to go: a path of ours, checked. */
  readonly next: string | null;
  /** Whether people can sign in at an identity provider as well. */
  readonly provider: boolean;
}

/** Where one asks for a link. `isWrong`: what was typed before is no address. */
export function signInPage(at: PlainAt, facts: SignInFacts, isWrong = false): string {
  const { vendor, provider, next } = facts;
  const words = signInWords[at.preferences.locale];
  const elsewhere = next === null ? '/login/oidc' : `/login/oidc?next=${encodeURIComponent(next)}`;
  return plainPage({
    ...at,
    title: words.signInTo(vendor),
    children: (
      <>
        <h1>{words.signInTo(vendor)}</h1>
        <p>{words.noPassword}</p>
        <AskForm at={at} facts={facts} isWrong={isWrong} />
        {provider ? (
          <p>
            {words.or} <a href={elsewhere}>{words.company}</a>.
          </p>
        ) : null}
      </>
    ),
  });
}

function AskForm({ at, facts: { next }, isWrong = false }: { at: PlainAt; facts: Pick<SignInFacts, 'next'>; isWrong?: boolean }) {
  const words = signInWords[at.preferences.locale];
  return (
    <form method="post" action="/login">
      <div class="field">
        <label for="email">{words.email}</label>
        <input
          {...{ id: 'email', name: 'email', type: 'email', autocomplete: 'email', required: true, maxlength: 254 }}
          {...(isWrong ? { 'aria-invalid': 'true', 'aria-describedby': 'problem' } : {})}
        />
        {isWrong ? (
          <p id="problem" class="wrong" role="alert">
            {words.notAnAddress}
          </p>
        ) : null}
      </div>
      {next === null ? null : <input type="hidden" name="next" value={next} />}
      <button type="submit" class="main">
        {words.mailMe}
      </button>
    </form>
  );
}

/** The same for everybody, whether or not the address is known. */
export function linkAskedPage(at: PlainAt, vendor: string): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.lookIntoMail,
    children: (
      <>
        <h1>{words.lookIntoMail}</h1>
        <p role="status">{words.onItsWay(vendor)}</p>
        <p class="soft">
          {words.nothingThere} <a href="/login">{words.askAgain}</a>. {words.fiveAnHour}
        </p>
      </>
    ),
  });
}

/** Behind a link: nothing happens before the button is pressed, so whoever scans mail does no harm. */
export function confirmSignInPage(at: PlainAt, vendor: string, email: string, token: string): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.signInTo(vendor),
    children: (
      <>
        <h1>{words.signInTo(vendor)}</h1>
        <p>
          {words.aboutTo} <strong>{email}</strong>.
        </p>
        <form method="post" action={`/login/${token}`}>
          <button type="submit" class="main">
            {words.signIn}
          </button>
        </form>
        <p class="soft">{words.somebodyElse}</p>
      </>
    ),
  });
}

/** The link is good, but another browser asked for it. */
export function otherBrowserPage(at: PlainAt, facts: SignInFacts): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.otherBrowser,
    children: (
      <>
        <h1>{words.otherBrowser}</h1>
        <p>{words.otherBrowserText}</p>
        <p>{words.askHere}</p>
        <AskForm at={at} facts={facts} />
      </>
    ),
  });
}

/** The link was used, has expired, or never was. */
export function goneLinkPage(at: PlainAt, facts: SignInFacts): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.gone,
    children: (
      <>
        <h1>{words.gone}</h1>
        <p>{words.goneText}</p>
        <AskForm at={at} facts={facts} />
      </>
    ),
  });
}

/** Who is here is certain, but nobody has let them in. */
export function unknownPersonPage(at: PlainAt, vendor: string): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.unknown,
    children: (
      <>
        <h1>{words.unknown}</h1>
        <p>
          {words.unknownText(vendor)} <a href="/partners/apply">{words.apply}</a>.
        </p>
        <p>
          <a href="/login">{words.otherWay}</a>
        </p>
      </>
    ),
  });
}

/** The identity provider did not say who is here, or not in time. */
export function notVouchedPage(at: PlainAt): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.notVouched,
    children: (
      <>
        <h1>{words.notVouched}</h1>
        <p>{words.notVouchedText}</p>
        <p>
          <a href="/login">{words.tryAgain}</a>
        </p>
      </>
    ),
  });
}

export function signedOutPage(at: PlainAt): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.signedOut,
    children: (
      <>
        <h1>{words.signedOut}</h1>
        <p>
          <a href="/login">{words.signInAgain}</a>
        </p>
      </>
    ),
  });
}

/** Why somebody does not see what they asked for, in words of ours. `text`: of the failure, or of what to do. */
export function refusedPage(at: PlainAt, title: string, text: string): string {
  const words = signInWords[at.preferences.locale];
  return plainPage({
    ...at,
    title,
    children: (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href="/login">{words.signIn}</a> · <a href="/docs">{words.about}</a>
        </p>
      </>
    ),
  });
}
