import * as z from 'zod';
import { claimEvidence, randomKey } from '../../domain/claim.ts';
import { claimAssertionDigest, spentClaim } from '../../domain/claim-assertion.ts';
import { together } from '../../domain/decision.ts';
import { ok, refuse } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { unverifiedClaims } from '../../domain/unverified-claims.ts';
import { defineWrite } from '../operation.ts';
import { referralId, workspaceId } from '../vocabulary.ts';
import { credentials } from '../workspaces/schemas.ts';

export const redeemClaimAssertion = defineWrite({
  name: 'redeem_claim_assertion',
  title: 'Redeem a claim assertion',
  summary: 'Who took a workspace over, and its key, once',
  description:
    "For the vendor's back end: what arrives at the sign-up page as fd_assertion, when a human has taken a workspace over. Answers who it is " +
    'and the key of the workspace, which is new, random, and shown with this answer only. An assertion is good once, for five minutes. Sign ' +
    'the human up by this answer, not by what the assertion says of itself.',
  rest: { method: 'post', path: '/v1/claim-assertions/redeem', status: 200 },
  mcp: false,
  access: { scope: 'events:write' },
  input: z.strictObject({
    assertion: z
      .string()
      .max(4096)
      .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      .describe('The compact JWS (typ claim+jwt), as it arrived.'),
  }),
  output: z
    .strictObject({
      workspace_id: workspaceId,
      referral_id: referralId.nullable(),
      domain: z.string().describe('The registrable domain at which the human was verified: that of the prospect.'),
      email: z.string(),
      email_verified: z.literal(true),
      credentials: credentials.nullable(),
      credentials_reason: z.string().nullable().describe('Why credentials are not shown.'),
    })
    .meta({ id: 'RedeemedClaim' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  async inspect({ assertion }, desk, now) {
    const asserted = await desk.verifyClaimAssertion(assertion, now);
    return asserted === null ? refuse('resource.not_found', { detail: 'It is not ours, or its time is over.' }) : ok(asserted);
  },
  load: (queries, { found }) => ({
    workspaces: queries.workspacesToClaim([found.workspaceId]),
    spent: queries.spent('claim', claimAssertionDigest(found.assertionId)),
  }),
  decide({ workspaces: [workspace], spent }, { found, desk }, given) {
    if (spent !== null) return refuse('state.forbidden', { detail: 'It was redeemed already.' });
    if (workspace?.status !== 'claimed') return refuse('resource.not_found');
    const apiKey = randomKey(desk.environment, given);
    const rekeyed = { workspace_id: found.workspaceId, key_version: workspace.key_version + 1, key_hash: secretHash(apiKey) };
    return ok({
      subjectId: found.workspaceId,
      // That it was taken over shows a mailbox; that it came to the vendor's sign-up is the vendor's word.
      changes: together(
        { rekeyed_workspace: rekeyed },
        spentClaim(found.assertionId, found.expiresAt),
        claimEvidence(workspace, { via: 'assertion' }, given),
      ),
      result: { workspace_id: found.workspaceId, referral_id: workspace.referral_id },
      shown: apiKey,
    });
  },
  view(result, { input }, _, shown) {
    // Verified when it was redeemed, and a repetition under the same key is of the same assertion: no address is kept with the answer.
    const { domain, email } = said.parse(unverifiedClaims(input.assertion));
    return {
      ...result,
      ...{ domain, email, email_verified: true as const },
      credentials: shown === undefined ? null : { type: 'bearer' as const, api_key: shown },
      credentials_reason: shown === undefined ? 'shown_once' : null,
    };
  },
});

const said = z.object({ domain: z.string(), email: z.string() });
