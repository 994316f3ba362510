import { html } from 'hono/html';
import { assetPath } from './assets.ts';

/** A page of the reference in HTML around `body`, whose texts `html` has escaped. It is written in English, and needs no script. */
export function page(title: string, body: ReturnType<typeof html>): string {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${assetPath('frontdesk.css')}"></head><body><main class="plain wide">${body}</main></body></html>`.toString();
}

/** Content-Security-Policy of every page: our stylesheet, no script unless a nonce names it, nothing from elsewhere, in no frame. */
export const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
