/** Seals the ledger of a tenant as the schedule does, and reads what came of it. */
import { type SealDeps, type Sealed, sealTenant } from '../../src/effects/seal/seal-tenant.ts';
import { sql, tenantAt } from './sql.ts';
import { demoHost, type TestWorld } from './world.ts';

export function sealDepsOf({ world, db }: TestWorld, host = demoHost): SealDeps {
  const { memory, desks, now, given } = world.deps;
  return { db, memory, now, given, deskOf: () => desks.find(host) };
}

/** Seals until nothing is left. */
export async function sealAt(t: TestWorld, host = demoHost): Promise<Sealed> {
  return sealTenant(sealDepsOf(t, host), await tenantAt(t, host));
}

export interface LeafRow {
  readonly block: number;
  readonly index: number;
  readonly leaf: string;
  readonly event_id: string;
}

export async function leavesOf(t: TestWorld, host = demoHost): Promise<readonly LeafRow[]> {
  const rows = await sql(
    t,
    `select l.block, l.index, encode(l.leaf, 'hex') as leaf, l.event_id from frontdesk.leaves l order by l.block, l.index`,
    [],
    host,
  );
  return rows as unknown as readonly LeafRow[];
}
