import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { endpointView, showEndpoint } from './schemas.ts';

export const listWebhookEndpoints = defineRead({
  name: 'list_webhook_endpoints',
  title: 'List webhook endpoints',
  summary: "One's own webhook endpoints, newest first",
  description:
    'Lists the webhook endpoints of your organization, newest first; a back end sees those of the whole vendor. No secret is shown.',
  rest: { method: 'get', path: '/v1/webhook-endpoints', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject(pageInput),
  output: listOf(endpointView),
  failures: [],
  sideEffect: 'none',
  inspect: ({ cursor }, desk) => openCursor(desk, 'webhook_endpoints', {}, cursor),
  load: (queries, { input, found }) => ({ page: queries.webhookEndpoints({ after: found, limit: limitOf(input.limit) }) }),
  view: ({ page }, { input, desk }) =>
    ok(pageOf(page, limitOf(input.limit), showEndpoint, (row) => closeCursor(desk, 'webhook_endpoints', {}, row.endpoint_id))),
});
