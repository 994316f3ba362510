import { z } from '@hono/zod-openapi';
import { attribute } from '../../domain/attribution.ts';
import type { Decision } from '../../domain/decision.ts';
import { ok } from '../../domain/result.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { defineWrite } from '../operation.ts';
import { attributionInput, attributionOutcome, prospect } from '../vocabulary.ts';
import { attributionLoads, creditOf, knownProspect, present, presentedToken } from './present-attribution.ts';
import { receipt, referralView } from './schemas.ts';

const output = z
  .strictObject({ referral: referralView.nullable(), receipt: receipt.nullable(), attribution: attributionOutcome })
  .meta({ id: 'RecordedReferral' });

/** What is committed: the answer itself; nothing in it is secret. */
interface Recorded {
  readonly referral: z.input<typeof referralView> | null;
  readonly receipt: string | null;
  readonly attribution: z.input<typeof attributionOutcome>;
}

export const recordReferral = defineWrite({
  name: 'record_referral',
  title: 'Record a referral',
  summary: 'Say that an organization brought a prospect',
  description:
    'Records that your organization, or the one named by a referral token or code, brought a prospect, and answers a pending referral with a ' +
    'signed receipt under the current terms. A referral that is open for the same organization and prospect is answered again, not ' +
    'doubled. Use provision_workspace instead when the prospect should also get a sandbox: it records the referral as well. Recording ' +
    'is a declaration; whether it qualifies is decided by evidence later.',
  rest: { method: 'post', path: '/v1/referrals', status: 201, also: 200 },
  mcp: true,
  access: { scope: 'referrals:create' },
  input: z.strictObject({
    prospect,
    attribution: attributionInput.optional(),
    note: z.string().max(280).optional().describe('For people who read the ledger. Shown to them as untrusted text.'),
  }),
  output,
  failures: ['attribution.token_invalid', 'quota.exhausted'],
  sideEffect: 'irreversible',
  inspect: present,
  load: attributionLoads,

  decide(facts, { input: asked, found, principal, desk }, given) {
    const token = presentedToken(found, facts.token);
    if (!token.ok) return token;
    const attribution = attribute({ principal, token: token.value, unusable: found.unusable, prospectDomain: found.prospect.domain });
    if (attribution.outcome !== 'attributed') {
      return ok<Decision<Recorded>>({ changes: {}, result: { referral: null, receipt: null, attribution } });
    }
    const prospect = knownProspect(facts.prospect, found.prospect, given);
    const particulars = {
      prospect: { name: cleanText(asked.prospect.name, 120), domain: cleanText(asked.prospect.domain, 253) },
      note: asked.note === undefined ? null : cleanText(asked.note, 280),
    };
    const credited = creditOf({ attribution, prospect, open: facts.open, workspaceId: null, via: 'record', particulars }, desk, given);
    const finish = (signed: string): Decision<Recorded> => ({
      subjectId: credited.referral.id,
      changes: { ...prospect.changes, ...credited.changes(signed) },
      result: {
        referral: {
          ...credited.referral,
          agent_id: facts.open ? facts.open.agent_id : attribution.agentId,
          campaign: facts.open ? facts.open.campaign : (attribution.token?.campaign ?? null),
          untrusted: particulars,
        },
        receipt: signed,
        attribution: { outcome: credited.outcome, rule: attribution.rule },
      },
    });
    return credited.toSign
      ? ok({ sign: { receipt: credited.toSign }, finish: (signed) => finish(signed.receipt ?? '') })
      : ok(finish(facts.open?.receipt ?? ''));
  },
  view: (result) => result,
  status: (answer) => (answer.attribution.outcome === 'attributed' ? 201 : 200),
});
