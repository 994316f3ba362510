import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { html, raw } from 'hono/html';

/** A whole page in HTML around `body`, whose texts `html` has escaped. */
export function page(title: string, body: ReturnType<typeof html>): string {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${style}</head><body><main>${body}</main></body></html>`.toString();
}

/** One stylesheet for the few pages there are; light and dark by the reader's own setting. */
const css = `
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e8eaed);--soft:light-dark(#57606a,#9aa4af);--line:light-dark(#d8dee4,#30363d);--paper:light-dark(#fff,#0f1216);--tint:light-dark(#f4f6f8,#181d23);--accent:light-dark(#0b5cad,#7ab7ff)}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-inline-size:52rem;margin-inline:auto;padding:2.5rem 1.25rem 5rem}h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.05rem;margin:2.5rem 0 .25rem}
p{margin:.4rem 0}.soft{color:var(--soft)}a{color:var(--accent)}code{font:.88em ui-monospace,monospace;background:var(--tint);padding:.1em .35em;border-radius:.3em;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.25rem;padding:1rem 1.25rem;margin:1.25rem 0;border:1px solid var(--line);border-radius:.6rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
form{margin-block:1.25rem}label{display:block;font-weight:600;margin-block-end:.3rem}input:not([type=hidden]){font:inherit;color:inherit;background:var(--paper);inline-size:min(100%,24rem);padding:.55rem .7rem;border:1px solid var(--soft);border-radius:.4rem}
button{display:block;font:inherit;font-weight:600;margin-block-start:.8rem;padding:.55rem 1.1rem;border:0;border-radius:.4rem;background:var(--accent);color:var(--paper);cursor:pointer}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}[role=alert]{color:light-dark(#b42318,#ff9a8f)}
section{border-block-start:1px solid var(--line);margin-block-start:2rem}ul{padding-inline-start:1.2rem}
@media(max-width:480px){dl{grid-template-columns:1fr;gap:.1rem}dd{margin-block-end:.6rem}}
`;

const style = raw(`<style>${css}</style>`);

/** Content-Security-Policy of every page: its one style sheet by hash, no script, nothing from elsewhere, in no frame. */
export const pagePolicy = `default-src 'none'; style-src 'self' 'sha256-${base64(sha256(utf8ToBytes(css)))}'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
