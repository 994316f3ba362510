import type { Hono } from 'hono';
import { ok } from '../domain/result.ts';
import { createPartnerApplication } from '../operations/partners/create-application.ts';
import { perform } from '../operations/perform.ts';
import { appliedPage, applyPage, type Typed } from '../web/partner-pages.tsx';
import { issueText } from '../web/words/issues.ts';
import { answerPlain } from './page.ts';
import { answerRefusal, type Visit, withVisit } from './visit.ts';
import type { Bindings, World } from './world.ts';

/** What `mountPartners` answers, as OpenAPI writes paths. */
export const applyPath = '/partners/apply';

/** Where an organization asks to be taken as a partner. Nobody needs to be signed in. Works without script. */
export function mountPartners(app: Hono<{ Bindings: Bindings }>, world: World): void {
  app.get(applyPath, (c) => withVisit(c, world, (visit) => answerPlain(visit, (at) => applyPage(at, visit.desk.name))));
  app.post(applyPath, (c) => withVisit(c, world, (visit) => apply(visit, world)));
}

async function apply(visit: Visit, world: World): Promise<Response> {
  const { desk, call } = visit;
  const typed = typedIn(visit);
  const { domain, note, ...named } = typed;
  const input = { ...named, ...(domain.trim() === '' ? {} : { domain }), ...(note.trim() === '' ? {} : { note }) };
  // Whoever is signed in applies as anybody would.
  const outcome = await perform(createPartnerApplication, world.deps, { ...call, credential: { kind: 'none' } }, ok(input));
  if (outcome.ok) return answerPlain(visit, (at) => appliedPage(at, desk.name));
  const { refusal } = outcome;
  if (refusal.code !== 'request.invalid') return answerRefusal(visit, refusal);
  const problems = new Map((refusal.issues ?? []).map((issue) => [issue.pointer.slice(1), issueText(issue, visit.preferences.locale)]));
  return answerPlain(visit, (at) => applyPage(at, desk.name, typed, problems), 400);
}

function typedIn({ form }: Visit): Typed {
  const text = (name: string) => form.get(name) ?? '';
  return { email: text('email'), organization_name: text('organization_name'), domain: text('domain'), note: text('note') };
}
