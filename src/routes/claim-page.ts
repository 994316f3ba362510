import type { Context, Hono } from 'hono';
import { ok, type Refusal } from '../domain/result.ts';
import { kindOfSecret, secretHash } from '../domain/secret.ts';
import { finishClaim } from '../operations/claims/finish.ts';
import { previewClaim } from '../operations/claims/preview.ts';
import { previewClaimMailbox } from '../operations/claims/preview-mailbox.ts';
import { proveClaimMailbox } from '../operations/claims/prove-mailbox.ts';
import { recallClaim } from '../operations/claims/recall.ts';
import { startClaim } from '../operations/claims/start.ts';
import { perform } from '../operations/perform.ts';
import { startOidcSignIn } from '../operations/sessions/start-oidc-sign-in.ts';
import {
  type ClaimPage,
  type ClaimProblem,
  claimPage,
  confirmMailboxPage,
  elsewherePage,
  goneClaimPage,
  mailedPage,
  overLinkPage,
  yoursPage,
} from '../web/claim-pages.tsx';
import { browserOf, freshBrowser } from './browser-nonce.ts';
import { cookies, nonceSeconds, setCookie } from './cookies.ts';
import { answerPage, freshNonce } from './page.ts';
import { answerRefusal, redirect, type Visit, withCookies, withVisit } from './visit.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;

/** A visit to the page of one claim link. */
interface ClaimVisit extends Visit {
  /** As it stands in the address. */
  readonly token: string;
  readonly world: World;
}

/** What `mountClaimPage` answers, as OpenAPI writes paths. */
export const claimPaths: readonly string[] = ['/claim/{token}', '/claim/{token}/account', '/claim/mailbox/{link}'];

/**
 * Where a human takes a workspace over that an agent opened. Reading changes nothing, whoever reads; mailed links are confirmed by a form. The
 * claim token stands in paths, never in a query.
 */
export function mountClaimPage(app: App, world: World): void {
  app.get('/claim/mailbox/:link', (c) => withVisit(c, world, (visit) => showMailbox(c, visit, world)));
  app.post('/claim/mailbox/:link', (c) => withVisit(c, world, (visit) => proveMailbox(c, visit, world)));
  app.get('/claim/:token', (c) => withClaim(c, world, (visit) => show(visit, { problem: problemOf(c) })));
  app.post('/claim/:token', (c) =>
    withClaim(c, world, (visit) =>
      visit.form.has('user_code') ? takeOver(visit) : visit.form.has('email') ? askForMail(visit) : show(visit),
    ),
  );
  app.get('/claim/:token/account', (c) => withClaim(c, world, leaveForAccount));
}

function withClaim(c: Ctx, world: World, answer: (visit: ClaimVisit) => Promise<Response>): Promise<Response> {
  const token = c.req.param('token') ?? '';
  return withVisit(c, world, (visit) => (kindOfSecret(token) === 'clm' ? answer({ ...visit, token, world }) : gone(visit)));
}

/** What is wrong with a company account, as the way back from it says. */
const problemOf = (c: Ctx): ClaimProblem | undefined => (c.req.query('problem') === 'account' ? 'wrongAccount' : undefined);

interface Shown {
  readonly problem?: ClaimProblem | undefined;
  readonly typed?: string;
  readonly status?: number;
}

async function show(visit: ClaimVisit, { problem, typed, status = 200 }: Shown = {}): Promise<Response> {
  const { world, token, request, call } = visit;
  const asClaimant = { ...call, credential: { kind: 'claim_token' as const, hash: secretHash(token) } };
  const outcome = await perform(previewClaim, world.deps, asClaimant, ok(atBrowser(visit)));
  if (!outcome.ok) return remembered(visit, outcome.refusal);
  const preview = previewClaim.output.parse(outcome.output);
  const page = pageOf(visit);
  const accountPath = world.deps.outside?.signIn === undefined ? null : `/claim/${token}/account`;
  const response = answerPage(request, claimPage(page, preview, { problem, typed, accountPath }), status, page.nonce);
  return leadingTo(response, preview.signup_sources);
}

/** A link that is dead for everybody else still tells the browser in which the workspace was taken over that it was. */
async function remembered(visit: ClaimVisit, refusal: Refusal): Promise<Response> {
  if (refusal.code !== 'auth.invalid' && refusal.code !== 'resource.not_found') return answerRefusal(visit, refusal);
  const asked = atBrowser(visit);
  if (asked.browser === null && asked.session === null) return gone(visit);
  const outcome = await perform(recallClaim, visit.world.deps, asNobody(visit), ok(asked));
  if (!outcome.ok) return outcome.refusal.code === 'resource.not_found' ? gone(visit) : answerRefusal(visit, outcome.refusal);
  const page = pageOf(visit);
  return answerPage(visit.request, yoursPage(page, recallClaim.output.parse(outcome.output).signup_url), 200, page.nonce);
}

