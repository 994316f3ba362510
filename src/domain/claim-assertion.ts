import { sha256Hex } from './canonical.ts';
import type { MailboxProof } from './claim-proof.ts';
import type { Changes, ToSign } from './decision.ts';
import { registrableDomain } from './prospect.ts';
import { invariant } from './result.ts';

/** How long the vendor may take to redeem it, in seconds. */
export const claimAssertionSeconds = 300;

/**
 * What the vendor is told of a human who took a workspace over (JWT, RFC 7519; typ `claim+jwt`): who it is, and of what they proved it. Made of
 * what was committed, so that asked for again it is the same one, and can be redeemed once.
 * @param proof used
 * @param domain registrable domain of the address
 */
export function claimAssertion(
  proof: Pick<MailboxProof, 'proof_id' | 'workspace_id' | 'email' | 'used_at'>,
  { domain, referralId }: { readonly domain: string; readonly referralId: string | null },
  desk: { readonly tenant: string; readonly origin: string; readonly vendor: { readonly signup_url: string } },
): ToSign {
  const iat = secondsOf(proof.used_at);
  return {
    purpose: 'claim_assertions',
    claims: {
      ...{ iss: desk.origin, aud: new URL(desk.vendor.signup_url).origin, tid: desk.tenant, sub: proof.workspace_id, jti: proof.proof_id },
      ...{ iat, exp: iat + claimAssertionSeconds, email: proof.email, email_verified: true, domain, referral: referralId },
    },
  };
}

/** Whether what a proof was used for can still be redeemed. */
export const isRedeemable = (proof: Pick<MailboxProof, 'used_at'>, now: Date): boolean =>
  (secondsOf(proof.used_at) + claimAssertionSeconds) * 1000 > now.getTime();

/** Where the human goes on: the vendor's own page, which finds the assertion as `fd_assertion`; without one, the page as it is. */
export function signupLocation(signupUrl: string, assertion: string | null): string {
  const url = new URL(signupUrl);
  if (assertion !== null) url.searchParams.set('fd_assertion', assertion);
  return url.href;
}

/** The vendor's sign-up and whatever else is at its own domain (host sources, CSP Level 3 §2.3.1): it may lead on there. */
export function signupSources(signupUrl: string): readonly string[] {
  const { origin, hostname } = new URL(signupUrl);
  const domain = registrableDomain(hostname);
  return [origin, ...(domain === null ? [] : [`https://${domain}`, `https://*.${domain}`])];
}

/** By what a claim assertion is known once it was redeemed, in hex. */
export const claimAssertionDigest = (assertionId: string): string => sha256Hex(JSON.stringify(['claim', assertionId]));

/** Uses it up, for as long as it could come again. */
export const spentClaim = (assertionId: string, expiresAt: Date): Required<Pick<Changes, 'spent'>> => ({
  spent: [{ kind: 'claim', digest: claimAssertionDigest(assertionId), expires_at: expiresAt.toISOString() }],
});

function secondsOf(usedAt: string | null): number {
  invariant(usedAt !== null, 'a claim is asserted of a proof that was used');
  return Math.floor(Date.parse(usedAt) / 1000);
}
