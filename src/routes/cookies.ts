/**
 * Cookies of pages. All are bound to the very host (`__Host-`, RFC 6265bis §4.1.3.2), closed to scripts, and not sent with what another
 * site posts.
 */
export const cookies = {
  /** The session's secret. */
  session: '__Host-fd_session',
  /** The nonce of a browser that asked for a sign-in link. By it a browser is known again that somebody signed in at. */
  login: '__Host-fd_login',
  /** Where somebody wanted to go who had to sign in first. */
  next: '__Host-fd_next',
  /** What has to be remembered while somebody is at the identity provider, sealed. */
  oidc: '__Host-fd_oidc',
  /** How somebody wants pages to be; nothing that anybody is let in by. */
  preferences: '__Host-fd_prefs',
  /** As whom an operator looks: it takes away, and gives nothing. */
  viewAs: '__Host-fd_view',
} as const;

/** How long a browser keeps its nonce, in seconds: as long as used links are kept. */
export const nonceSeconds = 90 * 86_400;

export type CookieName = (typeof cookies)[keyof typeof cookies];

/** Its value in a request; null when it is absent, empty, or there twice. */
export function cookieOf(request: Request, name: CookieName): string | null {
  const header = request.headers.get('Cookie') ?? '';
  if (header.length > longest) return null;
  const values = header.split(';').flatMap((pair) => {
    const [key, ...value] = pair.split('=');
    return key?.trim() === name ? [value.join('=').trim()] : [];
  });
  return values.length === 1 && values[0] ? values[0] : null;
}

const longest = 16_384;

/** A Set-Cookie header. `value`: characters that a cookie may hold (RFC 6265 §4.1.1). */
export function setCookie(name: CookieName, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`;
}

export function dropCookie(name: CookieName): string {
  return setCookie(name, '', 0);
}
