/**
 * What a decision wants written about who somebody is (`db/migrations/0010_identity_functions.sql`). Rows with a `version` are whole: 1
 * makes one, n replaces n - 1, and the commit conflicts where somebody else was faster.
 */
export interface IdentityChanges {
  /** What may be used once. A repetition conflicts, and is found by the load that follows. `digest`: SHA-256, hex. */
  readonly spent?: readonly { kind: 'assertion' | 'dpop' | 'sign_in' | 'claim'; digest: string; expires_at: string }[];
  readonly agent_keys?: readonly {
    agent_id: string;
    organization_id: string;
    thumbprint: string;
    public_jwk: object;
    created_at: string;
  }[];
  readonly agent_key_states?: readonly {
    thumbprint: string;
    from_state: 'active' | 'retired';
    state: 'retired' | 'revoked';
    expires_at: string | null;
  }[];
  /** `epoch` is one more than what the decision saw: tokens from before are dead. */
  readonly changed_agents?: readonly {
    agent_id: string;
    epoch: number;
    status: 'active' | 'revoked';
    organization_id: string;
    /** Where it becomes another: an agent without anything is linked, or one by its document leaves the address, which is free then. */
    kind?: 'registered';
    revoked_at: string | null;
  }[];
  /** Active workspaces change hands, their rows with them. Their quota moves by `counters`. */
  readonly adopted_workspaces?: readonly { workspace_id: string; from_owner: string; organization_id: string; owner: string }[];
  readonly changed_organizations?: readonly {
    organization_id: string;
    from_tier: string;
    from_domain: string | null;
    from_frozen_at: string | null;
    tier: string;
    domain: string | null;
    frozen_at: string | null;
  }[];
  readonly domain_proofs?: readonly {
    proof_id: string;
    organization_id: string;
    domain: string;
    method: 'dns_txt' | 'well_known' | 'metadata_document' | 'signature_directory';
    token: string;
    state: 'pending' | 'verified' | 'disputed' | 'lapsed' | 'expired';
    version: number;
    failures: number;
    created_at: string;
    expires_at: string;
    verified_at: string | null;
    checked_at: string | null;
  }[];
  readonly domain_conflicts?: readonly {
    conflict_id: string;
    domain: string;
    holder_id: string;
    organization_id: string;
    proof_id: string;
    state: 'open' | 'kept' | 'moved';
    version: number;
    opened_at: string;
    decided_at: string | null;
    decided_by: string | null;
    reason: string | null;
  }[];
  readonly join_requests?: readonly {
    join_id: string;
    organization_id: string;
    agent_id: string;
    /** `expired`: nobody answered in time, or there is nobody to answer any more. */
    state: 'open' | 'approved' | 'refused' | 'expired';
    version: number;
    requested_at: string;
    decided_at: string | null;
    decided_by: string | null;
  }[];
  /** Hashes in hex. */
  readonly registrations?: readonly {
    registration_id: string;
    agent_id: string;
    claim_hash: string;
    claim_expires_at: string;
    code_hash: string | null;
    code_expires_at: string | null;
    polled_at: string | null;
    state: 'open' | 'claimed' | 'collected';
    version: number;
    claimed_by: string | null;
    created_at: string;
  }[];
  /** Of API keys: `expires_at` in the future is an overlap. */
  readonly ended_api_keys?: readonly { key_id: string; expires_at: string | null; revoked_at: string | null }[];

  readonly people?: readonly {
    person_id: string;
    email: string;
    name: string | null;
    role: 'operator' | 'channel_manager' | 'partner' | 'auditor';
    state: 'active' | 'removed';
    version: number;
    oidc_issuer: string | null;
    oidc_subject: string | null;
    created_at: string;
  }[];
  readonly memberships?: readonly { person_id: string; organization_id: string; granted_by: string; granted_at: string }[];
  readonly ended_memberships?: readonly { person_id: string; organization_id: string }[];
  readonly sessions?: readonly {
    session_hash: string;
    person_id: string;
    created_at: string;
    expires_at: string;
    stepped_up_at: string | null;
  }[];
  /** One browser's, or with `person_id` all of a person. */
  readonly ended_sessions?: { session_hash?: string; if_there?: true; person_id?: string; at: string };
  readonly sign_in_links?: readonly {
    link_id: string;
    token_hash: string;
    person_id: string;
    purpose: 'sign_in' | 'invitation' | 'bootstrap';
    browser_hash: string | null;
    created_at: string;
    expires_at: string;
  }[];
  readonly used_link?: { link_id: string; at: string };
  /** Who showed that a mailbox is theirs, to take a workspace over. Hashes in hex; of a new version only times are written. */
  readonly mailbox_proofs?: readonly {
    proof_id: string;
    workspace_id: string;
    claim_hash: string;
    token_hash: string;
    browser_hash: string;
    email: string;
    via: 'mail' | 'session' | 'provider';
    version: number;
    created_at: string;
    expires_at: string;
    proven_at: string | null;
    used_at: string | null;
  }[];
  readonly passkeys?: readonly {
    credential_id: string;
    person_id: string;
    public_key: string;
    counter: number;
    transports: readonly string[];
    created_at: string;
  }[];
  readonly used_passkey?: { credential_id: string; from_counter: number; counter: number; at: string };
  readonly removed_passkey?: { credential_id: string; person_id: string };
  readonly partner_applications?: readonly {
    application_id: string;
    email: string;
    organization_name: string;
    domain: string | null;
    note: string | null;
    /** `expired`: nobody answered in time, or there is nobody to answer any more. */
    state: 'open' | 'approved' | 'refused' | 'expired';
    version: number;
    created_at: string;
    decided_at: string | null;
    decided_by: string | null;
    reason: string | null;
    organization_id: string | null;
  }[];
}
