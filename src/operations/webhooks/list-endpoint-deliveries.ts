import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { deliveryView, endpointId, ownEndpoint, showDelivery } from './schemas.ts';

export const listWebhookEndpointDeliveries = defineRead({
  name: 'list_webhook_endpoint_deliveries',
  title: 'List deliveries to an endpoint',
  summary: 'What was sent there, and what came of it',
  description:
    'Lists what was or will be sent to one endpoint, newest first: attempts, the last HTTP status and our own words for what went wrong. ' +
    'Delivered ones are kept for 30 days. Use replay_webhook_delivery to have one sent again.',
  rest: { method: 'get', path: '/v1/webhook-endpoints/{endpoint_id}/deliveries', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({ endpoint_id: endpointId, ...pageInput }),
  output: listOf(deliveryView),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  inspect: ({ endpoint_id, cursor }, desk) => openCursor(desk, 'webhook_deliveries', { endpoint_id }, cursor),
  load: (queries, { input, found }) => ({
    endpoint: queries.webhookEndpoint(input.endpoint_id),
    page: queries.webhookDeliveries({ endpointId: input.endpoint_id, after: found, limit: limitOf(input.limit) }),
  }),
  view({ endpoint, page }, { input, desk, principal }) {
    const own = ownEndpoint(endpoint, principal);
    if (!own.ok) return own;
    const { endpoint_id, limit } = input;
    return ok(pageOf(page, limitOf(limit), showDelivery, (row) => closeCursor(desk, 'webhook_deliveries', { endpoint_id }, row.effect_id)));
  },
});
