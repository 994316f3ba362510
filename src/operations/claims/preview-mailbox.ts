import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { givableProof } from '../../domain/claim-proof.ts';
import { ok } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce, linkToken } from '../sessions/schemas.ts';

/** Whose mailbox a mailed link would prove. Nothing is written: mail scanners follow links. */
export const previewClaimMailbox = defineWrite({
  name: 'preview_claim_mailbox',
  title: 'Look at a link that proves a mailbox',
  summary: 'Whose mailbox a mailed link proves',
  description: 'Shows whose mailbox a mailed link would prove, and whether it can be used in this browser. Changes nothing.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ token: linkToken, browser: browserNonce.nullable() }),
  output: z.strictObject({ email: z.string() }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input }) => ({ proof: queries.proofOfLink(secretHash(input.token)) }),
  decide({ proof }, { input, now }) {
    const givable = givableProof(proof, input.browser && sha256Hex(input.browser), now);
    return givable.ok ? ok({ dry: true as const, changes: {}, result: { email: givable.value.email } }) : givable;
  },
  view: (result) => result,
});
