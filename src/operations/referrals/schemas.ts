import * as z from 'zod';
import type { ListedReferralRow } from '../../db/referral-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { referralStatuses } from '../../domain/referral-state.ts';
import { seenProspect } from '../../domain/visibility.ts';
import type { Desk } from '../desk.ts';
import { id, instant, organizationId, referralId, terms } from '../vocabulary.ts';
import { untrusted } from '../workspaces/schemas.ts';
import { termsUrl } from './present-attribution.ts';

export const referralStatus = z.enum(referralStatuses).describe('quarantined and disputed hide the state under an open hold.');

export const campaign = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)
  .describe('A label of your own, for your reports.');

export const referralView = z
  .strictObject({
    id: referralId,
    status: referralStatus,
    organization_id: organizationId,
    agent_id: id('agt', 'the agent that is credited').nullable(),
    campaign: campaign.nullable(),
    terms,
    created_at: instant,
    expires_at: instant,
    untrusted,
  })
  .meta({ id: 'Referral' });

export const receipt = z
  .string()
  .describe(
    'JWS (EdDSA, typ receipt+jwt): names tenant, organization, entry, leaf and terms, never the prospect. Verify it offline with /.well-known/jwks.json.',
  );

/** A stored referral in its wire form. What people wrote stands under `untrusted`. */
export function showReferral(stored: ListedReferralRow, desk: Desk, principal: Principal): z.input<typeof referralView> {
  return {
    id: stored.referral_id,
    status: stored.status,
    organization_id: stored.organization_id,
    agent_id: stored.agent_id,
    campaign: stored.campaign,
    terms: {
      program_id: stored.program_id,
      version: stored.program_version,
      sha256: stored.terms_sha256,
      url: termsUrl(desk, stored.program_id, stored.program_version),
    },
    created_at: stored.created_at,
    expires_at: stored.expires_at,
    untrusted: seenProspect(principal, isRecord(stored.particulars) ? stored.particulars : {}),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
