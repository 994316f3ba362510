import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { limitOf, listOf, pageInput, pageOf } from '../vocabulary.ts';
import { deliveryStatus, deliveryView, endpointId, ownEndpoint, showDelivery, storedStatus } from './schemas.ts';

const input = z.strictObject({ endpoint_id: endpointId, status: deliveryStatus.optional(), ...pageInput });
const filterOf = ({ endpoint_id, status }: z.output<typeof input>) => ({ endpoint_id, ...(status && { status }) });

export const listWebhookEndpointDeliveries = defineRead({
  name: 'list_webhook_endpoint_deliveries',
  title: 'List deliveries to an endpoint',
  summary: 'What was sent there, and what came of it',
  description:
    'Lists what was or will be sent to one endpoint, newest first: attempts, the last HTTP status and our own words for what went wrong. ' +
    'Delivered ones are kept for 30 days. Ask for status=dead for what was given up. Use replay_webhook_delivery to have one sent again.',
  rest: { method: 'get', path: '/v1/webhook-endpoints/{endpoint_id}/deliveries', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input,
  output: listOf(deliveryView),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  inspect: (asked, desk) => openCursor(desk, 'webhook_deliveries', filterOf(asked), asked.cursor),
  load: (queries, { input: { endpoint_id, status, limit }, found }) => ({
    endpoint: queries.webhookEndpoint(endpoint_id),
    page: queries.webhookDeliveries({ endpointId: endpoint_id, after: found, limit: limitOf(limit), state: storedStatus(status) }),
  }),
  view({ endpoint, page }, { input: asked, desk, principal }) {
    const own = ownEndpoint(endpoint, principal);
    if (!own.ok) return own;
    const cursor = (row: { effect_id: string }) => closeCursor(desk, 'webhook_deliveries', filterOf(asked), row.effect_id);
    return ok(pageOf(page, limitOf(asked.limit), showDelivery, cursor));
  },
});
