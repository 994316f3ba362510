import { z } from '@hono/zod-openapi';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { codeHash } from './present-attribution.ts';

/** A human follows a referral link. The visit is kept, for a while; nobody is known yet, so the ledger is not touched. */
export const followLink = defineWrite({
  name: 'follow_link',
  title: 'Follow a referral link',
  summary: 'Record a visit and lead on to the vendor',
  description: 'Records that a referral link was followed and answers where to go.',
  rest: null,
  mcp: false,
  access: { scope: 'referrals:read', anonymous: true },
  input: z.strictObject({ code: z.string().regex(/^[0-9A-Za-z]{8}$/) }),
  output: z.strictObject({ location: z.string() }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input, now }) => ({ token: queries.referralToken(null, codeHash(input.code), now) }),
  decide({ token }, { input, desk }, given) {
    if (!token) return refuse('resource.not_found');
    return ok({
      changes: { link_visits: [{ visit_id: given.newId('vis'), token_id: token.token_id, created_at: given.now.toISOString() }] },
      result: { location: landing(desk.vendor.landing_url, input.code) },
    });
  },
  view: (result) => result,
});

/** The vendor's landing page, told which code led there. */
export function landing(landingUrl: string, code: string): string {
  const url = new URL(landingUrl);
  url.searchParams.set('ref', code);
  return url.href;
}
