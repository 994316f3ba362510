import type * as z from 'zod';
import { deleteWebhookEndpoint } from '../../operations/webhooks/delete-endpoint.ts';
import type { getWebhookEndpoint } from '../../operations/webhooks/get-endpoint.ts';
import type { listWebhookEndpointDeliveries } from '../../operations/webhooks/list-endpoint-deliveries.ts';
import { rotateWebhookEndpointSecret } from '../../operations/webhooks/rotate-endpoint-secret.ts';
import { updateWebhookEndpoint } from '../../operations/webhooks/update-endpoint.ts';
import type { Locale } from '../locale.ts';
import { ActionForm } from '../parts/form.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { webhooksWords } from '../words/webhooks.ts';
import type { Scene } from './definition.ts';
import { organizationPath } from './organization-ids.tsx';
import { Deliveries } from './webhook-deliveries.tsx';
import { EndpointFields, EndpointState } from './webhook-list.tsx';

type One = z.output<typeof getWebhookEndpoint.output>;
type Page = z.output<typeof listWebhookEndpointDeliveries.output>;

/** One endpoint: what it is, what may be done with it, and what was sent to it. */
export function Endpoint({ endpoint, deliveries, scene }: { endpoint: One; deliveries: Page; scene: Scene }) {
  return (
    <div class="stack">
      <div class="head">
        <h1>
          <Stranger>{endpoint.url}</Stranger>
        </h1>
        <span>
          <EndpointState endpoint={endpoint} scene={scene} />
        </span>
      </div>
      <Facts endpoint={endpoint} scene={scene} />
      <Deliveries endpointId={endpoint.id} page={deliveries} scene={scene} />
      <Doings endpoint={endpoint} scene={scene} />
      <details class="panel">
        <summary>{webhooksWords[scene.locale].recipe}</summary>
        <Recipe locale={scene.locale} bare />
      </details>
    </div>
  );
}

function Facts({ endpoint, scene: { locale } }: { endpoint: One; scene: Scene }) {
  const [words, shared] = [webhooksWords[locale], administrationWords[locale]];
  const { organization_id, types, secret_version, previous_secret_until, created_at, id } = endpoint;
  return (
    <section class="panel">
      <dl>
        <dt>{shared.organization}</dt>
        <dd>{organization_id === null ? shared.wholeVendor : <Id id={organization_id} href={organizationPath(organization_id)} />}</dd>
        <dt>{words.hears}</dt>
        <dd>{types.includes('*') ? words.everything : <code>{types.join(', ')}</code>}</dd>
        <dt>{words.version}</dt>
        <dd>
          {secret_version}
          {previous_secret_until === null ? null : (
            <span class="soft">
              {'. '}
              {words.both} <Instant at={previous_secret_until} locale={locale} />
            </span>
          )}
        </dd>
        <dt>{shared.created}</dt>
        <dd>
          <Instant at={created_at} locale={locale} />
        </dd>
        <dt>ID</dt>
        <dd>
          <Id id={id} />
        </dd>
      </dl>
    </section>
  );
}

function Doings({ endpoint: { id, url, types, status }, scene }: { endpoint: One; scene: Scene }) {
  const [words, shared] = [webhooksWords[scene.locale], administrationWords[scene.locale]];
  const at = `/ledger/webhooks/${id}`;
  if (!scene.may(updateWebhookEndpoint)) return null;
  return (
    <>
      <details class="panel" open={(scene.problem?.issues.length ?? 0) > 0}>
        <summary>{shared.change}</summary>
        <ActionForm action={`${at}/change`}>
          <EndpointFields scene={scene} url={url} types={types} />
          <button class="main" type="submit">
            {shared.save}
          </button>
        </ActionForm>
        <hr />
        <p class="soft">{words.offText}</p>
        <ActionForm action={`${at}/turn`}>
          <button type="submit" name="enabled" value={status === 'active' ? 'off' : 'on'}>
            {status === 'active' ? words.turnOff : words.turnOn}
          </button>
        </ActionForm>
      </details>
      {scene.may(rotateWebhookEndpointSecret) ? (
        <details class="panel">
          <summary>{words.rotate}</summary>
          <p>{words.rotateText}</p>
          <ActionForm action={`${at}/rotate`}>
            <button type="submit">{words.rotate}</button>
          </ActionForm>
        </details>
      ) : null}
      {scene.may(deleteWebhookEndpoint) ? (
        <details class="panel">
          <summary>{words.remove}</summary>
          <p>{words.removeText}</p>
          <ActionForm action={`${at}/delete`}>
            <button class="danger" type="submit">
              {words.removeNow}
            </button>
          </ActionForm>
        </details>
      ) : null}
    </>
  );
}

/** Standard Webhooks 1.0.0, "Verifying webhook authenticity", in a shell. */
const recipe = `signed="$WEBHOOK_ID.$WEBHOOK_TIMESTAMP.$BODY"
key=$(printf %s "\${SECRET#whsec_}" | base64 -d | xxd -p -c 256)
printf %s "$signed" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64
# equals what stands after "v1," in the header webhook-signature`;

/** How a receiver knows that a delivery is ours. */
export function Recipe({ locale, bare }: { locale: Locale; bare?: boolean }) {
  const words = webhooksWords[locale];
  return (
    <>
      {bare ? null : <h2>{words.recipe}</h2>}
      <p>
        <a href="https://www.standardwebhooks.com/">Standard Webhooks 1.0.0</a>: {words.recipeText}
      </p>
      <pre tabindex={0}>{recipe}</pre>
    </>
  );
}
