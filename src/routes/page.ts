import { pagePolicy } from '../web/page.ts';
import { requestIdOf } from './respond.ts';

/** Answers a page: no script, no foreign content, not framed, not indexed, no credential in a referrer. */
export function answerPage(request: Request, body: string, status = 200): Response {
  return new Response(body, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': pagePolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'X-Robots-Tag': 'noindex',
      'Cache-Control': 'private, no-store',
      'X-Request-Id': requestIdOf(request),
    },
  });
}
