import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { givableProof, givenProof } from '../../domain/claim-proof.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce, linkToken } from '../sessions/schemas.ts';
import { claimPathOf } from './schemas.ts';

/** Uses a mailed link up: the mailbox is proven, for this browser and one claim link. Of many attempts at once exactly one succeeds. */
export const proveClaimMailbox = defineWrite({
  name: 'prove_claim_mailbox',
  title: 'Prove a mailbox by its link',
  summary: 'Use up a link that proves a mailbox',
  description: 'Proves the mailbox that a link was mailed to. For half an hour the browser can take the workspace over by it.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ token: linkToken, browser: browserNonce.nullable() }),
  output: z.strictObject({ path: z.string() }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input }) => ({ proof: queries.proofOfLink(secretHash(input.token)) }),
  decide({ proof }, { input, desk, now }, given) {
    const givable = givableProof(proof, input.browser && sha256Hex(input.browser), now);
    const path = proof && claimPathOf(proof, desk);
    if (!givable.ok) return givable;
    if (path === null) return refuse('resource.not_found');
    return ok({ changes: { mailbox_proofs: [givenProof(givable.value, given)] }, result: {}, shown: path });
  },
  view(_, __, ___, shown) {
    invariant(shown !== undefined, 'a mailbox that was just proven leads on');
    return { path: shown };
  },
});
