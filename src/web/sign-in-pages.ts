import { html } from 'hono/html';
import { page } from './page.ts';

export interface SignInFacts {
  readonly vendor: string;
  /** Where the person wanted to go: a path of ours, checked. */
  readonly next: string | null;
  /** Whether people can sign in at an identity provider as well. */
  readonly provider: boolean;
}

/** Where one asks for a link. `problem`: a sentence about what was typed before. */
export function signInPage(facts: SignInFacts, problem?: string): string {
  const { vendor, provider, next } = facts;
  const elsewhere = next === null ? '/login/oidc' : `/login/oidc?next=${encodeURIComponent(next)}`;
  return page(
    `Sign in to ${vendor}`,
    html`<h1>Sign in to ${vendor}</h1>
<p>We mail you a link. There is no password.</p>
${askForm(facts, problem)}
${provider ? html`<p>Or <a href="${elsewhere}">sign in with your company account</a>.</p>` : ''}`,
  );
}

function askForm({ next }: Pick<SignInFacts, 'next'>, problem?: string) {
  return html`<form method="post" action="/login">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254" ${problem === undefined ? '' : html`aria-invalid="true" aria-describedby="problem"`}>
${problem === undefined ? '' : html`<p id="problem" role="alert">${problem}</p>`}
${next === null ? '' : html`<input type="hidden" name="next" value="${next}">`}
<button type="submit">Mail me a link</button>
</form>`;
}

/** The same for everybody, whether or not the address is known. */
export function linkAskedPage(vendor: string): string {
  return page(
    'Look into your mail',
    html`<h1>Look into your mail</h1>
<p role="status">If ${vendor} knows you by this address, a mail with a link is on its way. Open the link in this browser; it works for 15 minutes, once.</p>
<p class="soft">Nothing there? Look among unwanted mail, or <a href="/login">ask again</a>. Nobody gets more than five mails an hour.</p>`,
  );
}

/** Behind a link: nothing happens before the button is pressed, so whoever scans mail does no harm. */
export function confirmSignInPage(vendor: string, email: string, token: string): string {
  return page(
    `Sign in to ${vendor}`,
    html`<h1>Sign in to ${vendor}</h1>
<p>You are about to sign in as <strong>${email}</strong>.</p>
<form method="post" action="/login/${token}"><button type="submit">Sign in</button></form>
<p class="soft">Somebody else? Then close this page: nothing has happened.</p>`,
  );
}

/** The link is good, but another browser asked for it. */
export function otherBrowserPage(facts: SignInFacts): string {
  return page(
    'Open the link where you asked for it',
    html`<h1>Open the link where you asked for it</h1>
<p>This link works only in the browser in which it was asked for, so that nobody can sign in with a mail that they intercepted. It is still good there.</p>
<p>To sign in here, ask for a link here:</p>
${askForm(facts)}`,
  );
}

/** The link was used, has expired, or never was. */
export function goneLinkPage(facts: SignInFacts): string {
  return page(
    'This link does not work any more',
    html`<h1>This link does not work any more</h1>
<p>It was used already, or its time is over. Ask for another one:</p>
${askForm(facts)}`,
  );
}

/** Who is here is certain, but nobody has let them in. */
export function unknownPersonPage(vendor: string): string {
  return page(
    'We do not know you yet',
    html`<h1>We do not know you yet</h1>
<p>Nobody at ${vendor} has invited you under this account. Ask them for an invitation, or <a href="/partners/apply">apply to become a partner</a>.</p>
<p><a href="/login">Sign in in another way</a></p>`,
  );
}

/** The identity provider did not say who is here, or not in time. */
export function notVouchedPage(): string {
  return page(
    'You could not be signed in',
    html`<h1>You could not be signed in</h1>
<p>The sign-in at your company was cut short, took longer than ten minutes, or its answer did not hold. Nothing has changed.</p>
<p><a href="/login">Try again</a></p>`,
  );
}

export function signedOutPage(): string {
  return page('You are signed out', html`<h1>You are signed out</h1><p><a href="/login">Sign in again</a></p>`);
}
