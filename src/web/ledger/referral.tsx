import { addDisputeEvidence } from '../../operations/disputes/add-evidence.ts';
import { openDispute } from '../../operations/disputes/open.ts';
import { withdrawDispute } from '../../operations/disputes/withdraw.ts';
import { getReceipt } from '../../operations/receipts/get.ts';
import { getReferralFile } from '../../operations/referrals/get-file.ts';
import { openReferralHold } from '../../operations/referrals/open-hold.ts';
import { releaseReferralHold } from '../../operations/referrals/release-hold.ts';
import { confirmReward } from '../../operations/rewards/confirm.ts';
import { reverseReward } from '../../operations/rewards/reverse.ts';
import { minorAmount } from '../typed-amount.ts';
import { referralWords } from '../words/referral.ts';
import { defineAction, definePage, type LedgerAction, type LedgerPage } from './definition.ts';
import { FileOfReferral, prospectName } from './referral-file.tsx';

const referral = definePage({
  path: '/ledger/referrals/{referral_id}',
  nav: 'referrals',
  title: ({ file }, { locale }) => prospectName(file) ?? referralWords[locale].referral,
  asks: { file: getReferralFile },
  besides: { proven: getReceipt },
  input: ({ params: { referral_id = '' } }) => ({ file: { referral_id }, proven: { referral_id } }),
  render: ({ file, proven }, scene) => <FileOfReferral file={file} proven={proven} scene={scene} />,
});

const at = '/ledger/referrals/{referral_id}';
const page = ({ referral_id = '' }: Readonly<Record<string, string>>) => `/ledger/referrals/${referral_id}`;
/** What was typed; nothing where a field was left empty. */
const given = (form: URLSearchParams, ...names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => ((form.get(name) ?? '') === '' ? [] : [[name, form.get(name)?.trim()]])));

const hold = defineAction({
  ...{ path: `${at}/hold`, operation: openReferralHold, page },
  input: (form, { referral_id }) => ({ referral_id, ...given(form, 'kind', 'reason') }),
});

const release = defineAction({
  ...{ path: `${at}/holds/{hold_id}/release`, operation: releaseReferralHold, page },
  input: (form, { hold_id }) => ({ hold_id, ...given(form, 'because') }),
});

const reverse = defineAction({
  ...{ path: `${at}/rewards/{reward_id}/reverse`, operation: reverseReward, page },
  input: (form, { reward_id }) => {
    const amount = form.get('amount_minor')?.trim() ?? '';
    const amount_minor = amount === '' ? {} : { amount_minor: minorAmount(amount, form.get('currency') ?? '') };
    return { reward_id, ...amount_minor, ...given(form, 'reason', 'source') };
  },
});

const confirm = defineAction({
  ...{ path: `${at}/rewards/{reward_id}/confirm`, operation: confirmReward, page },
  input: (form, { reward_id }) => ({ reward_id, ...given(form, 'reference', 'outcome') }),
});

const dispute = defineAction({
  ...{ path: `${at}/dispute`, operation: openDispute, page },
  input: (form, { referral_id }) => ({ referral_id, ...given(form, 'claim', 'evidence_url') }),
});

const evidence = defineAction({
  ...{ path: `${at}/disputes/{dispute_id}/evidence`, operation: addDisputeEvidence, page },
  input: (form, { dispute_id }) => ({ dispute_id, ...given(form, 'claim', 'evidence_url') }),
});

const withdraw = defineAction({
  ...{ path: `${at}/disputes/{dispute_id}/withdraw`, operation: withdrawDispute, page },
  input: (_, { dispute_id }) => ({ dispute_id }),
});

/** One referral. */
export const referralPages: readonly LedgerPage[] = [referral];
export const referralActions: readonly LedgerAction[] = [hold, release, reverse, confirm, dispute, evidence, withdraw];
