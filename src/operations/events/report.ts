import * as z from 'zod';
import type { ReportSubject, ResolvedSubject } from '../../db/report-queries.ts';
import { canonicalize, sha256Hex } from '../../domain/canonical.ts';
import type { ClaimableWorkspace } from '../../domain/claim.ts';
import { type Changes, type Given, together } from '../../domain/decision.ts';
import { judgeEffect } from '../../domain/judge-effect.ts';
import { payeeFile, type StoredPayee } from '../../domain/payee.ts';
import { prospectKey } from '../../domain/prospect.ts';
import { type LinkingReport, linker } from '../../domain/report-links.ts';
import { type Issue, ok, type Result, refuse } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import { defineWrite } from '../operation.ts';
import { codeHash } from '../referrals/present-attribution.ts';
import { hostname, organizationId, referralId, workspaceId } from '../vocabulary.ts';

/** What a vendor's back end may report. The list is closed: a new type is a new release. */
export const reportTypes = [
  'signup.completed',
  'customer.linked',
  'customer.existing',
  'organization.linked',
  'product.activated',
  'usage.reported',
  'workspace.claimed',
  'deal.stage_changed',
] as const;

const subject = z
  .strictObject({
    workspace_id: workspaceId.optional(),
    referral_id: referralId.optional(),
    referral_token: z.string().max(4096).optional(),
    referral_code: z
      .string()
      .regex(/^[0-9A-Za-z]{8}$/)
      .optional(),
    touch: z.string().max(4096).optional().describe('The fd_touch that a referral link handed to your sign-up page.'),
    prospect_domain: hostname.optional(),
    stripe_customer: z
      .string()
      .regex(/^cus_[0-9A-Za-z]{1,64}$/)
      .optional(),
    organization_id: organizationId.optional(),
  })
  .describe('Whom it is about: at least one. Several must name the same prospect.');

const report = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,128}$/)
    .describe('Your own id of it. The same id is taken once.'),
  type: z.enum(reportTypes),
  occurred_at: z.iso.datetime({ offset: true }).describe('When it happened, RFC 3339.'),
  subject,
  data: z
    .record(z.string().max(64), z.unknown())
    .default({})
    .describe('Whatever else belongs to it. Kept erasable, never shown to agents.'),
};
const reportSchema = z.strictObject(report).meta({ id: 'Report' });
type Report = z.output<typeof reportSchema>;

const input = z.strictObject({
  events: z.array(reportSchema).min(1).max(100).optional().describe('Up to a hundred at once; or send the fields of one.'),
  id: report.id.optional(),
  type: report.type.optional(),
  occurred_at: report.occurred_at.optional(),
  subject: subject.optional(),
  data: z.record(z.string().max(64), z.unknown()).optional(),
});

const output = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(
      z.strictObject({
        id: report.id,
        outcome: z.enum(['stored', 'duplicate', 'conflict']).describe('conflict: the id was taken before, for something else.'),
        matched: z.boolean().describe('Whether it names a prospect that we know now. What does not is kept, and matched when it can be.'),
        unlinked: z
          .enum(['customer_taken', 'linked_otherwise'])
          .optional()
          .describe(
            'Stored, but the organization was not linked: the customer is another one’s, or it has another; see link_organization_customer.',
          ),
      }),
    ),
  })
  .meta({ id: 'ReportedEvents' });

interface Examined {
  readonly reports: readonly (Report & { readonly at: Date; readonly visitedAt: Date | null })[];
  readonly subjects: readonly ReportSubject[];
}

export const reportEvents = defineWrite({
  name: 'report_events',
  title: 'Report events',
  summary: 'Tell what happened at the vendor',
  description:
    "For the vendor's back end: reports sign-ups, activation, usage, claimed workspaces and links of customers to prospects or organizations, " +
    'one or up to a hundred at once. Each is stored once under its id and answered as soon as it is stored. Links are made with it, and a ' +
    'claimed workspace is taken out of agents’ hands; what follows (evidence, qualification, rewards) happens right after.',
  rest: { method: 'post', path: '/v1/events', status: 202, list: 'events' },
  mcp: false,
  access: { scope: 'events:write' },
  input,
  output,
  failures: ['attribution.token_invalid'],
  sideEffect: 'irreversible',
  keyed: false,
  inspect: examine,
  load: (queries, { found }) => ({
    resolved: queries.reportSubjects(found.subjects),
    payees: queries.payeeFiles(payeesNamed(found).map(({ asked }) => asked)),
    workspaces: queries.workspacesToClaim(workspacesNamed(found)),
  }),
  decide(facts, { found, desk, principal }, given) {
    const link = linker(desk.environment, principal.id, given);
    const matched = match(found, facts, link, given);
    if (!matched.ok) return matched;
    return ok({ changes: matched.value.changes, result: { object: 'list' as const, data: matched.value.answers } });
  },
  view: (result) => result,
});

