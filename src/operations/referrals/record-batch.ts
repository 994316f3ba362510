import * as z from 'zod';
import { type Changes, type ToSign, together } from '../../domain/decision.ts';
import { type Issue, invariant, ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { creditAsked, type KnownProspect, type OpenReferral, type Presented, present } from './present-attribution.ts';
import { declaration, type Recorded, type Recording, recorded, recordOne } from './record-one.ts';

const output = z.strictObject({ object: z.literal('list'), data: z.array(z.strictObject(recorded)) }).meta({ id: 'RecordedReferrals' });

export const recordReferralBatch = defineWrite({
  name: 'record_referral_batch',
  title: 'Record referrals',
  summary: 'Record up to a hundred referrals in one commit',
  description:
    'Records up to a hundred referrals at once, each as record_referral would, in the order given: all are recorded or none. The answer holds ' +
    'one item for each. An invalid token or code of one refuses the whole batch and names it.',
  rest: { method: 'post', path: '/v1/referrals/batch', status: 201, list: 'referrals' },
  mcp: false,
  access: { scope: 'referrals:create' },
  input: z.strictObject({ referrals: z.array(z.strictObject(declaration)).min(1).max(100) }),
  output,
  failures: ['attribution.token_invalid', 'quota.exhausted'],
  sideEffect: 'irreversible',

  async inspect({ referrals }, desk, now) {
    const found: Presented[] = [];
    const issues: { code: 'request.invalid' | 'attribution.token_invalid'; issue: Issue }[] = [];
    for (const [n, asked] of referrals.entries()) {
      const one = await present(asked, desk, now);
      if (one.ok) found.push(one.value);
      else issues.push(...within(n, one.code, one.issues ?? []));
    }
    const code = issues.some((each) => each.code === 'request.invalid') ? 'request.invalid' : 'attribution.token_invalid';
    const told = issues.filter((each) => each.code === code).map(({ issue }) => issue);
    return told.length > 0 ? refuse(code, { issues: told.slice(0, 50) }) : ok(found);
  },
  load: (queries, { found, desk, now }) => ({ credit: queries.creditFacts(found.map(creditAsked), desk.program.id, now) }),

  decide({ credit }, { input, found, principal, desk }, given) {
    const prospects = new Map<string, KnownProspect>();
    const open = new Map<string, { readonly place: number; readonly referral: OpenReferral }>();
    const recordings: Recording[] = [];
    const receiptOf: number[] = [];
    const issues: Issue[] = [];
    for (const [n, asked] of input.referrals.entries()) {
      const [presented, facts] = [found[n], credit[n]];
      invariant(presented && facts, 'each item has its facts');
      const { fingerprint } = presented.prospect;
      const prospect = prospects.get(fingerprint) ?? null;
      const earlier = { prospect, open: (organizationId: string) => open.get(`${organizationId} ${fingerprint}`)?.referral ?? null };
      const one = recordOne({ asked, found: presented, facts, principal, desk, earlier }, given);
      if (!one.ok) {
        issues.push(...within(n, one.code, one.issues ?? []).map(({ issue }) => issue));
        continue;
      }
      const key = one.value.open && `${one.value.open.summary.organization_id} ${fingerprint}`;
      receiptOf.push((key === null ? undefined : open.get(key)?.place) ?? n);
      if (one.value.prospect) prospects.set(fingerprint, one.value.prospect);
      if (key !== null && one.value.open && !open.has(key)) open.set(key, { place: n, referral: one.value.open });
      recordings.push(one.value);
    }
    if (issues.length > 0) return refuse('attribution.token_invalid', { issues: issues.slice(0, 50) });
    const sign: Record<string, ToSign> = {};
    for (const [n, { toSign }] of recordings.entries()) if (toSign) sign[`r${n}`] = toSign;
    return ok({
      sign,
      finish: (signed) => {
        const data: Recorded[] = [];
        const parts: Changes[] = [];
        for (const [n, { finish, open: known }] of recordings.entries()) {
          const { changes, result } = finish(signed[`r${receiptOf[n]}`] || (known?.receipt ?? ''));
          parts.push(changes);
          data.push(result.referral ? result : { ...result, receipt: null });
        }
        return { changes: together(...parts), result: { object: 'list' as const, data } };
      },
    });
  },
  view: (result) => result,
});

function within(n: number, code: string, issues: readonly Issue[]) {
  return issues.map((issue) => ({
    code: code === 'request.invalid' ? ('request.invalid' as const) : ('attribution.token_invalid' as const),
    issue: { ...issue, pointer: `/referrals/${n}${issue.pointer}` },
  }));
}
