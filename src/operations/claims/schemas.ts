import { secretHash } from '../../domain/secret.ts';
import { claimSecrets } from '../../domain/workspace.ts';
import type { Desk } from '../desk.ts';
import { browserNonce } from '../sessions/schemas.ts';
import { sha256 } from '../vocabulary.ts';

/** The token of a claim link, as it is stored. */
export const claimHash = sha256.describe('SHA-256 of the token in the claim link.');

/** What the browser keeps by which it is known again: the nonce of one that asked for mail, and the session of one that is signed in. */
export const atBrowser = { browser: browserNonce.nullable(), session: sha256.nullable() };

/** The path of a workspace's claim page, or null when that is another link by now. */
export function claimPathOf(
  proof: { readonly workspace_id: string; readonly claim_version: number; readonly claim_hash: string },
  desk: Pick<Desk, 'derive' | 'environment'>,
): string | null {
  const { token } = claimSecrets(desk.derive, desk.environment, proof.workspace_id, proof.claim_version);
  return secretHash(token) === proof.claim_hash ? `/claim/${token}` : null;
}
