/**
 * Whether a request comes from a page of ours: what a cookie alone may not decide. Fetch Metadata (§2.3) says `same-origin`, or `none`
 * where the browser itself acts, and then the Origin must be ours as well. Without it the Origin must be ours. A page without a referrer
 * posts `Origin: null` (Fetch standard, "append a request Origin header"), which then says nothing. A request with neither is refused.
 */
export function isFromOurPage({ headers }: Request, origin: string): boolean {
  const from = headers.get('Origin');
  const named = from !== null && from !== 'null';
  if (named && from !== origin) return false;
  const site = headers.get('Sec-Fetch-Site');
  if (site === null) return named;
  return site === 'same-origin' || (site === 'none' && named);
}

/**
 * A path of this desk, with its query, to which somebody may be sent on; null for anything else: another origin, whatever its spelling, and
 * the pages on which one signs in or out.
 */
export function localPath(text: string | null, origin: string): string | null {
  if (text === null || text.length > longestPath || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)) return null;
  if (!URL.canParse(text, origin)) return null;
  const url = new URL(text, origin);
  if (url.origin !== new URL(origin).origin || /^\/(?:login|logout)(?:\/|$)/.test(url.pathname)) return null;
  // As it was parsed: dots may have led somewhere else.
  return url.pathname.startsWith('//') ? null : url.pathname + url.search;
}

const longestPath = 512;
