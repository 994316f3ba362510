import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { isClaimable } from '../../domain/claim.ts';
import { domainOfProspect, vouchedProof } from '../../domain/claim-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { normaliseEmail } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce } from '../sessions/schemas.ts';
import { claimHash } from './schemas.ts';

/** Proves the mailbox that a provider of identities verified. Its input is the answer of `prove_oidc_sign_in`, never a stranger's. */
export const vouchClaimMailbox = defineWrite({
  name: 'vouch_claim_mailbox',
  title: 'Prove a mailbox by the provider',
  summary: 'Take a provider at its word for a mailbox',
  description: 'Proves a mailbox at the domain of the prospect by the address that a provider of identities verified.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ claim_hash: claimHash, email: z.string().max(320), browser: browserNonce }),
  output: z.strictObject({}),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  keyed: false,
  inspect: ({ email }) => ok(normaliseEmail(email)),
  load: (queries, { input }) => ({ workspace: queries.workspaceOfClaim(input.claim_hash) }),
  decide({ workspace }, { input, found: email, desk, now }, given) {
    if (!workspace || !isClaimable(workspace, now)) return refuse('resource.not_found');
    if (email === null || domainOfProspect(email, workspace.prospect, desk.derive) === null) return refuse('state.forbidden');
    const proof = vouchedProof(workspace, { email, browserHash: sha256Hex(input.browser) }, 'provider', given);
    return ok({ changes: { mailbox_proofs: [proof] }, result: {} });
  },
  view: () => ({}),
});
