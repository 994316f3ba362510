import * as z from 'zod';
import { ownApiKey } from '../../domain/api-key.ts';
import { ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { apiKeyView, keyId, showApiKey } from './schemas.ts';

export const revokeApiKey = defineWrite({
  name: 'revoke_api_key',
  title: 'Revoke an API key',
  summary: 'Ends an API key at once, and every token got with it',
  description:
    'Ends an API key of your organization with the next call, and every access token that was got with it. It cannot be undone. To put ' +
    'another one in its place without a gap use rotate_api_key.',
  rest: { method: 'post', path: '/v1/api-keys/{key_id}/revoke', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ key_id: keyId }),
  output: apiKeyView,
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ key: queries.apiKey(input.key_id) }),
  decide({ key }, { principal, now }) {
    const own = ownApiKey(key, principal);
    if (!own.ok) return own;
    const { key_id, expires_at, revoked_at } = own.value;
    if (revoked_at !== null) return ok({ subjectId: key_id, changes: {}, result: own.value });
    const at = now.toISOString();
    return ok({
      subjectId: key_id,
      changes: { ended_api_keys: [{ key_id, expires_at, revoked_at: at }] },
      result: { ...own.value, revoked_at: at },
    });
  },
  view: (stored) => showApiKey(stored),
});
