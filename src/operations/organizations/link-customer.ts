import * as z from 'zod';
import { linkPayee, type PayeeFile, payeeFile } from '../../domain/payee.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { organizationId } from '../vocabulary.ts';
import { payeeView, stripeCustomer } from './schemas.ts';

export const linkOrganizationCustomer = defineWrite({
  name: 'link_organization_customer',
  title: 'Link an organization to its customer',
  summary: "Say whose bill an organization's rewards are credited to",
  description:
    "For the vendor's back end: links an organization to its customer at Stripe, to whose bill its rewards are then credited. The first link " +
    'makes the organization payable; changing it keeps all its rewards back for seven days. A customer belongs to one organization.',
  rest: { method: 'post', path: '/v1/organizations/{organization_id}/customer', status: 200 },
  mcp: false,
  access: { scope: 'payouts:manage', stepUp: true },
  input: z.strictObject({ organization_id: organizationId, stripe_customer: stripeCustomer }),
  output: z.strictObject({ organization_id: organizationId, payee: payeeView }).meta({ id: 'LinkedCustomer' }),
  failures: ['resource.not_found', 'resource.conflict'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({
    files: queries.payeeFiles([{ organization_id: input.organization_id, kind: 'customer', stripe_id: input.stripe_customer }]),
  }),
  decide({ files: [found] }, { input, principal }, given) {
    const file = payeeFile(found);
    if (file === null) return refuse('resource.not_found');
    const linked = linkPayee(file, { stripeId: input.stripe_customer, source: 'operator', linkedBy: principal.id }, given);
    if (!linked.ok) return linked;
    const [made] = linked.value.payees ?? [];
    const stored = made ?? kept(file);
    const { organization_id, stripe_id, source, linked_at, frozen_until, obstacle } = stored;
    return ok({ changes: linked.value, result: { organization_id, stripe_id, source, linked_at, frozen_until, obstacle } });
  },
  view: ({ organization_id, ...payee }) => ({ organization_id, payee: { kind: 'customer' as const, ...payee } }),
});

/** What is linked already, as it would be written. */
function kept({ organizationId, current }: PayeeFile) {
  invariant(current !== null, 'what changes nothing is linked already');
  const { stripeId, source, linkedAt, frozenUntil, obstacle } = current;
  return { organization_id: organizationId, stripe_id: stripeId, source, linked_at: linkedAt, frozen_until: frozenUntil, obstacle };
}
