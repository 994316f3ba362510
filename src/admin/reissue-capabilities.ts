import type { Statement } from '../db/batch.ts';
import { invariant } from '../domain/result.ts';
import { VendorFile } from '../domain/vendor.ts';
import type { AdminDeps } from './admin-deps.ts';
import { planChanges } from './apply-vendor.ts';
import { loadVendorState } from './vendor-state.ts';

/** What one round over the tenants came to. */
export interface Reissued {
  readonly tenants: number;
  readonly reissued: number;
  /** Tenants whose stored configuration cannot be used, or that somebody changed meanwhile: the next round tries them again. */
  readonly failed: number;
}

/**
 * Signs the capabilities of every tenant again once less than half of their time is left, from the configuration that is applied.
 * For a schedule, once a day; safe to run twice at once, because a revision is taken once. At most 1,000 tenants.
 */
export async function reissueCapabilities(deps: AdminDeps): Promise<Reissued> {
  const [hosts] = await deps.db.batch({ role: 'writer' }, [oneHostEach]);
  const outcomes: ('kept' | 'reissued' | 'failed')[] = [];
  for (const host of hosts) outcomes.push(await reissue(deps, host).catch(() => 'failed' as const));
  const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  return { tenants: hosts.length, reissued: count('reissued'), failed: count('failed') };
}

async function reissue(deps: AdminDeps, host: string): Promise<'kept' | 'reissued' | 'failed'> {
  const state = await loadVendorState(deps, [host]);
  if (state === 'none' || state === 'several') return 'kept';
  const config = VendorFile.safeParse(state.desk.config);
  invariant(config.success, 'the stored vendor configuration has the form of this release: apply the vendor file again');
  const { changes, applied } = await planChanges(deps, { config: config.data, hosts: state.hosts, origin: state.desk.origin, state });
  if (applied.changed.length === 0) return 'kept';
  return (await deps.memory.commit(applied.tenant, changes)) === 'done' ? 'reissued' : 'failed';
}

const oneHostEach: Statement<readonly string[]> = {
  name: 'tenants.one_host_each',
  text: 'select min(h.host) as host from frontdesk.tenant_hosts h group by h.tenant_id order by h.tenant_id limit 1000',
  values: [],
  read: (rows) => rows.map(({ host }) => String(host)),
};
