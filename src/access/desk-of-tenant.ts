import type { Db } from '../db/batch.ts';
import { hostOfTenant } from '../db/outbox.ts';
import type { Desk, Desks } from '../operations/desk.ts';

/** The desk of a tenant, for work that no request asked for: by the first of the tenant's hosts, which is remembered. Null without a host. */
export function deskOfTenant({ db, desks }: { db: Db; desks: Desks }): (tenant: string) => Promise<Desk | null> {
  const hosts = new Map<string, string>();
  return async (tenant) => {
    const known = hosts.get(tenant);
    const desk = known === undefined ? null : await desks.find(known);
    if (desk?.tenant === tenant) return desk;
    hosts.delete(tenant);
    const [host] = await db.batch({ role: 'writer' }, [hostOfTenant(tenant)]);
    if (host === null) return null;
    const found = await desks.find(host);
    if (found?.tenant !== tenant) return null;
    if (hosts.size >= mostTenants) hosts.clear();
    hosts.set(tenant, host);
    return found;
  };
}

const mostTenants = 1_000;
