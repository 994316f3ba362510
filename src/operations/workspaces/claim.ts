import * as z from 'zod';
import { type ClaimableWorkspace, claimEvidence, takeOver } from '../../domain/claim.ts';
import { together } from '../../domain/decision.ts';
import { prospectKey } from '../../domain/prospect.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { statusAt } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { hostname, instant, workspaceId } from '../vocabulary.ts';
import { credentials } from './schemas.ts';

const input = z.strictObject({
  workspace_id: workspaceId,
  verified_domain: hostname.describe('The domain at which you verified the human, by a mailbox or a sign-in there.'),
  actor: z.string().min(1).max(120).optional().describe('Who it is, in your own words. Kept erasable, never shown to agents.'),
});

export const claimWorkspace = defineWrite({
  name: 'claim_workspace',
  title: 'Claim a workspace',
  summary: 'Hand a workspace over to a human of the prospect',
  description:
    "For the vendor's back end, once it has verified a human at the prospect's domain: the workspace becomes theirs. Every key and claim link " +
    'that an agent holds dies at once, the new key is random and shown with this answer only, and the workspace no longer ends by time. It is ' +
    'evidence for the referral. The event workspace.claimed does the same without showing a key.',
  rest: { method: 'post', path: '/v1/workspaces/{workspace_id}/claim', status: 200 },
  mcp: false,
  access: { scope: 'events:write' },
  input,
  output: z
    .strictObject({
      id: workspaceId,
      status: z.literal('claimed'),
      claimed_at: instant,
      credentials: credentials.nullable(),
      credentials_reason: z.string().nullable().describe('Why credentials are not shown.'),
    })
    .meta({ id: 'ClaimedWorkspace' }),
  failures: ['resource.not_found', 'workspace.gone', 'state.forbidden'],
  sideEffect: 'irreversible',
  inspect(asked, desk) {
    const key = prospectKey(asked.verified_domain, desk.derive);
    if (key.ok) return key;
    return { ...key, issues: (key.issues ?? []).map((issue) => ({ ...issue, pointer: '/verified_domain' })) };
  },
  load: (queries, { input: asked }) => ({ workspaces: queries.workspacesToClaim([asked.workspace_id]) }),
  decide({ workspaces: [workspace] }, { input: asked, found, desk, now }, given) {
    const claimable = mayClaim(workspace, found.fingerprint, now);
    if (!claimable.ok) return claimable;
    const { workspace_id } = claimable.value;
    const said: Record<string, string> = asked.actor === undefined ? {} : { actor: cleanText(asked.actor, 120) };
    const claimed = takeOver(claimable.value, desk.environment, given);
    return ok({
      subjectId: workspace_id,
      changes: together(claimed.changes, claimEvidence(claimable.value, said, given)),
      result: { id: workspace_id, status: 'claimed' as const, claimed_at: given.now.toISOString() },
      shown: claimed.apiKey,
    });
  },
  view: (result, _, __, shown) => ({
    ...result,
    credentials: shown === undefined ? null : { type: 'bearer' as const, api_key: shown },
    credentials_reason: shown === undefined ? 'shown_once' : null,
  }),
});

function mayClaim(
  workspace: ClaimableWorkspace | undefined,
  prospect: string,
  now: Date,
): Result<ClaimableWorkspace, 'resource.not_found' | 'workspace.gone' | 'state.forbidden'> {
  if (!workspace) return refuse('resource.not_found');
  const status = statusAt(workspace, now);
  if (status === 'expired' || status === 'revoked' || status === 'failed') return refuse('workspace.gone');
  if (status === 'claimed') return refuse('state.forbidden', { detail: 'A human has taken it over already.' });
  if (status !== 'active') return refuse('state.forbidden');
  if (workspace.prospect !== prospect) {
    return refuse('state.forbidden', { detail: 'It was opened for another company than that of the verified domain.' });
  }
  return ok(workspace);
}
