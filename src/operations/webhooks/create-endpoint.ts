import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { mostEndpoints } from '../../domain/webhook.ts';
import { defineWrite } from '../operation.ts';
import {
  endpointUrl,
  endpointView,
  normalTypes,
  quotaOf,
  reachable,
  secretFields,
  showEndpoint,
  showSecret,
  subscribedTypes,
} from './schemas.ts';

export const createWebhookEndpoint = defineWrite({
  name: 'create_webhook_endpoint',
  title: 'Create a webhook endpoint',
  summary: 'Have events posted to an address of yours, signed',
  description:
    'Registers an address to which events of your organization are posted as they happen, signed as Standard Webhooks says; a back end ' +
    'hears of the whole vendor. The secret is shown once. Each event comes at least once: know repetitions by webhook-id. What is not ' +
    'answered with 2xx within 15 seconds is tried again for 75 hours; 410 turns the endpoint off. 20 endpoints at most.',
  rest: { method: 'post', path: '/v1/webhook-endpoints', status: 201 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({ url: endpointUrl, types: subscribedTypes }),
  output: z.strictObject({ ...endpointView.shape, ...secretFields }).meta({ id: 'CreatedWebhookEndpoint' }),
  failures: ['quota.exhausted'],
  sideEffect: 'reversible',
  inspect: ({ url }, desk) => reachable(url, desk),
  decide(_, { input, principal }, given) {
    const endpoint = {
      endpoint_id: given.newId('whe'),
      organization_id: principal.organizationId,
      url: input.url,
      types: normalTypes(input.types),
      created_at: given.now.toISOString(),
    };
    return ok({
      subjectId: endpoint.endpoint_id,
      changes: { endpoints: [endpoint], counters: [{ ...quotaOf(principal.organizationId), by: 1, limit: mostEndpoints }] },
      result: endpoint,
    });
  },
  view: (result, { desk, now }, replay) => ({
    ...showEndpoint({ ...result, state: 'active', disabled_because: null, secret_version: 1, previous_until: null }),
    ...showSecret(desk.derive, { endpointId: result.endpoint_id, version: 1 }, replay, now),
  }),
});
