import type * as z from 'zod';
import { getSession } from '../../operations/sessions/get.ts';
import { localeNames, locales } from '../locale.ts';
import { Field } from '../parts/form.tsx';
import { Id, Instant } from '../parts/text.tsx';
import { themes } from '../preferences.ts';
import { administrationWords } from '../words/administration.ts';
import { settingsWords } from '../words/settings.ts';
import { shellWords } from '../words/shell.ts';
import { definePage, type LedgerAction, type LedgerPage, type Scene } from './definition.ts';
import { OrganizationIds } from './organization-ids.tsx';

type Session = z.output<typeof getSession.output>;

const settings = definePage({
  path: '/ledger/settings',
  nav: 'settings',
  title: (_, { locale }) => shellWords[locale].nav_settings,
  asks: { session: getSession },
  input: () => ({ session: {} }),
  render: ({ session }, scene) => (
    <>
      <div class="head">
        <h1>{shellWords[scene.locale].nav_settings}</h1>
      </div>
      <div class="columns">
        <div class="stack">
          <Look scene={scene} />
          {session.role === 'operator' ? <ViewAs scene={scene} /> : null}
        </div>
        <div class="stack">
          <Account session={session} scene={scene} />
          <Program scene={scene} />
          <TheDesk scene={scene} />
        </div>
      </div>
    </>
  ),
});

/** Where the preferences are kept, and what is said once they are. */
const afterwards = '/ledger/settings?done=keep_preferences';

function Look({ scene }: { scene: Scene }) {
  const { locale, preferences } = scene;
  const words = settingsWords[locale];
  const keys = [
    { value: 'on', text: words.on },
    { value: 'off', text: words.off },
  ];
  return (
    <section class="panel">
      <h2>{words.look}</h2>
      <form method="post" action="/ledger/preferences">
        <input type="hidden" name="next" value={afterwards} />
        <Field
          name="locale"
          label={words.language}
          scene={scene}
          value={locale}
          options={locales.map((value) => ({ value, text: localeNames[value] }))}
        />
        <Field
          name="theme"
          label={words.theme}
          scene={scene}
          value={preferences.theme}
          options={themes.map((value) => ({ value, text: words.themes[value] }))}
        />
        <Field name="keys" label={words.keys} scene={scene} value={preferences.keys ? 'on' : 'off'} options={keys} />
        <p class="soft">
          <kbd>/</kbd> {words.keyWords.find}, <kbd>j</kbd> <kbd>k</kbd> {words.keyWords.rows}, <kbd>Enter</kbd> {words.keyWords.open},{' '}
          <kbd>?</kbd> {words.keyWords.help}
        </p>
        <button class="main" type="submit">
          {administrationWords[locale].save}
        </button>
        <p class="soft small">{words.cookie}</p>
      </form>
    </section>
  );
}

function Account({ session, scene: { locale } }: { session: Session; scene: Scene }) {
  const [words, shell] = [settingsWords[locale], shellWords[locale]];
  const { role, person_id, organization_ids, stepped_up_at } = session;
  return (
    <section class="panel">
      <h2>{words.account}</h2>
      <dl>
        <dt>{words.role}</dt>
        <dd>{shell.roles[role]}</dd>
        <dt>{words.id}</dt>
        <dd>
          <Id id={person_id} />
        </dd>
        {organization_ids.length === 0 ? null : (
          <>
            <dt>{administrationWords[locale].organizations}</dt>
            <dd>
              <OrganizationIds ids={organization_ids} locale={locale} all />
            </dd>
          </>
        )}
        <dt>{words.proved}</dt>
        <dd>{stepped_up_at === null ? <span class="soft">{words.notProved}</span> : <Instant at={stepped_up_at} locale={locale} />}</dd>
      </dl>
      <p>
        <a href="/account/passkeys">{words.passkeys}</a>
      </p>
      <div class="row">
        <form method="post" action="/logout">
          <button type="submit">{shell.signOut}</button>
        </form>
        <form method="post" action="/logout">
          <input type="hidden" name="everywhere" value="1" />
          <button class="danger" type="submit">
            {words.signOutEverywhere}
          </button>
        </form>
      </div>
    </section>
  );
}

function ViewAs({ scene }: { scene: Scene }) {
  const [words, shell] = [settingsWords[scene.locale], shellWords[scene.locale]];
  const roles = (['auditor', 'channel_manager', 'partner'] as const).map((value) => ({ value, text: shell.roles[value] }));
  return (
    <section class="panel">
      <h2>{shell.viewAs}</h2>
      <p class="soft">{words.viewText}</p>
      <form method="post" action="/ledger/view-as">
        <Field name="role" label={words.roleOf} scene={scene} options={roles} />
        <Field
          name="organization_id"
          label={administrationWords[scene.locale].organization}
          hint={words.organizationHint}
          max={40}
          scene={scene}
        />
        <button type="submit">{words.show}</button>
      </form>
    </section>
  );
}

function Program({ scene: { locale, desk } }: { scene: Scene }) {
  const words = settingsWords[locale];
  const { id, version, sha256, url } = desk.program;
  return (
    <section class="panel">
      <h2>{words.program}</h2>
      <dl>
        <dt>{words.terms}</dt>
        <dd>
          <a href={url}>
            {words.version} {version}
          </a>{' '}
          <Id id={id} />
        </dd>
        <dt>{words.digest}</dt>
        <dd>
          <code>{sha256}</code>
        </dd>
      </dl>
    </section>
  );
}

function TheDesk({ scene: { locale, desk } }: { scene: Scene }) {
  const words = settingsWords[locale];
  const { name, origin, environment, stripe } = desk;
  const environmentWord = Object.entries(words.environments).find(([known]) => known === environment)?.[1] ?? environment;
  return (
    <section class="panel">
      <h2>{words.desk}</h2>
      <dl>
        <dt>{words.address}</dt>
        <dd>
          {name}, <code>{origin}</code>
        </dd>
        <dt>{words.environment}</dt>
        <dd>{environmentWord}</dd>
        <dt>{words.payments}</dt>
        <dd>
          {stripe === null ? words.notConnected : words.connected(stripe.accountId)}
          {stripe?.livemode === false ? ` (${words.testMode})` : null}
        </dd>
      </dl>
      <ul>
        <li>
          <a href="/.well-known/jwks.json">{words.signingKeys}</a>
        </li>
        <li>
          <a href="/v1/capabilities">{words.capabilities}</a>
        </li>
        <li>
          <a href="/docs">{words.reference}</a>
        </li>
        <li>
          <a href="/version">{words.release}</a>
        </li>
      </ul>
    </section>
  );
}

export const settingsPages: readonly LedgerPage[] = [settings];
export const settingsActions: readonly LedgerAction[] = [];
