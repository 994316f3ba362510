import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { owns } from '../../domain/visibility.ts';
import { deliveryKind } from '../../domain/webhook.ts';
import { defineWrite } from '../operation.ts';
import { deliveryId } from './schemas.ts';

export const replayWebhookDelivery = defineWrite({
  name: 'replay_webhook_delivery',
  title: 'Replay a webhook delivery',
  summary: 'Send a delivered or dead delivery again',
  description:
    'Has a delivery sent again, whether it arrived or was given up, with the same webhook-id and a new signature. One that is still waiting ' +
    'or was discarded cannot be replayed.',
  rest: { method: 'post', path: '/v1/webhook-endpoints/deliveries/{delivery_id}/replay', status: 200 },
  mcp: false,
  access: { scope: 'webhooks:manage' },
  input: z.strictObject({ delivery_id: deliveryId }),
  output: z.strictObject({ id: deliveryId, status: z.literal('waiting') }).meta({ id: 'ReplayedWebhookDelivery' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ effect: queries.effect(input.delivery_id) }),
  decide({ effect }, { principal }, given) {
    if (effect?.kind !== deliveryKind || !owns(principal, { organizationId: effect.organization_id })) return refuse('resource.not_found');
    const { effect_id, state } = effect;
    if (state !== 'done' && state !== 'dead')
      return refuse('state.forbidden', { detail: 'Only what was delivered or given up is replayed.' });
    const at = given.now.toISOString();
    return ok({
      subjectId: effect_id,
      changes: { revived_effects: [{ effect_id, from_state: state, state: 'waiting', due_at: at, at }] },
      result: { id: effect_id, status: 'waiting' as const },
    });
  },
  view: (result) => result,
});
