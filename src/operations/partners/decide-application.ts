import * as z from 'zod';
import { approvedTiers, decideApplication } from '../../domain/partner-application.ts';
import { ok, refuse } from '../../domain/result.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { defineWrite } from '../operation.ts';
import { nextActions } from '../vocabulary.ts';
import { applicationId, decidedView, showDecided } from './schemas.ts';

export const decidePartnerApplication = defineWrite({
  name: 'decide_partner_application',
  title: 'Decide an application for partnership',
  summary: 'Take an organization as a partner, or do not',
  description:
    'Approves or refuses an application. Approved, it becomes an organization whose domain is still to be proven, and the applicant its ' +
    'partner, who gets an invitation by mail. Refused, they get a polite letter that gives no reason; yours is kept for your own people.',
  rest: { method: 'post', path: '/v1/partner-applications/{application_id}/decide', status: 200 },
  mcp: false,
  access: { scope: 'policy:write', stepUp: true },
  input: z.strictObject({
    application_id: applicationId,
    approve: z.boolean(),
    reason: z.string().max(1000).optional().describe('For your own people.'),
    tier: z.enum(approvedTiers).optional().describe('key_bound, unless you vouch for the organization yourself: attested.'),
  }),
  output: z.strictObject({ ...decidedView.shape, next_actions: nextActions }).meta({ id: 'DecidedApplication' }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'irreversible',
  load: (queries, { input }) => ({
    application: queries.application(input.application_id),
    known: queries.isApplicantKnown(input.application_id),
  }),
  decide({ application, known }, { input, principal, desk }, given) {
    if (application === null) return refuse('resource.not_found');
    const reason = input.reason === undefined ? null : cleanText(input.reason, 280) || null;
    const answer = {
      ...{ approve: input.approve, reason, tier: input.tier ?? 'key_bound' },
      ...{ by: principal.agentId ?? principal.id, tenant: desk.tenant },
    };
    const decided = decideApplication({ application, isKnown: known !== null }, answer, given);
    if (!decided.ok) return decided;
    const { application: row, changes } = decided.value;
    return ok({ changes, result: showDecided(row), subjectId: row.application_id });
  },
  view: (result, { desk }) => ({
    ...result,
    next_actions:
      result.organization_id === null
        ? []
        : [
            {
              ...{ operation: 'verify_organization', method: 'POST', url: `${desk.origin}/v1/organizations/verify` },
              why: 'Their own people or agents prove the domain by this; until then nothing is paid out.',
            },
            {
              ...{ operation: 'get_organization', method: 'GET', url: `${desk.origin}/v1/organizations/${result.organization_id}` },
              why: 'What is known of the new partner.',
            },
          ],
  }),
});
