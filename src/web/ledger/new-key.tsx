import type { Scope } from '../../domain/scopes.ts';
import { isStaff } from '../../domain/visibility.ts';
import { createApiKey } from '../../operations/api/create-key.ts';
import { offeredScopes } from '../../operations/api/offers.ts';
import { Choices } from '../parts/choices.tsx';
import { ActionForm, Field } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { Id } from '../parts/text.tsx';
import { administrationWords } from '../words/administration.ts';
import { keysWords } from '../words/keys.ts';
import { scopesWords } from '../words/scopes.ts';
import type { Scene } from './definition.ts';
import { organizationPath } from './organization-ids.tsx';

/** The form that makes a key. It offers what would not be refused. */
export function NewKey({ scene }: { scene: Scene }) {
  const { locale, principal } = scene;
  const words = keysWords[locale];
  const own = principal.organizationId;
  const isOfStaff = isStaff(principal);
  // Whoever belongs nowhere has nobody to make a key for.
  if (!isOfStaff && own === null) return null;
  const everybodys = offeredScopes(principal, own ?? anyOrganization);
  const backEnds = isOfStaff ? offeredScopes(principal, null).filter((scope) => !everybodys.includes(scope)) : [];
  const optionsOf = (scopes: readonly Scope[]) => scopes.map((value) => ({ value, text: <Explained scope={value} scene={scene} /> }));
  return (
    <details class="panel" open={(scene.problem?.issues.length ?? 0) > 0}>
      <summary>{words.create}</summary>
      <PasskeyFirst operation={createApiKey} scene={scene} />
      <p class="soft">{words.createText}</p>
      <ActionForm action="/ledger/keys/create">
        {isOfStaff ? (
          <Field
            name="organization_id"
            label={administrationWords[locale].organization}
            hint={words.organizationHint}
            max={40}
            scene={scene}
          />
        ) : (
          <p>
            {words.ofOwn} <Id id={own ?? ''} href={organizationPath(own ?? '')} />
          </p>
        )}
        <Field name="expires_at" label={words.expires} scene={scene} options={expiries(scene)} />
        <Choices name="scopes" legend={words.agentScopes} scene={scene} options={optionsOf(everybodys)} />
        {backEnds.length === 0 ? null : (
          <Choices name="scopes" legend={words.staffScopes} scene={scene} options={optionsOf(backEnds)} quiet />
        )}
        <button class="main" type="submit">
          {words.create}
        </button>
      </ActionForm>
    </details>
  );
}

/** What staff may give a key of an organization is the same whichever it is. */
const anyOrganization = 'org_';

function Explained({ scope, scene: { locale } }: { scope: Scope; scene: Scene }) {
  const sentence = Object.entries(scopesWords[locale]).find(([name]) => name === scope)?.[1];
  return (
    <>
      <code>{scope}</code> <span class="soft small">{sentence}</span>
    </>
  );
}

/** As instants, so that the same form sent twice asks for the same: counted from the begin of the next day (UTC). */
function expiries({ locale, now }: Scene) {
  const { never, days30, days90, year } = keysWords[locale].expiry;
  const dayMs = 86_400_000;
  const from = (Math.floor(now.getTime() / dayMs) + 1) * dayMs;
  const after = (days: number) => new Date(from + days * dayMs).toISOString();
  return [
    { value: '', text: never },
    { value: after(30), text: days30 },
    { value: after(90), text: days90 },
    { value: after(365), text: year },
  ];
}
