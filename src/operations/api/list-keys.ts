import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, organizationId, pageInput, pageOf } from '../vocabulary.ts';
import { apiKeyView, showApiKey } from './schemas.ts';

export const listApiKeys = defineRead({
  name: 'list_api_keys',
  title: 'List API keys',
  summary: "One's own API keys, newest first, without secrets",
  description:
    'Lists the API keys of your organization, newest first, those that expired or were revoked included; a back end of the vendor sees those ' +
    'of every organization and its own. A key is known by its id and its last four characters: no secret is shown.',
  rest: { method: 'get', path: '/v1/api-keys', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({ ...pageInput, organization_id: organizationId.optional() }),
  output: listOf(apiKeyView),
  failures: [],
  sideEffect: 'none',
  inspect: ({ cursor, organization_id }, desk) => openCursor(desk, 'api_keys', { organization_id }, cursor),
  load: (queries, { input, found }) => ({
    page: queries.apiKeys({ after: found, limit: limitOf(input.limit), organizationId: input.organization_id ?? null }),
  }),
  view({ page }, { input, desk }) {
    const filter = { organization_id: input.organization_id };
    return ok(pageOf(page, limitOf(input.limit), showApiKey, (row) => closeCursor(desk, 'api_keys', filter, row.key_id)));
  },
});
