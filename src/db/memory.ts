import type { Principal, Role } from '../domain/actor.ts';
import type { Changes } from '../domain/decision.ts';
import { invariant, Unavailable } from '../domain/result.ts';
import { scopesOfRole, scopesOfTier } from '../domain/scopes.ts';
import type { WorkspaceStatus } from '../domain/workspace.ts';
import { ConnectionLost, type Context, DatabaseError, type Db, type Statement } from './batch.ts';
import { commit } from './commit.ts';

/** Who asks for what, as the database's `enter` takes it. */
export interface Entering {
  readonly host: string;
  readonly credential: /** `invalid`: nobody's, as far as is known; only the revision is asked for. */
    | { readonly kind: 'none' | 'invalid' }
    | { readonly kind: 'api_key' | 'workspace_key' | 'claim_token'; readonly hash: string }
    /** `view_as`: as whom an operator looks; of others it is not read. `passive`: nobody does anything; it is no use of the session. */
    | {
        readonly kind: 'session';
        readonly hash: string;
        readonly view_as?: { readonly role: string; readonly organization_id: string | null };
        readonly passive?: true;
      }
    /** A verified access token. `epoch`: the agent's when it was issued; `key_id`: the API key that it was got with. */
    | {
        readonly kind: 'access_token';
        readonly agent_id: string;
        readonly epoch: number;
        readonly key_id: string | null;
        readonly scopes: readonly string[];
      }
    | { readonly kind: 'agent'; readonly agent_id: string; readonly scopes: readonly string[] };
  readonly address: string;
  readonly network: string;
  readonly operation: string;
  /** What strangers' calls of this operation count against, where it is not the limit of all of them. */
  readonly open?: string;
  /** What lets the call in once. Digests in hex. */
  readonly spend?: readonly { readonly kind: string; readonly digest: string; readonly expires_at: string }[];
  /** Idempotency key; absent for reads. */
  readonly key?: string | undefined;
  readonly at: Date;
  /** Whether it counts against the caller's limit; a second attempt at the same request does not. */
  readonly charged: boolean;
}

/** What `enter` found: the principal (null: the credential is not valid), the state of its limit, an earlier answer under the same key. */
export interface Entry {
  readonly revision: number;
  readonly principal: Principal | null;
  /** Null where nothing has to stand: nobody in particular acts. */
  readonly acting?: Acting | null;
  /** Of the limits that the call counts against, the one that is closest to its end. */
  readonly limit: Limit | null;
  /** Something that the call wanted to use up was used up before. */
  readonly respent?: string | null;
  readonly earlier: {
    readonly fingerprint: string;
    readonly result: string;
    readonly committedAt: Date;
    readonly workspace: EarlierWorkspace | null;
    readonly endpoint?: EarlierEndpoint | null;
  } | null;
}

/** A limit after a call: `q` calls at once, evenly refilled within `w` seconds; `r` are left, and after `t` seconds there is more. */
export interface Limit {
  /** Which policy it is. */
  readonly name: string;
  readonly allowed: boolean;
  readonly q: number;
  readonly w: number;
  readonly r: number;
  readonly t: number;
  /** Where it refuses: how many calls stand against the other limits of the call, this one included. */
  readonly load?: number | null;
}

/** How the webhook endpoint that an earlier answer was about stands now. */
export interface EarlierEndpoint {
  readonly secret_version: number;
  readonly state: 'active' | 'disabled' | 'deleted';
}

/** How the workspace that an earlier answer was about stands now. */
export interface EarlierWorkspace {
  readonly key_version: number;
  readonly claim_version: number;
  readonly status: WorkspaceStatus;
}

/** The answered request that is written with its work. */
export interface Answered {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly result: string;
  readonly subject_id: string | null;
  readonly committed_at: string;
}

/** What a call acts by, as it was when the call entered: a commit conflicts once any of it is another's, or revoked, or ended. */
export interface Acting {
  readonly agent_id?: string;
  readonly epoch?: number;
  /** The API key that it calls with, or that its token was got with. */
  readonly key_id?: string;
  /** SHA-256, hex. */
  readonly session_hash?: string;
}

/** What is written with a decision, or checked, whatever was decided. */
export interface Beside {
  readonly idempotency?: Answered;
  readonly acting?: Acting;
}

/** The database as the pipeline sees it: one round trip to know, one to write. */
export interface Memory {
  /** Enters and loads in one round trip. `lost`: nothing is known; `unknown`: the host is no tenant's. */
  load(
    role: Context['role'],
    entering: Entering,
    statements: readonly Statement[],
  ): Promise<{ entry: Entry; facts: readonly unknown[] } | 'lost' | 'unknown'>;
  /** Loads what a tenant publishes, without entering. */
  consult(tenant: string, statements: readonly Statement[]): Promise<readonly unknown[] | 'lost'>;
  /**
   * Writes a decision. `again`: somebody was faster, or the outcome is not known; `over`: a counter is at its limit; `fenced`: the lease
   * of the effect that it settles is no longer held.
   */
  commit(tenant: string, changes: Changes & Beside): Promise<'done' | 'again' | 'over' | 'fenced'>;
}

