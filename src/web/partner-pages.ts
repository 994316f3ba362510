import { html } from 'hono/html';
import { page } from './page.ts';

/** What somebody typed before, to be corrected. */
export interface Typed {
  readonly email: string;
  readonly organization_name: string;
  readonly domain: string;
  readonly note: string;
}

/** Where an organization asks to be taken as a partner. `problems`: a sentence for each field that cannot be used. */
export function applyPage(vendor: string, typed?: Typed, problems: ReadonlyMap<string, string> = new Map()): string {
  return page(
    `Become a partner of ${vendor}`,
    html`<h1>Become a partner of ${vendor}</h1>
<p>Partners bring customers and earn by it. Tell us who you are; a person reads it, and you hear from us by mail.</p>
${problems.size === 0 ? '' : html`<p role="alert">Something below cannot be used. Nothing was sent.</p>`}
<form method="post" action="/partners/apply">
${field({ name: 'email', label: 'Your e-mail address', type: 'email', most: 254, autocomplete: 'email', required: true }, typed, problems)}
${field({ name: 'organization_name', label: 'Your organization', type: 'text', most: 120, autocomplete: 'organization', required: true }, typed, problems)}
${field({ name: 'domain', label: 'Its web domain, if it has one', type: 'text', most: 253, autocomplete: 'off', required: false }, typed, problems)}
<p><label for="note">Whom you bring, and how (if you like)</label><br>
<textarea id="note" name="note" rows="4" maxlength="500">${typed?.note ?? ''}</textarea></p>
<button type="submit">Apply</button>
</form>
<p class="soft">We use your address to answer you, and for nothing else. Are you an agent, or building one? Then you need not apply: read <a href="/auth.md">how agents register</a>.</p>`,
  );
}

interface Field {
  readonly name: 'email' | 'organization_name' | 'domain';
  readonly label: string;
  readonly type: 'email' | 'text';
  readonly most: number;
  readonly autocomplete: string;
  readonly required: boolean;
}

function field(
  { name, label, type, most, autocomplete, required }: Field,
  typed: Typed | undefined,
  problems: ReadonlyMap<string, string>,
) {
  const problem = problems.get(name);
  const marks = problem === undefined ? '' : html`aria-invalid="true" aria-describedby="${name}-problem"`;
  return html`<p><label for="${name}">${label}</label><br>
<input id="${name}" name="${name}" type="${type}" maxlength="${most}" autocomplete="${autocomplete}" value="${typed?.[name] ?? ''}" ${required ? 'required' : ''} ${marks}></p>
${problem === undefined ? '' : html`<p id="${name}-problem">${problem}</p>`}`;
}

/** The same for everybody, whether or not the address is known. */
export function appliedPage(vendor: string): string {
  return page(
    'We have your application',
    html`<h1>We have your application</h1>
<p role="status">Somebody at ${vendor} reads it. The answer comes by mail. If we know this address already, nothing changes: <a href="/login">sign in</a>.</p>`,
  );
}
