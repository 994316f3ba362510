import type * as z from 'zod';
import type { listWebhookEndpointDeliveries } from '../../operations/webhooks/list-endpoint-deliveries.ts';
import { replayWebhookDelivery } from '../../operations/webhooks/replay-delivery.ts';
import { deliveryStatus } from '../../operations/webhooks/schemas.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { ActionForm } from '../parts/form.tsx';
import { State, stateWord } from '../parts/states.tsx';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Id, Instant } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { shellWords } from '../words/shell.ts';
import { webhooksWords } from '../words/webhooks.ts';
import type { Scene } from './definition.ts';

type Page = z.output<typeof listWebhookEndpointDeliveries.output>;
type Delivery = Page['data'][number];

/** What was sent to an endpoint, and what came of it. */
export function Deliveries({ endpointId, page, scene }: { endpointId: string; page: Page; scene: Scene }) {
  const { locale, query } = scene;
  const [words, shared, shell] = [webhooksWords[locale], administrationWords[locale], shellWords[locale]];
  const states = deliveryStatus.options.map((value) => ({ value, text: stateWord(value, locale) }));
  return (
    <section>
      <h2>{words.deliveries}</h2>
      <FilterForm scene={scene}>
        <Choose name="status" label={shared.state} value={query('status') ?? ''} options={[{ value: '', text: shell.all }, ...states]} />
      </FilterForm>
      <div class="panel flush">
        {page.data.length === 0 ? (
          <Empty title={query('status') ? shared.nothingFits : words.noDeliveries}>{words.noDeliveriesText}</Empty>
        ) : (
          <Table caption={words.deliveriesCaption} columns={columnsOf(endpointId, scene)} rows={page.data} />
        )}
        <Pager next={page.next_cursor} scene={scene} />
      </div>
    </section>
  );
}

function columnsOf(endpointId: string, scene: Scene): readonly Column<Delivery>[] {
  const { locale } = scene;
  const [words, shared] = [webhooksWords[locale], administrationWords[locale]];
  const columns: readonly Column<Delivery>[] = [
    {
      head: words.event,
      cell: ({ event_type, event_id }) => (
        <>
          <code>{event_type}</code> <Id id={event_id} />
        </>
      ),
    },
    {
      head: shared.state,
      cell: ({ status }) => <State state={status} locale={locale} />,
    },
    { head: words.attempts, num: true, cell: ({ attempts }) => attempts },
    { head: words.answer, cell: (delivery) => answerOf(delivery) },
    { head: shared.created, cell: ({ created_at }) => <Instant at={created_at} locale={locale} /> },
    {
      head: words.next,
      cell: ({ next_attempt_at }) => (next_attempt_at === null ? '–' : <Instant at={next_attempt_at} locale={locale} />),
    },
  ];
  if (!scene.may(replayWebhookDelivery)) return columns;
  return [
    ...columns,
    {
      head: words.replay,
      cell: ({ id, status }) =>
        status === 'delivered' || status === 'dead' ? (
          <ActionForm action={`/ledger/webhooks/${endpointId}/deliveries/${id}/replay`}>
            <button type="submit">{words.replay}</button>
          </ActionForm>
        ) : null,
    },
  ];
}

/** The HTTP status, or our own word for what went wrong before there was one. */
function answerOf({ last_http_status, last_error }: Delivery) {
  if (last_http_status !== null) return <span class="nowrap">HTTP {last_http_status}</span>;
  return last_error === null ? '–' : <code class="nowrap">{last_error}</code>;
}
