import type * as z from 'zod';
import type { CreditAsked, Queries, ReferralRow, TokenRow } from '../../db/queries.ts';
import { type Principal, reaches } from '../../domain/actor.ts';
import type { PresentedToken } from '../../domain/attribution.ts';
import type { Changes, Given } from '../../domain/decision.ts';
import { type ProspectKey, prospectKey } from '../../domain/prospect.ts';
import {
  bindingOf,
  type Credit,
  type CreditFacts,
  credit,
  type ExistingReferral,
  type ProgramBinding,
  type ReferralSummary,
} from '../../domain/referral.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import type { Desk } from '../desk.ts';
import type { Ask } from '../operation.ts';
import type { attributionInput, prospect } from '../vocabulary.ts';

export interface AttributedInput {
  readonly prospect: z.output<typeof prospect>;
  readonly attribution?: z.output<typeof attributionInput> | undefined;
}

/** What can be known of a prospect and of who sent it, before anything is loaded. */
export interface Presented {
  readonly prospect: ProspectKey;
  /** Id of a referral token of ours whose signature and expiry hold. */
  readonly tokenId: string | null;
  readonly codeHash: string | null;
  readonly presentedAs: PresentedToken['presentedAs'] | null;
  /** A shape of another protocol was given that carries no token of ours. */
  readonly unusable: boolean;
}

/** Checks domain, token and code without I/O. An invalid token or code is refused, so that nobody loses a credit silently. */
export async function present(input: AttributedInput, desk: Desk, now: Date): Promise<Result<Presented>> {
  const key = prospectKey(input.prospect.domain, desk.derive);
  if (!key.ok) return key;
  const given = input.attribution ?? {};
  const found: Presented = { prospect: key.value, tokenId: null, codeHash: null, presentedAs: null, unusable: false };
  if (given.referral_token !== undefined && given.referral_code !== undefined) return contradiction;
  if (given.referral_token !== undefined) {
    const claims = await desk.verifyReferralToken(given.referral_token, now);
    return claims ? ok({ ...found, tokenId: claims.jti, presentedAs: 'referral_token' }) : invalid('/attribution/referral_token');
  }
  if (given.referral_code !== undefined) {
    if (!/^[0-9A-Za-z]{8}$/.test(given.referral_code)) return invalid('/attribution/referral_code');
    return ok({ ...found, codeHash: codeHash(given.referral_code), presentedAs: 'referral_code' });
  }
  return ok({ ...found, ...(await presentForeign(given, desk, now)) });
}

/**
 * Shapes of other protocols. The first token of ours in them counts, whoever their provider is; what carries none never blocks.
 * Agentic Commerce Protocol `affiliate_attribution`: its `token`, unless it says itself that it expired. Universal Commerce Protocol
 * `attribution`, a flat map: our own names in it, as a link or an agent would have put them there.
 */
async function presentForeign(
  { affiliate_attribution: acp, attribution: ucp }: NonNullable<AttributedInput['attribution']>,
  desk: Desk,
  now: Date,
): Promise<Pick<Presented, 'tokenId' | 'codeHash' | 'presentedAs' | 'unusable'>> {
  const none = { tokenId: null, codeHash: null, presentedAs: null, unusable: acp !== undefined || ucp !== undefined };
  if (acp?.token !== undefined && !(acp.expires_at !== undefined && Date.parse(acp.expires_at) <= now.getTime())) {
    const claims = await desk.verifyReferralToken(acp.token, now);
    if (claims) return { ...none, tokenId: claims.jti, presentedAs: 'affiliate_attribution', unusable: false };
  }
  const carried = ucp?.referral_token === undefined ? null : await desk.verifyReferralToken(ucp.referral_token, now);
  const touch = ucp?.fd_touch === undefined ? null : await desk.verifyTouch(ucp.fd_touch, now);
  const tokenId = carried?.jti ?? touch?.tokenId ?? null;
  if (tokenId !== null) return { ...none, tokenId, presentedAs: 'attribution', unusable: false };
  const code = ucp?.referral_code ?? ucp?.ref;
  if (code !== undefined && /^[0-9A-Za-z]{8}$/.test(code)) return { ...none, codeHash: codeHash(code), presentedAs: 'attribution' };
  return none;
}

/** What is stored of a code. */
export const codeHash = (code: string): string => secretHash(`code:${code}`);

