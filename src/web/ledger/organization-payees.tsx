import { sightOf } from '../../domain/visibility.ts';
import { programPaysOut } from '../../operations/organizations/get-file.ts';
import { linkOrganizationCustomer } from '../../operations/organizations/link-customer.ts';
import { ActionForm, Field } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Instant } from '../parts/text.tsx';
import { organizationsWords } from '../words/organizations.ts';
import { rewardsWords } from '../words/rewards.ts';
import type { Scene } from './definition.ts';
import type { File } from './organization-file.tsx';
import { wordOf } from './reward-parts.tsx';

/** Where its money goes, and how that is said. */
export function Payees({ organization, scene }: { organization: File['organization']; scene: Scene }) {
  const { locale, principal, desk } = scene;
  const words = organizationsWords[locale];
  if (sightOf(principal).payees === 'hidden') {
    return (
      <section class="panel">
        <h2>{words.payees}</h2>
        <p class="soft">{words.payeesHidden}</p>
      </section>
    );
  }
  return (
    <section class="panel flush">
      <h2>{words.payees}</h2>
      {organization.payees.length === 0 ? (
        <p class="soft inset">{words.noPayee}</p>
      ) : (
        <Table caption={words.payees} columns={columnsFor(scene)} rows={organization.payees} />
      )}
      <div class="inset">
        {scene.may(linkOrganizationCustomer) ? <LinkCustomer organizationId={organization.id} scene={scene} /> : null}
        {programPaysOut(desk) ? (
          <details>
            <summary>{words.payoutLink}</summary>
            <p>{words.payoutLinkText}</p>
            <pre tabindex={0}>{payoutLink(desk.origin, organization.id)}</pre>
          </details>
        ) : null}
      </div>
    </section>
  );
}

function columnsFor({ locale, now }: Scene): readonly Column<File['organization']['payees'][number]>[] {
  const words = organizationsWords[locale];
  const reasons = rewardsWords[locale].reasons;
  return [
    { head: rewardsWords[locale].kind, cell: ({ kind }) => words[kind] },
    { head: 'Stripe', cell: ({ stripe_id }) => <span class="id">{stripe_id}</span> },
    { head: words.source, cell: ({ source }) => words.sources[source] },
    { head: words.linked, cell: ({ linked_at }) => <Instant at={linked_at} locale={locale} day /> },
    {
      head: words.frozenUntil,
      cell: ({ frozen_until }) =>
        frozen_until === null || Date.parse(frozen_until) <= now.getTime() ? '–' : <Instant at={frozen_until} locale={locale} />,
    },
    { head: words.obstacle, cell: ({ obstacle }) => (obstacle === null ? '–' : wordOf(reasons, obstacle)) },
  ];
}

function LinkCustomer({ organizationId, scene }: { organizationId: string; scene: Scene }) {
  const words = organizationsWords[scene.locale];
  return (
    <details open={scene.problem !== null && scene.typed.has('stripe_customer')}>
      <summary>{words.link}</summary>
      <PasskeyFirst operation={linkOrganizationCustomer} scene={scene} />
      <ActionForm action={`/ledger/organizations/${organizationId}/customer`}>
        <Field name="stripe_customer" label={words.stripeCustomer} hint={words.linkHint} scene={scene} max={68} required />
        <button type="submit" class="main">
          {words.link}
        </button>
      </ActionForm>
    </details>
  );
}

const payoutLink = (
  origin: string,
  organizationId: string,
): string => `curl -X POST ${origin}/v1/organizations/${organizationId}/payout-link \\
  -H "Authorization: Bearer $FRONTDESK_KEY" -H "Idempotency-Key: $(uuidgen)" \\
  -H "Content-Type: application/json" -d '{"kind": "account"}'`;
