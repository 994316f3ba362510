import { type DeskRow, readDesk } from '../access/open-desk.ts';
import type { Row, Statement } from '../db/batch.ts';
import { canonicalize } from '../domain/canonical.ts';
import type { AdminDeps } from './admin-deps.ts';

/** What a tenant stands at before a vendor file is applied to it. */
export interface VendorState {
  readonly desk: DeskRow;
  readonly hosts: readonly string[];
  /** Canonical JSON of the rate limits. */
  readonly limits: string;
  readonly createdAt: string;
  /** The number of the newest vendor configuration. */
  readonly vendorVersion: number;
}

/**
 * The tenant that is served at these hosts, in one round trip. `none`: nobody is; `several`: they belong to more than one. Rejects when
 * the database does not answer.
 */
export async function loadVendorState({ db }: Pick<AdminDeps, 'db'>, hosts: readonly string[]): Promise<VendorState | 'none' | 'several'> {
  const [owners, desk, tenant] = await db.batch({ role: 'writer' }, [ownersOf(hosts), deskOfAny(hosts), tenantInContext]);
  if (owners.length > 1) return 'several';
  if (desk === null || tenant === null) return 'none';
  return { desk, ...tenant };
}

const ownersOf = (hosts: readonly string[]): Statement<readonly Row[]> => ({
  name: 'vendor.owners',
  text: 'select distinct h.tenant_id from frontdesk.tenant_hosts h where h.host = any($1::text[])',
  values: [hosts],
  read: (rows) => rows,
});

/** Leaves the tenant's context to the next statement. */
const deskOfAny = (hosts: readonly string[]): Statement<DeskRow | null> => ({
  name: 'vendor.desk',
  text: 'select frontdesk.open_desk((select min(h.host) from frontdesk.tenant_hosts h where h.host = any($1::text[]))) as desk',
  values: [hosts],
  read: readDesk,
});

const tenantInContext: Statement<Omit<VendorState, 'desk'> | null> = {
  name: 'vendor.tenant',
  text: `select s.limits, s.created_at,
      (select coalesce(max(v.version), 0) from frontdesk.vendor_versions v) as vendor_version,
      (select array_agg(h.host order by h.host) from frontdesk.tenant_hosts h where h.tenant_id = s.tenant_id) as hosts
    from frontdesk.tenants s`,
  values: [],
  read: (rows) => {
    const row = rows[0] as { limits: object; created_at: string; vendor_version: number; hosts: readonly string[] } | undefined;
    if (row === undefined) return null;
    return { limits: canonicalize(row.limits), createdAt: row.created_at, vendorVersion: row.vendor_version, hosts: row.hosts };
  },
};
