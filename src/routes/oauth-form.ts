import { type Said, saidOf } from '../domain/assertion.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { readForm } from './read-form.ts';

/** The parameters of a request to an endpoint of OAuth, those of its Authorization header among them. Nothing is judged yet. */
export interface OAuthParameters {
  readonly given: ReadonlyMap<string, string>;
  readonly resources: readonly string[];
  readonly client_assertion: SaidByItself | null;
  readonly assertion: SaidByItself | null;
}

/** A JWT, and what it says of itself, which tells whom to ask about it. */
interface SaidByItself {
  readonly jwt: string;
  readonly said: Said | null;
}

/**
 * Reads a posted form of at most 16 KB (RFC 6749 §3.2): every parameter once but `resource`, an empty one as if it were not there, none in
 * the address, and HTTP Basic as the client's id and secret (§2.3.1).
 */
export async function readOAuthForm(request: Request): Promise<Result<OAuthParameters, 'invalid_request' | 'invalid_client'>> {
  if (new URL(request.url).search !== '') return refuse('invalid_request', { detail: 'Parameters belong into the body.' });
  const form = await readForm(request);
  if (!form.ok) return refuse('invalid_request', { detail: 'Send application/x-www-form-urlencoded in UTF-8, at most 16 KB.' });
  const given = new Map<string, string>();
  const resources: string[] = [];
  for (const [name, value] of form.value) {
    if (value === '') continue;
    if (name === 'resource') resources.push(value);
    else if (given.has(name)) return refuse('invalid_request', { detail: 'A parameter comes more than once.' });
    else given.set(name, value);
  }
  const header = request.headers.get('Authorization');
  if (header !== null) {
    const basic = basicOf(header);
    if (basic === null) return refuse('invalid_client');
    if (given.has('client_secret') || (given.get('client_id') ?? basic.id) !== basic.id) return refuse('invalid_request');
    given.set('client_id', basic.id).set('client_secret', basic.secret);
  }
  const [client_assertion, assertion] = [saidBy(given.get('client_assertion')), saidBy(given.get('assertion'))];
  return ok({ given, resources, client_assertion, assertion });
}

/** RFC 7617 §2, with id and secret form-encoded first (RFC 6749 §2.3.1). */
function basicOf(header: string): { readonly id: string; readonly secret: string } | null {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(header) ?? [];
  try {
    const text = atob(encoded);
    const colon = text.indexOf(':');
    return colon < 1 ? null : { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
  } catch {
    return null;
  }
}

const decoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

const saidBy = (jwt: string | undefined): SaidByItself | null => (jwt === undefined ? null : { jwt, said: saidOf(jwt) });
