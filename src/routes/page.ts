import { pagePolicy } from '../web/page.ts';
import type { Preferences } from '../web/preferences.ts';
import type { PlainAt } from '../web/shell.tsx';
import { requestIdOf } from './respond.ts';

/**
 * Answers a page: no foreign content, not framed, not indexed, no credential in a referrer. Scripts run only where `nonce` names them.
 */
export function answerPage(request: Request, body: string, status = 200, nonce?: string): Response {
  return new Response(body, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': nonce === undefined ? pagePolicy : `${pagePolicy}; script-src 'nonce-${nonce}'; connect-src 'self'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'X-Robots-Tag': 'noindex',
      'Cache-Control': 'private, no-store',
      'X-Request-Id': requestIdOf(request),
    },
  });
}

/** Answers a page beside the ledger, for the language and theme of who asks. */
export function answerPlain(
  { request, preferences }: { readonly request: Request; readonly preferences: Preferences },
  page: (at: PlainAt) => string,
  status = 200,
): Response {
  const nonce = freshNonce();
  return answerPage(request, page({ preferences, nonce }), status, nonce);
}

/** A nonce of one answer (CSP Level 3 §2.3.1): 128 bits. */
export function freshNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replace(
    /[+/=]/g,
    (c) => ({ '+': '-', '/': '_' })[c] ?? '',
  );
}
