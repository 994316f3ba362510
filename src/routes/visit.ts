import type { Context } from 'hono';
import type { Refusal } from '../domain/result.ts';
import { kindOfSecret, secretHash } from '../domain/secret.ts';
import type { Call, ViewAs } from '../operations/call.ts';
import type { Desk } from '../operations/desk.ts';
import { failures } from '../operations/failures.ts';
import { nothingPage } from '../web/nothing-page.tsx';
import { type Preferences, readPreferences } from '../web/preferences.ts';
import { refusedPage } from '../web/sign-in-pages.tsx';
import { shellWords } from '../web/words/shell.ts';
import { signInWords } from '../web/words/sign-in.ts';
import { cookieOf, cookies } from './cookies.ts';
import { answerPlain } from './page.ts';
import { readForm } from './read-form.ts';
import { requestIdOf } from './respond.ts';
import { callOf, hostOf } from './rest.ts';
import { isFromOurPage } from './same-origin.ts';
import type { Bindings, World } from './world.ts';

type Ctx = Context<{ Bindings: Bindings }>;

/** A request for a page: cookies say who asks. What an Authorization header says is not read here, as no cookie is read by the API. */
export interface Visit {
  readonly request: Request;
  readonly desk: Desk;
  /** For `perform`. Its credential is the session that the browser brought, valid or not, or none. */
  readonly call: Call;
  /** SHA-256 in hex of the session's secret; null where the browser brought none. */
  readonly session: string | null;
  readonly preferences: Preferences;
  /** What was posted; of a GET, nothing. */
  readonly form: URLSearchParams;
}

type Answer = (visit: Visit) => Response | Promise<Response>;

/**
 * The one way to every page that cookies lead to. What would change something (any method but GET and HEAD) must come from a page of ours,
 * as a form. Whoever came by another name of the desk is led to its origin first, where the cookies are.
 */
export async function withVisit(c: Ctx, world: World, answer: Answer): Promise<Response> {
  const request = c.req.raw;
  const desk = await world.deps.desks.find(hostOf(request));
  if (!desk) return answerFailure(request, 'tenant.unknown');
  const safe = request.method === 'GET' || request.method === 'HEAD';
  if (safe && hostOf(request).toLowerCase() !== new URL(desk.origin).host) {
    const { pathname, search } = new URL(request.url);
    return redirect(request, `${desk.origin}${pathname}${search}`);
  }
  if (!safe && !isFromOurPage(request, desk.origin)) {
    const preferences = preferencesOf(request);
    const { forged, forgedText } = signInWords[preferences.locale];
    return answerPlain({ request, preferences }, (at) => refusedPage(at, forged, forgedText), 403);
  }
  const form = safe ? null : await readForm(request);
  if (form?.ok === false) return answerFailure(request, form.code);
  const secret = cookieOf(request, cookies.session);
  const session = secret !== null && kindOfSecret(secret) === 'ses' ? secretHash(secret) : null;
  const call: Call = {
    ...callOf(c, world, false),
    ...world.addressOf(request, c.env?.incoming?.socket?.remoteAddress),
    credential: session === null ? { kind: 'none' } : { kind: 'session', hash: session, ...viewAs(request) },
  };
  const preferences = preferencesOf(request);
  return answer({ request, desk, call, session, preferences, form: form?.value ?? new URLSearchParams() });
}

/**
 * A page for people who are signed in; others are led to sign in. Whether the session is still good, `perform` says with the call of the
 * visit: hand what it refuses to `answerRefusal`.
 */
export async function withSession(
  c: Ctx,
  world: World,
  answer: (visit: Visit & { readonly session: string }) => Response | Promise<Response>,
) {
  return withVisit(c, world, (visit) => {
    const { session } = visit;
    return session === null ? leadToSignIn(visit.request) : answer({ ...visit, session });
  });
}

/** What a refusal looks like on a page. Who is not signed in, or not any more, is led to sign in. */
export function answerRefusal({ request }: Pick<Visit, 'request'>, { code, detail, retryAfterS }: Refusal): Response {
  if (code === 'auth.required' || code === 'auth.invalid') return leadToSignIn(request);
  return answerFailure(request, code, detail, retryAfterS);
}

export const preferencesOf = (request: Request): Preferences =>
  readPreferences(cookieOf(request, cookies.preferences), request.headers.get('Accept-Language'));

/** As whom an operator looks, as `/ledger/view-as` wrote it; nothing where there is no such cookie or it says nothing. */
function viewAs(request: Request): { readonly viewAs?: ViewAs } {
  const [role, organizationId] = (cookieOf(request, cookies.viewAs) ?? '').split('.');
  if (role !== 'auditor' && role !== 'partner' && role !== 'channel_manager') return {};
  const named = organizationId !== undefined && /^org_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(organizationId);
  return { viewAs: { role, organizationId: named ? organizationId : null } };
}

/** What somebody is told who finds nothing; without more, that there is nothing. */
export function answerNothing(
  { request, preferences }: Pick<Visit, 'request' | 'preferences'>,
  said?: { readonly status: number; readonly title: string; readonly text: string; readonly href: string; readonly link: string },
): Response {
  const words = shellWords[preferences.locale];
  const { status, ...shown } = said ?? {
    status: 404,
    title: words.notFound,
    text: words.notFoundText,
    href: '/ledger',
    link: words.toLedger,
  };
  return answerPlain({ request, preferences }, (at) => nothingPage(at, shown), status);
}

export function answerFailure(request: Request, code: string, detail?: string, retryAfterS?: number): Response {
  const { status, title } = Object.entries(failures).find(([name]) => name === code)?.[1] ?? failures.internal;
  const preferences = preferencesOf(request);
  const wait = retryAfterS === undefined ? '' : ` ${signInWords[preferences.locale].wait(retryAfterS)}`;
  const response = answerPlain({ request, preferences }, (at) => refusedPage(at, title, `${detail ?? ''}${wait}`.trim()), status);
  if (retryAfterS !== undefined) response.headers.set('Retry-After', String(retryAfterS));
  return response;
}

/** To the sign-in, and from there back: to what was asked for; of a form, which is not posted again, to `back`. */
export function leadToSignIn(request: Request, back?: URL): Response {
  const { pathname, search } = back ?? new URL(request.url);
  const isRepeated = back !== undefined || request.method === 'GET';
  return redirect(request, `/login?next=${encodeURIComponent(pathname + (isRepeated ? search : ''))}`);
}

/** 303: whatever was asked for and how, what follows is a GET (RFC 9110 §15.4.4). */
export function redirect(request: Request, location: string, setCookies: readonly string[] = []): Response {
  const headers = { Location: location, 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' };
  const response = new Response(null, { status: 303, headers: { ...headers, 'X-Request-Id': requestIdOf(request) } });
  return withCookies(response, setCookies);
}

export function withCookies(response: Response, setCookies: readonly string[]): Response {
  for (const cookie of setCookies) response.headers.append('Set-Cookie', cookie);
  return response;
}
