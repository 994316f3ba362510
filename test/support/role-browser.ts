import type { Role } from '../../src/domain/actor.ts';
import { formatSecret, secretHash } from '../../src/domain/secret.ts';

import { type Browser, openBrowser } from './browser.ts';
import { commitAt, sceneAt } from './qualify.ts';
import { demoHost, type TestWorld } from './world.ts';

/**
 * A browser in which somebody of this role is signed in.
 * @param organizationIds whom a partner or channel manager reaches
 */
export async function roleBrowser(
  t: TestWorld,
  role: Role,
  { organizationIds = [], steppedUp = false }: { readonly organizationIds?: readonly string[]; readonly steppedUp?: boolean } = {},
): Promise<Browser> {
  const { given, desk } = await sceneAt(t, demoHost);
  const person_id = given.newId('psn');
  const at = given.now.toISOString();
  const secret = formatSecret('ses', desk.environment, given.random(32));
  const none = { name: null, oidc_issuer: null, oidc_subject: null };
  await commitAt(t, demoHost, {
    people: [{ ...none, person_id, email: `${person_id}@people.example`, role, state: 'active', version: 1, created_at: at }],
    memberships: organizationIds.map((organization_id) => ({ person_id, organization_id, granted_by: person_id, granted_at: at })),
  });
  const expires_at = new Date(given.now.getTime() + 3_600_000).toISOString();
  await commitAt(t, demoHost, {
    sessions: [{ session_hash: secretHash(secret), person_id, created_at: at, expires_at, stepped_up_at: steppedUp ? at : null }],
  });
  const browser = openBrowser(t);
  browser.cookies.set('__Host-fd_session', secret);
  return browser;
}
