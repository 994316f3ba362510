import type { Context, Hono } from 'hono';
import { ok } from '../domain/result.ts';
import { secretHash } from '../domain/secret.ts';
import { vouchClaimMailbox } from '../operations/claims/vouch-mailbox.ts';
import { perform } from '../operations/perform.ts';
import { endSession } from '../operations/sessions/end.ts';
import { finishOidcSignIn } from '../operations/sessions/finish-oidc-sign-in.ts';
import { finishSignIn } from '../operations/sessions/finish-sign-in.ts';
import { previewSignIn } from '../operations/sessions/preview-sign-in.ts';
import { proveOidcSignIn } from '../operations/sessions/prove-oidc-sign-in.ts';
import { startOidcSignIn } from '../operations/sessions/start-oidc-sign-in.ts';
import { startSignIn } from '../operations/sessions/start-sign-in.ts';
import {
  confirmSignInPage,
  goneLinkPage,
  linkAskedPage,
  notVouchedPage,
  otherBrowserPage,
  type SignInFacts,
  signedOutPage,
  signInPage,
  unknownPersonPage,
} from '../web/sign-in-pages.tsx';
import { browserOf, freshBrowser } from './browser-nonce.ts';
import { cookieOf, cookies, dropCookie, nonceSeconds, setCookie } from './cookies.ts';
import { answerPlain } from './page.ts';
import { localPath } from './same-origin.ts';
import { answerRefusal, redirect, type Visit, withCookies, withSession, withVisit } from './visit.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;

/** What `mountPeople` answers, as OpenAPI writes paths. */
export const peoplePaths: readonly string[] = ['/login', '/login/oidc', '/login/oidc/callback', '/login/{token}', '/logout'];

/** Where people sign in and out. Works without script. */
export function mountPeople(app: App, world: World): void {
  app.get('/login', (c) => withVisit(c, world, (visit) => answerPlain(visit, (at) => signInPage(at, factsOf(c, visit, world)))));
  app.post('/login', (c) => withVisit(c, world, (visit) => askForLink(c, visit, world)));
  app.get('/login/oidc', (c) => withVisit(c, world, (visit) => leaveForProvider(c, visit, world)));
  app.get('/login/oidc/callback', (c) => withVisit(c, world, (visit) => comeFromProvider(visit, world)));
  app.get('/login/:token', (c) => withVisit(c, world, (visit) => showLink(c, visit, world)));
  app.post('/login/:token', (c) => withVisit(c, world, (visit) => useLink(c, visit, world)));
  app.post('/logout', (c) => withSession(c, world, (visit) => signOut(visit, world)));
}

const home = '/ledger';

/** The next page is named in the address, in the form, or by the browser that asked for a link. */
function factsOf(c: Ctx, visit: Visit, { deps }: World): SignInFacts {
  const named = c.req.query('next') ?? visit.form.get('next');
  const next = named === null ? nextOf(visit) : localPath(named, visit.desk.origin);
  return { vendor: visit.desk.name, next, provider: deps.outside?.signIn !== undefined };
}

/** Nobody's call: whoever signs in is not yet who they will be. */
function asNobody({ call }: Visit) {
  return { ...call, credential: { kind: 'none' as const } };
}

async function askForLink(c: Ctx, visit: Visit, world: World): Promise<Response> {
  const { desk, form } = visit;
  const browser = browserOf(visit.request) ?? freshBrowser();
  const input = { email: form.get('email') ?? '', browser };
  const outcome = await perform(startSignIn, world.deps, asNobody(visit), ok(input));
  if (!outcome.ok && outcome.refusal.code === 'request.invalid') {
    return answerPlain(visit, (at) => signInPage(at, factsOf(c, visit, world), true), 400);
  }
  if (!outcome.ok) return answerRefusal(visit, outcome.refusal);
  const { expires_in } = startSignIn.output.parse(outcome.output) as { expires_in: number };
  const kept = [setCookie(cookies.login, browser, nonceSeconds), rememberNext(localPath(form.get('next'), desk.origin), expires_in)];
  return withCookies(
    answerPlain(visit, (at) => linkAskedPage(at, desk.name)),
    kept,
  );
}

async function showLink(c: Ctx, visit: Visit, world: World): Promise<Response> {
  const { desk } = visit;
  const token = c.req.param('token') ?? '';
  const outcome = await perform(previewSignIn, world.deps, asNobody(visit), ok({ token, browser: browserOf(visit.request) }));
  if (!outcome.ok) return linkRefused(c, visit, world, outcome.refusal);
  const { email } = previewSignIn.output.parse(outcome.output) as { email: string };
  return answerPlain(visit, (at) => confirmSignInPage(at, desk.name, email, token));
}

async function useLink(c: Ctx, visit: Visit, world: World): Promise<Response> {
  const input = { token: c.req.param('token') ?? '', browser: browserOf(visit.request), previous: visit.session };
  const outcome = await perform(finishSignIn, world.deps, asNobody(visit), ok(input));
  return outcome.ok ? signedIn(visit, finishSignIn.output.parse(outcome.output)) : linkRefused(c, visit, world, outcome.refusal);
}

