import type { Attribution } from './attribution.ts';
import { type Changes, type Given, type ToSign, together } from './decision.ts';
import { judgeEffect } from './judge-effect.ts';
import { ledgerEvent, salt } from './ledger.ts';
import type { ProgramTerms } from './program.ts';
import type { ReferralState, ReferralStatus } from './referral-state.ts';
import { addEvidence, type JudgedReferral } from './referral-step.ts';

/** The program version a new referral is bound to. */
export interface ProgramBinding {
  readonly id: string;
  readonly version: number;
  readonly sha256: string;
  readonly url: string;
  readonly referralTtlDays: number;
  /** How many declared referrals an organization may have open at once. */
  readonly maxOpenDeclared: number;
}

/** The current program version, as a referral that is opened now is bound to it. */
export function bindingOf(
  program: Pick<ProgramBinding, 'id' | 'version' | 'sha256' | 'url'>,
  terms: Pick<ProgramTerms, 'referral_ttl_days' | 'max_open_declared_per_organization'>,
): ProgramBinding {
  return { ...program, referralTtlDays: terms.referral_ttl_days, maxOpenDeclared: terms.max_open_declared_per_organization };
}

/** A referral as every answer shows it in short. */
export interface ReferralSummary {
  readonly id: string;
  readonly status: ReferralStatus;
  readonly organization_id: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly terms: { readonly program_id: string; readonly version: number; readonly sha256: string; readonly url: string };
}

/** What crediting an organization comes to: an opened referral whose receipt has to be signed, or the open one that was there. */
export interface Credit {
  readonly outcome: 'attributed' | 'existing_referral';
  readonly referral: ReferralSummary;
  /** Claims of the receipt to be signed; null when a receipt was given before. */
  readonly toSign: ToSign | null;
  readonly touchId: string;
  changes(receipt: string): Changes;
}

/** The open referral that an organization has for the prospect already. */
export interface ExistingReferral {
  readonly summary: ReferralSummary;
  /** Whether evidence lifted it out of the cap of declared referrals before. */
  readonly evidenced: boolean;
  /** What it is under whatever holds it: once it is not pending, it has left that cap already. */
  readonly state: ReferralState;
}

export interface CreditFacts {
  readonly tenant: string;
  readonly origin: string;
  readonly program: ProgramBinding;
  readonly attribution: Attribution & { readonly outcome: 'attributed' };
  readonly prospectId: string;
  readonly existing: ExistingReferral | null;
  /** The token that an agent of the prospect's own verified domain redeemed: the prospect knows of it. */
  readonly redeemed?: string | null;
  readonly workspaceId: string | null;
  readonly via: 'provision' | 'record' | 'link' | 'report';
  /** Set when the prospect or the vendor brought the touch: it is evidence from the start, and happened then. */
  readonly evidencedAt?: Date;
  /** What the caller wrote of the prospect: kept erasable, only its blinded hash enters the ledger. */
  readonly particulars: object;
}

/**
 * Credits an organization with a prospect. The touch is always kept; the referral is opened only if the organization has none open
 * for this prospect and program.
 */
export function credit(asked: CreditFacts, given: Given): Credit {
  const { redeemed = null } = asked;
  const facts = redeemed === null ? asked : { ...asked, evidencedAt: given.now };
  const { existing } = facts;
  const credited = existing ? touchAgain(facts, existing.summary, given) : open(facts, given);
  if (redeemed === null || existing?.evidenced) return credited;
  const referral: JudgedReferral = {
    ...{ referralId: credited.referral.id, organizationId: credited.referral.organization_id, seq: 1 },
    status: existing?.state ?? 'pending',
    // A referral that is opened with evidence is marked at birth.
    evidenced: existing === null,
  };
  const evidence = { kind: 'prospect_redeemed', source: redeemed, occurredAt: given.now } as const;
  const { changes } = addEvidence(facts.tenant, referral, facts.prospectId, evidence, given);
  const effects = [judgeEffect(facts.prospectId, given)];
  return { ...credited, changes: (receipt) => together(credited.changes(receipt), changes, { effects }) };
}

