/**
 * What a JWT (RFC 7519) says of itself, nothing of it verified: good for finding out what to look up before it is. Null for what is none,
 * or longer than 8 KB.
 */
export function unverifiedClaims(token: string): Readonly<Record<string, unknown>> | null {
  const [, payload, signature, ...more] = token.length > longest ? [] : token.split('.', 4);
  if (payload === undefined || signature === undefined || more.length > 0) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? Object.fromEntries(Object.entries(claims)) : null;
  } catch {
    return null;
  }
}

const longest = 8192;
