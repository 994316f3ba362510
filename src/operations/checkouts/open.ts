import * as z from 'zod';
import { refereeDiscount, returnIssues, tierIssues } from '../../domain/checkout.ts';
import { readTerms } from '../../domain/program.ts';
import { ok, refuse } from '../../domain/result.ts';
import { standingWorkspace } from '../../domain/workspace.ts';
import { defineAsk } from '../operation.ts';
import { instant, returnUrl, workspaceId } from '../vocabulary.ts';

const input = z.strictObject({
  workspace_id: workspaceId,
  tier: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/)
    .describe('Id of a tier, as in pricing of get_capabilities.'),
  success_url: returnUrl.optional(),
  cancel_url: returnUrl.optional(),
});

const output = z
  .strictObject({
    checkout: z.strictObject({
      id: z.string(),
      url: z.string().describe("Give it to the prospect's human: they subscribe and pay there."),
      expires_at: instant,
    }),
  })
  .meta({ id: 'OpenedCheckout' });

export const openCheckout = defineAsk({
  name: 'open_checkout',
  title: 'Open a checkout',
  summary: "A payment page for the prospect's human",
  description:
    'Opens a page at the payment provider where a human of the prospect subscribes to a tier. It carries the workspace and its referral, so ' +
    'that what is paid there is evidence, and the discount that the terms promise the referred side. Needs the workspace key or its owner’s ' +
    'credential. The page ends by itself; open another one then.',
  rest: { method: 'post', path: '/v1/workspaces/{workspace_id}/checkout', status: 201 },
  mcp: false,
  access: { scope: 'workspaces:write' },
  input,
  output,
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden', 'upstream.unavailable'],
  sideEffect: 'reversible',
  inspect(asked, { vendor }) {
    const { success_url, cancel_url } = asked;
    const issues = returnIssues(vendor, { success_url, cancel_url });
    return issues.length > 0 ? refuse('request.invalid', { issues }) : ok(undefined);
  },
  load: (queries, { input: asked }) => ({
    workspace: queries.workspace(asked.workspace_id),
    referral: queries.workspaceReferral(asked.workspace_id),
  }),
  async ask({ workspace, referral }, { input: asked, desk, principal, now }, provider, intent) {
    const standing = standingWorkspace(workspace, principal, now);
    if (!standing.ok) return standing;
    const issues = tierIssues(desk.vendor, asked.tier);
    if (issues.length > 0) return refuse('request.invalid', { issues });
    const { workspace_id, referral_id } = standing.value;
    const bound = referral && { state: referral.state, terms: readTerms({ 1: referral.terms })(1) };
    const wanted = {
      ...{ workspaceId: workspace_id, referralId: referral_id, tier: asked.tier, discount: refereeDiscount(bound) },
      successUrl: asked.success_url ?? desk.vendor.signup_url,
      cancelUrl: asked.cancel_url ?? desk.vendor.landing_url,
    };
    const opened = await provider.openCheckout(desk, wanted, intent);
    if (!opened.ok) return opened;
    const { id, url, expiresAt } = opened.value.value;
    return ok({ value: { checkout: { id, url, expires_at: expiresAt.toISOString() } }, replayed: opened.value.replayed });
  },
});
