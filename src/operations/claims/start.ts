import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { isClaimable } from '../../domain/claim.ts';
import { askForProof, domainOfProspect, proofSeconds } from '../../domain/claim-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { normaliseEmail } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce, seconds } from '../sessions/schemas.ts';
import { claimHash } from './schemas.ts';

/** Mails a link to an address at the prospect's domain: whoever gets it there can show that they are of the prospect. */
export const startClaim = defineWrite({
  name: 'start_claim',
  title: 'Ask for a mail that proves a mailbox',
  summary: 'Mail a link that proves who takes a workspace over',
  description:
    'Mails a link to an address at the domain that the workspace is for. It works for 15 minutes, once, in the browser that asked.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'sign_in' },
  input: z.strictObject({ claim_hash: claimHash, email: z.string().max(320), browser: browserNonce }),
  output: z.strictObject({ expires_in: seconds }),
  failures: ['resource.not_found', 'quota.exhausted'],
  sideEffect: 'reversible',
  keyed: false,
  inspect: ({ email }) => ok(normaliseEmail(email)),
  load: (queries, { input }) => ({ workspace: queries.workspaceOfClaim(input.claim_hash) }),
  decide({ workspace }, { input, found: email, desk, now }, given) {
    if (!workspace || !isClaimable(workspace, now)) return refuse('resource.not_found');
    if (email === null || domainOfProspect(email, workspace.prospect, desk.derive) === null) {
      const message = 'Expected an address at the domain of the company that the workspace is for.';
      return refuse('request.invalid', { issues: [{ pointer: '/email', code: 'email', message }] });
    }
    return ok({ changes: askForProof(workspace, { email, browserHash: sha256Hex(input.browser) }, given), result: {} });
  },
  view: () => ({ expires_in: proofSeconds.asked }),
});
