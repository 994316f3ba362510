import { html } from 'hono/html';
import { page } from './page.ts';

/** Where a person types the code that an agent gave them. `problem`: a sentence about the code that was typed before. */
export function codePage(vendor: string, problem?: string): string {
  return page(
    `Link an agent at ${vendor}`,
    html`<h1>Link an agent</h1>
<p>An agent that you work with gave you a code. Type it here to take the agent into your organization. You see what it is before anything happens.</p>
<form method="post" action="/link">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" required maxlength="32" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" ${problem === undefined ? '' : html`aria-invalid="true" aria-describedby="problem"`}>
${problem === undefined ? '' : html`<p id="problem" role="alert">${problem}</p>`}
<button type="submit">Go on</button>
</form>
<p class="soft">A code works for 15 minutes, and only for the person whose address the agent was given. Nobody from ${vendor} will ask you for one.</p>`,
  );
}

export interface FoundAgent {
  readonly registration_id: string;
  readonly registered_at: string;
  readonly credential: 'key' | 'none';
  readonly untrusted: {
    readonly client_name: string | null;
    readonly organization: { readonly name: string; readonly domain: string | null } | null;
  };
}

export interface LinkTarget {
  readonly id: string;
  readonly domain: string | null;
  readonly untrusted: { readonly name: string };
}

/** What we know of the agent, what it says of itself, and where it would go. `targets` null: any organization, by its id. */
export function confirmLinkPage(vendor: string, userCode: string, agent: FoundAgent, targets: readonly LinkTarget[] | null): string {
  const { client_name, organization } = agent.untrusted;
  return page(
    `Link an agent at ${vendor}`,
    html`<h1>Is this your agent?</h1>
<p>Compare with what your agent tells you. If you did not just ask an agent for a code, close this page: nothing has happened.</p>
<dl><dt>Registered</dt><dd>${moment(agent.registered_at)}</dd>
<dt>Registered with</dt><dd>${agent.credential === 'key' ? 'a key of its own' : 'nothing: anybody can do that'}</dd>
<dt>Calls itself</dt><dd>${client_name ?? '—'} <span class="soft">(its own word, not checked)</span></dd>
<dt>Says it is of</dt><dd>${organization?.name ?? '—'}${organization?.domain ? html` (${organization.domain})` : ''} <span class="soft">(its own word, not checked)</span></dd></dl>
<p>Linked, it acts for the organization: it sees its referrals and rewards, and its active workspaces count among the organization's. What it recorded before stays where it is.</p>
<form method="post" action="/link">
<input type="hidden" name="user_code" value="${userCode}">
<input type="hidden" name="registration_id" value="${agent.registration_id}">
${targets === null ? anyTarget : oneOf(targets)}
<button type="submit">Link the agent</button>
</form>`,
  );
}

const anyTarget = html`<label for="organization_id">Organization (its id, <code>org_…</code>)</label>
<input id="organization_id" name="organization_id" required maxlength="40" autocomplete="off" spellcheck="false">`;

const oneOf = (targets: readonly LinkTarget[]) => html`<label for="organization_id">Organization</label>
<select id="organization_id" name="organization_id">${targets.map(
  ({ id, domain, untrusted: { name } }) => html`<option value="${id}">${name}${domain === null ? '' : ` (${domain})`}</option>`,
)}</select>`;

/** It is done. */
export function linkedPage(vendor: string, { agent_id, workspaces }: { readonly agent_id: string; readonly workspaces: number }): string {
  return page(
    `Linked at ${vendor}`,
    html`<h1>The agent is linked</h1>
<p role="status">It belongs to your organization now and collects new credentials by itself. Those that it had are dead.</p>
<dl><dt>Agent</dt><dd><code>${agent_id}</code></dd><dt>Workspaces that came along</dt><dd>${workspaces}</dd></dl>`,
  );
}

/** Somebody who is signed in, but for whom nothing can be linked. */
export function noTargetPage(vendor: string): string {
  return page(
    `Link an agent at ${vendor}`,
    html`<h1>You have no organization here</h1><p>Agents are linked by people of a partner organization. Ask ${vendor} to add you to yours.</p>`,
  );
}

const moment = (instant: string) => html`<time datetime="${instant}">${instant.slice(0, 16).replace('T', ' ')} UTC</time>`;
