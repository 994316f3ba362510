import * as z from 'zod';
import { reaches } from '../../domain/actor.ts';
import { returnIssues } from '../../domain/checkout.ts';
import { payeeFile } from '../../domain/payee.ts';
import { paysOut } from '../../domain/program.ts';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff } from '../../domain/visibility.ts';
import { defineAsk } from '../operation.ts';
import { instant, organizationId, returnUrl } from '../vocabulary.ts';

export const createPayoutLink = defineAsk({
  name: 'create_payout_link',
  title: 'Create a payout link',
  summary: 'A page where an organization arranges to be paid',
  description:
    'Opens a page at the payment provider where somebody of your organization says who is paid, and where to. Give it to a person: it works ' +
    'once and for minutes only; create another one then. Once the provider has what it needs, the organization is payable: get_organization ' +
    'shows it, and nothing is paid out for seven days, in which your organization can object. An agent may ask for the page once the domain ' +
    'of its organization is verified. Needed for rewards that are paid out, not for credit on a bill; a program that pays nothing out has ' +
    'no such page.',
  rest: { method: 'post', path: '/v1/organizations/{organization_id}/payout-link', status: 201 },
  mcp: false,
  access: { scope: 'organizations:verify', stepUp: true },
  input: z.strictObject({
    organization_id: organizationId,
    kind: z.enum(['account']).default('account').describe('account: to be paid out.'),
    return_url: returnUrl.optional(),
    refresh_url: returnUrl.optional().describe('Where the page leads once it has ended; the landing page of the vendor, if left out.'),
  }),
  output: z.strictObject({ url: z.string().describe('For a person of the organization.'), expires_at: instant }).meta({ id: 'PayoutLink' }),
  failures: ['resource.not_found', 'state.forbidden', 'upstream.unavailable'],
  sideEffect: 'reversible',
  inspect({ return_url, refresh_url }, { vendor }) {
    const issues = returnIssues(vendor, { return_url, refresh_url });
    return issues.length > 0 ? refuse('request.invalid', { issues }) : ok(undefined);
  },
  load: (queries, { input }) => ({
    files: queries.payeeFiles([{ organization_id: input.organization_id, kind: input.kind, stripe_id: null }]),
  }),
  async ask({ files: [found] }, { input, desk, principal }, provider, intent) {
    const file = payeeFile(found);
    const isOwn = isStaff(principal) || principal.organizationId === input.organization_id;
    if (file === null || !isOwn) return refuse('resource.not_found');
    // No webhook would ever say that the page was filled in: setup asks for those of payees only where somebody is paid out.
    if (!paysOut(desk.vendor.program)) return refuse('state.forbidden', { detail: 'This program pays nothing out: no rule of it does.' });
    // Whoever opens the page says where the organization is paid: a key that anybody can have in its name is not enough.
    if (!isStaff(principal) && !reaches(file.tier, 'domain_verified')) return refuse('state.forbidden', { detail: unverified });
    if (found?.is_domain_disputed) return refuse('state.forbidden', { detail: disputed });
    const wanted = {
      ...{ organizationId: file.organizationId, accountId: file.current?.stripeId ?? null },
      returnUrl: input.return_url ?? desk.vendor.landing_url,
      refreshUrl: input.refresh_url ?? desk.vendor.landing_url,
    };
    const opened = await provider.openOnboarding(desk, wanted, intent);
    if (!opened.ok) return opened;
    const { url, expiresAt } = opened.value.value;
    return ok({ value: { url, expires_at: expiresAt.toISOString() }, replayed: opened.value.replayed });
  },
});

const disputed = 'Another organization proved the domain as well. Nobody of the two arranges payouts until the vendor has decided.';
const unverified = 'Only an organization whose domain is verified is paid out. Verify yours with the vendor, then ask again.';
