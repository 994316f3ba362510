import * as z from 'zod';
import type { Tier } from '../../domain/actor.ts';
import type { Given } from '../../domain/decision.ts';
import {
  after,
  assertionClaims,
  assertionSeconds,
  claimable,
  claimToken,
  pollSeconds,
  type RegistrationRow,
  type StoredRegistration,
} from '../../domain/registration.ts';
import { invariant, refuse } from '../../domain/result.ts';
import { agentScopes, scopesOfTier } from '../../domain/scopes.ts';
import type { Desk } from '../desk.ts';
import { hostname, id, instant } from '../vocabulary.ts';

export const registrationId = id('reg', 'a registration');

/** What an agent calls itself. */
export const clientName = z.string().min(1).max(120);

export const statedOrganization = z
  .strictObject({ name: z.string().min(1).max(120), domain: hostname.optional() })
  .describe('Whom it says that it acts for. Nothing of it is believed before it is proven.');

/** The address of the person who is to link the agent: that person alone can use the code. Whether it is known here is told to nobody. */
export const loginHint = z.email().max(254);

export const claimTokenField = z.string().max(64);

/** A JWT, at most 8 KB. */
export const assertion = z.string().min(1).max(8192);

/** What kind of assertion it is (draft-ietf-oauth-identity-assertion-authz-grant); ours are of the same kind. */
export const assertionType = z.literal('urn:ietf:params:oauth:token-type:id-jag');

/** The client that a trusted issuer gave its assertion to. Whoever says so has to be that one; the assertion alone is enough. */
export const clientOfIssuer = z
  .string()
  .max(512)
  .regex(/^[\x20-\x7e]+$/)
  .optional();

/** How a person is asked (the fields of RFC 8628 §3.2). */
export const linkAttempt = z.strictObject({
  user_code: z.string(),
  verification_uri: z.string(),
  expires_in: z.int(),
  interval: z.int(),
});

const scopes = z.array(z.enum(agentScopes));

/** The answer of a registration (auth.md v0.7.0). */
export const registered = z.strictObject({
  registration_id: registrationId.nullable().describe('Null: the agent never registered itself; somebody else asserts it.'),
  registration_type: z.enum(['anonymous', 'identity_assertion']),
  identity_assertion: z.string(),
  assertion_expires: instant,
  pre_claim_scopes: scopes,
  post_claim_scopes: scopes,
  claim_url: z.string(),
  claim_token: z.string().nullable(),
  claim_token_expires: instant.nullable(),
});

/** What an answer of a registration is made of: no secret, and nothing that one could be made from without our keys. */
export interface Registered {
  /** Null: there is none. */
  readonly registrationId: string | null;
  readonly type: 'anonymous' | 'identity_assertion';
  readonly tier: Tier;
  readonly assertion: Asserted;
  /** Null: there is none, or it was shown already. */
  readonly claimExpires: string | null;
}

export interface Asserted {
  readonly kid: string;
  readonly claims: ReturnType<typeof assertionClaims>;
}

/** An identity assertion that is still to be signed. */
export function asserted(agent: Parameters<typeof assertionClaims>[0], desk: Desk, given: Given): Asserted {
  return { kid: desk.signingKid('assertions'), claims: assertionClaims(agent, desk, given) };
}

/** Where the vendor's file was not applied since this release, nothing can be asserted. */
export const cannotAssert = () => refuse('upstream.unavailable', { retryAfterS: 3600 });

export async function showAssertion({ kid, claims }: Asserted, desk: Desk) {
  const signed = await desk.signAgain('assertions', claims, kid);
  invariant(signed !== null, 'the key that an assertion was just made under is there');
  return { identity_assertion: signed, assertion_expires: after(new Date(claims.iat * 1000), assertionSeconds).toISOString() };
}

export async function showRegistered(result: Registered, desk: Desk): Promise<z.input<typeof registered>> {
  const { registrationId: registration_id, type, tier, claimExpires } = result;
  return {
    registration_id,
    registration_type: type,
    ...(await showAssertion(result.assertion, desk)),
    pre_claim_scopes: [...scopesOfTier[tier]],
    post_claim_scopes: [...agentScopes],
    claim_url: claimUrl(desk),
    claim_token: claimExpires === null || registration_id === null ? null : claimToken(desk.derive, desk.environment, registration_id),
    claim_token_expires: claimExpires,
  };
}

export const claimUrl = ({ origin }: Desk): string => `${origin}/agent/identity/claim`;

export const showAttempt = (code: string, expiresIn: number, { origin }: Desk): z.input<typeof linkAttempt> => ({
  ...{ user_code: code, verification_uri: `${origin}/link`, expires_in: expiresIn, interval: pollSeconds },
});

/** SHA-256 of the session that asks, in hex. */
export const sessionHash = z.string().regex(/^[0-9a-f]{64}$/);

/** As a person types it. */
export const userCodeField = z.string().min(1).max(32);

/** The registration whose code was typed, if the code can still be used. */
export function usableCode(registration: StoredRegistration | null, now: Date): StoredRegistration | null {
  if (!registration || !claimable(registration, now).ok) return null;
  return registration.code_expires_at !== null && Date.parse(registration.code_expires_at) > now.getTime() ? registration : null;
}

/** Whether the claim token of a row can still be used, and when it ends. */
export const claimableUntil = (
  { state, claim_expires_at }: Pick<RegistrationRow, 'state' | 'claim_expires_at'>,
  now: Date,
): string | null => (state === 'open' && Date.parse(claim_expires_at) > now.getTime() ? claim_expires_at : null);
