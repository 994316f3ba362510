import { touchSeconds } from '../operations/referrals/follow-link.ts';

/**
 * The cookie that keeps a link touch with the visitor (RFC 6265bis §4.1). The newer link wins: it replaces what was there. Over https it
 * is bound to the very host (`__Host-`, §4.1.3.2); the embedded default is served over plain http, where browsers refuse such a cookie.
 */
export function touchCookie(origin: string, touch: string): string {
  const kept = `${touch}; Path=/; Max-Age=${touchSeconds}; HttpOnly; SameSite=Lax`;
  return origin.startsWith('https:') ? `__Host-fd_touch=${kept}; Secure` : `fd_touch=${kept}`;
}

/**
 * Whether a request is a person following a link, as far as can be seen: no HEAD, no prefetch, and, where the browser says what it asks
 * for (Fetch Metadata §2.1), a page in a window of its own. A picture or a frame in somebody's page would credit whoever put it there.
 */
export function isFollowing({ method, headers }: Request): boolean {
  const purpose = headers.get('Sec-Purpose') ?? headers.get('Purpose') ?? '';
  return method === 'GET' && !purpose.includes('prefetch') && (headers.get('Sec-Fetch-Dest') ?? 'document') === 'document';
}
