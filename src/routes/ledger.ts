import type { Context, Hono } from 'hono';
import type { Principal } from '../domain/actor.ts';
import { ok, type Refusal, type Result } from '../domain/result.ts';
import { mayAsk } from '../domain/visibility.ts';
import type { Operation } from '../operations/operation.ts';
import { type Outcome, perform } from '../operations/perform.ts';
import type { LedgerAction, LedgerPage, Place, Problem, Scene } from '../web/ledger/definition.ts';
import type { NavKey } from '../web/ledger/navigation.ts';
import { pageAccessText } from '../web/ledger/page-access.ts';
import { shellOf } from '../web/shell.tsx';
import { issueText } from '../web/words/issues.ts';
import { shellWords } from '../web/words/shell.ts';
import { answerPage, freshNonce } from './page.ts';
import { answerNothing, answerRefusal, leadToSignIn, redirect, type Visit, withSession, withVisit } from './visit.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type Ctx = Context<{ Bindings: Bindings }>;
type SignedIn = Visit & { readonly session: string };

/** What a page is shown with beside its answers. */
interface Showing {
  readonly status?: number;
  readonly problem?: Problem;
  readonly typed?: URLSearchParams;
}

/** Projects pages and actions to HTTP. A page is a GET that changes nothing; an action is a form of one of our pages that was posted. */
export function mountLedgerPages(app: App, pages: readonly LedgerPage[], actions: readonly LedgerAction[], world: World): void {
  const desk = { pages, world };
  for (const page of pages) {
    app.get(honoPath(page.path), (c) =>
      withSession(c, world, (visit) => showPage(page, placeOf(new URL(c.req.url), c.req.param()), visit, desk)),
    );
  }
  for (const action of actions) {
    app.post(honoPath(action.path), (c) => withVisit(c, world, (visit) => begin(action, c, visit, desk)));
  }
}

interface Ledger {
  readonly pages: readonly LedgerPage[];
  readonly world: World;
}

const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function placeOf(url: URL, params: Readonly<Record<string, string>>): Place {
  return { url, params, query: (name) => url.searchParams.get(name) || undefined };
}

/** Asks everything at once; the first refusal of what a page cannot do without is the answer. */
async function showPage(page: LedgerPage, place: Place, visit: SignedIn, ledger: Ledger, showing: Showing = {}): Promise<Response> {
  const { world } = ledger;
  const inputs = page.input(place);
  const asking = (operations: Readonly<Record<string, Operation>>) =>
    Object.entries(operations).map(async ([name, operation]): Promise<Asked> => {
      const input = inputs[name];
      return [name, input === null || input === undefined ? null : await perform(operation, world.deps, visit.call, ok(input))];
    });
  const [needed, besides] = await Promise.all([Promise.all(asking(page.asks)), Promise.all(asking(page.besides))]);
  const missing = needed.map(([, outcome]) => outcome).find((outcome) => outcome?.ok === false);
  if (missing?.ok === false) return refused(missing.refusal, place, visit);
  const odd = besides.map(([, outcome]) => outcome).find((outcome) => outcome?.ok === false && !isAbsence(outcome.refusal));
  if (odd?.ok === false) return refused(odd.refusal, place, visit);
  const principal = needed.map(([, outcome]) => (outcome?.ok ? outcome.principal : null)).find((one) => one !== null);
  if (!principal) return answerNothing(visit);
  const answers = Object.fromEntries([...needed, ...besides].map(([name, outcome]) => [name, outcome?.ok ? outcome.output : null]));
  const scene = sceneOf(place, principal, visit, world, showing);
  const content = { title: page.title(answers, scene), body: page.render(answers, scene), ...(page.scripts && { scripts: page.scripts }) };
  return answerInShell(page.nav, scene, visit, content, showing.status);
}

type Asked = readonly [name: string, outcome: Outcome | null];

/** What a page does without: the caller may not ask, or there is nothing to be had. */
const isAbsence = ({ code }: Refusal): boolean => code === 'scope.missing' || code === 'resource.not_found';

/** To whom a page is not open, there is none. A filter that cannot be used is told, with the way back to none. */
function refused(refusal: Refusal, { url }: Place, visit: SignedIn): Response {
  if (isAbsence(refusal)) return answerNothing(visit);
  if (refusal.code !== 'request.invalid') return answerRefusal(visit, refusal);
  // An id in the path that cannot be one is that of nothing.
  if (url.search === '') return answerNothing(visit);
  const words = shellWords[visit.preferences.locale];
  return answerNothing(visit, {
    status: 400,
    title: words.badFilter,
    text: refusal.issues?.[0] ? issueText(refusal.issues[0], visit.preferences.locale) : '',
    href: url.pathname,
    link: words.clear,
  });
}

function sceneOf(place: Place, principal: Principal, visit: SignedIn, { deps }: World, { problem, typed }: Showing): Scene {
  const { desk, preferences } = visit;
  return {
    ...place,
    desk,
    principal,
    preferences,
    locale: preferences.locale,
    now: deps.now(),
    may: (operation) => mayPerform(principal, operation),
    typed: typed ?? new URLSearchParams(),
    problem: problem ?? null,
  };
}

