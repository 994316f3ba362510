import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { provenHere } from '../../domain/claim-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { atBrowser, claimHash } from './schemas.ts';

/** Whether a workspace was taken over in this browser by a link that is dead for everybody else. Nothing is written. */
export const recallClaim = defineWrite({
  name: 'recall_claim',
  title: 'Look back at a claim',
  summary: 'Whether this browser took a workspace over',
  description: 'Tells the browser in which a workspace was taken over that it was. Changes nothing.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ claim_hash: claimHash, ...atBrowser }),
  output: z.strictObject({ signup_url: z.string() }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input: { claim_hash, browser, session }, now }) => ({
    atBrowser: queries.claimProof(claim_hash, browser && sha256Hex(browser), null),
    atSession: queries.claimProof(claim_hash, null, session),
    person: queries.addressOfSession(session, now),
  }),
  decide: (found) => (provenHere(found)?.used_at ? ok({ dry: true as const, changes: {}, result: {} }) : refuse('resource.not_found')),
  view: (_, { desk }) => ({ signup_url: desk.vendor.signup_url }),
});
