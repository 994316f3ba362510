import type { FlattenedJWS } from 'jose';

/** A vendor's desk, whichever door leads to it. */
export interface Desk {
  readonly door: 'REST' | 'MCP';
  /**
   * Calls an operation by its name. Arguments are flat, as the MCP tools take them: path, query and body fields, with
   * `idempotency_key` and `workspace_key` among them. `key` is the caller's API key; without one the call is anonymous.
   * Rejects when nothing readable comes back; a refusal is an answer.
   */
  call<N extends OperationName>(name: N, args?: Arguments, as?: { readonly key?: string | undefined }): Promise<Answer<Answers[N]>>;
  /** Asks for the capabilities again with the entity tag of the copy at hand. Only HTTP has conditional requests. */
  readonly revalidate?: (etag: string) => Promise<{ readonly status: number; readonly bytes: number }>;
  close(): Promise<void>;
}

export type Arguments = Readonly<Record<string, unknown>>;
export type OperationName = keyof Answers;
export type Answer<T> = Granted<T> | Refused;

export interface Granted<T> {
  readonly ok: true;
  readonly body: T;
  /** The answer's exact text, for those who hash it. */
  readonly text: string;
  readonly etag: string | null;
  /** The answer to an earlier call with the same idempotency key. */
  readonly replayed: boolean;
}

export interface Refused {
  readonly ok: false;
  readonly problem: Problem;
}

/** RFC 9457, with the members that this API adds. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly advice: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
}

/** What each operation answers: only the fields that the story reads. /openapi.json and tools/list describe them all. */
export interface Answers {
  readonly get_capabilities: Capabilities;
  readonly get_program_terms: { readonly disclosure: string; readonly hold_days: number };
  readonly provision_workspace: Provisioned;
  readonly get_workspace: { readonly id: string; readonly status: string };
  readonly list_workspace_rows: List<Row>;
  readonly write_workspace_rows: { readonly rows: readonly Row[] };
  readonly create_referral_token: { readonly token: string; readonly code: string; readonly url: string; readonly expires_at: string };
  readonly record_referral: { readonly referral: Referral | null; readonly receipt: string | null; readonly attribution: Attribution };
  readonly get_referral: Referral & { readonly receipt: string; readonly timeline: readonly TimelineEvent[] };
  readonly list_referrals: List<Referral>;
  readonly get_receipt: ProvenReceipt;
}

export interface Capabilities {
  readonly document_id: string;
  readonly valid_until: string;
  readonly vendor: { readonly name: string };
  readonly product: { readonly name: string; readonly version: string };
  readonly pricing: { readonly tiers: readonly { readonly name: string }[] };
  readonly performance: readonly {
    readonly metric: string;
    readonly unit: string;
    readonly p99: number;
    readonly samples: number;
    readonly measured_by: string;
  }[];
  readonly referral: {
    readonly program_id: string;
    readonly terms_version: number;
    readonly terms_sha256: string;
    readonly rewards_mode: string;
  };
  readonly signatures: readonly Required<Pick<FlattenedJWS, 'protected' | 'signature'>>[];
}

export interface Provisioned {
  readonly workspace: {
    readonly id: string;
    readonly status: string;
    readonly entities: readonly { readonly name: string; readonly row_count: number }[];
    readonly expires_at: string;
  } | null;
  /** In a dry run: what would become of the schema. */
  readonly mapping: readonly MappingLine[] | null;
  readonly credentials: { readonly api_key: string } | null;
  readonly claim: { readonly url: string; readonly user_code: string } | null;
  readonly referral: ProvisionedReferral | null;
  readonly attribution: Attribution;
}

export interface ProvisionedReferral {
  readonly id: string;
  readonly status: string;
  readonly organization_id: string;
  readonly expires_at: string;
  readonly terms: Terms;
  readonly receipt: string;
}

/** A receipt, and once its entry is sealed the way from its leaf to the signed head of the ledger. Hashes in hex. */
export interface ProvenReceipt {
  readonly receipt: string;
  readonly leaf: string;
  readonly proof: {
    readonly block: number;
    readonly index: number;
    readonly path: readonly string[];
    readonly block_path: readonly string[];
    readonly block_header: { readonly number: number; readonly leaves: number; readonly root: string };
  } | null;
  readonly checkpoint: { readonly size: number; readonly root: string; readonly signed_note: string } | null;
}

export interface Terms {
  readonly program_id: string;
  readonly version: number;
  readonly sha256: string;
}

interface MappingLine {
  readonly pointer: string;
  readonly outcome: 'mapped' | 'coerced' | 'dropped';
  readonly reason: string;
}

interface Attribution {
  readonly outcome: string;
  readonly rule: string;
}

interface Row {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Referral {
  readonly id: string;
  readonly status: string;
  readonly organization_id: string;
  readonly terms: Terms;
}

interface TimelineEvent {
  readonly entry_id: string;
  readonly kind: string;
  readonly at: string;
}

interface List<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}