/** Tokens are checked as of the time of the event: a sign-up that is reported late carries a token that was good when it happened. */
async function examine(asked: z.output<typeof input>, desk: Desk, now: Date): Promise<Result<Examined>> {
  const { events, ...single } = asked;
  const one = events === undefined ? reportSchema.safeParse(single) : null;
  if (one && !one.success) return refuse('request.invalid', { issues: [alone] });
  if (events !== undefined && Object.keys(single).length > 0) return refuse('request.invalid', { issues: [alone] });
  const reports = events ?? (one?.data ? [one.data] : []);
  const issues: Issue[] = [];
  const badTokens: Issue[] = [];
  const subjects: ReportSubject[] = [];
  const read: Examined['reports'][number][] = [];
  for (const [n, report] of reports.entries()) {
    const at = new Date(report.occurred_at);
    const base = events === undefined ? '' : `/events/${n}`;
    if (at.getTime() > now.getTime() + 300_000 || at.getTime() < now.getTime() - longestDelayMs)
      issues.push({ pointer: `${base}/occurred_at`, code: 'time', message: 'Give a time of the last 400 days, not of the future.' });
    if (Object.keys(report.subject).length === 0)
      issues.push({ pointer: `${base}/subject`, code: 'required', message: 'Name at least one.' });
    const { referral_token, touch, prospect_domain } = report.subject;
    const moment = at < now ? at : now;
    const token = referral_token === undefined ? null : await desk.verifyReferralToken(referral_token, moment);
    if (referral_token !== undefined && !token) badTokens.push(invalidToken(`${base}/subject/referral_token`));
    const visit = touch === undefined ? null : await desk.verifyTouch(touch, moment);
    if (touch !== undefined && !visit) badTokens.push(invalidToken(`${base}/subject/touch`));
    const key = prospect_domain === undefined ? null : prospectKey(prospect_domain, desk.derive);
    if (key && !key.ok)
      issues.push({
        pointer: `${base}/subject/prospect_domain`,
        code: 'domain',
        message: 'Not a registrable domain, such as example.com.',
      });
    subjects.push({
      ...{ n, report_id: report.id, workspace_id: report.subject.workspace_id ?? null, referral_id: report.subject.referral_id ?? null },
      token_id: token?.jti ?? visit?.tokenId ?? null,
      code_hash: report.subject.referral_code === undefined ? null : codeHash(report.subject.referral_code),
      prospect: key?.ok ? key.value.fingerprint : null,
      ...{ stripe_customer: report.subject.stripe_customer ?? null, organization_id: report.subject.organization_id ?? null },
    });
    read.push({ ...report, at, visitedAt: visit?.visitedAt ?? null });
  }
  if (new Set(reports.map(({ id }) => id)).size < reports.length)
    issues.push({ pointer: '/events', code: 'repeated', message: 'Two events have the same id.' });
  if (issues.length > 0) return refuse('request.invalid', { issues: issues.slice(0, 50) });
  if (badTokens.length > 0) return refuse('attribution.token_invalid', { issues: badTokens.slice(0, 50) });
  return ok({ reports: read, subjects });
}

const longestDelayMs = 400 * 86_400_000;
const alone: Issue = {
  pointer: '',
  code: 'shape',
  message: 'Send one event with id, type, occurred_at and subject, or a list of such as events.',
};
const invalidToken = (pointer: string): Issue => ({
  pointer,
  code: 'token_invalid',
  message: 'Not a token of this vendor that was live then.',
});

/** Organizations that reports link to a customer, by the place of the report. */
const payeesNamed = ({ reports }: Examined) =>
  reports.flatMap(({ type, subject: { organization_id, stripe_customer } }, n) =>
    type === 'organization.linked' && organization_id !== undefined && stripe_customer !== undefined
      ? [{ n, asked: { organization_id, kind: 'customer' as const, stripe_id: stripe_customer } }]
      : [],
  );

