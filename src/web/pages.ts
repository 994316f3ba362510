import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { html, raw } from 'hono/html';
import type { Failure } from '../operations/failures.ts';
import { failures } from '../operations/failures.ts';
import { failuresOf, type Operation } from '../operations/operation.ts';

/** One stylesheet for the few pages there are; light and dark by the reader's own setting. */
const css = `
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e8eaed);--soft:light-dark(#57606a,#9aa4af);--line:light-dark(#d8dee4,#30363d);--paper:light-dark(#fff,#0f1216);--tint:light-dark(#f4f6f8,#181d23);--accent:light-dark(#0b5cad,#7ab7ff)}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-inline-size:52rem;margin-inline:auto;padding:2.5rem 1.25rem 5rem}h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.05rem;margin:2.5rem 0 .25rem}
p{margin:.4rem 0}.soft{color:var(--soft)}a{color:var(--accent)}code{font:.88em ui-monospace,monospace;background:var(--tint);padding:.1em .35em;border-radius:.3em;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.25rem;padding:1rem 1.25rem;margin:1.25rem 0;border:1px solid var(--line);border-radius:.6rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
section{border-block-start:1px solid var(--line);margin-block-start:2rem}ul{padding-inline-start:1.2rem}
@media(max-width:480px){dl{grid-template-columns:1fr;gap:.1rem}dd{margin-block-end:.6rem}}
`;

const style = raw(`<style>${css}</style>`);

/** Content-Security-Policy of every page: its one style sheet by hash, no script, nothing from elsewhere, in no frame. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${base64(sha256(utf8ToBytes(css)))}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function page(title: string, body: ReturnType<typeof html>): string {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${style}</head><body><main>${body}</main></body></html>`.toString();
}

/** Behind a claim link: what the workspace is. Reading it changes nothing, so a link scanner does no harm. */
export function claimPage(preview: unknown, vendor: string): string {
  const { status, entities, row_count, created_at, expires_at, untrusted } = preview as {
    status: string;
    entities: string[];
    row_count: number;
    created_at: string;
    expires_at: string;
    untrusted: { prospect?: { name?: string; domain?: string } };
  };
  const day = (instant: string) => html`<time datetime="${instant}">${instant.slice(0, 16).replace('T', ' ')} UTC</time>`;
  return page(
    `A workspace at ${vendor}`,
    html`<h1>A workspace is waiting for you at ${vendor}</h1>
<p class="soft">An AI agent opened it. Nothing has been ordered and nothing changes by reading this page.</p>
<dl><dt>State</dt><dd>${status}</dd><dt>Made for</dt><dd>${untrusted.prospect?.name ?? '—'} <span class="soft">(${untrusted.prospect?.domain ?? '—'}, as the agent stated)</span></dd>
<dt>Holds</dt><dd>${entities.join(', ')} · ${row_count} rows</dd><dt>Opened</dt><dd>${day(created_at)}</dd><dt>Ends</dt><dd>${day(expires_at)}</dd></dl>
<p>Taking it over is not open yet at this desk. Ask the agent that sent you for its user code and keep it; it will be asked for here.</p>`,
  );
}

export function goneClaimPage(): string {
  return page(
    'No workspace here',
    html`<h1>There is no workspace behind this link</h1><p>It may have been replaced by a newer link. Ask the agent that sent you for a new one.</p>`,
  );
}

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

export function failurePage(code: string, failure: Failure): string {
  return page(
    code,
    html`<p class="soft"><a href="/docs">Frontdesk API</a></p><h1>${failure.title}</h1><dl><dt>Code</dt><dd><code>${code}</code></dd><dt>Status</dt><dd>${failure.status}</dd><dt>Worth repeating unchanged</dt><dd>${failure.retryable ? 'yes, later' : 'no'}</dd></dl><p>${failure.advice}</p>`,
  );
}
