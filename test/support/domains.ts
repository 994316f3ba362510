/** What operations about domains and about joining need: organizations that are known by their key only, conflicts, requests. */
import { typeidUnboxed } from 'typeid-js';
import { freshDomain, freshWorkspace, type Input, made201, organizationOfKey, type Stage, stageOf } from './examples.ts';
import { commitAt } from './qualify.ts';
import { sql } from './sql.ts';

/** The organization of the stage's key has no domain, and nobody vouches for it. */
export async function asNewcomer({ t, host, key }: Stage): Promise<void> {
  await sql(t, `update frontdesk.organizations set domain = null, tier = 'key_bound' where ${organizationOfKey}`, [key], host);
  // Those before it came from the same network.
  await sql(t, "delete from frontdesk.limits where bucket ~ '^(new|join|domain_proof):'", [], host);
}

/** The agent of the stage's key has a public key as well. */
export async function withOwnKey({ t, host, key }: Stage): Promise<void> {
  await sql(
    t,
    `insert into frontdesk.agent_keys (tenant_id, thumbprint, agent_id, organization_id, public_jwk, state, created_at)
     select a.tenant_id, rpad(replace(a.agent_id, '_', '-'), 43, 'x'), a.agent_id, a.organization_id, '{}', 'active', a.created_at
     from frontdesk.agents a join frontdesk.api_keys k on k.agent_id = a.agent_id where k.secret_hash = sha256($1::text::bytea)
     on conflict do nothing`,
    [key],
    host,
  );
}

/** A domain that the stage's organization may still prove. */
export async function provable(stage: Stage): Promise<Input> {
  await asNewcomer(stage);
  await withOwnKey(stage);
  await sql(stage.t, "update frontdesk.counters set value = 0 where name = 'domain_proofs.open'", [], stage.host);
  return { domain: freshDomain(), method: 'dns_txt' };
}

/** A request of an agent with a workspace to join the stage's organization, which has a domain. */
export async function freshJoin(stage: Stage): Promise<Input> {
  const { t, host, key } = stage;
  const domain = freshDomain();
  await sql(t, `update frontdesk.organizations set domain = $2 where ${organizationOfKey}`, [key, domain], host);
  await sql(t, "update frontdesk.counters set value = 0 where name = 'workspaces.active'", [], host);
  const joiner = await stageOf(t, { host });
  await asNewcomer(joiner);
  await withOwnKey(joiner);
  await freshWorkspace(joiner);
  const { join } = await made201(joiner, '/v1/organization-joins', { domain });
  return { join_id: join.id };
}

/** An organization with a domain, and one that has proven it as well. */
export async function freshConflict({ t, host }: Stage): Promise<Input> {
  const domain = freshDomain();
  const [holder, challenger] = [await stageOf(t, { host, domain }), await stageOf(t, { host })];
  await asNewcomer(challenger);
  const [holderId, challengerId] = await Promise.all([holder, challenger].map(organizationIdOf));
  const [at, proofId, conflictId] = [t.world.deps.now().toISOString(), typeidUnboxed('dpf'), typeidUnboxed('dcf')];
  await commitAt(t, host, {
    domain_proofs: [
      {
        ...{ proof_id: proofId, organization_id: challengerId ?? '', domain, method: 'dns_txt', token: 'fd-token', state: 'disputed' },
        ...{ version: 1, failures: 0, created_at: at, expires_at: at, verified_at: null, checked_at: at },
      },
    ],
    domain_conflicts: [
      {
        ...{ conflict_id: conflictId, domain, holder_id: holderId ?? '', organization_id: challengerId ?? '', proof_id: proofId },
        ...{ state: 'open', version: 1, opened_at: at, decided_at: null, decided_by: null, reason: null },
      },
    ],
  });
  return { conflict_id: conflictId };
}

async function organizationIdOf({ t, host, key }: Stage): Promise<string> {
  const [row] = await sql(t, `select organization_id from frontdesk.organizations where ${organizationOfKey}`, [key], host);
  return String(row?.organization_id);
}
