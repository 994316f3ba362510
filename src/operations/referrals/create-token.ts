import * as z from 'zod';
import { lineageOf, tokenDigest } from '../../domain/lineage.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { base62, secretHash } from '../../domain/secret.ts';
import { defineWrite } from '../operation.ts';
import { id, instant, terms } from '../vocabulary.ts';
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
    'ttl_days; a referral made before stays valid. A replay of this call shows the same token again. With parent_token it descends from ' +
    'another token of your organization, and ends with that one at the latest.',
  rest: { method: 'post', path: '/v1/referral-tokens', status: 201 },
  mcp: true,
  access: { scope: 'referrals:create' },
  input: z.strictObject({
    campaign: campaign.optional(),
    ttl_days: z.int().min(1).max(365).default(90).describe('How long the token can be presented; a parent may end it earlier.'),
    algorithm: z
      .enum(['HS256', 'EdDSA'])
      .default('HS256')
      .describe('HS256 is shorter. EdDSA can be verified by anybody, with the keys at /.well-known/jwks.json.'),
    parent_token: z
      .string()
      .max(4096)
      .optional()
      .describe('A referral token of your own organization that this one descends from, at most three deep.'),
  }),
  output: z
    .strictObject({
      id: id('rtk', 'the referral token'),
      token: z.string().nullable().describe('JWT, typ ref+jwt. Null when it cannot be shown again.'),
      token_reason: z.string().nullable().describe('Why the token is not shown: key_revoked, nobody accepts it any more.'),
      code: z.string().regex(/^[0-9A-Za-z]{8}$/),
      url: z.string().describe('A link for people: records the visit and leads to the vendor.'),
      expires_at: instant,
      terms,
    })
    .meta({ id: 'ReferralToken' }),
  failures: ['state.forbidden', 'attribution.token_invalid'],
  sideEffect: 'reversible',

  async inspect({ parent_token }, desk, now) {
    if (parent_token === undefined) return ok(null);
    const claims = await desk.verifyReferralToken(parent_token, now);
    if (!claims) return invalidParent;
    const parent = { tokenId: claims.jti, digest: tokenDigest(parent_token), depth: claims.dep, exp: claims.exp };
    return ok({ ...parent, organizationId: claims.org });
  },
  load: (queries, { found, now }) => ({ parent: queries.referralToken(found?.tokenId ?? null, null, now) }),

  decide({ parent }, { input: asked, found, principal, desk }, given) {
    const organization = principal.organizationId;
    if (organization === null)
      return refuse('state.forbidden', { detail: 'A referral token names an organization; this credential has none.' });
    if (principal.tier === 'anonymous')
      return refuse('state.forbidden', { detail: 'Nobody is credited for an anonymous identity: prove a key or a domain first.' });
    // Both say so: the signature, and the row that revocation ends.
    if (found && (found.organizationId !== organization || parent?.organization_id !== organization)) return invalidParent;
    if (!desk.canSign('referral_tokens', asked.algorithm))
      return refuse('state.forbidden', { detail: 'This vendor has no key for that algorithm yet; ask for the other one.' });
    const tokenId = given.newId('rtk');
    const iat = Math.floor(given.now.getTime() / 1000);
    const lineage = lineageOf(found, iat + asked.ttl_days * day);
    if (!lineage.ok) return lineage;
    const { exp, parentId, depth } = lineage.value;
    const kid = desk.signingKid('referral_tokens', asked.algorithm);
    const claims = {
      iss: desk.origin,
      aud: desk.origin,
      tid: desk.tenant,
      ...(principal.agentId === null ? {} : { sub: principal.agentId }),
      org: organization,
      ...(asked.campaign === undefined ? {} : { cmp: asked.campaign }),
      jti: tokenId,
      iat,
      nbf: iat,
      exp,
      ...lineage.value.claims,
      terms_sha256: desk.program.sha256,
    };
    const expiresAt = new Date(exp * 1000).toISOString();
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
                parent_id: parentId,
                depth,
              },
            ],
          },
          result: { tokenId, kid, claims, expiresAt, terms: termsOf(desk, programOf(desk)) },
        };
      },
    });
  },

  /** Signed again from the committed claims under their key: the same bytes as the first time, while that key is not revoked. */
  async view(result, { desk }) {
    const token = await desk.signAgain('referral_tokens', result.claims, result.kid);
    const code = codeOf(desk.derive, result.tokenId);
    return {
      id: result.tokenId,
      token,
      token_reason: token === null ? 'key_revoked' : null,
      code,
      url: `${desk.origin}/r/${code}`,
      expires_at: result.expiresAt,
      terms: result.terms,
    };
  },
});

/** The same for a token that is malformed, expired, revoked or another organization's: nobody learns which tokens there are. */
const invalidParent = refuse('attribution.token_invalid', {
  issues: [{ pointer: '/parent_token', code: 'token_invalid', message: 'Not a live referral token of your organization.' }],
});

/** Eight base62 characters derived from the token's id: 47 bits, unguessable without the server key. */
function codeOf(derive: (purpose: string, id: string, version: number) => Uint8Array, tokenId: string): string {
  return base62(derive('referral-code', tokenId, 1), 8);
}
