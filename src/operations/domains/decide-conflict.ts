import * as z from 'zod';
import type { ConflictFileRow } from '../../db/domain-queries.ts';
import { type ConflictFile, decideConflict, readConflict } from '../../domain/domain-conflict.ts';
import { readProof } from '../../domain/domain-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { isStaff } from '../../domain/visibility.ts';
import { defineWrite } from '../operation.ts';
import { conflictId, conflictView, showConflict } from './conflict-schemas.ts';

export const decideDomainConflict = defineWrite({
  name: 'decide_domain_conflict',
  title: 'Decide a conflict about a domain',
  summary: 'Say whose a domain is that two organizations proved',
  description:
    'For the vendor’s operators. keep: the holder keeps the domain, and the challenger cannot raise it again for 90 days. move: the domain ' +
    'and its tier go to the challenger, the holder falls to key_bound. Either way both are paid out again. Who controls the domain today ' +
    'is told by the newest proof in DNS; ask both sides before you move it.',
  rest: { method: 'post', path: '/v1/domain-conflicts/{conflict_id}/decide', status: 200 },
  mcp: false,
  access: { scope: 'policy:write', stepUp: true },
  input: z.strictObject({
    conflict_id: conflictId,
    outcome: z.enum(['keep', 'move']),
    reason: z.string().min(1).max(500).describe('For the file: what you looked at.'),
  }),
  output: conflictView,
  failures: ['resource.not_found', 'resource.conflict', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({ file: queries.conflictFile(input.conflict_id) }),
  decide({ file }, { input, principal, desk }, given) {
    if (!file || !isStaff(principal)) return refuse('resource.not_found');
    const by = principal.agentId ?? principal.id;
    const ruling = { tenant: desk.tenant, outcome: input.outcome, reason: cleanText(input.reason, 500), by };
    const decided = decideConflict(fileOf(file), ruling, given);
    if (!decided.ok) return decided;
    const { conflict, changes } = decided.value;
    return ok({ changes, result: showConflict({ ...file, ...conflict }), subjectId: conflict.conflict_id });
  },
  view: (result) => result,
});

function fileOf({ conflict, holder, challenger, has_payee, disputed, verified, agents_there, owner_id }: ConflictFileRow): ConflictFile {
  return {
    ...{ conflict: readConflict(conflict), holder, challenger, hasPayee: has_payee, agentsThere: agents_there, ownerId: owner_id },
    ...{ disputed: disputed.map(readProof), verified: verified && readProof(verified) },
  };
}
