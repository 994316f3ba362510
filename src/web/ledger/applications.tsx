import type * as z from 'zod';
import { decidePartnerApplication } from '../../operations/partners/decide-application.ts';
import type { listPartnerApplications } from '../../operations/partners/list-applications.ts';
import { Choose, FilterForm } from '../parts/choose.tsx';
import { ActionForm } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { State, stateWord } from '../parts/states.tsx';
import { Empty, Pager } from '../parts/table.tsx';
import { Badge, Id, Instant, Stranger } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { membersWords } from '../words/members.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { organizationPath } from './organization-ids.tsx';

type Page = z.output<typeof listPartnerApplications.output>;
type Application = Page['data'][number];

const states = ['open', 'approved', 'refused', 'expired', 'all'] as const;

/** Organizations that want to be partners, who waits longest first. */
export function Applications({ page, scene }: { page: Page; scene: Scene }) {
  const { locale, desk, query } = scene;
  const [words, shell] = [membersWords[locale], shellWords[locale]];
  const options = states.map((value) => ({ value, text: value === 'all' ? shell.all : stateWord(value, locale) }));
  return (
    <>
      <div class="head">
        <h1>{shell.nav_applications}</h1>
      </div>
      <FilterForm scene={scene}>
        <Choose name="state" label={administrationWords[locale].state} value={query('state') ?? 'open'} options={options} />
      </FilterForm>
      {page.data.length > 0 && scene.may(decidePartnerApplication) ? (
        <PasskeyFirst operation={decidePartnerApplication} scene={scene} />
      ) : null}
      {page.data.length === 0 ? (
        <section class="panel">
          <Empty title={query('state') ? administrationWords[locale].nothingFits : words.waiting} call={applyCall(desk.origin)}>
            {words.waitingText}
          </Empty>
        </section>
      ) : (
        <div class="stack">
          {page.data.map((application) => (
            <Card application={application} scene={scene} />
          ))}
        </div>
      )}
      <Pager next={page.next_cursor} scene={scene} />
    </>
  );
}

const applyCall = (origin: string) => `curl ${origin}/v1/partner-applications -H 'Content-Type: application/json' \\
  -d '{"email":"lin@example.com","organization_name":"Example","domain":"example.com"}'`;

function Card({ application, scene }: { application: Application; scene: Scene }) {
  const { locale } = scene;
  const words = membersWords[locale];
  const { state, untrusted, email, domain, created_at } = application;
  return (
    <article class="panel stack">
      <div class="head">
        <h2>
          <Stranger>{untrusted.organization_name}</Stranger>
        </h2>
        <State state={state} locale={locale} />
      </div>
      <dl>
        <dt>{words.email}</dt>
        <dd>
          <Stranger>{email}</Stranger>
        </dd>
        <dt>{words.domain}</dt>
        <dd>{domain === null ? '–' : <Stranger>{domain}</Stranger>}</dd>
        {untrusted.note === null ? null : (
          <>
            <dt>{words.note}</dt>
            <dd>
              <Stranger>{untrusted.note}</Stranger>
            </dd>
          </>
        )}
        <dt>{words.signals}</dt>
        <dd>
          <Signals application={application} scene={scene} />
        </dd>
        <dt>{words.applied}</dt>
        <dd>
          <Instant at={created_at} locale={locale} />
        </dd>
        <Decided application={application} scene={scene} />
      </dl>
      {state === 'open' && scene.may(decidePartnerApplication) ? <Decide application={application} scene={scene} /> : null}
    </article>
  );
}

function Signals({ application: { signals }, scene: { locale } }: { application: Application; scene: Scene }) {
  const words = membersWords[locale];
  const { free_mail, mail_at_domain, domain_held_by } = signals;
  const isUnusual = free_mail || mail_at_domain !== null || domain_held_by !== null;
  return (
    <span class="row">
      {free_mail ? <Badge tone="warn">{words.freeMail}</Badge> : null}
      {mail_at_domain === true ? <Badge tone="good">{words.mailAtDomain}</Badge> : null}
      {mail_at_domain === false ? <Badge tone="warn">{words.mailElsewhere}</Badge> : null}
      {domain_held_by === null ? null : (
        <>
          <Badge tone="warn">{words.domainHeld}</Badge> <Id id={domain_held_by} href={organizationPath(domain_held_by)} />
        </>
      )}
      {isUnusual ? null : <span class="soft">{words.noSignals}</span>}
    </span>
  );
}

function Decided({ application, scene: { locale } }: { application: Application; scene: Scene }) {
  const words = membersWords[locale];
  const { decided_at, decided_by, reason, organization_id } = application;
  if (decided_at === null) return null;
  return (
    <>
      <dt>{words.decided}</dt>
      <dd>
        <Instant at={decided_at} locale={locale} /> {decided_by === null ? null : <Id id={decided_by} />}
      </dd>
      {reason === null ? null : (
        <>
          <dt>{words.reason}</dt>
          <dd>
            <Stranger>{reason}</Stranger>
          </dd>
        </>
      )}
      {organization_id === null ? null : (
        <>
          <dt>{administrationWords[locale].organization}</dt>
          <dd>
            <Id id={organization_id} href={organizationPath(organization_id)} />
          </dd>
        </>
      )}
    </>
  );
}

function Decide({ application: { id }, scene: { locale } }: { application: Application; scene: Scene }) {
  const words = membersWords[locale];
  const tiers = (['key_bound', 'attested'] as const).map((value) => ({ value, text: words.tiers[value] }));
  return (
    <details>
      <summary>{words.decide}</summary>
      <ActionForm action={`/ledger/applications/${id}/decide`} class="stack">
        <Choose name="tier" label={words.tier} value="key_bound" options={tiers} />
        <p class="soft">{words.reasonHint}</p>
        <label>
          {words.reason}
          <br />
          <textarea name="reason" rows={2} maxlength={280}></textarea>
        </label>
        <div class="row">
          <button class="main" type="submit" name="approve" value="yes">
            {words.approve}
          </button>
          <button class="danger" type="submit" name="approve" value="no">
            {words.refuse}
          </button>
        </div>
      </ActionForm>
    </details>
  );
}