/** What is looked up for it. */
export const creditAsked = ({ prospect, tokenId, codeHash }: Presented): CreditAsked => ({
  fingerprint: prospect.fingerprint,
  token_id: tokenId,
  code_hash: codeHash,
});

export const attributionLoads = (queries: Queries, { found, desk, now }: Ask<unknown, Presented>) => ({
  credit: queries.creditFacts([creditAsked(found)], desk.program.id, now),
});

/** The presented token as it is stored; refused when it was revoked, or its code is nobody's. */
export function presentedToken(presented: Presented, stored: TokenRow | null): Result<PresentedToken | null, 'attribution.token_invalid'> {
  if (presented.presentedAs === null) return ok(null);
  if (!stored) {
    if (presented.presentedAs === 'affiliate_attribution' || presented.presentedAs === 'attribution') return ok(null);
    return invalid(`/attribution/${presented.presentedAs}`);
  }
  return ok({
    tokenId: stored.token_id,
    organizationId: stored.organization_id,
    organizationDomain: stored.organization_domain,
    agentId: stored.agent_id,
    campaign: stored.campaign,
    presentedAs: presented.presentedAs,
  });
}

/** A referral that is there already, as a repeated answer shows it. */
export interface OpenReferral extends ExistingReferral {
  readonly agentId: string | null;
  readonly campaign: string | null;
  readonly receipt: string;
}

export function openReferral(stored: ReferralRow, desk: Desk): OpenReferral {
  const { agent_id: agentId, campaign, receipt, evidenced, state } = stored;
  return { summary: summaryOf(stored, desk), agentId, campaign, receipt, evidenced, state };
}

/** The token, when an agent of the prospect's own verified domain redeems it: then the prospect itself says who sent it. */
export function redeemed(principal: Principal, { prospect }: Presented, token: PresentedToken | null): string | null {
  return token && principal.domain === prospect.domain && reaches(principal.tier, 'domain_verified') ? token.tokenId : null;
}

function summaryOf(stored: ReferralRow, desk: Desk): ReferralSummary {
  return {
    id: stored.referral_id,
    status: stored.status,
    organization_id: stored.organization_id,
    created_at: stored.created_at,
    expires_at: stored.expires_at,
    terms: {
      program_id: stored.program_id,
      version: stored.program_version,
      sha256: stored.terms_sha256,
      url: termsUrl(desk, stored.program_id, stored.program_version),
    },
  };
}

/** A prospect with its id, and the row it needs when nobody named it before. */
export interface KnownProspect {
  readonly id: string;
  readonly changes: Pick<Changes, 'prospects'>;
}

export function knownProspect(stored: string | null, key: ProspectKey, given: Given): KnownProspect {
  if (stored !== null) return { id: stored, changes: {} };
  const id = given.newId('pro');
  return { id, changes: { prospects: [{ prospect_id: id, fingerprint: key.fingerprint, created_at: given.now.toISOString() }] } };
}

/** Credits the organization that attribution names, under the program version of this desk. */
export function creditOf(
  what: Pick<CreditFacts, 'attribution' | 'workspaceId' | 'via' | 'particulars' | 'redeemed'> & {
    readonly prospect: KnownProspect;
    readonly open: OpenReferral | null;
  },
  desk: Desk,
  given: Given,
): Credit {
  const { prospect, open, ...facts } = what;
  const { tenant, origin } = desk;
  return credit({ ...facts, tenant, origin, program: programOf(desk), prospectId: prospect.id, existing: open }, given);
}

/** The current program version, as a new referral is bound to it. */
export const programOf = (desk: Desk): ProgramBinding => bindingOf(desk.program, desk.vendor.program);

export const termsOf = (desk: Desk, program: ProgramBinding) => ({
  program_id: program.id,
  version: program.version,
  sha256: program.sha256,
  url: termsUrl(desk, program.id, program.version),
});

export const termsUrl = (desk: Pick<Desk, 'origin'>, programId: string, version: number): string =>
  `${desk.origin}/v1/programs/${programId}/versions/${version}`;

const contradiction = refuse('request.invalid', {
  issues: [{ pointer: '/attribution', code: 'contradiction', message: 'Give either referral_token or referral_code, not both.' }],
});

function invalid(pointer: string) {
  return refuse('attribution.token_invalid', {
    issues: [{ pointer, code: 'token_invalid', message: 'Not a live referral token or code of this vendor.' }],
  });
}
