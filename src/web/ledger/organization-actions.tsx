import { revokeOrganizationAgents } from '../../operations/organizations/revoke-agents.ts';
import { ActionForm } from '../parts/form.tsx';
import { organizationsWords } from '../words/organizations.ts';
import type { Scene } from './definition.ts';

/** What can be done about an organization as a whole. */
export function OrganizationActions({ organizationId, scene }: { organizationId: string; scene: Scene }) {
  const { locale, principal, may } = scene;
  const words = organizationsWords[locale];
  const mayViewAs = principal.person?.role === 'operator';
  if (!mayViewAs && !may(revokeOrganizationAgents)) return null;
  return (
    <section class="panel">
      <h2>{words.actions}</h2>
      {mayViewAs ? (
        <form method="post" action="/ledger/view-as">
          <input type="hidden" name="organization_id" value={organizationId} />
          <input type="hidden" name="next" value="/ledger" />
          <h3>{words.viewAs}</h3>
          <p class="soft">{words.viewAsText}</p>
          <p class="row">
            <button type="submit" name="role" value="partner">
              {words.asPartner}
            </button>
            <button type="submit" name="role" value="channel_manager">
              {words.asManager}
            </button>
          </p>
        </form>
      ) : null}
      {may(revokeOrganizationAgents) ? (
        <details>
          <summary>{words.revokeAll}</summary>
          <p>{words.revokeAllAsk}</p>
          <ActionForm action={`/ledger/organizations/${organizationId}/revoke-agents`}>
            <button type="submit" class="danger">
              {words.revokeAll}
            </button>
          </ActionForm>
        </details>
      ) : null}
    </section>
  );
}
