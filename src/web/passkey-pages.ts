import { html } from 'hono/html';
import { page } from './page.ts';
import { passkeyScript } from './passkey-script.ts';

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

/** One's own passkeys. `asked` null: none can be added now, and `opening` says what it takes. */
export function passkeysPage(
  passkeys: readonly ShownPasskey[],
  opening: 'open' | 'step_up' | 'sign_in',
  asked: Asked | null,
  problem?: string,
): string {
  return page(
    'Your passkeys',
    html`<h1>Your passkeys</h1>
<p>Before money moves or somebody is let in, we ask for a passkey: your fingerprint, your face or the PIN of your device. Everything else works without.</p>
${problem === undefined ? '' : html`<p role="alert">${problem}</p>`}
${passkeys.length === 0 ? html`<p>You have none yet.</p>` : html`<ul>${passkeys.map(passkeyItem)}</ul>`}
<section><h2>Add a passkey</h2>
${asked === null ? closed(opening) : addForm(asked)}</section>
<p><a href="/ledger">Back to the ledger</a></p>`,
  );
}

const passkeyItem = ({
  credential_id,
  created_at,
  used_at,
}: ShownPasskey) => html`<li>Added ${moment(created_at)}, ${used_at === null ? 'not used yet' : html`last used ${moment(used_at)}`}
<form method="post" action="/account/passkeys/remove"><input type="hidden" name="credential_id" value="${credential_id}"><button type="submit">Remove</button></form></li>`;

const closed = (opening: 'open' | 'step_up' | 'sign_in') =>
  opening === 'step_up'
    ? html`<p>To add another one, <a href="/step-up?next=%2Faccount%2Fpasskeys">use one that you have</a> first.</p>`
    : html`<p>Your first passkey is added within ten minutes after signing in. <a href="/login?next=%2Faccount%2Fpasskeys">Sign in again</a>, and come back here.</p>`;

const addForm = ({
  options,
  kept,
}: Asked) => html`<form method="post" action="/account/passkeys" data-passkey="create" data-options="${options}" hidden>
<input type="hidden" name="kept" value="${kept}"><input type="hidden" name="answer" value="">
<button type="submit">Add a passkey</button>
</form>${withoutScript}`;

const withoutScript = html`<p id="passkey-status" role="status">Passkeys are the one thing here that needs JavaScript. It is switched off or was not loaded.</p>
${passkeyScript}`;

/** Where one uses a passkey, and goes on to what needed it. `asked` null: there is none to use. */
export function stepUpPage(next: string, asked: Asked | null, problem?: string): string {
  return page(
    'Confirm that it is you',
    html`<h1>Confirm that it is you</h1>
${problem === undefined ? '' : html`<p role="alert">${problem}</p>`}
${asked === null ? noPasskey : useForm(next, asked)}
<p><a href="/ledger">Back to the ledger</a></p>`,
  );
}

const noPasskey = html`<p>What you want to do moves money, changes who gets it or lets somebody in, and needs a passkey. You have none yet: <a href="/account/passkeys">add one</a>.</p>`;

const useForm = (
  next: string,
  { options, kept }: Asked,
) => html`<p>What you want to do moves money, changes who gets it or lets somebody in. Use your passkey; then it can be done for ten minutes.</p>
<form method="post" action="/step-up" data-passkey="get" data-options="${options}" hidden>
<input type="hidden" name="next" value="${next}"><input type="hidden" name="kept" value="${kept}"><input type="hidden" name="answer" value="">
<button type="submit">Use my passkey</button>
</form>${withoutScript}`;

const moment = (instant: string) => html`<time datetime="${instant}">${instant.slice(0, 10)}</time>`;