/** The session goes into the browser, and what led there out of it. */
function signedIn(visit: Visit, output: unknown): Response {
  const { session, expires_in } = output as { session: string; expires_in: number };
  const spent = [dropCookie(cookies.next), dropCookie(cookies.oidc), dropCookie(cookies.viewAs)];
  return redirect(visit.request, nextOf(visit) ?? home, [setCookie(cookies.session, session, expires_in), ...spent]);
}

function linkRefused(c: Ctx, visit: Visit, world: World, refusal: Parameters<typeof answerRefusal>[1]): Response {
  switch (refusal.code) {
    case 'state.forbidden':
      return answerPlain(visit, (at) => otherBrowserPage(at, factsOf(c, visit, world)), 403);
    // What cannot be a link is one that leads nowhere.
    case 'request.invalid':
    case 'resource.not_found':
      return answerPlain(visit, (at) => goneLinkPage(at, factsOf(c, visit, world)), 404);
    default:
      return answerRefusal(visit, refusal);
  }
}

async function leaveForProvider(c: Ctx, visit: Visit, world: World): Promise<Response> {
  const outcome = await perform(startOidcSignIn, world.deps, asNobody(visit), ok({}));
  if (!outcome.ok) return answerRefusal(visit, outcome.refusal);
  const sent = startOidcSignIn.output.parse(outcome.output) as { location: string; kept: string; expires_in: number };
  const next = localPath(c.req.query('next') ?? null, visit.desk.origin);
  const kept = [setCookie(cookies.oidc, sent.kept, sent.expires_in), rememberNext(next, sent.expires_in)];
  return redirect(visit.request, sent.location, kept);
}

async function comeFromProvider(visit: Visit, world: World): Promise<Response> {
  const { request, desk, session } = visit;
  const kept = cookieOf(request, cookies.oidc);
  if (kept === null) return answerPlain(visit, notVouchedPage, 400);
  const answer = new URL(request.url).search.slice(1);
  const proven = await perform(proveOidcSignIn, world.deps, asNobody(visit), ok({ answer, kept }));
  if (!proven.ok) {
    const { code } = proven.refusal;
    const page = code === 'auth.invalid' || code === 'request.invalid' ? answerPlain(visit, notVouchedPage, 400) : null;
    return withCookies(page ?? answerRefusal(visit, proven.refusal), [dropCookie(cookies.oidc)]);
  }
  const vouched = proveOidcSignIn.output.parse(proven.output) as { issuer: string; subject: string; email: string | null };
  const claiming = await proveForClaim(visit, vouched.email, world);
  if (claiming !== null) return withCookies(claiming, [dropCookie(cookies.oidc), dropCookie(cookies.next)]);
  const outcome = await perform(finishOidcSignIn, world.deps, asNobody(visit), ok({ ...vouched, previous: session }));
  if (outcome.ok) return signedIn(visit, finishOidcSignIn.output.parse(outcome.output));
  const isUnknown = outcome.refusal.code === 'resource.not_found';
  const page = isUnknown ? answerPlain(visit, (at) => unknownPersonPage(at, desk.name), 403) : answerRefusal(visit, outcome.refusal);
  return withCookies(page, [dropCookie(cookies.oidc)]);
}

/** Whoever came from a claim link signs in nowhere: the provider's word proves a mailbox to it, and they go back. Null: they did not. */
async function proveForClaim(visit: Visit, email: string | null, world: World): Promise<Response | null> {
  const path = nextOf(visit);
  const token = /^\/claim\/(fd_clm_\w+)$/.exec(path ?? '')?.[1];
  if (path === null || token === undefined) return null;
  const browser = browserOf(visit.request) ?? freshBrowser();
  const input = { claim_hash: secretHash(token), email: email ?? '', browser };
  const outcome = await perform(vouchClaimMailbox, world.deps, asNobody(visit), ok(input));
  if (outcome.ok) return redirect(visit.request, path, [setCookie(cookies.login, browser, nonceSeconds)]);
  const { refusal } = outcome;
  if (refusal.code === 'state.forbidden') return redirect(visit.request, `${path}?problem=account`);
  return refusal.code === 'resource.not_found' ? redirect(visit.request, path) : answerRefusal(visit, refusal);
}

async function signOut(visit: Visit & { readonly session: string }, world: World): Promise<Response> {
  const { call, session, form } = visit;
  // As who it is, whoever an operator looks as: otherwise nothing might end.
  const own = { ...call, credential: { kind: 'session' as const, hash: session } };
  const outcome = await perform(endSession, world.deps, own, ok({ session, everywhere: form.get('everywhere') === '1' }));
  // A session that is over already was what was wanted.
  if (!outcome.ok && outcome.refusal.code !== 'auth.invalid') return answerRefusal(visit, outcome.refusal);
  return withCookies(answerPlain(visit, signedOutPage), [dropCookie(cookies.session), dropCookie(cookies.viewAs)]);
}

function rememberNext(next: string | null, seconds: number): string {
  return next === null ? dropCookie(cookies.next) : setCookie(cookies.next, encodeURIComponent(next), seconds);
}

/** Checked again: a cookie is not proof that it was us who set it. */
function nextOf({ request, desk }: Visit): string | null {
  try {
    return localPath(decodeURIComponent(cookieOf(request, cookies.next) ?? ''), desk.origin);
  } catch {
    return null;
  }
}