export function memory(db: Db): Memory {
  return {
    async load(role, entering, statements) {
      const results = await survive(db.batch({ role }, [enter(entering), ...statements]));
      if (results === 'lost') return 'lost';
      const [entry, ...facts] = results;
      return entry ? { entry: entry as Entry, facts } : 'unknown';
    },
    consult: (tenant, statements) => survive(db.batch({ role: 'reader', tenant }, statements)),
    async commit(tenant, changes) {
      try {
        await db.batch({ role: 'writer', tenant }, [commit(changes)]);
        return 'done';
      } catch (error) {
        if (error instanceof DatabaseError && error.sqlState === '23514' && error.constraint !== undefined && quotas.has(error.constraint))
          return 'over';
        if (error instanceof DatabaseError && error.sqlState === 'FD004') return 'fenced';
        // A balance that moved meanwhile: what was to be paid back from it is not owed any more.
        if (isPassing(error) || (error instanceof DatabaseError && error.constraint === 'balances_sign')) return 'again';
        throw toldApart(error);
      }
    },
  };
}

/** unique_violation, serialization_failure, deadlock_detected, lock_not_available, and our own "changed meanwhile". */
const conflicts = new Set(['23505', '40001', '40P01', '55P03', 'FD001']);
const quotas = new Set(['counters_within_limit', 'workspaces_rows_within_limit']);

function isPassing(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof DatabaseError && conflicts.has(error.sqlState));
}

/** The server is up but has no time for us: nothing was written, and trying at once would make it worse. Anything else is a bug. */
function toldApart(error: unknown): unknown {
  return error instanceof DatabaseError && overloaded.has(error.sqlState) ? new Unavailable(error.message, { cause: error }) : error;
}

/** query_canceled (statement timeout), too_many_connections, cannot_connect_now. */
const overloaded = new Set(['57014', '53300', '57P03']);

async function survive<T>(work: Promise<T>): Promise<T | 'lost'> {
  try {
    return await work;
  } catch (error) {
    if (isPassing(error)) return 'lost';
    throw toldApart(error);
  }
}

interface EnteredRow {
  readonly revision: number;
  readonly principal: {
    readonly kind: Principal['kind'];
    readonly id: string;
    readonly organization_id?: string | null;
    readonly agent_id?: string | null;
    readonly epoch?: number | null;
    readonly workspace_id?: string | null;
    readonly key_id?: string | null;
    readonly domain?: string | null;
    readonly scopes: readonly string[];
    readonly tier: Principal['tier'];
    /** Its scopes are those of a token, which was issued when its tier may have been another. */
    readonly by_token?: true;
    readonly role?: Role;
    readonly organization_ids?: readonly string[];
    readonly stepped_up_at?: string | null;
    readonly viewing?: true;
  } | null;
  readonly limit: Entry['limit'];
  readonly respent?: string | null;
  readonly earlier: {
    readonly fingerprint: string;
    readonly result: string;
    readonly committed_at: string;
    readonly workspace: EarlierWorkspace | null;
    readonly endpoint?: EarlierEndpoint | null;
  } | null;
}

function enter(entering: Entering): Statement<Entry | null> {
  const { at, ...call } = entering;
  return {
    name: 'enter',
    text: 'select frontdesk.enter($1::jsonb) as entry',
    values: [{ ...call, at: at.toISOString() }],
    read: (rows) => {
      const row = rows[0]?.entry as EnteredRow | null | undefined;
      invariant(row !== undefined, 'enter answers one row');
      if (row === null) return null;
      return {
        revision: row.revision,
        limit: row.limit ?? null,
        respent: row.respent ?? null,
        earlier: row.earlier
          ? {
              fingerprint: row.earlier.fingerprint,
              result: row.earlier.result,
              committedAt: new Date(row.earlier.committed_at),
              workspace: row.earlier.workspace,
              endpoint: row.earlier.endpoint ?? null,
            }
          : null,
        principal: row.principal && principalOf(row.principal, entering.credential),
        acting: row.principal && actingOf(row.principal, entering.credential),
      };
    },
  };
}

function actingOf(principal: NonNullable<EnteredRow['principal']>, credential: Entering['credential']): Acting | null {
  const { agent_id, epoch } = principal;
  const key_id = keyIdOf(principal, credential);
  const acting = {
    ...(agent_id != null && epoch != null && { agent_id, epoch }),
    ...(key_id !== null && { key_id }),
    ...(credential.kind === 'session' && { session_hash: credential.hash }),
  };
  return Object.keys(acting).length > 0 ? acting : null;
}

/** The API key that it calls with, or that its token was got with. */
function keyIdOf({ key_id }: NonNullable<EnteredRow['principal']>, credential: Entering['credential']): string | null {
  return (credential.kind === 'access_token' ? credential.key_id : key_id) ?? null;
}

function principalOf(p: NonNullable<EnteredRow['principal']>, credential: Entering['credential']): Principal {
  const most: readonly string[] = scopesOfTier[p.tier];
  invariant(credential.kind !== 'invalid', 'nobody is let in by nothing');
  return {
    kind: p.kind,
    id: p.id,
    organizationId: p.organization_id ?? null,
    agentId: p.agent_id ?? null,
    workspaceId: p.workspace_id ?? null,
    domain: p.domain ?? null,
    scopes: p.role ? scopesOfRole[p.role] : p.by_token ? p.scopes.filter((scope) => most.includes(scope)) : p.scopes,
    tier: p.tier,
    via: { kind: credential.kind, keyId: keyIdOf(p, credential) },
    ...(p.role && {
      person: {
        role: p.role,
        organizationIds: p.organization_ids ?? [],
        steppedUpAt: p.stepped_up_at ? new Date(p.stepped_up_at) : null,
        ...(p.viewing && { viewing: true as const }),
      },
    }),
  };
}
