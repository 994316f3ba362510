import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalize, leafHash, sha256Hex } from './canonical.ts';
import type { Changes, Given, LedgerEvent } from './decision.ts';
import { type Flow, postingsOf } from './money.ts';

/**
 * Writes one ledger event. `facts` are ids, amounts and times; what people wrote goes in as `content` and appears only as
 * SHA-256(salt ‖ canonical content), so that it can be erased later and the leaf still verifies.
 */
export function ledgerEvent(
  given: Given,
  tenant: string,
  event: {
    kind: string;
    subjectId: string;
    organizationId: string | null;
    /** The referral whose timeline it belongs to. */
    referralId?: string;
    facts: Readonly<Record<string, unknown>>;
    content?: { salt: string; value: object };
  },
): LedgerEvent {
  const event_id = given.newId('led');
  const recorded_at = given.now.toISOString();
  const body = canonicalize({
    v: 1,
    tenant,
    event: event_id,
    kind: event.kind,
    subject: event.subjectId,
    organization: event.organizationId,
    recorded_at,
    ...(event.referralId === undefined ? {} : { referral: event.referralId }),
    ...event.facts,
    ...(event.content ? { blinded: blind(event.content.salt, event.content.value) } : {}),
  });
  return {
    event_id,
    kind: event.kind,
    subject_id: event.subjectId,
    organization_id: event.organizationId,
    referral_id: event.referralId ?? null,
    body,
    leaf: leafHash(body),
    recorded_at,
  };
}

/** SHA-256 over a 128-bit salt and the canonical content: reveals nothing once the salt is erased. */
export function blind(saltHex: string, content: object): string {
  return sha256Hex(saltHex + canonicalize(content));
}

/** A fresh 128-bit salt, in hex. */
export function salt(given: Given): string {
  return bytesToHex(given.random(16));
}

/** What is common to every entry about a reward. */
export interface Movement {
  readonly kind: string;
  readonly organizationId: string;
  readonly referralId: string | null;
  readonly rewardId: string | null;
  readonly currency: string;
  readonly flows: readonly Flow[];
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The refund, credit note or dispute that it reduces by, and how much of it had come in by then. */
  readonly source?: { readonly id: string; readonly cumulativeMinor: bigint };
}

/** Writes an entry: a ledger event whose leaf holds the postings, and the entry with the same postings for the accounts. */
export function enterMovement(given: Given, tenant: string, movement: Movement): { readonly id: string; readonly changes: Changes } {
  const { kind, organizationId, referralId, rewardId, currency, flows, source } = movement;
  const postings = postingsOf(organizationId, currency, flows);
  const event = ledgerEvent(given, tenant, {
    kind,
    subjectId: rewardId ?? organizationId,
    organizationId,
    ...(referralId === null ? {} : { referralId }),
    facts: {
      ...(rewardId === null ? {} : { reward: rewardId }),
      ...movement.facts,
      ...(source ? { source: source.id, cumulative_minor: String(source.cumulativeMinor) } : {}),
      postings,
    },
  });
  const entry = {
    entry_id: event.event_id,
    kind,
    organization_id: organizationId,
    referral_id: referralId,
    reward_id: rewardId,
    source: source?.id ?? null,
    cumulative_minor: source ? String(source.cumulativeMinor) : null,
    recorded_at: event.recorded_at,
    postings,
  };
  return { id: event.event_id, changes: { ledger_events: [event], entries: [entry] } };
}
