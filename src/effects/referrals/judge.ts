import { queries } from '../../db/queries.ts';
import type { ProspectFileRow } from '../../db/report-queries.ts';
import { type Changes, together } from '../../domain/decision.ts';
import { spansAt } from '../../domain/earn-caps.ts';
import { readEarning } from '../../domain/earn-facts.ts';
import { judgeTimer } from '../../domain/judge-effect.ts';
import { type FiledReferral, type FiledReport, judgeProspect, type ProspectFile } from '../../domain/judge-prospect.ts';
import { type ProgramTerms, readTerms } from '../../domain/program.ts';
import { fingerprintOf } from '../../domain/prospect.ts';
import { bindingOf } from '../../domain/referral.ts';
import type { Desk } from '../../operations/desk.ts';
import type { Performer, Scene } from '../effect.ts';

/** `prospect.judge`: looks at everything that is known of a prospect and writes what follows. Doing it again writes nothing new. */
export const judge: Performer = async (effect, scene) => {
  const prospectId = readPayload(effect.payload);
  if (prospectId === null) return { kind: 'dead', error: 'The payload names no prospect.' };
  return { kind: 'done', changes: await judgement(prospectId, scene) };
};

/** What judging the prospect now would write: one load, signatures, nothing else. */
export async function judgement(prospectId: string, { desk, given, now, consult }: Scene): Promise<Changes> {
  const { id: programId, version } = desk.program;
  const [row] = await consult([queries.prospectFile({ prospectId, programId, version, spans: spansAt(now) })]);
  if (!row) return {};
  const verdict = judgeProspect(fileOf(row, desk), given);
  const slots = Object.entries(verdict.sign).map(async ([slot, { purpose, claims }]) => [slot, await desk.sign(purpose, claims)] as const);
  const changes = verdict.changes(Object.fromEntries(await Promise.all(slots)));
  if (verdict.again === null || (row.timer_at !== null && Date.parse(row.timer_at) <= verdict.again.getTime())) return changes;
  return together(changes, { effects: [judgeTimer(prospectId, verdict.again, given)] });
}

function readPayload(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('prospect_id' in payload)) return null;
  return typeof payload.prospect_id === 'string' ? payload.prospect_id : null;
}

/** The file of a prospect as the domain reads it. */
export function fileOf(row: ProspectFileRow, desk: Desk): ProspectFile {
  const termsOf = readTerms(row.terms);
  const current = termsOf(desk.program.version);
  return {
    ...{
      tenant: desk.tenant,
      origin: desk.origin,
      prospectId: row.prospect_id,
    },
    credited: row.credited && { referralId: row.credited.referral_id, from: new Date(row.credited.earns_from) },
    isProspect: (domain) => fingerprintOf(domain, desk.derive) === row.fingerprint,
    program: { ...bindingOf(desk.program, current), terms: current },
    referrals: row.referrals.map((stored) => referralOf(stored, termsOf)),
    reports: row.reports.map(reportOf),
    conduct: {
      reports: row.reports.map(({ type, occurred_at }) => ({ type, occurredAt: new Date(occurred_at) })),
      workspaces: row.workspaces.map(({ writes, created_at }) => ({ writes, createdAt: new Date(created_at) })),
    },
    earning: readEarning(row.earning),
  };
}

function referralOf(stored: ProspectFileRow['referrals'][number], termsOf: (version: number) => ProgramTerms): FiledReferral {
  return {
    ...{ referralId: stored.referral_id, organizationId: stored.organization_id, organizationDomain: stored.organization_domain },
    ...{ status: stored.status, seq: stored.seq, evidenced: stored.evidenced, termsSha256: stored.terms_sha256 },
    terms: termsOf(stored.program_version),
    expiresAt: new Date(stored.expires_at),
    touches: stored.touches.map(({ touch_id, at, evidenced, token_id }) => ({
      touchId: touch_id,
      at: new Date(at),
      evidenced,
      tokenId: token_id,
    })),
    evidence: stored.evidence.map(({ kind, source, at }) => ({ kind, source, at: new Date(at) })),
  };
}

function reportOf(stored: ProspectFileRow['reports'][number]): FiledReport {
  const { token_id, token_organization_id, token_agent_id, token_campaign, token_domain } = stored;
  return {
    ...{ reportId: stored.report_id, type: stored.type, occurredAt: new Date(stored.occurred_at), referralId: stored.referral_id },
    visitedAt: stored.visited_at === null ? null : new Date(stored.visited_at),
    stripeCustomer: stored.stripe_customer,
    token:
      token_id === null || token_organization_id === null
        ? null
        : {
            ...{ tokenId: token_id, organizationId: token_organization_id, organizationDomain: token_domain },
            ...{ agentId: token_agent_id, campaign: token_campaign, presentedAs: 'referral_token' },
          },
  };
}
