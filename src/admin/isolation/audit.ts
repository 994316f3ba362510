import type { Statement } from '../../db/batch.ts';
import { ConnectionLost, DatabaseError } from '../../db/batch.ts';
import type { Changes } from '../../domain/decision.ts';
import { Unavailable } from '../../domain/result.ts';
import { stageEffect, tell } from '../../domain/stage.ts';
import type { AdminDeps } from '../admin-deps.ts';
import { verifyLedger } from '../verify-ledger.ts';
import { catalogueChecks, catalogueStatements, type Finding, judgeCatalogue } from './catalogue-check.ts';
import { probeTenant } from './probes.ts';

/** What one round of the audit came to. */
export interface Audited {
  readonly tenants: number;
  /** Facts compared and probes tried, over all tenants. */
  readonly checks: number;
  /** Tenants at which something was found. */
  readonly failed: number;
  /** Tenants whose audit could not be written down. */
  readonly unrecorded: number;
}

/**
 * Whether the walls between tenants stand: compares the catalogue with what it has to say, probes every tenant from outside, verifies a
 * part of its ledger, and records the outcome in each tenant's `audits`. Where something was found it also publishes `audit.failed` and stages an effect for people to
 * see. At most 100 tenants a round, others on another day. Safe to run twice at once. Rejects when the catalogue cannot be read.
 */
export async function runAudit(
  deps: Pick<AdminDeps, 'db' | 'memory' | 'newId'>,
  now: Date,
  verify: typeof verifyLedger = verifyLedger,
): Promise<Audited> {
  const [, facts] = await deps.db.batch({ role: 'reader' }, catalogueStatements);
  const [tenants] = await deps.db.batch({ role: 'reader' }, [tenantsOn(now)]);
  const ofAll = judgeCatalogue(facts);
  const total = { tenants: tenants.length, checks: 0, failed: 0, unrecorded: 0 };
  for (const [i, tenant] of tenants.entries()) {
    const probed = await probe(deps, tenant, tenants[(i + 1) % tenants.length] ?? tenant);
    const findings = [...ofAll, ...probed.findings, ...(await verify(deps, tenant, now))];
    const checks = catalogueChecks() + probed.probes;
    total.checks += checks;
    if (findings.length > 0) total.failed += 1;
    if (!(await record(deps, tenant, recordOf(deps, { findings, checks, now })))) total.unrecorded += 1;
  }
  return total;
}

/** An audit that could not be finished is not a passed one. */
async function probe({ db }: Pick<AdminDeps, 'db'>, tenant: string, next: string) {
  try {
    return await probeTenant(db, tenant, next === tenant ? 'ten_other' : next);
  } catch (error) {
    if (error instanceof DatabaseError) return { probes: 0, findings: [{ rule: 'probe.unfinished', where: error.sqlState }] };
    if (error instanceof ConnectionLost) return { probes: 0, findings: [{ rule: 'probe.unfinished', where: 'connection' }] };
    throw error;
  }
}

function recordOf({ newId }: Pick<AdminDeps, 'newId'>, audit: { findings: readonly Finding[]; checks: number; now: Date }): Changes {
  const given = { newId, now: audit.now };
  const audit_id = newId('aud');
  const findings = audit.findings.slice(0, mostFindings);
  const audits = [{ audit_id, ran_at: audit.now.toISOString(), ok: findings.length === 0, checks: audit.checks, findings }];
  if (findings.length === 0) return { audits };
  const data = { audit_id, findings: audit.findings.length };
  return {
    audits,
    events: [tell(given, { type: 'audit.failed', organization_id: null, subject_id: audit_id, data })],
    effects: [stageEffect(given, { kind: 'audit.report', aggregate: 'audits', payload: { audit_id, findings } })],
  };
}

async function record({ memory }: Pick<AdminDeps, 'memory'>, tenant: string, changes: Changes): Promise<boolean> {
  try {
    return (await memory.commit(tenant, changes)) === 'done';
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

const mostFindings = 50;

/** A hundred tenants, others every day. */
const tenantsOn = (now: Date): Statement<readonly string[]> => ({
  name: 'audit.tenants',
  text: `select h.tenant_id from frontdesk.tenant_hosts h group by h.tenant_id order by md5(h.tenant_id || $1), h.tenant_id limit 100`,
  values: [now.toISOString().slice(0, 10)],
  read: (rows) => rows.map(({ tenant_id }) => String(tenant_id)),
});
