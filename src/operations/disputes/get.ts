import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { disputeDetail, disputeId, showDetail } from './schemas.ts';

export const getDispute = defineRead({
  name: 'get_dispute',
  title: 'Get a dispute',
  summary: 'Where a dispute of yours stands, with its evidence',
  description:
    'Reads one dispute that your organization opened: status, until when it is decided, and what you handed in. The vendor’s people who ' +
    'review see every party’s evidence, whom it contests, and how it was decided.',
  rest: { method: 'get', path: '/v1/disputes/{dispute_id}', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ dispute_id: disputeId }),
  output: disputeDetail,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ dispute: queries.dispute(input.dispute_id), evidence: queries.disputeEvidence(input.dispute_id) }),
  view: ({ dispute, evidence }, { principal }) => (dispute ? ok(showDetail(dispute, evidence, principal)) : refuse('resource.not_found')),
});
