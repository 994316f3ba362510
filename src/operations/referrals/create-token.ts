import { z } from '@hono/zod-openapi';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { base62, secretHash } from '../../domain/secret.ts';
import { defineWrite } from '../operation.ts';
import { instant, terms } from '../vocabulary.ts';
import { codeHash, programOf, termsOf } from './present-attribution.ts';
import { campaign } from './schemas.ts';

const day = 86_400;

export const createReferralToken = defineWrite({
  name: 'create_referral_token',
  title: 'Create a referral token',
  summary: 'A signed token, a short code and a link',
  description:
    'Creates a signed referral token that names your organization, with its eight-character code and a link for people. Whoever presents ' +
    'the token or code with provision_workspace or record_referral credits your organization. Make one per campaign. It expires after ' +
    'ttl_days; a referral made before stays valid. The vendor stores only hashes: a replay of this call shows the same token again.',
  rest: { method: 'post', path: '/v1/referral-tokens', status: 201 },
  mcp: true,
  access: { scope: 'referrals:create' },
  input: z.strictObject({
    campaign: campaign.optional(),
    ttl_days: z.int().min(1).max(365).default(90).describe('How long the token can be presented.'),
    algorithm: z.enum(['HS256', 'EdDSA']).default('HS256').describe('Only HS256 is issued so far.'),
  }),
  output: z
    .strictObject({
      token: z.string().describe('JWT, typ ref+jwt.'),
      code: z.string().regex(/^[0-9A-Za-z]{8}$/),
      url: z.string().describe('A link for people: records the visit and leads to the vendor.'),
      expires_at: instant,
      terms,
    })
    .meta({ id: 'ReferralToken' }),
  failures: ['state.forbidden'],
  sideEffect: 'reversible',

  decide(_facts, { input: asked, principal, desk }, given) {
    if (principal.organizationId === null)
      return refuse('state.forbidden', { detail: 'A referral token names an organization; this credential has none.' });
    if (asked.algorithm !== 'HS256') {
      return refuse('request.invalid', { issues: [{ pointer: '/algorithm', code: 'value', message: 'Only HS256 is issued so far.' }] });
    }
    const tokenId = given.newId('rtk');
    const iat = Math.floor(given.now.getTime() / 1000);
    const exp = iat + asked.ttl_days * day;
    const kid = desk.signingKid('referral_tokens');
    const claims = {
      iss: desk.origin,
      aud: desk.origin,
      tid: desk.tenant,
      ...(principal.agentId === null ? {} : { sub: principal.agentId }),
      org: principal.organizationId,
      ...(asked.campaign === undefined ? {} : { cmp: asked.campaign }),
      jti: tokenId,
      iat,
      nbf: iat,
      exp,
      dep: 0,
      terms_sha256: desk.program.sha256,
    };
    const expiresAt = new Date(exp * 1000).toISOString();
    const organization = principal.organizationId;
    return ok({
      sign: { token: { purpose: 'referral_tokens', kid, claims } },
      finish: ({ token }) => {
        invariant(token !== undefined, 'the token was signed');
        return {
          subjectId: tokenId,
          changes: {
            referral_tokens: [
              {
                token_id: tokenId,
                organization_id: organization,
                agent_id: principal.agentId,
                campaign: asked.campaign ?? null,
                kid,
                claims,
                token_hash: secretHash(token),
                code_hash: codeHash(codeOf(given.derive, tokenId)),
                created_at: given.now.toISOString(),
                expires_at: expiresAt,
              },
            ],
          },
          result: { tokenId, kid, claims, expiresAt, terms: termsOf(desk, programOf(desk)) },
        };
      },
    });
  },

  /** Signed again from the committed claims under their key: the same bytes as the first time. */
  async view(result, { desk }) {
    const code = codeOf(desk.derive, result.tokenId);
    return {
      token: await desk.sign('referral_tokens', result.claims, result.kid),
      code,
      url: `${desk.origin}/r/${code}`,
      expires_at: result.expiresAt,
      terms: result.terms,
    };
  },
});

/** Eight base62 characters derived from the token's id: 47 bits, unguessable without the server key. */
function codeOf(derive: (purpose: string, id: string, version: number) => Uint8Array, tokenId: string): string {
  return base62(derive('referral-code', tokenId, 1), 8);
}
