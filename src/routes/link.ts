import type { Hono } from 'hono';
import { ok, type Refusal } from '../domain/result.ts';
import { linkIdentity } from '../operations/identities/link.ts';
import { previewIdentityLink } from '../operations/identities/preview-link.ts';
import { perform } from '../operations/perform.ts';
import { getSession } from '../operations/sessions/get.ts';
import { codePage, confirmLinkPage, type FoundAgent, type LinkTarget, linkedPage, noTargetPage } from '../web/link-page.tsx';
import { linkWords } from '../web/words/link.ts';
import { answerPlain } from './page.ts';
import { answerRefusal, redirect, type Visit, withSession } from './visit.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;
type SignedIn = Visit & { readonly session: string };

/** What `mountLink` answers, as OpenAPI writes paths. */
export const linkPath = '/link';

/** Where people link agents that registered themselves: the `verification_uri` of their user codes. Only a posted form changes anything. */
export function mountLink(app: App, world: World): void {
  app.get(linkPath, (c) => withSession(c, world, (visit) => askForCode(visit, world)));
  app.post(linkPath, (c) =>
    withSession(c, world, (visit) => (visit.form.has('registration_id') ? link(visit, world) : preview(visit, world))),
  );
}

async function askForCode(visit: SignedIn, world: World): Promise<Response> {
  const outcome = await perform(getSession, world.deps, visit.call, ok({}));
  return outcome.ok ? answerPlain(visit, (at) => codePage(at, visit.desk.name)) : answerRefusal(visit, outcome.refusal);
}

async function preview(visit: SignedIn, world: World): Promise<Response> {
  const { desk, session, form } = visit;
  const user_code = form.get('user_code') ?? '';
  const outcome = await perform(previewIdentityLink, world.deps, visit.call, ok({ session, user_code }));
  if (!outcome.ok) return refused(visit, outcome.refusal);
  const { found, organizations } = outcome.output as { found: FoundAgent | null; organizations: readonly LinkTarget[] | null };
  if (found === null) return wrongCode(visit);
  if (organizations?.length === 0) return answerPlain(visit, (at) => noTargetPage(at, desk.name), 403);
  return answerPlain(visit, (at) => confirmLinkPage(at, desk.name, user_code, found, organizations));
}

async function link(visit: SignedIn, world: World): Promise<Response> {
  const { desk, session, form } = visit;
  const [user_code, registration_id, organization_id] = ['user_code', 'registration_id', 'organization_id'].map(
    (name) => form.get(name) ?? '',
  );
  const outcome = await perform(linkIdentity, world.deps, visit.call, ok({ session, user_code, registration_id, organization_id }));
  if (!outcome.ok) return refused(visit, outcome.refusal);
  const { linked } = outcome.output as { linked: { agent_id: string; workspaces: number } | null };
  return linked === null ? wrongCode(visit) : answerPlain(visit, (at) => linkedPage(at, desk.name, linked));
}

function wrongCode(visit: SignedIn): Response {
  return answerPlain(visit, (at) => codePage(at, visit.desk.name, true), 400);
}

function refused(visit: SignedIn, refusal: Refusal): Response {
  if (refusal.code === 'request.invalid') return wrongCode(visit);
  if (refusal.code === 'challenge.required') return redirect(visit.request, `/step-up?next=${encodeURIComponent(linkPath)}`);
  if (refusal.code !== 'quota.exhausted') return answerRefusal(visit, refusal);
  return answerRefusal(visit, { ...refusal, detail: linkWords[visit.preferences.locale].tooMany });
}
