import type * as z from 'zod';
import { createWebhookEndpoint } from '../../operations/webhooks/create-endpoint.ts';
import { deleteWebhookEndpoint } from '../../operations/webhooks/delete-endpoint.ts';
import { getWebhookEndpoint } from '../../operations/webhooks/get-endpoint.ts';
import { listWebhookEndpointDeliveries } from '../../operations/webhooks/list-endpoint-deliveries.ts';
import { listWebhookEndpoints } from '../../operations/webhooks/list-endpoints.ts';
import { replayWebhookDelivery } from '../../operations/webhooks/replay-delivery.ts';
import { rotateWebhookEndpointSecret } from '../../operations/webhooks/rotate-endpoint-secret.ts';
import type { deliveryStatus } from '../../operations/webhooks/schemas.ts';
import { updateWebhookEndpoint } from '../../operations/webhooks/update-endpoint.ts';
import { Once } from '../parts/once.tsx';
import { shellWords } from '../words/shell.ts';
import { webhooksWords } from '../words/webhooks.ts';
import { defineAction, definePage, type LedgerAction, type LedgerPage, type Scene } from './definition.ts';
import { Endpoint, Recipe } from './webhook-endpoint.tsx';
import { EndpointList } from './webhook-list.tsx';

const endpoints = definePage({
  path: '/ledger/webhooks',
  nav: 'webhooks',
  title: (_, { locale }) => shellWords[locale].nav_webhooks,
  asks: { endpoints: listWebhookEndpoints },
  input: ({ query }) => ({ endpoints: { cursor: query('cursor') } }),
  render: ({ endpoints: page }, scene) => <EndpointList page={page} scene={scene} />,
});

const endpoint = definePage({
  path: '/ledger/webhooks/{endpoint_id}',
  nav: 'webhooks',
  title: (_, { locale }) => shellWords[locale].nav_webhooks,
  asks: { endpoint: getWebhookEndpoint, deliveries: listWebhookEndpointDeliveries },
  input: ({ params, query }) => ({
    endpoint: { endpoint_id: params.endpoint_id ?? '' },
    deliveries: {
      endpoint_id: params.endpoint_id ?? '',
      // What is no state, the operation refuses.
      status: query('status') as z.output<typeof deliveryStatus> | undefined,
      cursor: query('cursor'),
    },
  }),
  render: ({ endpoint: one, deliveries }, scene) => <Endpoint endpoint={one} deliveries={deliveries} scene={scene} />,
});

type Params = Readonly<Record<string, string>>;
const home = () => '/ledger/webhooks';
const atEndpoint = ({ endpoint_id }: Params) => `${home()}/${endpoint_id}`;
const idOnly = (_: URLSearchParams, { endpoint_id }: Params) => ({ endpoint_id });
const wanted = (form: URLSearchParams) => ({ url: form.get('url')?.trim() ?? '', types: form.getAll('types') });

const create = defineAction({
  path: '/ledger/webhooks/create',
  operation: createWebhookEndpoint,
  input: wanted,
  page: home,
  shown: ({ id, secret }, scene) => ({
    title: webhooksWords[scene.locale].secret,
    body: <Secret id={id} secret={secret} scene={scene} />,
  }),
});

const rotate = defineAction({
  path: '/ledger/webhooks/{endpoint_id}/rotate',
  operation: rotateWebhookEndpointSecret,
  input: idOnly,
  page: atEndpoint,
  shown: ({ id, secret }, scene) => ({
    title: webhooksWords[scene.locale].secret,
    body: <Secret id={id} secret={secret} scene={scene} />,
  }),
});

const change = defineAction({
  path: '/ledger/webhooks/{endpoint_id}/change',
  operation: updateWebhookEndpoint,
  input: (form, { endpoint_id }) => ({ endpoint_id, ...wanted(form) }),
  page: atEndpoint,
});

const turn = defineAction({
  path: '/ledger/webhooks/{endpoint_id}/turn',
  operation: updateWebhookEndpoint,
  input: (form, { endpoint_id }) => ({ endpoint_id, enabled: { on: true, off: false }[form.get('enabled') ?? ''] ?? 'unknown' }),
  page: atEndpoint,
});

const remove = defineAction({
  path: '/ledger/webhooks/{endpoint_id}/delete',
  operation: deleteWebhookEndpoint,
  input: idOnly,
  page: home,
});

const replay = defineAction({
  path: '/ledger/webhooks/{endpoint_id}/deliveries/{delivery_id}/replay',
  operation: replayWebhookDelivery,
  input: (_, { delivery_id }) => ({ delivery_id }),
  page: atEndpoint,
});

function Secret({ id, secret, scene: { locale } }: { id: string; secret: string | null; scene: Scene }) {
  return (
    <Once title={webhooksWords[locale].secret} secret={secret} back={`${home()}/${id}`} locale={locale}>
      <Recipe locale={locale} />
    </Once>
  );
}

/** Webhook endpoints and their deliveries. */
export const webhooksPages: readonly LedgerPage[] = [endpoints, endpoint];
export const webhooksActions: readonly LedgerAction[] = [create, rotate, change, turn, remove, replay];
