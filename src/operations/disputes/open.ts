import * as z from 'zod';
import type { DisputeGroundRow } from '../../db/dispute-queries.ts';
import { type Basis, openDispute as open } from '../../domain/dispute.ts';
import { type ProspectKey, prospectKey, registrableDomain } from '../../domain/prospect.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import { defineWrite } from '../operation.ts';
import { knownProspect } from '../referrals/present-attribution.ts';
import { prospect, referralId, workspaceId } from '../vocabulary.ts';
import { actorOf, disputeDetail, textInput, textOf } from './schemas.ts';

const input = z.strictObject({
  referral_id: referralId.optional().describe('A referral of your own, for example one that was rejected.'),
  workspace_id: workspaceId.optional().describe('A workspace of your own that nobody was credited for.'),
  referral_token: z.string().max(4096).optional().describe('A referral token of your own; then prospect says about whom.'),
  prospect: prospect.optional(),
  ...textInput,
});
type Input = z.output<typeof input>;

/** What the claim hangs on, as far as it can be known without I/O. */
interface Found {
  readonly token: { readonly id: string; readonly organizationId: string } | null;
  readonly prospect: ProspectKey | null;
}

export const openDispute = defineWrite({
  name: 'open_dispute',
  title: 'Open a dispute',
  summary: 'Claim a prospect that was credited to somebody else',
  description:
    'Says that your organization brought a prospect that is credited to another one, or to nobody. Name exactly one of ' +
    'your own: a referral, a workspace, or a referral token with the prospect. What the current winner has not been paid is held until people ' +
    'of the vendor decide, at most 14 days; undecided it is denied. Needs a verified domain. One open dispute per prospect; the same ' +
    'decision is disputed once. Use get_referral first: a referral that is pending may still qualify by itself.',
  rest: { method: 'post', path: '/v1/disputes', status: 201 },
  mcp: true,
  access: { scope: 'disputes:create' },
  input,
  output: disputeDetail,
  failures: ['attribution.token_invalid', 'resource.not_found', 'resource.conflict', 'state.forbidden', 'quota.exhausted'],
  sideEffect: 'reversible',

  inspect,
  load: (queries, { input: asked, found, desk, now }) => ({
    ground: queries.disputeGround({
      ...{ referralId: asked.referral_id ?? null, workspaceId: asked.workspace_id ?? null },
      ...{ fingerprint: found.prospect?.fingerprint ?? null, programId: desk.program.id },
    }),
    token: queries.referralToken(found.token?.id ?? null, null, now),
  }),

  decide({ ground, token }, { input: asked, found, principal, desk }, given) {
    const organization = principal.organizationId;
    if (organization === null) return refuse('resource.not_found');
    if (found.token && (found.token.organizationId !== organization || token?.organization_id !== organization)) return invalidToken;
    if (!ground && !found.prospect) return refuse('resource.not_found');
    const named = found.prospect ? knownProspect(ground?.prospect_id ?? null, found.prospect, given) : null;
    const opened = open(
      {
        ...{
          tenant: desk.tenant,
          organizationId: organization,
          agentId: principal.agentId,
          actor: actorOf(principal),
          tier: principal.tier,
        },
        ...{ programId: ground?.program_id ?? desk.program.id, prospectId: ground?.prospect_id ?? named?.id ?? '' },
        isProspect: !desk.vendor.program.self_referral.allow_resellers && isSame(principal.domain, ground, found, desk),
        ...partiesOf(ground),
        basis: basisOf(asked, found, ground?.touched_at ?? given.now.toISOString()),
        text: textOf(asked),
      },
      given,
    );
    if (!opened.ok) return opened.code === 'resource.conflict' ? { ...opened, nextActions: [readOpen(desk, ground)] } : opened;
    const { disputeId, evidenceId, openedAt, decideBy, changes } = opened.value;
    return ok({
      subjectId: disputeId,
      changes: { ...named?.changes, ...changes },
      result: {
        ...{ disputeId, evidenceId, openedAt, decideBy, organizationId: organization },
        ...{ programId: ground?.program_id ?? desk.program.id, referralId: ground?.own_referral_id ?? null },
      },
    });
  },

  // The words come from the request, which repeats them with its key: a kept answer would outlive their erasure.
  view: (made, { input: asked }): z.input<typeof disputeDetail> => ({
    ...{ id: made.disputeId, status: 'open', organization_id: made.organizationId, referral_id: made.referralId },
    ...{ program_id: made.programId, opened_at: made.openedAt, decide_by: made.decideBy, decided_at: null, reason: null },
    evidence: [{ id: made.evidenceId, by: 'claimant', added_at: made.openedAt }],
    review: null,
    untrusted: { evidence: [{ evidence_id: made.evidenceId, ...textOf(asked) }] },
  }),
});

