import type { KeyRow } from '../access/signing-key.ts';
import type { Changes } from '../domain/decision.ts';
import { invariant, ok, type Result, refuse } from '../domain/result.ts';
import { VendorFile } from '../domain/vendor.ts';
import { type AdminDeps, attempts } from './admin-deps.ts';
import { planChanges } from './apply-vendor.ts';
import { loadVendorState } from './vendor-state.ts';

/** What is to become of a tenant's signing keys. */
export interface KeyPlan {
  /** Keys that leave their state. */
  readonly states: NonNullable<Changes['key_states']>;
  /** What has to be done elsewhere because of it. */
  readonly effects?: NonNullable<Changes['effects']>;
}

export interface KeysChanged {
  readonly tenant: string;
  /** Instances serve the new keys from this revision on. Null when nothing was written. */
  readonly revision: number | null;
  /** The keys as they were, oldest first. */
  readonly before: readonly KeyRow[];
  readonly made: NonNullable<Changes['signing_keys']>;
}

export type ChangeRefusal = 'tenant.unknown' | 'ledger.busy';

/**
 * Gives the signing keys of the tenant at a host new states, makes the keys that are then missing, signs the capabilities again where
 * their key changed, and raises the revision, all in one commit. `plan` sees the stored keys, oldest first; it runs again when somebody
 * else changed the tenant meanwhile. A plan that is null writes nothing.
 */
export async function changeKeys<C extends string>(
  deps: AdminDeps,
  host: string,
  plan: (keys: readonly KeyRow[], now: Date) => Result<KeyPlan | null, C>,
): Promise<Result<KeysChanged, C | ChangeRefusal>> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const state = await loadVendorState(deps, [host]);
    if (state === 'none' || state === 'several') return refuse('tenant.unknown');
    const before = state.desk.keys ?? [];
    const planned = plan(before, deps.now());
    if (!planned.ok) return planned;
    if (planned.value === null) return ok({ tenant: state.desk.tenant_id, revision: null, before, made: [] });
    const { states: keyStates, effects = [] } = planned.value;
    const config = VendorFile.safeParse(state.desk.config);
    invariant(config.success, 'the stored vendor configuration has the form of this release: apply the vendor file again');
    const target = { config: config.data, hosts: state.hosts, origin: state.desk.origin, state, keyStates };
    const { changes, applied } = await planChanges(deps, target);
    const written = await deps.memory.commit(applied.tenant, { ...changes, ...(effects.length > 0 ? { effects } : {}) });
    invariant(written !== 'over', 'keys count against no quota');
    if (written === 'done') return ok({ tenant: applied.tenant, revision: applied.revision, before, made: changes.signing_keys ?? [] });
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}
