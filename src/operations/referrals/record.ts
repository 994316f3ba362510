import * as z from 'zod';
import { invariant, ok } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { attributionLoads, present } from './present-attribution.ts';
import { declaration, recorded, recordOne } from './record-one.ts';

const output = z.strictObject(recorded).meta({ id: 'RecordedReferral' });

export const recordReferral = defineWrite({
  name: 'record_referral',
  title: 'Record a referral',
  summary: 'Say that an organization brought a prospect',
  description:
    'Records that your organization, or the one named by a referral token or code, brought a prospect, and answers a pending referral with a ' +
    'signed receipt under the current terms. A referral that is open for the same organization and prospect is answered again, not ' +
    'doubled. Use provision_workspace instead when the prospect should also get a sandbox. Recording ' +
    'is a declaration; whether it qualifies is decided by evidence later.',
  rest: { method: 'post', path: '/v1/referrals', status: 201, also: 200 },
  mcp: true,
  access: { scope: 'referrals:create' },
  input: z.strictObject(declaration),
  output,
  failures: ['attribution.token_invalid', 'quota.exhausted'],
  sideEffect: 'irreversible',
  inspect: present,
  load: attributionLoads,

  decide({ credit: [facts] }, { input: asked, found, principal, desk }, given) {
    invariant(facts, 'one prospect was asked for');
    const recording = recordOne({ asked, found, facts, principal, desk }, given);
    if (!recording.ok) return recording;
    const { toSign, open, finish } = recording.value;
    const decided = (signed: string) => ({ ...(open ? { subjectId: open.summary.id } : {}), ...finish(signed) });
    return toSign ? ok({ sign: { receipt: toSign }, finish: (signed) => decided(signed.receipt ?? '') }) : ok(decided(open?.receipt ?? ''));
  },
  view: (result) => result,
  status: (answer) => (answer.attribution.outcome === 'attributed' ? 201 : 200),
});
