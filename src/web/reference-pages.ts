import { html } from 'hono/html';
import type { Failure } from '../operations/failures.ts';
import { failures } from '../operations/failures.ts';
import { failuresOf, type Operation } from '../operations/operation.ts';
import { page } from './page.ts';

/** The readable reference: the catalogue, projected. */
export function referencePage(operations: readonly Operation[]): string {
  return page(
    'Frontdesk API',
    html`<h1>Frontdesk API</h1>
<p>For agents that look for a vendor, try it in a sandbox, and have their referral recorded. The same operations are tools of the MCP server at <code>/mcp</code>. The contract for machines is <a href="/openapi.json">/openapi.json</a>; start with <a href="/v1/capabilities">/v1/capabilities</a>.</p>
${operations.map((operation) => (operation.rest ? section(operation) : ''))}
<section><h2>Failures</h2><p>Every error is an RFC 9457 problem document with one of these codes.</p><ul>${Object.entries(failures).map(
      ([code, { status, title }]) => html`<li><a href="/docs/failures/${code}"><code>${code}</code></a> ${status} · ${title}</li>`,
    )}</ul></section>`,
  );
}

function section(operation: Operation) {
  const { rest, access } = operation;
  if (!rest) return '';
  const needs =
    access === 'public' ? 'no credential' : `scope ${access.scope}${access.anonymous ? ', or no credential within limits' : ''}`;
  return html`<section id="${operation.name}"><h2>${operation.title}</h2>
<p><code>${rest.method.toUpperCase()} ${rest.path}</code>${operation.mcp ? html` · tool <code>${operation.name}</code>` : ''} <span class="soft">· ${needs}</span></p>
<p>${operation.description}</p><p class="soft">Failures: ${failuresOf(operation).map((code, i) => html`${i > 0 ? ', ' : ''}<a href="/docs/failures/${code}">${code}</a>`)}</p></section>`;
}

/** What a code means, and what to do about it. */
export function failurePage(code: string, failure: Failure): string {
  return page(
    code,
    html`<p class="soft"><a href="/docs">Frontdesk API</a></p><h1>${failure.title}</h1><dl><dt>Code</dt><dd><code>${code}</code></dd><dt>Status</dt><dd>${failure.status}</dd><dt>Worth repeating unchanged</dt><dd>${failure.retryable ? 'yes, later' : 'no'}</dd></dl><p>${failure.advice}</p>`,
  );
}
