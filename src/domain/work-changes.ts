/** What a decision leaves to be done later, and what came of earlier work. Rows in the database's own column names. */
export interface WorkChanges {
  readonly effects?: readonly StagedEffect[];
  /** The end of one attempt at an effect. Written only while the lease is still the worker's. */
  readonly settled?: {
    readonly effect_id: string;
    readonly lease: number;
    readonly state: 'done' | 'waiting' | 'dead';
    readonly at: string;
    /** When it is tried again. */
    readonly due_at: string | null;
    readonly error: string | null;
    /** HTTP status of the last attempt, if there was one. */
    readonly status: number | null;
    readonly destination: string | null;
    /** Whether the failure speaks against the destination; after `threshold` of them in a row it is left alone until `open_until`. */
    readonly counts: boolean;
    readonly threshold: number;
    readonly open_until: string;
  };
  /** A person tries a dead effect again, or gives it up. */
  readonly revived_effects?: readonly {
    effect_id: string;
    from_state: 'dead' | 'done';
    state: 'waiting' | 'discarded';
    due_at: string | null;
    at: string;
  }[];
  readonly endpoints?: readonly {
    endpoint_id: string;
    organization_id: string | null;
    url: string;
    types: readonly string[];
    created_at: string;
  }[];
  /** Whole new versions of endpoints; `from_state` and `from_version` are what the decision saw. */
  readonly changed_endpoints?: readonly {
    endpoint_id: string;
    from_state: 'active' | 'disabled';
    from_version: number;
    url: string;
    types: readonly string[];
    state: 'active' | 'disabled' | 'deleted';
    disabled_because: string | null;
    secret_version: number;
    previous_until: string | null;
    deleted_at: string | null;
  }[];
  /** What happened beside the ledger, for subscribers. The sealer gives sequences; what it makes from ledger events comes with one. */
  readonly events?: readonly PublishedEvent[];
  readonly reports?: readonly {
    source: 'vendor' | 'stripe';
    report_id: string;
    type: string;
    fingerprint: string;
    occurred_at: string;
    received_at: string;
    prospect_id: string | null;
    referral_id: string | null;
    workspace_id: string | null;
    token_id: string | null;
    visited_at: string | null;
    organization_id: string | null;
    stripe_customer: string | null;
    data: object;
  }[];
  readonly customers?: readonly { stripe_customer: string; prospect_id: string; linked_at: string }[];
  readonly audits?: readonly { audit_id: string; ran_at: string; ok: boolean; checks: number; findings: readonly object[] }[];
  readonly key_states?: readonly { kid: string; state: 'retired' | 'revoked' }[];
  readonly revoked_token?: { token_id: string; at: string };
  /**
   * A sealed block; `leaves` in order, hashes in lower-case hex, `frontier` end to end. Ids of transactions are decimal text: everything
   * written by those before `sealed_below` is sealed, and of what a restore brought everything before `restored_from`; null, everything.
   */
  readonly block?: {
    readonly number: number;
    readonly previous: string | null;
    readonly hash: string;
    readonly root: string;
    readonly leaves_total: string;
    readonly header: string;
    readonly tree_root: string;
    readonly frontier: string;
    readonly signed_note: string;
    readonly sealed_at: string;
    readonly sealed_below: string;
    readonly restored_from: string | null;
    readonly leaves: readonly { leaf: string; event_id: string }[];
    readonly nodes: readonly { level: number; index: string; hash: string }[];
  };
  readonly sequenced?: readonly { event_id: string; sequence: string }[];
}

export interface StagedEffect {
  readonly effect_id: string;
  readonly kind: string;
  /** Effects of one aggregate are performed one after the other, by `position`, then id. */
  readonly aggregate: string;
  readonly position?: string;
  /** Whose circuit breaker it stands behind. */
  readonly destination?: string | null;
  readonly organization_id?: string | null;
  readonly payload: object;
  readonly due_at: string;
  readonly created_at: string;
}

export interface PublishedEvent {
  readonly event_id: string;
  readonly type: string;
  readonly organization_id: string | null;
  readonly subject_id: string;
  readonly data: object;
  readonly occurred_at: string;
  /** Decimal text; null until the sealer gives it. */
  readonly sequence: string | null;
}
