import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { changeOf } from '../../domain/webhook.ts';
import { defineWrite } from '../operation.ts';
import { endpointId, endpointUrl, endpointView, normalTypes, ownEndpoint, reachable, showEndpoint, subscribedTypes } from './schemas.ts';

export const updateWebhookEndpoint = defineWrite({
  name: 'update_webhook_endpoint',
  title: 'Update a webhook endpoint',
  summary: 'Change its address or types, turn it on or off',
  description:
    'Changes what is given and leaves the rest. enabled turns the endpoint off and on again, also after it was disabled by 410; what ' +
    'happened while it was off is not sent, but can be read at /v1/events. The secret stays.',
  rest: { method: 'patch', path: '/v1/webhook-endpoints/{endpoint_id}', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({
    endpoint_id: endpointId,
    url: endpointUrl.optional(),
    types: subscribedTypes.optional(),
    enabled: z.boolean().optional(),
  }),
  output: endpointView,
  failures: ['resource.not_found'],
  sideEffect: 'reversible',
  inspect: ({ url }, desk) => reachable(url, desk),
  load: (queries, { input }) => ({ endpoint: queries.webhookEndpoint(input.endpoint_id) }),
  decide({ endpoint }, { input, principal }) {
    const own = ownEndpoint(endpoint, principal);
    if (!own.ok) return own;
    const { url, types, state, disabled_because } = own.value;
    const next = {
      url: input.url ?? url,
      types: input.types === undefined ? types : normalTypes(input.types),
      ...(input.enabled === undefined
        ? { state, disabled_because }
        : input.enabled
          ? { state: 'active' as const, disabled_because: null }
          : { state: 'disabled' as const, disabled_because: disabled_because ?? 'owner' }),
    };
    return ok({
      subjectId: own.value.endpoint_id,
      changes: { changed_endpoints: [{ ...changeOf(own.value), ...next }] },
      result: { ...own.value, ...next },
    });
  },
  view: showEndpoint,
});
