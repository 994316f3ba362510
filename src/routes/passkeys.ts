import type { Hono } from 'hono';
import { ok, type Refusal } from '../domain/result.ts';
import type { Operation } from '../operations/operation.ts';
import { finishPasskeyRegistration } from '../operations/passkeys/finish-registration.ts';
import { finishStepUp } from '../operations/passkeys/finish-step-up.ts';
import { listPasskeys } from '../operations/passkeys/list.ts';
import { removePasskey } from '../operations/passkeys/remove.ts';
import { startPasskeyRegistration } from '../operations/passkeys/start-registration.ts';
import { startStepUp } from '../operations/passkeys/start-step-up.ts';
import { perform } from '../operations/perform.ts';
import { type Asked, passkeysPage, type ShownPasskey, stepUpPage } from '../web/passkey-pages.tsx';
import { passkeyWords } from '../web/words/passkeys.ts';
import { cookies, setCookie } from './cookies.ts';
import { answerPlain } from './page.ts';
import { localPath } from './same-origin.ts';
import { answerRefusal, redirect, type Visit, withSession } from './visit.ts';
import type { Bindings, World } from './world.ts';

type SignedIn = Visit & { readonly session: string };

/** What `mountPasskeys` answers, as OpenAPI writes paths. */
export const passkeyPaths: readonly string[] = ['/account/passkeys', '/account/passkeys/remove', '/step-up'];

/** Where people add passkeys, and use them before money moves. */
export function mountPasskeys(app: Hono<{ Bindings: Bindings }>, world: World): void {
  app.get('/account/passkeys', (c) => withSession(c, world, (visit) => showPasskeys(visit, world)));
  app.post('/account/passkeys', (c) => withSession(c, world, (visit) => addPasskey(visit, world)));
  app.post('/account/passkeys/remove', (c) => withSession(c, world, (visit) => forgetPasskey(visit, world)));
  app.get('/step-up', (c) => withSession(c, world, (visit) => askForPasskey(visit, world, c.req.query('next') ?? null)));
  app.post('/step-up', (c) => withSession(c, world, (visit) => stepUp(visit, world)));
}

const ask = (operation: Operation, { call }: Visit, { deps }: World, input: object) => perform(operation, deps, call, ok(input));

async function showPasskeys(
  visit: SignedIn,
  world: World,
  problem?: string,
  status = problem === undefined ? 200 : 400,
): Promise<Response> {
  const { session } = visit;
  const outcome = await ask(listPasskeys, visit, world, { session });
  if (!outcome.ok) return answerRefusal(visit, outcome.refusal);
  const { passkeys, opening } = outcome.output as { passkeys: readonly ShownPasskey[]; opening: 'open' | 'step_up' | 'sign_in' };
  const begun = opening === 'open' ? await ask(startPasskeyRegistration, visit, world, { session }) : null;
  const asked = begun?.ok ? (begun.output as Asked) : null;
  return answerPlain(visit, (at) => passkeysPage(at, passkeys, opening, asked, problem), status);
}

async function addPasskey(visit: SignedIn, world: World): Promise<Response> {
  const outcome = await ask(finishPasskeyRegistration, visit, world, { session: visit.session, ...broughtBack(visit) });
  if (outcome.ok) return redirect(visit.request, '/account/passkeys');
  const { refusal } = outcome;
  if (isOwnMistake(refusal)) return showPasskeys(visit, world, notAccepted(visit));
  if (refusal.code === 'resource.conflict' || refusal.code === 'quota.exhausted') return showPasskeys(visit, world, refusal.detail);
  return answerRefusal(visit, refusal);
}

async function forgetPasskey(visit: SignedIn, world: World): Promise<Response> {
  const outcome = await ask(removePasskey, visit, world, { credential_id: visit.form.get('credential_id') ?? '' });
  if (outcome.ok) return redirect(visit.request, '/account/passkeys');
  if (outcome.refusal.code === 'challenge.required') return redirect(visit.request, '/step-up?next=%2Faccount%2Fpasskeys');
  return answerRefusal(visit, outcome.refusal);
}

async function askForPasskey(visit: SignedIn, world: World, wanted: string | null, problem?: string): Promise<Response> {
  const next = localPath(wanted, visit.desk.origin) ?? '/ledger';
  const outcome = await ask(startStepUp, visit, world, { session: visit.session });
  if (!outcome.ok && outcome.refusal.code !== 'state.forbidden') return answerRefusal(visit, outcome.refusal);
  const asked = outcome.ok ? (outcome.output as Asked) : null;
  return answerPlain(visit, (at) => stepUpPage(at, next, asked, problem), problem === undefined ? 200 : 400);
}

async function stepUp(visit: SignedIn, world: World): Promise<Response> {
  const { request, form, desk } = visit;
  const outcome = await ask(finishStepUp, visit, world, { session: visit.session, ...broughtBack(visit) });
  if (outcome.ok) {
    const { session, expires_in } = outcome.output as { session: string; expires_in: number };
    return redirect(request, localPath(form.get('next'), desk.origin) ?? '/ledger', [setCookie(cookies.session, session, expires_in)]);
  }
  if (!isOwnMistake(outcome.refusal)) return answerRefusal(visit, outcome.refusal);
  return askForPasskey(visit, world, form.get('next'), notAccepted(visit));
}

/** The challenge that was handed out, and what the browser answered to it. */
const broughtBack = ({ form }: Visit) => ({ kept: form.get('kept') ?? '', answer: form.get('answer') ?? '' });

const isOwnMistake = ({ code }: Refusal): boolean => code === 'challenge.required' || code === 'request.invalid';

const notAccepted = ({ preferences }: Visit): string => passkeyWords[preferences.locale].notAccepted;
