import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { owns } from '../../domain/visibility.ts';
import { defineWrite } from '../operation.ts';
import { id } from '../vocabulary.ts';

const tokenId = id('rtk', 'a referral token, as given by create_referral_token');

export const revokeReferralToken = defineWrite({
  name: 'revoke_referral_token',
  title: 'Revoke a referral token',
  summary: 'End a referral token and all that descend from it',
  description:
    'Ends a referral token at once, with its code, its link and every token that descends from it. Referrals made before stay valid. It ' +
    'cannot be undone. A token that is expired or revoked already is not found.',
  rest: { method: 'delete', path: '/v1/referral-tokens/{token_id}', status: 200 },
  mcp: false,
  access: { scope: 'referrals:create' },
  input: z.strictObject({ token_id: tokenId }),
  output: z.strictObject({ id: tokenId, status: z.literal('revoked') }).meta({ id: 'RevokedReferralToken' }),
  failures: ['resource.not_found'],
  sideEffect: 'irreversible',
  load: (queries, { input, now }) => ({ token: queries.referralToken(input.token_id, null, now) }),
  decide({ token }, { principal }, given) {
    if (!token || !owns(principal, { organizationId: token.organization_id })) return refuse('resource.not_found');
    return ok({
      subjectId: token.token_id,
      changes: { revoked_token: { token_id: token.token_id, at: given.now.toISOString() } },
      result: { id: token.token_id, status: 'revoked' as const },
    });
  },
  view: (result) => result,
});
