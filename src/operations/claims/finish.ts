import * as z from 'zod';
import type { ClaimProofRow } from '../../db/claim-queries.ts';
import { sha256Hex } from '../../domain/canonical.ts';
import { isClaimable, takeOver } from '../../domain/claim.ts';
import { claimAssertion, isRedeemable, signupLocation } from '../../domain/claim-assertion.ts';
import {
  domainOfProspect,
  isCode,
  isUsable,
  type LinkedWorkspace,
  type MailboxProof,
  provenHere,
  triedClaimCode,
  usedProof,
  vouchedProof,
} from '../../domain/claim-proof.ts';
import { type Decision, type Given, type PendingDecision, together } from '../../domain/decision.ts';
import { registrableDomain } from '../../domain/prospect.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { claimSecrets } from '../../domain/workspace.ts';
import type { Desk } from '../desk.ts';
import { defineWrite } from '../operation.ts';
import { atBrowser, claimHash } from './schemas.ts';

/** Taken over, with somewhere to go on to while the vendor can be told; or the code was wrong. */
interface Finished {
  readonly taken: boolean;
  readonly isToldNow: boolean;
}

/**
 * A human of the prospect takes a workspace over, by a proven mailbox and the code that the agent shows. In the same browser it can be asked
 * again, and answers the same; to everybody else the link is dead. Of many humans at once exactly one gets it.
 */
export const finishClaim = defineWrite({
  name: 'finish_claim',
  title: 'Take a workspace over',
  summary: 'Take over the workspace behind a claim link',
  description:
    'The workspace belongs to the human who proved a mailbox at its prospect and typed its user code: every key and link that agents hold is ' +
    'dead with it. Answers where the human goes on, with an assertion that the vendor redeems once.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ claim_hash: claimHash, user_code: z.string().max(64), ...atBrowser }),
  output: z.strictObject({
    taken: z.boolean().describe('False: the code is wrong.'),
    location: z.string().nullable().describe('Where the human goes on; null once the vendor cannot be told of it any more.'),
  }),
  failures: ['resource.not_found', 'state.forbidden', 'quota.exhausted'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input: { claim_hash, browser, session }, now }) => ({
    workspace: queries.workspaceOfClaim(claim_hash),
    atBrowser: queries.claimProof(claim_hash, browser && sha256Hex(browser), null),
    atSession: queries.claimProof(claim_hash, null, session),
    person: queries.addressOfSession(session, now),
  }),
  decide({ workspace, person, ...found }, { input, desk, now }, given): Result<Decision<Finished> | PendingDecision<Finished>> {
    const proof = provenHere({ ...found, person });
    if (proof?.used_at) return ok(again(proof, desk, now));
    if (!workspace || !isClaimable(workspace, now)) return refuse('resource.not_found');
    const mailbox = usableHere(
      workspace,
      proof,
      person && input.session ? { email: person.email, browserHash: input.session } : null,
      given,
    );
    const domain = mailbox && domainOfProspect(mailbox.email, workspace.prospect, desk.derive);
    if (mailbox === null || domain === null) {
      return refuse('state.forbidden', { detail: 'Nobody has shown here that they are of the company that it is for.' });
    }
    const tried = { counters: [triedClaimCode(workspace, now)] };
    const { userCode } = claimSecrets(desk.derive, desk.environment, workspace.workspace_id, workspace.claim_version);
    if (!isCode(input.user_code, userCode, desk.derive)) return ok({ changes: tried, result: { taken: false, isToldNow: false } });
    const used = usedProof(mailbox, given);
    const changes = together(
      tried,
      // Nobody is shown the key that is made here: the vendor gets another one when it redeems the assertion.
      takeOver(workspace, desk.environment, given).changes,
      { mailbox_proofs: [used] },
    );
    return ok(told({ proof: used, domain, referralId: workspace.referral_id }, desk, { changes, subjectId: workspace.workspace_id }));
  },
  view: ({ taken, isToldNow }, { desk }, _, shown) => ({
    taken,
    location: isToldNow ? signupLocation(desk.vendor.signup_url, shown ?? null) : null,
  }),
});

/** The proof that this browser has; without one, what its session says. */
function usableHere(
  workspace: LinkedWorkspace,
  proof: MailboxProof | null,
  signedIn: { readonly email: string; readonly browserHash: string } | null,
  given: Given,
): MailboxProof | null {
  if (proof && isUsable(proof, given.now)) return proof;
  // Written and used at once: it is the first version of its row.
  return signedIn && { ...vouchedProof(workspace, signedIn, 'session', given), version: 0 };
}

/** What was answered before, while the vendor can still be told; nothing is written. */
function again(proof: ClaimProofRow, desk: Desk, now: Date): Decision<Finished> | PendingDecision<Finished> {
  const domain = registrableDomain(proof.email.slice(proof.email.lastIndexOf('@') + 1));
  if (domain === null || !isRedeemable(proof, now)) return { dry: true, changes: {}, result: { taken: true, isToldNow: false } };
  return told({ proof, domain, referralId: proof.referral_id }, desk, { dry: true, changes: {} });
}

/** With the assertion signed. A desk of an older release may lack the key for it; the human goes on without one then. */
function told(
  { proof, domain, referralId }: { readonly proof: MailboxProof; readonly domain: string; readonly referralId: string | null },
  desk: Desk,
  decision: Omit<Decision<Finished>, 'result' | 'shown'>,
): Decision<Finished> | PendingDecision<Finished> {
  const result = { taken: true, isToldNow: true };
  if (!desk.canSign('claim_assertions')) return { ...decision, result };
  return {
    sign: { assertion: claimAssertion(proof, { domain, referralId }, desk) },
    finish: ({ assertion }) => ({ ...decision, result, ...(assertion === undefined ? {} : { shown: assertion }) }),
  };
}
