import type { Hono } from 'hono';
import { isLocale } from '../web/locale.ts';
import { themes, writePreferences } from '../web/preferences.ts';
import { cookies, dropCookie, setCookie } from './cookies.ts';
import { localPath } from './same-origin.ts';
import { redirect, type Visit, withSession, withVisit } from './visit.ts';
import type { Bindings, World } from './world.ts';

/** What `mountPreferences` answers, as OpenAPI writes paths. */
export const preferencePaths: readonly string[] = ['/ledger/preferences', '/ledger/view-as'];

const yearS = 31_536_000;
const sessionS = 43_200;

/** How somebody wants pages to be, and as whom an operator looks. Both are cookies of the browser: nothing is recorded. */
export function mountPreferences(app: Hono<{ Bindings: Bindings }>, world: World): void {
  app.post('/ledger/preferences', (c) => withVisit(c, world, keepPreferences));
  app.post('/ledger/view-as', (c) => withSession(c, world, lookAs));
}

function keepPreferences({ request, desk, form, preferences }: Visit): Response {
  const locale = form.get('locale') ?? '';
  const kept = {
    locale: isLocale(locale) ? locale : preferences.locale,
    theme: themes.find((theme) => theme === form.get('theme')) ?? preferences.theme,
    keys: form.has('keys') ? form.get('keys') === 'on' : preferences.keys,
  };
  const next = localPath(form.get('next'), desk.origin) ?? '/ledger/settings';
  return redirect(request, next, [setCookie(cookies.preferences, writePreferences(kept), yearS)]);
}

/** An empty role ends it, as does a partner or channel manager of nobody. Of anybody but an operator it is not read. */
function lookAs({ request, desk, form }: Visit): Response {
  const [role, organization] = [form.get('role') ?? '', form.get('organization_id') ?? ''];
  const isMember = (role === 'partner' || role === 'channel_manager') && /^org_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(organization);
  const value = role === 'auditor' ? role : isMember ? `${role}.${organization}` : '';
  const cookie = value === '' ? dropCookie(cookies.viewAs) : setCookie(cookies.viewAs, value, sessionS);
  return redirect(request, localPath(form.get('next'), desk.origin) ?? '/ledger', [cookie]);
}
