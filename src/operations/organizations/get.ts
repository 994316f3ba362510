import * as z from 'zod';
import type { OrganizationRow } from '../../db/payee-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { readProof } from '../../domain/domain-proof.ts';
import { maskedId } from '../../domain/payee.ts';
import { ok, refuse } from '../../domain/result.ts';
import { sightOf } from '../../domain/visibility.ts';
import { defineRead } from '../operation.ts';
import { organizationId } from '../vocabulary.ts';
import { showProof } from './proof-schemas.ts';
import { organizationView, type payeeView } from './schemas.ts';

export const getOrganization = defineRead({
  name: 'get_organization',
  title: 'Get an organization',
  summary: 'Its tier, and where its money goes',
  description:
    'Reads your own organization, or for a back end of the vendor any of its: domain and its proofs, tier, the customer it is credited as and the account it ' +
    'is paid out to, and what keeps its rewards back: a change of these, or a domain that is disputed. To be paid out, use create_payout_link.',
  rest: { method: 'get', path: '/v1/organizations/{organization_id}', status: 200 },
  mcp: false,
  access: { scope: 'rewards:read' },
  input: z.strictObject({ organization_id: organizationId }),
  output: organizationView,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ organization: queries.organization(input.organization_id) }),
  view: ({ organization }, { principal, now }) =>
    organization === null ? refuse('resource.not_found') : ok(showOrganization(organization, principal, now)),
});

/** An organization as this reader may see it. */
export function showOrganization(organization: OrganizationRow, principal: Principal, now: Date): z.input<typeof organizationView> {
  const { organization_id, name, domain, tier, frozen_at, created_at } = organization;
  const seen = sightOf(principal).payees;
  const payees = organization.payees.map((payee) => showPayee(payee, seen === 'whole'));
  const frozen = payees.flatMap(({ frozen_until }) => (frozen_until !== null && frozen_until > now.toISOString() ? frozen_until : []));
  return {
    ...{ id: organization_id, domain, tier, payees: seen === 'hidden' ? [] : payees, created_at, untrusted: { name } },
    ...{ frozen_until: frozen.toSorted().at(-1) ?? null, disputed_since: frozen_at },
    proofs: organization.proofs.map((proof) => showProof(readProof(proof))),
  };
}

/** Times inside JSON are as Postgres writes them there. */
const inUtc = (time: string): string => new Date(time).toISOString();

function showPayee(payee: OrganizationRow['payees'][number], whole: boolean): z.input<typeof payeeView> {
  const { kind, stripe_id, source, linked_at, frozen_until, obstacle } = payee;
  return {
    ...{ kind, stripe_id: whole ? stripe_id : maskedId(stripe_id), source, obstacle, linked_at: inUtc(linked_at) },
    frozen_until: frozen_until === null ? null : inUtc(frozen_until),
  };
}
