/** A dispute with two sides at the demo vendor: what qualification would have done for whoever is credited is committed at once. */
import { together } from '../../src/domain/decision.ts';
import { ledgerEvent } from '../../src/domain/ledger.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { accrue } from '../../src/domain/reward.ts';
import { freshProspect, made201, organizationOfKey, type Stage, stageOf } from './examples.ts';
import { organizationOf } from './organization-of.ts';
import { commitAt, sceneAt } from './qualify.ts';
import { sql } from './sql.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface Contested {
  readonly disputeId: string;
  readonly claimant: Side;
  readonly holder: Side;
}

interface Side extends Stage {
  readonly organizationId: string;
  readonly referralId: string;
}

/** Two organizations recorded the same prospect; the second one is credited and earned 50 dollars, the first one says why that is wrong. */
export async function contested(t: TestWorld, { claim = 'It was us.', name = 'Contested Ltd' } = {}): Promise<Contested> {
  const prospect = { ...freshProspect(), name };
  const [claimant, holder] = [await side(t, prospect), await side(t, prospect)];
  const { desk, given } = await sceneAt(t, demoHost);
  const cause = { tenant: desk.tenant, actor: 'system:judge', because: 'last_evidenced_touch' };
  const judged = ({ referralId, organizationId }: Side) =>
    ({ referralId, organizationId, status: 'pending', seq: 1, evidenced: false }) as const;
  const [row] = await sql(t, 'select prospect_id from frontdesk.referral_states where referral_id = $1', [holder.referralId]);
  const [program_id, prospect_id] = [desk.program.id, String(row?.prospect_id)];
  const { referralId, organizationId } = holder;
  const event = ledgerEvent(given, desk.tenant, {
    ...{ kind: 'attribution.decided', subjectId: referralId, organizationId, referralId },
    facts: { program: program_id, prospect: prospect_id, rule: cause.because, trace_sha256: '0'.repeat(64) },
  });
  const trace = {
    ...{ rule: cause.because, judged_at: event.recorded_at, window_from: event.recorded_at },
    winner: { referral: referralId, organization: organizationId, touch: 'tch_1', touched_at: event.recorded_at },
    losers: [{ referral: claimant.referralId, organization: claimant.organizationId, reason: 'no_evidence', touched_at: null }],
  };
  const attribution = {
    ...{ program_id, prospect_id, seq: 1, referral_id: referralId, organization_id: organizationId, rule: cause.because, trace },
    ...{ dispute_id: null, entry_id: event.event_id, decided_at: event.recorded_at },
  };
  const earned = accrue(
    {
      ...{ tenant: desk.tenant, referralId, organizationId, side: 'referrer', rule: 'bounty', occasion: 'once', kind: 'external' },
      ...{ currency: 'usd', amountMinor: 5000n, program: desk.program, availableAt: given.now },
    },
    given,
  );
  await commitAt(
    t,
    demoHost,
    together(
      { ledger_events: [event], attributions: [attribution] },
      stepReferral(judged(holder), 'qualified', cause, given).changes,
      stepReferral(judged(claimant), 'rejected', { ...cause, because: 'attribution.lost' }, given).changes,
      earned.changes,
    ),
  );
  const opened = await made201(claimant, '/v1/disputes', {
    referral_id: claimant.referralId,
    claim,
    evidence_url: 'https://evidence.example/mail',
  });
  return { disputeId: opened.id, claimant, holder };
}

async function side(t: TestWorld, prospect: object): Promise<Side> {
  const stage = await stageOf(t);
  await sql(t, `update frontdesk.organizations set tier = 'domain_verified' where ${organizationOfKey}`, [stage.key]);
  const { referral } = await made201(stage, '/v1/referrals', { prospect });
  return { ...stage, organizationId: await organizationOf(stage), referralId: referral.id };
}
