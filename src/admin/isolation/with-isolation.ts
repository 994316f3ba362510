import type { AdminDeps } from '../admin-deps.ts';
import { catalogueChecks, catalogueStatements, judgeCatalogue } from './catalogue-check.ts';

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/**
 * The same report with one check more: whether the catalogue says of policies, grants, triggers and keys what it has to say. For people;
 * readiness does without it, because a grant too many is no reason to stop serving. A database that does not answer is reported already.
 */
export async function withIsolation({ db }: Pick<AdminDeps, 'db'>, health: HealthReport): Promise<HealthReport> {
  const facts = await db.batch({ role: 'reader' }, catalogueStatements).then(
    ([, found]) => found,
    () => null,
  );
  if (facts === null) return health;
  const findings = judgeCatalogue(facts);
  const named = findings.slice(0, 5).map(({ rule, where }) => `${rule}: ${where}`);
  const more = findings.length > named.length ? `; and ${findings.length - named.length} more` : '';
  const detail =
    findings.length === 0
      ? `Policies, grants, triggers and keys are what they have to be: ${catalogueChecks()} checks.`
      : `${named.join('; ')}${more}.`;
  return { ok: health.ok && findings.length === 0, checks: [...health.checks, { name: 'isolation', ok: findings.length === 0, detail }] };
}
