import * as z from 'zod';
import { openProof, provableDomain, publishedMethods, readProof } from '../../domain/domain-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { hostname, nextActions } from '../vocabulary.ts';
import { proofView, showProof } from './proof-schemas.ts';

export const verifyOrganization = defineWrite({
  name: 'verify_organization',
  title: 'Verify an organization',
  summary: 'Prove the domain of your organization',
  description:
    'Begins the proof that your organization controls a domain, and answers what to publish there: a TXT record in DNS, or a file at the ' +
    'domain itself. It is looked for at once, after 1, 5, 15 and 60 minutes, then hourly for seven days; call it again with the same domain ' +
    'to have it looked for now. get_organization shows how it stands. Once it is found the organization has the domain and is ' +
    'domain_verified; leave what you published there, it is looked at every week. If another organization has the domain, nobody of the ' +
    'two is paid out until the vendor has decided. Name the domain that people know the organization by; a subdomain counts as its ' +
    'registrable domain.',
  rest: { method: 'post', path: '/v1/organizations/verify', status: 201, also: 200 },
  mcp: false,
  access: { scope: 'organizations:verify', limit: 'domain_proof' },
  input: z.strictObject({
    domain: hostname,
    method: z.enum(publishedMethods).default('dns_txt').describe('Where you can publish: in DNS, or at https://<domain>/.well-known/.'),
  }),
  output: z
    .strictObject({
      outcome: z
        .enum(['opened', 'looking', 'unchanged'])
        .describe('opened: publish what it says; looking: it was there, and is looked for now; unchanged: nothing to do at this moment.'),
      proof: proofView,
      next_actions: nextActions,
    })
    .meta({ id: 'OrganizationProof' }),
  failures: ['state.forbidden', 'quota.exhausted'],
  sideEffect: 'reversible',
  inspect: ({ domain }) => provableDomain(domain),
  load: (queries, { found, now }) => ({ grounds: queries.proofGrounds(found, new Date(now.getTime() - remembered)) }),
  decide({ grounds }, { input, found, principal }, given) {
    const ground = grounds.find(({ organization_id }) => organization_id === principal.organizationId);
    if (!ground) return nobody;
    const { live, decided_against, ...owner } = ground;
    const wanted = { domain: found, method: input.method };
    const opened = openProof({ ...owner, live: live && readProof(live), decidedAgainst: decided_against }, wanted, given);
    if (!opened.ok) return opened;
    const { outcome, proof, changes } = opened.value;
    return ok({ changes, result: { outcome, proof: showProof(proof) }, subjectId: proof.proof_id });
  },
  view: ({ outcome, proof }, { desk }) => ({
    ...{ outcome, proof },
    next_actions: [
      {
        ...{ operation: 'get_organization', method: 'GET', url: `${desk.origin}/v1/organizations/${proof.organization_id}` },
        why: 'See whether it was found.',
      },
      ...(proof.state === 'pending'
        ? [
            {
              ...{ operation: 'verify_organization', method: 'POST', url: `${desk.origin}/v1/organizations/verify` },
              why: 'Have it looked for at once, when it is published; with a new idempotency key.',
            },
          ]
        : []),
    ],
  }),
  status: ({ outcome }) => (outcome === 'opened' ? 201 : 200),
});

/** How long a decision against a claim stands before the same organization can raise it again. */
const remembered = 90 * 86_400_000;

const nobody = refuse('state.forbidden', { detail: 'Only an organization proves its domain. Ask with a credential of that organization.' });
