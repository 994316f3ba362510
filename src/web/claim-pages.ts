import { html } from 'hono/html';
import { page } from './page.ts';

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

/** Behind a claim link that leads nowhere (any more), whatever the reason. */
export function goneClaimPage(): string {
  return page(
    'No workspace here',
    html`<h1>There is no workspace behind this link</h1><p>It may have been replaced by a newer link. Ask the agent that sent you for a new one.</p>`,
  );
}
