import { last, many, one, reachedOrganizations, reaches } from './query.ts';

/** Questions about webhook endpoints and about what has to be done for them. */
export const workQueries = {
  /** Whatever its state: who asks decides what a deleted one means. */
  webhookEndpoint: (endpointId: string) =>
    one<WebhookEndpointRow>(
      'webhook_endpoints.one',
      `select ${endpointColumns} from frontdesk.webhook_endpoints w where w.endpoint_id = $1`,
      [endpointId],
    ),

  /** Newest first, without deleted ones; one more than `limit`, to know whether there is more. */
  webhookEndpoints: (page: { after: string | null; limit: number }) =>
    many<WebhookEndpointRow>(
      'webhook_endpoints.page',
      `select ${endpointColumns} from (
         (select * from frontdesk.webhook_endpoints w where ${reaches('tenant')} and ${endpointOnPage} order by w.endpoint_id desc limit $2)
         union all
         (select w.* from ${reachedOrganizations} cross join lateral (
           select * from frontdesk.webhook_endpoints w where w.organization_id = o.id and ${endpointOnPage}
           order by w.endpoint_id desc limit $2) w)) w
       order by w.endpoint_id desc limit $2`,
      [page.after ?? last, page.limit + 1],
    ),

  /** Newest first; one more than `limit`. */
  webhookDeliveries: (page: { endpointId: string; after: string | null; limit: number; state: string | null }) =>
    many<EffectRow>(
      'outbox.of_destination',
      `select ${effectColumns} from frontdesk.outbox o
       where o.destination = $1 and o.effect_id < $2 and ($4::text is null or o.state = $4) order by o.effect_id desc limit $3`,
      [page.endpointId, page.after ?? last, page.limit + 1, page.state],
    ),

  effect: (effectId: string) =>
    one<EffectRow>('outbox.one', `select ${effectColumns} from frontdesk.outbox o where o.effect_id = $1`, [effectId]),

  /** Newest first, of the whole tenant; one more than `limit`. */
  deadEffects: (page: { after: string | null; limit: number }) =>
    many<EffectRow>(
      'outbox.dead',
      `select ${effectColumns} from frontdesk.outbox o
       where ${reaches('tenant')} and o.state = 'dead' and o.effect_id < $1 order by o.effect_id desc limit $2`,
      [page.after ?? last, page.limit + 1],
    ),
} as const;

export interface WebhookEndpointRow {
  readonly endpoint_id: string;
  readonly organization_id: string | null;
  readonly url: string;
  readonly types: readonly string[];
  readonly state: 'active' | 'disabled' | 'deleted';
  readonly disabled_because: string | null;
  readonly secret_version: number;
  readonly previous_until: string | null;
  readonly created_at: string;
}

export interface EffectRow {
  readonly effect_id: string;
  readonly kind: string;
  readonly destination: string | null;
  readonly organization_id: string | null;
  readonly payload: { readonly [key: string]: unknown };
  readonly state: 'waiting' | 'done' | 'dead' | 'discarded';
  readonly attempts: number;
  readonly due_at: string;
  readonly created_at: string;
  readonly settled_at: string | null;
  readonly last_error: string | null;
  readonly last_status: number | null;
}

const endpointColumns = `w.endpoint_id, w.organization_id, w.url, w.types, w.state, w.disabled_because, w.secret_version, w.previous_until,
  w.created_at`;
const endpointOnPage = "w.endpoint_id < $1 and w.state <> 'deleted'";
const effectColumns = `o.effect_id, o.kind, o.destination, o.organization_id, o.payload, o.state, o.attempts, o.due_at, o.created_at, o.settled_at,
  o.last_error, o.last_status`;
