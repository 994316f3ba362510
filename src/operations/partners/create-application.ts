import * as z from 'zod';
import { applyForPartnership, mostOpenApplications } from '../../domain/partner-application.ts';
import { registrableDomain } from '../../domain/prospect.ts';
import { type Issue, ok, type Result, refuse } from '../../domain/result.ts';
import { normaliseEmail } from '../../domain/sign-in.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import { defineWrite } from '../operation.ts';

const input = z.strictObject({
  email: z.string().max(320).describe('Where the answer is sent. Whoever reads it there becomes the partner.'),
  organization_name: z.string().min(1).max(400).describe('What your organization is called.'),
  domain: z.string().max(253).optional().describe('Its own web domain. To be proven later, with verify_organization.'),
  note: z.string().max(2000).optional().describe('Whom you bring and how, in a few sentences, for the people who decide.'),
});

export const createPartnerApplication = defineWrite({
  name: 'create_partner_application',
  title: 'Apply to become a partner',
  summary: 'Ask the vendor to take your organization as a partner',
  description:
    'Asks the vendor’s people to take an organization as a referral partner, for humans who want to sign in. No credential is needed. The ' +
    'answer is always the same and says nothing about the address; what was decided comes by mail. Agents need not apply: they register ' +
    'their key at /agent/identity, or bring a client metadata document to /oauth/token.',
  rest: { method: 'post', path: '/v1/partner-applications', status: 202 },
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input,
  output: z.strictObject({ received: z.literal(true) }).meta({ id: 'ReceivedApplication' }),
  failures: ['quota.exhausted'],
  sideEffect: 'reversible',
  keyed: false,
  inspect: readApplication,
  load: (queries, { found }) => ({ ground: queries.applicationGround(found.email, mostOpenApplications) }),
  decide({ ground }, { found }, given) {
    if (ground !== null && ground.open >= mostOpenApplications) {
      return refuse('quota.exhausted', { detail: 'Too many applications wait for an answer. Try again in a few days.' });
    }
    const known = { isKnown: ground?.is_known === true, isWaiting: ground?.is_waiting === true };
    return ok({ changes: applyForPartnership(known, found, given), result: {} });
  },
  view: () => ({ received: true as const }),
});

interface Applying {
  readonly email: string;
  readonly organization_name: string;
  readonly domain: string | null;
  readonly note: string | null;
}

/** What is kept of what they wrote: an address, a registrable domain, visible text. */
function readApplication(asked: z.output<typeof input>): Result<Applying, 'request.invalid'> {
  const email = normaliseEmail(asked.email);
  const named = asked.domain?.trim() ?? '';
  const domain = named === '' ? null : registrableDomain(named);
  const organization_name = cleanText(asked.organization_name, 120);
  const issues: readonly Issue[] = [
    ...(email === null ? [{ pointer: '/email', code: 'email', message: 'Expected an e-mail address.' }] : []),
    ...(organization_name === '' ? [{ pointer: '/organization_name', code: 'too_short', message: 'Expected a name.' }] : []),
    ...(named !== '' && domain === null ? [{ pointer: '/domain', code: 'domain', message: 'Expected a domain such as example.com.' }] : []),
  ];
  if (email === null || issues.length > 0) return refuse('request.invalid', { issues });
  return ok({ email, organization_name, domain, note: cleanText(asked.note ?? '', 500) || null });
}
