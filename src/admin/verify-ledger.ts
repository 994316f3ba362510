import { ConnectionLost, DatabaseError, type Statement } from '../db/batch.ts';
import { proofQueries } from '../db/proof-queries.ts';
import { publicationQueries } from '../db/publication-queries.ts';
import { mostLeaves } from '../domain/seal.ts';
import { type LedgerFinding, verifyBlocks } from '../domain/verification/verify-blocks.ts';
import type { AdminDeps } from './admin-deps.ts';
import type { Finding } from './isolation/catalogue-check.ts';

type Deps = Pick<AdminDeps, 'db' | 'newId'>;

/**
 * Computes the hashes of the next blocks of a tenant's ledger again, after those of the last time and from the beginning once the end was
 * reached, and writes down what came of it. Reads at most 5,120 leaves. Answers what is broken, for the audit.
 */
export async function verifyLedger(deps: Deps, tenant: string, now: Date): Promise<readonly Finding[]> {
  try {
    const finding = await verifyNext(deps, tenant, now);
    return finding === null ? [] : [{ rule: `ledger.${finding.code}`, where: `block ${finding.block}` }];
  } catch (error) {
    if (error instanceof DatabaseError) return [{ rule: 'ledger.unfinished', where: error.sqlState }];
    if (error instanceof ConnectionLost) return [{ rule: 'ledger.unfinished', where: 'connection' }];
    throw error;
  }
}

async function verifyNext({ db, newId }: Deps, tenant: string, now: Date): Promise<LedgerFinding | null> {
  const context = { role: 'writer', tenant } as const;
  const [head, [last]] = await db.batch(context, [proofQueries.checkpoint(null), publicationQueries.verifications(1)]);
  if (head === null) return null;
  const next = last === undefined ? 0 : last.to_block + 1;
  // What was found broken is looked at again until it is whole.
  const from = last?.ok === false ? last.to_block : next < head.size ? next : 0;
  const leavesFrom = (block: number, limit: number) => proofQueries.exportedLeaves({ block, index: 0, size: head.size, limit });
  const [before, read] = await db.batch(context, [leavesFrom(Math.max(from - 1, 0), 1), leavesFrom(from, mostRead)]);
  const previous = from === 0 ? null : (before[0]?.hash ?? null);
  const { finding, blocks, leaves } = verifyBlocks(tenant, read, previous, read.length < mostRead);
  const to = finding?.block ?? from + Math.max(blocks - 1, 0);
  await db.batch(context, [recorded({ id: newId('vfy'), now, from: Math.min(from, to), to, leaves, finding })]);
  return finding;
}

/** Several whole blocks, whatever their size. */
const mostRead = 5 * mostLeaves;

function recorded(one: {
  id: string;
  now: Date;
  from: number;
  to: number;
  leaves: number;
  finding: LedgerFinding | null;
}): Statement<void> {
  const { id, now, from, to, leaves, finding } = one;
  return {
    name: 'verifications.record',
    text: `insert into frontdesk.verifications (tenant_id, verification_id, ran_at, from_block, to_block, leaves, ok, finding)
      values (current_setting('frontdesk.tenant'), $1, $2, $3, $4, $5, $6, $7)`,
    values: [id, now.toISOString(), from, to, leaves, finding === null, finding === null ? null : JSON.stringify(finding)],
    read: () => undefined,
  };
}
