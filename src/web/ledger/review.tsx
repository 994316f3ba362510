import { addDisputeEvidence } from '../../operations/disputes/add-evidence.ts';
import { decideDispute } from '../../operations/disputes/decide.ts';
import { getDisputeFile } from '../../operations/disputes/get-file.ts';
import { withdrawDispute } from '../../operations/disputes/withdraw.ts';
import { listReviews } from '../../operations/reviews/list.ts';
import { reviewWords } from '../words/review.ts';
import { defineAction, definePage, type LedgerAction, type LedgerPage } from './definition.ts';
import { FileOfDispute } from './dispute-file.tsx';
import { ReviewQueue } from './review-list.tsx';

const queue = definePage({
  path: '/ledger/review',
  nav: 'review',
  title: (_, { locale }) => reviewWords[locale].title,
  asks: { page: listReviews },
  input: ({ query }) => ({
    page: {
      ...{ limit: 50, cursor: query('cursor') },
      // What is no kind, the operation says.
      kind: query('kind') as 'dispute' | undefined,
    },
  }),
  render: ({ page }, scene) => <ReviewQueue page={page} scene={scene} />,
});

const dispute = definePage({
  path: '/ledger/review/{dispute_id}',
  nav: 'review',
  title: (_, { locale }) => reviewWords[locale].dispute,
  asks: { file: getDisputeFile },
  input: ({ params: { dispute_id = '' } }) => ({ file: { dispute_id } }),
  render: ({ file }, scene) => <FileOfDispute file={file} scene={scene} />,
});

const page = ({ dispute_id = '' }: Readonly<Record<string, string>>) => `/ledger/review/${dispute_id}`;

const decide = defineAction({
  path: '/ledger/review/{dispute_id}/decide',
  operation: decideDispute,
  // To the form that it was, whichever way.
  page: (params, form) =>
    /^(?:upheld|denied)$/.test(form.get('outcome') ?? '') ? `${page(params)}?decide=${form.get('outcome')}` : page(params),
  input: (form, { dispute_id }) => ({
    dispute_id,
    // Whoever has not read both cases has not said what the outcome is.
    ...(form.get('read') === 'yes' ? { outcome: form.get('outcome') } : {}),
    reason: form.get('reason'),
    ...(form.get('note') ? { note: form.get('note') } : {}),
  }),
  // Whoever decided goes on with what waits.
  next: () => '/ledger/review',
});

const evidence = defineAction({
  ...{ path: '/ledger/review/{dispute_id}/evidence', operation: addDisputeEvidence, page },
  input: (form, { dispute_id }) => ({
    ...{ dispute_id, claim: form.get('claim') },
    ...(form.get('evidence_url') ? { evidence_url: form.get('evidence_url') } : {}),
  }),
});

const withdraw = defineAction({
  ...{ path: '/ledger/review/{dispute_id}/withdraw', operation: withdrawDispute, page },
  input: (_, { dispute_id }) => ({ dispute_id }),
});

/** The review queue and one dispute. */
export const reviewPages: readonly LedgerPage[] = [queue, dispute];
export const reviewActions: readonly LedgerAction[] = [decide, evidence, withdraw];
