import * as z from 'zod';
import type { Principal } from '../../domain/actor.ts';
import { chooseScopes, makeApiKey, mayChangeKeys, mayHaveKeys, mostApiKeys, scopesToGive } from '../../domain/api-key.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { isStaff } from '../../domain/visibility.ts';
import { defineWrite } from '../operation.ts';
import { instant, organizationId } from '../vocabulary.ts';
import { apiKeyView, keyScopes, showApiKey, showKey, shownKey } from './schemas.ts';

export const createApiKey = defineWrite({
  name: 'create_api_key',
  title: 'Create an API key',
  summary: 'Another API key for your organization, shown once',
  description:
    'Makes an API key for your organization, which has proven a domain, with scopes out of those that your own credential has. People and ' +
    'back ends of the vendor name the organization, or none for a back end; that needs keys:rotate as well. The key is shown once. It lives until expires_at, if you ' +
    'name one, until it is rotated or revoked, or its agent is revoked. At most 100 live keys.',
  rest: { method: 'post', path: '/v1/api-keys', status: 201 },
  mcp: false,
  access: { scope: 'agents:manage', stepUp: true },
  input: z.strictObject({
    scopes: z.array(z.enum(keyScopes)).min(1).max(keyScopes.length).describe('What it may do. Scopes of staff go to back ends only.'),
    expires_at: instant.optional().describe('When it ends by itself. If left out, it does not.'),
    organization_id: organizationId.nullable().optional().describe('Whose it is; your own if left out. Null: a back end of the vendor.'),
  }),
  output: z.strictObject({ ...apiKeyView.shape, ...shownKey }).meta({ id: 'CreatedApiKey' }),
  failures: ['resource.not_found', 'state.forbidden', 'quota.exhausted'],
  sideEffect: 'reversible',
  load: (queries, { input, now }) => ({
    organization: queries.organizationKnown(input.organization_id ?? ''),
    live: queries.liveApiKeys(input.organization_id ?? null, mostApiKeys, now),
  }),
  decide({ organization, live }, { input, principal, desk, now }, given) {
    const holder = holderOf(input.organization_id, principal);
    if (!holder.ok) return holder;
    const mayHave = mayHaveKeys(principal);
    if (!mayHave.ok) return mayHave;
    if (input.organization_id && organization === null) return refuse('resource.not_found');
    const scopes = chooseScopes(input.scopes, scopesToGive(principal, holder.value));
    if (!scopes.ok) return scopes;
    if (input.expires_at !== undefined && !(Date.parse(input.expires_at) > now.getTime()))
      return refuse('request.invalid', { issues: [{ pointer: '/expires_at', code: 'past', message: 'A time to come is needed.' }] });
    if (holder.value !== null && live !== null && live.count >= mostApiKeys) return refuse('quota.exhausted');
    const wanted = { organization_id: holder.value, scopes: scopes.value, expires_at: input.expires_at ?? null };
    // What an agent makes dies with it.
    const agent_id = isStaff(principal) ? null : principal.agentId;
    const { secret, stored, changes } = makeApiKey({ ...wanted, agent_id }, desk.environment, given);
    return ok({ subjectId: stored.key_id, changes, result: stored, shown: secret });
  },
  view: (stored, _, __, shown) => ({ ...showApiKey(stored), ...showKey(shown) }),
});

/** Whose key it will be: the caller's own organization, or for staff any, or none. */
function holderOf(asked: string | null | undefined, principal: Principal): Result<string | null, 'resource.not_found' | 'scope.missing'> {
  if (isStaff(principal)) {
    const may = mayChangeKeys(principal);
    return may.ok ? ok(asked ?? null) : may;
  }
  const own = principal.organizationId;
  return own === null || (asked !== undefined && asked !== own) ? refuse('resource.not_found') : ok(own);
}