const workspacesNamed = ({ reports }: Examined): readonly string[] => [
  ...new Set(reports.flatMap(({ type, subject: { workspace_id } }) => (type === 'workspace.claimed' ? (workspace_id ?? []) : []))),
];

interface ReportFacts {
  readonly resolved: readonly ResolvedSubject[];
  readonly payees: readonly StoredPayee[];
  readonly workspaces: readonly ClaimableWorkspace[];
}

function match(examined: Examined, { resolved, payees, workspaces }: ReportFacts, link: ReturnType<typeof linker>, given: Given) {
  const { reports, subjects } = examined;
  const received_at = given.now.toISOString();
  const payeeOf = new Map(payeesNamed(examined).map(({ n }, at) => [n, payeeFile(payees[at])]));
  const workspaceOf = new Map(workspaces.map((workspace) => [workspace.workspace_id, workspace]));
  const made = new Map<string, string>();
  const touched = new Set<string>();
  const issues: Issue[] = [];
  const rows: NonNullable<Changes['reports']>[number][] = [];
  const links: Changes[] = [];
  const answers: z.input<typeof output>['data'] = [];
  for (const [n, report] of reports.entries()) {
    const [found, subject] = [resolved[n], subjects[n]];
    if (!found || !subject) continue;
    const fingerprint = sha256Hex(
      canonicalize({ type: report.type, at: report.at.toISOString(), subject: report.subject, data: report.data }),
    );
    const named = [...new Set([found.by_domain, found.by_customer, found.by_workspace, found.by_referral].filter((id) => id !== null))];
    const unknownDomain = subject.prospect !== null && found.by_domain === null;
    const contradiction = { pointer: `/events/${n}/subject`, code: 'contradiction', message: 'These name different prospects.' };
    if (named.length > 1 || (named.length === 1 && unknownDomain)) issues.push(contradiction);
    if (found.known !== null) {
      answers.push({ id: report.id, outcome: found.known === fingerprint ? 'duplicate' : 'conflict', matched: named.length > 0 });
      continue;
    }
    const prospect = named[0] ?? (subject.prospect === null ? null : fresh(made, subject.prospect, given));
    if (prospect !== null) touched.add(prospect);
    const linked = link(linking(report, subject, found, prospect, payeeOf.get(n) ?? null, workspaceOf));
    if (linked.contradicts) issues.push(contradiction);
    links.push(linked.changes);
    const unlinked = linked.unlinked === null ? {} : { unlinked: linked.unlinked };
    answers.push({ id: report.id, outcome: 'stored', matched: prospect !== null, ...unlinked });
    rows.push({
      ...{ source: 'vendor', report_id: report.id, type: report.type, fingerprint, occurred_at: report.at.toISOString(), received_at },
      ...{ prospect_id: prospect, referral_id: found.referral_id ?? found.workspace_referral_id, workspace_id: found.workspace_id },
      ...{ token_id: found.token_id, visited_at: report.visitedAt?.toISOString() ?? null, organization_id: found.organization_id },
      ...{ stripe_customer: subject.stripe_customer, data: report.data },
    });
  }
  if (issues.length > 0) return refuse('request.invalid', { issues: issues.slice(0, 50) });
  const prospects = [...made].map(([fingerprint, prospect_id]) => ({ prospect_id, fingerprint, created_at: received_at }));
  const changes = together(...links, {
    ...(prospects.length > 0 ? { prospects } : {}),
    ...(rows.length > 0 ? { reports: rows } : {}),
    ...(touched.size > 0 ? { effects: [...touched].map((prospect) => judgeEffect(prospect, given)) } : {}),
  });
  return ok({ changes, answers });
}

function linking(
  report: Report,
  subject: ReportSubject,
  found: ResolvedSubject,
  prospectId: string | null,
  payee: LinkingReport['payee'],
  workspaces: ReadonlyMap<string, ClaimableWorkspace>,
): LinkingReport {
  const workspace = found.workspace_id === null ? null : (workspaces.get(found.workspace_id) ?? null);
  return { type: report.type, prospectId, stripeCustomer: subject.stripe_customer, customerOf: found.by_customer, payee, workspace };
}

/** A prospect that nobody named before. */
function fresh(made: Map<string, string>, fingerprint: string, given: Given): string {
  const id = made.get(fingerprint) ?? given.newId('pro');
  made.set(fingerprint, id);
  return id;
}
