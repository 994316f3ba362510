import * as z from 'zod';
import { ok } from '../../domain/result.ts';
import { changeOf, overlapMs } from '../../domain/webhook.ts';
import { defineWrite } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { endpointId, ownEndpoint, secretFields, showSecret } from './schemas.ts';

export const rotateWebhookEndpointSecret = defineWrite({
  name: 'rotate_webhook_endpoint_secret',
  title: 'Rotate a webhook secret',
  summary: 'A new signing secret; the old one signs for a day',
  description:
    'Gives the endpoint a new secret, shown once. For 24 hours deliveries carry two signatures, of the new secret and of the one before, ' +
    'so that the receiver can be changed without a gap. A second rotation within that time ends the oldest at once.',
  rest: { method: 'post', path: '/v1/webhook-endpoints/{endpoint_id}/rotate-secret', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({ endpoint_id: endpointId }),
  output: z
    .strictObject({ id: endpointId, secret_version: z.int(), previous_secret_until: instant, ...secretFields })
    .meta({ id: 'RotatedWebhookSecret' }),
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ endpoint: queries.webhookEndpoint(input.endpoint_id) }),
  decide({ endpoint }, { principal }, given) {
    const own = ownEndpoint(endpoint, principal);
    if (!own.ok) return own;
    const { endpoint_id, secret_version: before } = own.value;
    const rotated = { secret_version: before + 1, previous_until: new Date(given.now.getTime() + overlapMs).toISOString() };
    return ok({
      subjectId: endpoint_id,
      changes: { changed_endpoints: [{ ...changeOf(own.value), ...rotated }] },
      result: { endpoint_id, ...rotated },
    });
  },
  view: ({ endpoint_id, secret_version, previous_until }, { desk, now }, replay) => ({
    id: endpoint_id,
    secret_version,
    previous_secret_until: previous_until,
    ...showSecret(desk.derive, { endpointId: endpoint_id, version: secret_version }, replay, now),
  }),
});
