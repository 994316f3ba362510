import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { codeHash } from './present-attribution.ts';

/** How long what a visitor carries away from a link can be handed back. */
export const touchSeconds = 30 * 86_400;

/**
 * A human follows a referral link. The visit is kept, for a while, and the visitor given a signed note of it, which the vendor can hand
 * back once it knows who that was. Nobody is known yet, so the ledger is not touched.
 */
export const followLink = defineWrite({
  name: 'follow_link',
  title: 'Follow a referral link',
  summary: 'Record a visit and lead on to the vendor',
  description: 'Records that a referral link was followed and answers where to go.',
  rest: null,
  mcp: false,
  access: { scope: 'referrals:read', anonymous: true, limit: 'link' },
  input: z.strictObject({
    code: z.string().regex(/^[0-9A-Za-z]{8}$/),
    counted: z.boolean().default(true).describe('False for what only looks where the link leads: no visit, no touch.'),
  }),
  output: z.strictObject({ location: z.string(), touch: z.string().nullable().describe('JWS, typ touch+jwt.') }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input, now }) => ({ token: queries.referralToken(null, codeHash(input.code), now) }),

  decide({ token }, { input, desk }, given) {
    if (!token) return refuse('resource.not_found');
    if (!input.counted) return ok({ dry: true as const, changes: {}, result: { touch: null } });
    const visitId = given.newId('vis');
    const iat = Math.floor(given.now.getTime() / 1000);
    const claims = {
      iss: desk.origin,
      aud: desk.origin,
      tid: desk.tenant,
      jti: visitId,
      rtk: token.token_id,
      org: token.organization_id,
      iat,
      exp: iat + touchSeconds,
    };
    return ok({
      changes: { link_visits: [{ visit_id: visitId, token_id: token.token_id, created_at: given.now.toISOString() }] },
      result: { touch: desk.canSign('touches') ? { kid: desk.signingKid('touches'), claims } : null },
    });
  },

  async view({ touch }, { input, desk }) {
    const signed = touch && (await desk.signAgain('touches', touch.claims, touch.kid));
    return { location: landing(desk.vendor.landing_url, input.code, signed), touch: signed };
  },
});

/** The vendor's landing page, told which code led there and, for a counted visit, which touch it was. */
export function landing(landingUrl: string, code: string, touch: string | null): string {
  const url = new URL(landingUrl);
  url.searchParams.set('ref', code);
  if (touch !== null) url.searchParams.set('fd_touch', touch);
  return url.href;
}