function open(facts: CreditFacts, given: Given): Credit {
  const { program, attribution, tenant } = facts;
  const id = given.newId('ref');
  const createdAt = given.now.toISOString();
  const expiresAt = new Date(given.now.getTime() + program.referralTtlDays * 86_400_000).toISOString();
  const blinding = salt(given);
  const event = ledgerEvent(given, tenant, {
    kind: 'referral.created',
    subjectId: id,
    organizationId: attribution.organizationId,
    referralId: id,
    facts: {
      agent: attribution.agentId,
      prospect: facts.prospectId,
      program: program.id,
      program_version: program.version,
      terms_sha256: program.sha256,
      token: attribution.token?.tokenId ?? null,
      expires_at: expiresAt,
    },
    content: { salt: blinding, value: facts.particulars },
  });
  const touched = recordTouch(facts, id, given);
  const terms = { program_id: program.id, version: program.version, sha256: program.sha256, url: program.url };
  return {
    outcome: 'attributed',
    referral: { id, status: 'pending', organization_id: attribution.organizationId, created_at: createdAt, expires_at: expiresAt, terms },
    toSign: {
      purpose: 'receipts',
      claims: {
        iss: facts.origin,
        sub: id,
        jti: event.event_id,
        iat: seconds(given.now),
        entry: event.event_id,
        seal_by: seconds(given.now) + sealedWithinS,
        tenant,
        organization: attribution.organizationId,
        leaf: event.leaf,
        terms,
      },
    },
    touchId: touched.touchId,
    changes: (receipt) => ({
      referrals: [
        {
          referral_id: id,
          organization_id: attribution.organizationId,
          agent_id: attribution.agentId,
          prospect_id: facts.prospectId,
          program_id: program.id,
          program_version: program.version,
          terms_sha256: program.sha256,
          campaign: attribution.token?.campaign ?? null,
          token_id: attribution.token?.tokenId ?? null,
          entry_id: event.event_id,
          receipt,
          created_at: createdAt,
          expires_at: expiresAt,
        },
      ],
      particulars: [{ subject_id: id, organization_id: attribution.organizationId, salt: blinding, content: facts.particulars }],
      ...(facts.evidencedAt === undefined
        ? { counters: [{ name: 'referrals.open_declared', subject: attribution.organizationId, by: 1, limit: program.maxOpenDeclared }] }
        : { evidenced: [{ referral_id: id, evidenced_at: createdAt }] }),
      touches: touched.changes.touches,
      ledger_events: [event, ...touched.changes.ledger_events],
    }),
  };
}

/** By when the entry of a receipt is sealed, in seconds after it was written. */
const sealedWithinS = 3600;
/** Seconds since 1970 (RFC 7519 §2). */
const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

function touchAgain(facts: CreditFacts, existing: ReferralSummary, given: Given): Credit {
  const { touchId, changes } = recordTouch(facts, existing.id, given);
  return { outcome: 'existing_referral', referral: existing, toSign: null, touchId, changes: () => changes };
}

/** The touch that connects an organization and a prospect, and its ledger event. */
export function recordTouch(
  facts: Pick<CreditFacts, 'tenant' | 'attribution' | 'prospectId' | 'workspaceId' | 'via' | 'evidencedAt'>,
  referralId: string,
  given: Given,
) {
  const { attribution } = facts;
  const touchId = given.newId('tch');
  const tokenId = attribution.token?.tokenId ?? null;
  const touchedAt = (facts.evidencedAt ?? given.now).toISOString();
  const event = ledgerEvent(given, facts.tenant, {
    kind: 'touch.recorded',
    subjectId: touchId,
    organizationId: attribution.organizationId,
    referralId,
    facts: {
      prospect: facts.prospectId,
      workspace: facts.workspaceId,
      declared: facts.evidencedAt === undefined,
      touched_at: touchedAt,
      via: facts.via,
      token: tokenId,
    },
  });
  const row = {
    touch_id: touchId,
    organization_id: attribution.organizationId,
    prospect_id: facts.prospectId,
    referral_id: referralId,
    workspace_id: facts.workspaceId,
    kind: facts.evidencedAt === undefined ? ('declared' as const) : ('evidenced' as const),
    via: facts.via,
    token_id: tokenId,
    entry_id: event.event_id,
    created_at: touchedAt,
  };
  return { touchId, changes: { touches: [row], ledger_events: [event] } };
}