async function inspect(asked: Input, desk: Desk, now: Date): Promise<Result<Found>> {
  const forms = [asked.referral_id, asked.workspace_id, asked.referral_token].filter((form) => form !== undefined);
  if (forms.length !== 1 || (asked.referral_token === undefined) !== (asked.prospect === undefined)) return oneForm;
  if (asked.referral_token === undefined || asked.prospect === undefined) return ok({ token: null, prospect: null });
  const key = prospectKey(asked.prospect.domain, desk.derive);
  if (!key.ok) return key;
  const claims = await desk.verifyReferralToken(asked.referral_token, now);
  return claims ? ok({ token: { id: claims.jti, organizationId: claims.org }, prospect: key.value }) : invalidToken;
}

function partiesOf(ground: DisputeGroundRow | null) {
  const { own_referral_id, own_status, winner_referral_id, winner_organization_id, earlier_dispute_id, earlier_status } =
    ground ?? noGround;
  return {
    own: own_referral_id !== null && own_status !== null ? { referralId: own_referral_id, status: own_status } : null,
    winner:
      winner_referral_id !== null && winner_organization_id !== null
        ? { referralId: winner_referral_id, organizationId: winner_organization_id }
        : null,
    earlier: earlier_dispute_id !== null && earlier_status !== null ? { disputeId: earlier_dispute_id, status: earlier_status } : null,
  };
}

const noGround = {
  ...{ own_referral_id: null, own_status: null, winner_referral_id: null, winner_organization_id: null },
  ...{ earlier_dispute_id: null, earlier_status: null },
} as const;

/** Whether the claimant's domain is the prospect's. */
function isSame(domain: string | null, ground: DisputeGroundRow | null, found: Found, desk: Desk): boolean {
  const registrable = domain === null ? null : registrableDomain(domain);
  if (registrable === null) return false;
  if (found.prospect) return found.prospect.domain === registrable;
  const key = prospectKey(registrable, desk.derive);
  return key.ok && key.value.fingerprint === ground?.fingerprint;
}

function basisOf(asked: Input, { token }: Found, touchedAt: string): Basis {
  if (token) return { by: 'referral_token', id: token.id, touched_at: touchedAt };
  if (asked.workspace_id !== undefined) return { by: 'workspace', id: asked.workspace_id, touched_at: touchedAt };
  return { by: 'referral', id: asked.referral_id ?? '', touched_at: touchedAt };
}

const readOpen = (desk: Desk, ground: DisputeGroundRow | null) => ({
  operation: 'get_dispute',
  method: 'GET',
  url: `${desk.origin}/v1/disputes/${ground?.earlier_dispute_id}`,
  why: 'Read the dispute that is open.',
});

/** The same for a token that is malformed, expired, revoked or another organization's. */
const invalidToken = refuse('attribution.token_invalid', {
  issues: [{ pointer: '/referral_token', code: 'token_invalid', message: 'Not a live referral token of your organization.' }],
});

const oneForm = refuse('request.invalid', {
  issues: [
    {
      pointer: '',
      code: 'contradiction',
      message: 'Give exactly one of referral_id, workspace_id, or referral_token together with prospect.',
    },
  ],
});
