import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { changeOf, mostEndpoints } from '../../domain/webhook.ts';
import { defineWrite } from '../operation.ts';
import { endpointId, ownEndpoint, quotaOf } from './schemas.ts';

export const deleteWebhookEndpoint = defineWrite({
  name: 'delete_webhook_endpoint',
  title: 'Delete a webhook endpoint',
  summary: 'Nothing is sent there any more',
  description: 'Ends a webhook endpoint for good, with what was still to be delivered to it. To pause it, use update_webhook_endpoint.',
  rest: { method: 'delete', path: '/v1/webhook-endpoints/{endpoint_id}', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({ endpoint_id: endpointId }),
  output: z.strictObject({ id: endpointId, status: z.literal('deleted') }).meta({ id: 'DeletedWebhookEndpoint' }),
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ endpoint: queries.webhookEndpoint(input.endpoint_id) }),
  decide({ endpoint }, { principal }, given) {
    const own = ownEndpoint(endpoint, principal);
    if (!own.ok) return own;
    const { endpoint_id, organization_id } = own.value;
    return ok({
      subjectId: endpoint_id,
      changes: {
        changed_endpoints: [{ ...changeOf(own.value), state: 'deleted', deleted_at: given.now.toISOString() }],
        counters: [{ ...quotaOf(organization_id), by: -1, limit: mostEndpoints }],
      },
      result: { id: endpoint_id, status: 'deleted' as const },
    });
  },
  view: (result) => result,
});
