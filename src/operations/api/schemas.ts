import * as z from 'zod';
import type { StoredApiKey } from '../../domain/api-key.ts';
import { agentScopes, staffScopes } from '../../domain/scopes.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const keyId = id('key', 'an API key, as given by create_api_key or list_api_keys');

/** What a key can carry: an organization's the scopes of agents, a back end's those of staff as well. */
export const keyScopes = [...agentScopes, ...staffScopes] as const;

export const apiKeyView = z
  .strictObject({
    id: keyId,
    organization_id: organizationId.nullable().describe('Null: a back end of the vendor itself, which reaches all of it.'),
    agent_id: id('agt', 'the agent that uses it').nullable(),
    last4: z.string().describe('Its last four characters, to recognise it by.'),
    scopes: z.array(z.string()),
    created_at: instant,
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const shownKey = {
  key: z.string().nullable().describe('`fd_key_…`, for Authorization: Bearer. Shown now and not again: keep it.'),
  key_reason: z.string().nullable().describe('Why the key is not shown.'),
};

export const overlapHours = z
  .int()
  .min(0)
  .max(168)
  .optional()
  .describe('How many hours the old key stays good. Default 24; 0: not at all, and no token that was got with it.');

export function showApiKey({ key_id, ...key }: StoredApiKey): z.input<typeof apiKeyView> {
  return { ...key, id: key_id, scopes: [...key.scopes] };
}

/** The secret, with the first answer only. */
export const showKey = (shown: string | undefined) =>
  shown === undefined ? { key: null, key_reason: 'shown_once' } : { key: shown, key_reason: null };