const mayPerform = (principal: Principal, { kind, access }: Operation): boolean =>
  access === 'public' || mayAsk(principal, { kind, scope: access.scope });

/** What pages need to be open. */
interface PageAccess {
  readonly nav: NavKey;
  readonly asks: readonly Parameters<typeof mayAsk>[1][];
}

// Of every page, also of those that another function of the platform answers.
let pageAccess: readonly PageAccess[] | undefined;

/** Pages whose every ask the caller may ask. */
function openTo(principal: Principal): readonly NavKey[] {
  pageAccess ??= JSON.parse(pageAccessText('')) as readonly PageAccess[];
  return pageAccess.filter(({ asks }) => asks.every((asked) => mayAsk(principal, asked))).map(({ nav }) => nav);
}

function answerInShell(
  nav: NavKey,
  scene: Scene,
  { request }: SignedIn,
  content: Pick<Parameters<typeof shellOf>[0], 'title' | 'body' | 'scripts'>,
  status = 200,
): Response {
  const nonce = freshNonce();
  return answerPage(request, shellOf({ ...content, nav, scene, open: openTo(scene.principal), nonce }), status, nonce);
}

/** Whose session is over is led to sign in, and then to the page on which it can be done again: what was posted is not repeated. */
async function begin(action: LedgerAction, c: Ctx, visit: Visit, ledger: Ledger): Promise<Response> {
  const { session, request, desk, form } = visit;
  const inPath = Object.fromEntries(Object.entries(c.req.param()).map(([name, value]) => [name, encodeURIComponent(value)]));
  const back = new URL(action.page(inPath, form), desk.origin);
  return session === null ? leadToSignIn(request, back) : act(action, c, { ...visit, session }, back, ledger);
}

async function act(action: LedgerAction, c: Ctx, visit: SignedIn, back: URL, ledger: Ledger): Promise<Response> {
  const { request, desk, form } = visit;
  const params = c.req.param();
  const { world } = ledger;
  const call = { ...visit.call, idempotencyKey: form.get('idempotency_key') ?? '' };
  const outcome = await perform(action.operation, world.deps, call, inputOf(action, form, params));
  if (!outcome.ok) return notDone(outcome.refusal, back, visit, ledger);
  if (action.shown && outcome.principal) {
    const place = placeOf(back, params);
    const page = pageAt(ledger, back);
    const scene = sceneOf(place, outcome.principal, visit, world, {});
    return answerInShell(page?.page.nav ?? 'settings', scene, visit, action.shown(outcome.output, scene));
  }
  const next = new URL(action.next?.(outcome.output) ?? back.href, desk.origin);
  next.searchParams.set('done', action.operation.name);
  return redirect(request, next.pathname + next.search + next.hash);
}

/** What was typed, without what the form carries beside it. */
function inputOf(action: LedgerAction, form: URLSearchParams, params: Readonly<Record<string, string>>): Result<unknown> {
  const typed = new URLSearchParams(form);
  typed.delete('idempotency_key');
  return ok(action.input(typed, params));
}

/** The page on which it was tried, with what was wrong and all that was typed. */
async function notDone(refusal: Refusal, back: URL, visit: SignedIn, ledger: Ledger): Promise<Response> {
  const path = back.pathname + back.search;
  if (refusal.code === 'auth.required' || refusal.code === 'auth.invalid') return leadToSignIn(visit.request, back);
  if (refusal.code === 'challenge.required') return redirect(visit.request, `/step-up?next=${encodeURIComponent(path)}`);
  if (!telling.has(refusal.code)) return answerRefusal(visit, refusal);
  const found = pageAt(ledger, back);
  if (found === null) return answerRefusal(visit, refusal);
  const words = shellWords[visit.preferences.locale];
  const text = refusal.code === 'request.invalid' ? words.wrong : words.notNow(reasonOf(refusal, words).replace(/[.。]$/, ''));
  const problem = { text, issues: refusal.issues ?? [] };
  const status = refusal.code === 'request.invalid' ? 400 : refusal.code === 'resource.not_found' ? 404 : 409;
  return showPage(found.page, placeOf(back, found.params), visit, ledger, { problem, typed: visit.form, status });
}

const reasonOf = ({ code, detail }: Refusal, words: { readonly missing: string; readonly stale: string }): string =>
  code === 'resource.not_found' ? words.missing : (detail ?? words.stale);

/** Refusals that the page of the form can say best. */
const telling = new Set([
  'request.invalid',
  'state.forbidden',
  'resource.conflict',
  'quota.exhausted',
  'idempotency.mismatch',
  'resource.not_found',
  'workspace.gone',
]);

function pageAt(
  { pages }: Ledger,
  { pathname }: URL,
): { readonly page: LedgerPage; readonly params: Readonly<Record<string, string>> } | null {
  for (const page of pages) {
    const names = [...page.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const values = new RegExp(`^${page.path.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(pathname)?.slice(1);
    if (values) return { page, params: Object.fromEntries(names.map((name, at) => [name, decoded(values[at] ?? '')])) };
  }
  return null;
}

/** As it was written, where it cannot be decoded: that is the id of nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
