import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { endpointId, endpointView, ownEndpoint, showEndpoint } from './schemas.ts';

export const getWebhookEndpoint = defineRead({
  name: 'get_webhook_endpoint',
  title: 'Get a webhook endpoint',
  summary: 'Where events are sent, and whether they are',
  description: 'Reads one webhook endpoint: its address, what it hears of, and whether it is active. The secret is not shown.',
  rest: { method: 'get', path: '/v1/webhook-endpoints/{endpoint_id}', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({ endpoint_id: endpointId }),
  output: endpointView,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ endpoint: queries.webhookEndpoint(input.endpoint_id) }),
  view({ endpoint }, { principal }) {
    const own = ownEndpoint(endpoint, principal);
    return own.ok ? ok(showEndpoint(own.value)) : own;
  },
});
