import { Instant, Stranger } from './parts/text.tsx';
import { type PlainAt, plainPage } from './shell.tsx';
import { linkWords } from './words/link.ts';

/** Where a person types the code that an agent gave them. `isWrong`: the one typed before is not good. */
export function codePage(at: PlainAt, vendor: string, isWrong = false): string {
  const words = linkWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.title(vendor),
    children: (
      <>
        <h1>{words.link}</h1>
        <p>{words.lead}</p>
        <form method="post" action="/link">
          <div class="field">
            <label for="user_code">{words.code}</label>
            <input
              {...{ id: 'user_code', name: 'user_code', required: true, maxlength: 32, placeholder: 'XXXX-XXXX' }}
              {...{ autocomplete: 'off', autocapitalize: 'characters', spellcheck: false }}
              {...(isWrong ? { 'aria-invalid': 'true', 'aria-describedby': 'problem' } : {})}
            />
            {isWrong ? (
              <p id="problem" class="wrong" role="alert">
                {words.wrong}
              </p>
            ) : null}
          </div>
          <button type="submit" class="main">
            {words.goOn}
          </button>
        </form>
        <p class="soft">{words.lasts(vendor)}</p>
      </>
    ),
  });
}

export interface FoundAgent {
  readonly registration_id: string;
  readonly registered_at: string;
  readonly credential: 'key' | 'none';
  readonly untrusted: {
    readonly client_name: string | null;
    readonly organization: { readonly name: string; readonly domain: string | null } | null;
  };
}

export interface LinkTarget {
  readonly id: string;
  readonly domain: string | null;
  readonly untrusted: { readonly name: string };
}

/** What we know of the agent, what it says of itself, and where it would go. `targets` null: any organization, by its id. */
export function confirmLinkPage(
  at: PlainAt,
  vendor: string,
  userCode: string,
  agent: FoundAgent,
  targets: readonly LinkTarget[] | null,
): string {
  const { locale } = at.preferences;
  const words = linkWords[locale];
  return plainPage({
    ...at,
    title: words.title(vendor),
    children: (
      <>
        <h1>{words.yours}</h1>
        <p>{words.compare}</p>
        <dl>
          <dt>{words.registered}</dt>
          <dd>
            <Instant at={agent.registered_at} locale={locale} />
          </dd>
          <dt>{words.with}</dt>
          <dd>{agent.credential === 'key' ? words.withKey : words.withNothing}</dd>
          <Claimed at={at} agent={agent} />
        </dl>
        <p>{words.linkedMeans}</p>
        <form method="post" action="/link">
          <input type="hidden" name="user_code" value={userCode} />
          <input type="hidden" name="registration_id" value={agent.registration_id} />
          <Target at={at} targets={targets} />
          <button type="submit" class="main">
            {words.linkIt}
          </button>
        </form>
      </>
    ),
  });
}

function Claimed({ at, agent: { untrusted } }: { at: PlainAt; agent: FoundAgent }) {
  const words = linkWords[at.preferences.locale];
  const { client_name, organization } = untrusted;
  const unchecked = <span class="soft">{words.unchecked}</span>;
  return (
    <>
      <dt>{words.calls}</dt>
      <dd>
        <Stranger>{client_name ?? '—'}</Stranger> {unchecked}
      </dd>
      <dt>{words.says}</dt>
      <dd>
        <Stranger>{organization?.name ?? '—'}</Stranger>
        {organization?.domain ? ` (${organization.domain})` : ''} {unchecked}
      </dd>
    </>
  );
}

function Target({ at, targets }: { at: PlainAt; targets: readonly LinkTarget[] | null }) {
  const words = linkWords[at.preferences.locale];
  return (
    <div class="field">
      <label for="organization_id">{targets === null ? words.organizationId : words.organization}</label>
      {targets === null ? (
        <input
          {...{ id: 'organization_id', name: 'organization_id', required: true, maxlength: 40, autocomplete: 'off', spellcheck: false }}
        />
      ) : (
        <select id="organization_id" name="organization_id">
          {targets.map(({ id, domain, untrusted: { name } }) => (
            <option value={id}>
              {name}
              {domain === null ? '' : ` (${domain})`}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

/** It is done. */
export function linkedPage(
  at: PlainAt,
  vendor: string,
  { agent_id, workspaces }: { readonly agent_id: string; readonly workspaces: number },
): string {
  const words = linkWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.title(vendor),
    children: (
      <>
        <h1>{words.done}</h1>
        <p role="status">{words.doneText}</p>
        <dl>
          <dt>{words.agent}</dt>
          <dd>
            <code>{agent_id}</code>
          </dd>
          <dt>{words.came}</dt>
          <dd>{workspaces}</dd>
        </dl>
      </>
    ),
  });
}

/** Somebody who is signed in, but for whom nothing can be linked. */
export function noTargetPage(at: PlainAt, vendor: string): string {
  const words = linkWords[at.preferences.locale];
  return plainPage({
    ...at,
    title: words.title(vendor),
    children: (
      <>
        <h1>{words.none}</h1>
        <p>{words.noneText(vendor)}</p>
      </>
    ),
  });
}
