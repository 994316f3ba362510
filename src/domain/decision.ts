import type { IdentityChanges } from './identity-changes.ts';
import type { LedgerChanges } from './ledger-changes.ts';
import type { PaymentChanges } from './payment-changes.ts';
import { invariant } from './result.ts';
import type { WorkChanges } from './work-changes.ts';

/**
 * What a decision wants written: plain rows by table, in the database's own column names. `db/commit` takes it whole, in one
 * statement. Hashes and salts are lower-case hex; times are RFC 3339 UTC with milliseconds.
 */
export interface Changes extends LedgerChanges, WorkChanges, PaymentChanges, IdentityChanges {
  readonly tenant?: { name: string; origin: string; revision: number; limits: object; hosts: readonly string[]; created_at: string };
  readonly vendor_versions?: readonly { version: number; config: object; created_at: string }[];
  readonly program_versions?: readonly { program_id: string; version: number; sha256: string; terms: string; created_at: string }[];
  readonly documents?: readonly { kind: string; body: string; etag: string; issued_at: string; valid_until: string }[];
  readonly signing_keys?: readonly {
    kid: string;
    purpose: string;
    algorithm: string;
    public_jwk: object | null;
    sealed: string;
    state: string;
    created_at: string;
  }[];
  readonly organizations?: readonly {
    organization_id: string;
    name: string;
    domain: string | null;
    tier: string;
    prospect_id?: string;
    created_at: string;
  }[];
  readonly agents?: readonly {
    agent_id: string;
    organization_id: string | null;
    name: string;
    kind?: 'registered' | 'document' | 'anonymous' | 'attested';
    client_id?: string;
    created_at: string;
  }[];
  readonly api_keys?: readonly {
    key_id: string;
    secret_hash: string;
    last4: string;
    organization_id: string | null;
    agent_id: string | null;
    scopes: readonly string[];
    created_at: string;
    expires_at: string | null;
  }[];
  readonly prospects?: readonly { prospect_id: string; fingerprint: string; created_at: string }[];
  readonly particulars?: readonly { subject_id: string; organization_id: string | null; salt: string; content: object }[];
  readonly referrals?: readonly {
    referral_id: string;
    organization_id: string;
    agent_id: string | null;
    prospect_id: string;
    program_id: string;
    program_version: number;
    terms_sha256: string;
    campaign: string | null;
    token_id: string | null;
    entry_id: string;
    receipt: string;
    created_at: string;
    expires_at: string;
  }[];
  readonly touches?: readonly {
    touch_id: string;
    organization_id: string;
    prospect_id: string;
    referral_id: string;
    workspace_id: string | null;
    kind: 'declared' | 'evidenced';
    via: 'provision' | 'record' | 'link' | 'report';
    token_id: string | null;
    entry_id: string;
    created_at: string;
  }[];
  readonly ledger_events?: readonly LedgerEvent[];
  readonly referral_tokens?: readonly {
    token_id: string;
    organization_id: string;
    agent_id: string | null;
    campaign: string | null;
    parent_id: string | null;
    depth: number;
    kid: string;
    claims: object;
    token_hash: string;
    code_hash: string;
    created_at: string;
    expires_at: string;
  }[];
  readonly link_visits?: readonly { visit_id: string; token_id: string; created_at: string }[];
  readonly workspaces?: readonly {
    workspace_id: string;
    organization_id: string | null;
    owner: string;
    agent_id: string | null;
    prospect_id: string;
    referral_id: string | null;
    status: 'active';
    host: string;
    model: object;
    mapping: readonly object[];
    untrusted: object;
    row_limit: number;
    key_version: number;
    key_hash: string;
    claim_version: number;
    claim_hash: string;
    created_at: string;
    expires_at: string;
  }[];
  readonly rekeyed_workspace?: { workspace_id: string; key_version: number; key_hash: string };
  /** The claim link of an active workspace is replaced. */
  readonly relinked_workspace?: { workspace_id: string; claim_version: number; claim_hash: string };
  /** Humans took them over: `key_version` is what the decision saw; the new keys are random. */
  readonly claimed_workspaces?: readonly {
    workspace_id: string;
    key_version: number;
    key_hash: string;
    claim_hash: string;
    at: string;
  }[];
  readonly ended_workspace?: { workspace_id: string; status: 'revoked'; ended_at: string };
  readonly created_rows?: {
    workspace_id: string;
    organization_id: string | null;
    at: string;
    /** Rows that we made up: they do not count as use. */
    synthetic?: true;
    rows: readonly { entity: string; row_id: string; values: object }[];
  };
  readonly updated_row?: { workspace_id: string; entity: string; row_id: string; from: object; values: object; at: string };
  readonly deleted_row?: { workspace_id: string; entity: string; row_id: string };
  /** Work a schedule has to look at, no later than `at`. */
  readonly due?: readonly { kind: 'expire' | 'qualify' | 'drain' | 'seal' | 'reconcile'; at: string }[];
  /** Quotas: a counter may not pass its limit; the commit then refuses with `quota.exhausted`. */
  readonly counters?: readonly { name: string; subject: string; by: number; limit: number }[];
}

/** One row of the ledger. `body` is canonical JSON without any personal text, `leaf` its RFC 6962 hash. */
export interface LedgerEvent {
  readonly event_id: string;
  readonly kind: string;
  readonly subject_id: string;
  readonly organization_id: string | null;
  /** The referral whose timeline it belongs to. */
  readonly referral_id: string | null;
  readonly body: string;
  readonly leaf: string;
  readonly recorded_at: string;
}

/** The parts of several changes as one: lists one after the other; what there can be only one of must not come twice. */
export function together(...parts: readonly Changes[]): Changes {
  const whole: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      if (value === undefined) continue;
      const before = whole[name];
      invariant(before === undefined || (Array.isArray(before) && Array.isArray(value)), `${name} is in one part only`);
      whole[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    }
  }
  return whole;
}

/** What is written, and a secret-free result from which the answer, and every replay of it, is made. */
export interface Decision<R> {
  readonly changes: Changes;
  readonly result: R;
  /** What the result is about. */
  readonly subjectId?: string;
  /** A secret that the first answer shows and nothing keeps: a replay does without it. */
  readonly shown?: string;
  /** Nothing is written, not even that it was asked. */
  readonly dry?: true;
}

/** Claims to be signed before the commit, so that the signature is stored with what it attests. */
export interface ToSign {
  readonly purpose: 'receipts' | 'referral_tokens' | 'access_tokens' | 'assertions' | 'claim_assertions';
  readonly kid?: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A decision that needs signatures first: sign each, then finish. Both halves are pure. */
export interface PendingDecision<R, K extends string = string> {
  readonly sign: Readonly<Record<K, ToSign>>;
  readonly finish: (signed: Readonly<Record<K, string>>) => Decision<R>;
}

/** What a decision may take from outside its facts: the time, fresh identifiers, randomness and derived bytes. */
export interface Given {
  readonly now: Date;
  newId(prefix: string): string;
  random(bytes: number): Uint8Array;
  /** HMAC under the server's key for this tenant: the same inputs give the same bytes, on every replay. */
  derive(purpose: string, id: string, version: number): Uint8Array;
}
