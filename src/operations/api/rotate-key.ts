import * as z from 'zod';
import { makeApiKey, mayRotateApiKey, overlapEnd, ownApiKey } from '../../domain/api-key.ts';
import { ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { apiKeyView, keyId, overlapHours, showApiKey, showKey, shownKey } from './schemas.ts';

export const rotateApiKey = defineWrite({
  name: 'rotate_api_key',
  title: 'Rotate an API key',
  summary: 'A new API key with the same scopes; the old one overlaps',
  description:
    'Makes a key with the same holder, scopes and expiry as this one, shown once, and ends the old one after overlap_hours (24 unless you say ' +
    'otherwise), so that nothing stops while you put the new one in its place. Your credential must have every scope of the key. When a ' +
    'key leaked, overlap_hours 0 ends it at once.',
  rest: { method: 'post', path: '/v1/api-keys/{key_id}/rotate', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage', stepUp: true },
  input: z.strictObject({ key_id: keyId, overlap_hours: overlapHours }),
  output: z
    .strictObject({ ...apiKeyView.shape, ...shownKey, replaces: keyId, replaced_until: instant.describe('When the old key ends.') })
    .meta({ id: 'RotatedApiKey' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ key: queries.apiKey(input.key_id) }),
  decide({ key }, { input, principal, desk, now }, given) {
    const own = ownApiKey(key, principal);
    if (!own.ok) return own;
    const old = mayRotateApiKey(own.value, principal, now);
    if (!old.ok) return old;
    const { key_id, organization_id, agent_id, scopes, expires_at } = old.value;
    const { secret, stored, changes } = makeApiKey({ organization_id, agent_id, scopes, expires_at }, desk.environment, given);
    const overlap = input.overlap_hours ?? 24;
    const end = overlapEnd(old.value, overlap, now);
    const ended = { key_id, expires_at: end, revoked_at: overlap === 0 ? now.toISOString() : null };
    return ok({
      subjectId: stored.key_id,
      changes: { ...changes, ended_api_keys: [ended] },
      result: { stored, replaces: key_id, replaced_until: end },
      shown: secret,
    });
  },
  view: ({ stored, ...result }, _, __, shown) => ({ ...showApiKey(stored), ...showKey(shown), ...result }),
});
