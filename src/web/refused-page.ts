import { html } from 'hono/html';
import { page } from './page.ts';

/** Why somebody does not see what they asked for, in words of ours. */
export function refusedPage(title: string, words: string): string {
  return page(title, html`<h1>${title}</h1><p>${words}</p><p><a href="/login">Sign in</a> · <a href="/docs">About this desk</a></p>`);
}
