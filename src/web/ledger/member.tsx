import type * as z from 'zod';
import type { getPerson } from '../../operations/people/get.ts';
import { removePerson } from '../../operations/people/remove.ts';
import { updatePerson } from '../../operations/people/update.ts';
import { ActionForm } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { State } from '../parts/states.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { membersWords } from '../words/members.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { RoleFields } from './member-list.tsx';
import { OrganizationIds } from './organization-ids.tsx';

type Person = z.output<typeof getPerson.output>;

/** One person: what they are, and what may become of them. */
export function Member({ person, scene }: { person: Person; scene: Scene }) {
  const { locale, principal } = scene;
  const words = membersWords[locale];
  const isRemoved = person.state === 'removed';
  return (
    <div class="stack">
      <div class="head">
        <h1>
          {isRemoved ? words.removedPerson : <Stranger>{person.email}</Stranger>}
          {person.id === principal.id ? ` (${words.you})` : null}
        </h1>
        <State state={person.state} locale={locale} />
      </div>
      <div class="columns">
        <Facts person={person} scene={scene} />
        {!isRemoved && scene.may(updatePerson) ? <Change person={person} scene={scene} /> : null}
      </div>
      {!isRemoved && scene.may(removePerson) ? <Remove person={person} scene={scene} /> : null}
    </div>
  );
}

function Facts({ person, scene: { locale } }: { person: Person; scene: Scene }) {
  const words = membersWords[locale];
  return (
    <section class="panel">
      <dl>
        <dt>{words.role}</dt>
        <dd>{shellWords[locale].roles[person.role]}</dd>
        {person.untrusted.name === null ? null : (
          <>
            <dt>{words.name}</dt>
            <dd>
              <Stranger>{person.untrusted.name}</Stranger>
            </dd>
          </>
        )}
        <dt>{administrationWords[locale].organizations}</dt>
        <dd>
          <OrganizationIds ids={person.organization_ids} locale={locale} all />
        </dd>
        <dt>{words.since}</dt>
        <dd>
          <Instant at={person.created_at} locale={locale} />
        </dd>
        <dt>ID</dt>
        <dd>
          <Id id={person.id} />
        </dd>
      </dl>
    </section>
  );
}

function Change({ person, scene }: { person: Person; scene: Scene }) {
  const shared = administrationWords[scene.locale];
  return (
    <section class="panel">
      <h2>{shared.change}</h2>
      <PasskeyFirst operation={updatePerson} scene={scene} />
      <p class="soft">{membersWords[scene.locale].changeText}</p>
      <ActionForm action={`/ledger/members/${person.id}/change`}>
        <RoleFields scene={scene} current={person.role} organizationIds={person.organization_ids} />
        <button class="main" type="submit">
          {shared.save}
        </button>
      </ActionForm>
    </section>
  );
}

function Remove({ person, scene: { locale } }: { person: Person; scene: Scene }) {
  const words = membersWords[locale];
  return (
    <details class="panel">
      <summary>{words.remove}</summary>
      <p>{words.removeText}</p>
      <ActionForm action={`/ledger/members/${person.id}/remove`}>
        <button class="danger" type="submit">
          {words.removeNow}
        </button>
      </ActionForm>
    </details>
  );
}