async function askForMail(visit: ClaimVisit): Promise<Response> {
  const { world, token, request, form } = visit;
  const email = form.get('email') ?? '';
  const kept = browserOf(request);
  const browser = kept ?? freshBrowser();
  const outcome = await perform(startClaim, world.deps, asNobody(visit), ok({ claim_hash: secretHash(token), email, browser }));
  if (!outcome.ok) {
    const { code } = outcome.refusal;
    if (code === 'request.invalid') return show(visit, { problem: 'wrongEmail', typed: email, status: 400 });
    if (code === 'quota.exhausted') return show(visit, { problem: 'tooManyMails', typed: email, status: 429 });
    return code === 'resource.not_found' ? gone(visit) : answerRefusal(visit, outcome.refusal);
  }
  const page = pageOf(visit);
  const response = answerPage(request, mailedPage(page, `/claim/${token}`), 200, page.nonce);
  return kept === null ? withCookies(response, [setCookie(cookies.login, browser, nonceSeconds)]) : response;
}

async function takeOver(visit: ClaimVisit): Promise<Response> {
  const { world, request, form } = visit;
  const user_code = form.get('user_code') ?? '';
  const outcome = await perform(finishClaim, world.deps, asNobody(visit), ok({ ...atBrowser(visit), user_code }));
  if (!outcome.ok) {
    const { code } = outcome.refusal;
    if (code === 'request.invalid') return show(visit, { problem: 'wrongCode', status: 400 });
    if (code === 'state.forbidden') return show(visit, { problem: 'notProven', status: 403 });
    if (code === 'quota.exhausted') return show(visit, { problem: 'tooManyCodes', status: 429 });
    return code === 'resource.not_found' ? gone(visit) : answerRefusal(visit, outcome.refusal);
  }
  const { taken, location } = finishClaim.output.parse(outcome.output);
  if (!taken) return show(visit, { problem: 'wrongCode', typed: user_code, status: 400 });
  return redirect(request, location ?? new URL(request.url).pathname);
}

async function leaveForAccount(visit: ClaimVisit): Promise<Response> {
  const { world, request, token } = visit;
  const outcome = await perform(startOidcSignIn, world.deps, asNobody(visit), ok({}));
  if (!outcome.ok) return outcome.refusal.code === 'resource.not_found' ? gone(visit) : answerRefusal(visit, outcome.refusal);
  const sent = startOidcSignIn.output.parse(outcome.output);
  return redirect(request, sent.location, [
    setCookie(cookies.oidc, sent.kept, sent.expires_in),
    setCookie(cookies.next, encodeURIComponent(`/claim/${token}`), sent.expires_in),
  ]);
}

async function showMailbox(c: Ctx, visit: Visit, world: World): Promise<Response> {
  const outcome = await perform(previewClaimMailbox, world.deps, asNobody(visit), ok(linkOf(c, visit)));
  if (!outcome.ok) return mailboxRefused(visit, outcome.refusal);
  const page = pageOf(visit);
  return answerPage(visit.request, confirmMailboxPage(page, previewClaimMailbox.output.parse(outcome.output).email), 200, page.nonce);
}

async function proveMailbox(c: Ctx, visit: Visit, world: World): Promise<Response> {
  const outcome = await perform(proveClaimMailbox, world.deps, asNobody(visit), ok(linkOf(c, visit)));
  if (!outcome.ok) return mailboxRefused(visit, outcome.refusal);
  return redirect(visit.request, proveClaimMailbox.output.parse(outcome.output).path);
}

const linkOf = (c: Ctx, { request }: Visit) => ({ token: c.req.param('link') ?? '', browser: browserOf(request) });

function mailboxRefused(visit: Visit, refusal: Refusal): Response {
  const page = pageOf(visit);
  switch (refusal.code) {
    case 'state.forbidden':
      return answerPage(visit.request, elsewherePage(page), 403, page.nonce);
    // What cannot be a link is one that leads nowhere.
    case 'request.invalid':
    case 'resource.not_found':
      return answerPage(visit.request, overLinkPage(page), 404, page.nonce);
    default:
      return answerRefusal(visit, refusal);
  }
}

function gone(visit: Visit): Response {
  const page = pageOf(visit);
  return answerPage(visit.request, goneClaimPage(page), 404, page.nonce);
}

const pageOf = ({ desk, preferences }: Visit): ClaimPage => ({ vendor: desk.name, preferences, nonce: freshNonce() });

/** Nobody's call: it counts against the network, and what the browser proved is looked up with the workspace. */
const asNobody = ({ call }: Visit) => ({ ...call, credential: { kind: 'none' as const } });

/** By what this browser is known again. An operator who looks as somebody else takes nothing over, whatever the browser has proven. */
function atBrowser({ request, call, session, token }: ClaimVisit) {
  const isViewing = call.credential.kind === 'session' && call.credential.viewAs !== undefined;
  const known = isViewing ? { browser: null, session: null } : { browser: browserOf(request), session };
  return { claim_hash: secretHash(token), ...known };
}

/**
 * Lets the forms of a page lead on to where the vendor signs people up: browsers hold the whole chain of redirects after a form against
 * `form-action` (CSP Level 3 §6.4.1).
 */
function leadingTo(response: Response, sources: readonly string[]): Response {
  const policy = response.headers.get('Content-Security-Policy') ?? '';
  response.headers.set('Content-Security-Policy', policy.replace("form-action 'self'", `form-action 'self' ${sources.join(' ')}`));
  return response;
}
