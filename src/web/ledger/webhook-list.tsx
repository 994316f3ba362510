import type * as z from 'zod';
import { createWebhookEndpoint } from '../../operations/webhooks/create-endpoint.ts';
import type { listWebhookEndpoints } from '../../operations/webhooks/list-endpoints.ts';
import { subscribedTypes } from '../../operations/webhooks/schemas.ts';
import { Choices } from '../parts/choices.tsx';
import { ActionForm, Field } from '../parts/form.tsx';
import { State } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { shellWords } from '../words/shell.ts';
import { webhooksWords } from '../words/webhooks.ts';
import type { Scene } from './definition.ts';
import { organizationPath } from './organization-ids.tsx';

type Page = z.output<typeof listWebhookEndpoints.output>;
type Endpoint = Page['data'][number];

/** Where events are sent, and the form that adds an address. */
export function EndpointList({ page, scene }: { page: Page; scene: Scene }) {
  const { locale, desk } = scene;
  const words = webhooksWords[locale];
  return (
    <>
      <div class="head">
        <h1>{shellWords[locale].nav_webhooks}</h1>
      </div>
      {scene.may(createWebhookEndpoint) ? <NewEndpoint scene={scene} /> : null}
      <section class="panel flush">
        {page.data.length === 0 ? (
          <Empty
            title={words.empty}
            call={`curl ${desk.origin}/v1/webhook-endpoints -H "Authorization: Bearer $KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H 'Content-Type: application/json' -d '{"url":"https://example.com/hooks","types":["*"]}'`}
          >
            {words.emptyText}
          </Empty>
        ) : (
          <Table caption={words.caption} columns={columnsOf(scene)} rows={page.data} />
        )}
        <Pager next={page.next_cursor} scene={scene} />
      </section>
    </>
  );
}

function columnsOf({ locale }: Scene): readonly Column<Endpoint>[] {
  const [words, shared] = [webhooksWords[locale], administrationWords[locale]];
  return [
    {
      head: words.address,
      cell: ({ id, url }) => (
        <a href={`/ledger/webhooks/${id}`}>
          <Stranger>{shortened(url)}</Stranger>
        </a>
      ),
    },
    {
      head: shared.organization,
      cell: ({ organization_id }) =>
        organization_id === null ? shared.wholeVendor : <Id id={organization_id} href={organizationPath(organization_id)} />,
    },
    { head: words.hears, cell: ({ types }) => (types.includes('*') ? words.everything : words.types(types.length)) },
    { head: shared.state, cell: (endpoint) => <EndpointState endpoint={endpoint} scene={{ locale }} /> },
    { head: shared.created, cell: ({ created_at }) => <Instant at={created_at} locale={locale} day /> },
    { head: 'ID', cell: ({ id }) => <Id id={id} /> },
  ];
}

const mostOfUrl = 64;
const shortened = (url: string): string => (url.length > mostOfUrl ? `${url.slice(0, mostOfUrl - 1)}…` : url);

export function EndpointState({ endpoint, scene: { locale } }: { endpoint: Endpoint; scene: Pick<Scene, 'locale'> }) {
  const { status, disabled_because } = endpoint;
  return (
    <>
      <State state={status} locale={locale} />
      {disabled_because === null ? null : <span class="soft small"> {webhooksWords[locale][disabled_because]}</span>}
    </>
  );
}

function NewEndpoint({ scene }: { scene: Scene }) {
  const words = webhooksWords[scene.locale];
  return (
    <details class="panel" open={(scene.problem?.issues.length ?? 0) > 0}>
      <summary>{words.create}</summary>
      <p class="soft">{words.createText}</p>
      <ActionForm action="/ledger/webhooks/create">
        <EndpointFields scene={scene} url="" types={['*']} />
        <button class="main" type="submit">
          {words.create}
        </button>
      </ActionForm>
    </details>
  );
}

/** An address, and what it hears of. */
export function EndpointFields({ scene, url, types }: { scene: Scene; url: string; types: readonly string[] }) {
  const words = webhooksWords[scene.locale];
  const options = subscribedTypes.element.options.map((value) => ({ value, text: value === '*' ? words.all : <code>{value}</code> }));
  return (
    <>
      <Field name="url" label={words.url} type="url" hint={words.urlHint} value={url} max={2048} scene={scene} required />
      <Choices name="types" legend={words.choose} scene={scene} options={options} chosen={types} />
    </>
  );
}
