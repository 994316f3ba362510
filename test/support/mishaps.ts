/** For every failure code, how a call of any operation meets it: what to send instead of a call that works. */

import { typeidUnboxed } from 'typeid-js';
import { grantedScopes } from '../../src/admin/create-key.ts';
import type { FailureCode } from '../../src/operations/failures.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { asNewcomer } from './domains.ts';
import { type CallOptions, callAt, type DoorName } from './doors.ts';
import { agentOfStage, exampleOf, freshProspect, type Input, organizationOfKey, type Stage, staffStage } from './examples.ts';
import type { Fault } from './faulty-world.ts';
import { freshReward } from './fresh-reward.ts';
import { sql } from './sql.ts';
import type { TestWorld } from './world.ts';

export interface Attempt {
  readonly input: Input;
  readonly options: CallOptions;
  /** What the database does during the call. */
  readonly fault?: Fault;
  /** Calls through an instance that has not served anything yet. */
  readonly cold?: true;
}

export interface Mishap {
  readonly doors: readonly DoorName[];
  readonly provoke: (operation: Operation, stage: Stage) => Promise<Attempt>;
}

const both: readonly DoorName[] = ['rest', 'mcp'];
const restOnly: readonly DoorName[] = ['rest'];

/** The call that works, with something else in its input or around it. */
function instead(change: (attempt: Attempt, operation: Operation, stage: Stage) => Attempt | Promise<Attempt>, doors = both): Mishap {
  return {
    doors,
    provoke: async (operation, stage) =>
      change({ input: await exampleOf(operation).input(stage), options: { key: stage.key, host: stage.host } }, operation, stage),
  };
}

const withOptions = (options: CallOptions, doors = both) =>
  instead((attempt) => ({ ...attempt, options: { ...attempt.options, ...options } }), doors);
const withInput = (fields: Input) => instead(({ input, options }) => ({ input: { ...input, ...fields }, options }));

export const mishaps: Readonly<Partial<Record<FailureCode, Mishap>>> = {
  'tenant.unknown': withOptions({ host: 'nobody.example' }),
  'request.invalid': withInput({ no_such_field: 1 }),
  'request.malformed': withOptions({ raw: '{"unfinished":', headers: { 'Content-Type': 'application/json' } }, restOnly),
  'media.unsupported': withOptions({ raw: '{}', headers: { 'Content-Type': 'text/plain' } }, restOnly),
  'body.too_large': withOptions({ raw: `{"x":"${'x'.repeat(300_000)}"}` }, restOnly),
  'auth.required': withOptions({ key: null }),
  'auth.invalid': withOptions({ key: 'fd_key_dev_typo' }),
  'scope.missing': instead(async (attempt, operation, stage) => ({
    ...attempt,
    options: { ...attempt.options, key: await keyWithout(operation, stage) },
  })),
  'challenge.required': withOptions({ key: null, headers: { 'Challenge-Response': 'no answer to anything' } }, restOnly),
  'rate.limited': instead(async (attempt, _, stage) => {
    await exhaustLimit(stage);
    return attempt;
  }),
  'idempotency.key_missing': withOptions({ idempotencyKey: null }),
  'idempotency.key_weak': withOptions({ key: null, idempotencyKey: 'twenty-one-characters' }),
  'idempotency.mismatch': instead(async (attempt, operation, stage) => {
    const idempotencyKey = crypto.randomUUID();
    await callAt('rest', stage.t, operation, attempt.input, { ...attempt.options, idempotencyKey });
    const other = await exampleOf(operation).other?.(stage, attempt.input);
    if (!other) throw new Error(`test/support/examples.ts has no other input for ${operation.name}`);
    return { input: other, options: { ...attempt.options, idempotencyKey } };
  }),
  'resource.not_found': instead(
    async ({ input, options }, operation, stage) =>
      (await exampleOf(operation).nowhere?.(stage)) ?? { input: { ...input, ...missingIds(operation) }, options },
  ),
  'resource.conflict': instead(async (attempt, operation, { t, host }) => {
    if (operation.name === 'decide_domain_conflict') {
      const end = `update frontdesk.domain_proofs p set state = 'expired' from frontdesk.domain_conflicts c
        where c.conflict_id = $1 and p.proof_id = c.proof_id`;
      await sql(t, end, [String(attempt.input.conflict_id)], host);
      return attempt;
    }
    if (operation.name !== 'link_organization_customer') return carriedOut(attempt, operation, t);
    // Another organization has the customer.
    const { input: taken } = await carriedOut(
      { ...attempt, input: await exampleOf(operation).input({ t, host, key: attempt.options.key ?? '' }) },
      operation,
      t,
    );
    return { ...attempt, input: { ...attempt.input, stripe_customer: taken.stripe_customer } };
  }),
  'workspace.gone': instead(async (attempt, _, { t }) => {
    t.advance(73 * 3_600_000);
    return attempt;
  }),
  'state.forbidden': instead(async (attempt, operation, stage) => {
    const { t, host } = stage;
    if (attempt.input.reward_id !== undefined) {
      const { reward_id } = await freshReward(stage, 'expired');
      return { ...attempt, input: { ...attempt.input, reward_id } };
    }
    if (operation.name === 'create_payout_link') {
      t.provider.refuseNext('state.forbidden');
      return attempt;
    }
    if (['verify_organization', 'request_organization_join'].includes(operation.name)) {
      return { ...attempt, options: { host, key: await backEndKey(t, host) } };
    }
    if (/^decide_(?:organization_join|domain_conflict|partner_application)$/.test(operation.name)) return carriedOut(attempt, operation, t);
    if (attempt.input.person_id !== undefined) {
      // Nobody else is an operator.
      const alone = `update frontdesk.people set role = case when person_id = $1 then 'operator' else 'auditor' end`;
      await sql(t, alone, [String(attempt.input.person_id)], host);
      return { ...attempt, input: { ...attempt.input, ...(operation.name === 'update_person' ? { role: 'auditor' } : {}) } };
    }
    if (operation.name === 'create_api_key') {
      await asNewcomer(stage);
      return attempt;
    }
    if (operation.name === 'rotate_agent_key') return { ...attempt, options: { host, key: await backEndKey(t, host) } };
    if (operation.name === 'rotate_api_key') {
      await sql(
        t,
        'update frontdesk.api_keys set revoked_at = $2 where key_id = $1',
        [String(attempt.input.key_id), t.world.deps.now()],
        host,
      );
      return attempt;
    }
    if (operation.name === 'create_referral_token') return { ...attempt, options: { host, key: await backEndKey(t, host) } };
    if (operation.name === 'open_dispute') {
      await sql(t, `update frontdesk.organizations set tier = 'key_bound' where ${organizationOfKey}`, [stage.key], stage.host);
      return attempt;
    }
    if (attempt.input.dispute_id !== undefined) {
      const end = "update frontdesk.disputes set status = 'denied', decided_at = $2 where dispute_id = $1";
      await sql(t, end, [String(attempt.input.dispute_id), t.world.deps.now()], host);
      return attempt;
    }
    if (operation.name === 'redeem_claim_assertion') return carriedOut(attempt, operation, t);
    if (operation.name === 'write_balance_off') return { ...attempt, input: { ...attempt.input, currency: 'eur' } };
    if (operation.name.endsWith('_hold')) return carriedOut(attempt, operation, t);
    const effect = attempt.input.delivery_id ?? attempt.input.effect_id;
    if (effect !== undefined) {
      const discard = "update frontdesk.outbox set state = 'discarded', settled_at = $2 where effect_id = $1";
      await sql(t, discard, [String(effect), t.world.deps.now()], host);
      return attempt;
    }
    await sql(
      t,
      "update frontdesk.workspaces set status = 'suspended' where workspace_id = $1",
      [String(attempt.input.workspace_id)],
      host,
    );
    return attempt;
  }),
  'quota.exhausted': instead(async (attempt, operation, { t, host, key }) => {
    if (operation.name === 'create_api_key') await manyApiKeys({ t, host, key });
    else if (operation.name === 'create_partner_application') await manyApplications(t, host);
    else if (operation.name === 'write_workspace_rows')
      await sql(
        t,
        'update frontdesk.workspaces set row_limit = row_count where workspace_id = $1',
        [String(attempt.input.workspace_id)],
        host,
      );
    else {
      const name = counters[operation.name] ?? 'workspaces.active';
      await sql(
        t,
        `insert into frontdesk.counters (tenant_id, name, subject, value, "limit")
         select k.tenant_id, $2, k.organization_id, 1000, 1000 from frontdesk.api_keys k where k.secret_hash = sha256($1::text::bytea)
         on conflict (tenant_id, name, subject) do update set value = frontdesk.counters."limit"`,
        [key, name],
        host,
      );
    }
    return attempt;
  }),
  'terms.changed': withInput({ expected_terms_sha256: '0'.repeat(64) }),
  'schema.unsupported': withInput({ schema: { format: 'json-schema', document: { $ref: 'https://elsewhere.example/schema.json' } } }),
  'attribution.token_invalid': instead(({ input, options }, { name }) => {
    if (name === 'open_dispute')
      return { input: { claim: 'It was us.', prospect: freshProspect(), referral_token: 'not.a.token' }, options };
    if (name === 'record_referral_batch')
      return { input: { referrals: [{ prospect: freshProspect(), attribution: { referral_token: 'not.a.token' } }] }, options };
    if (name === 'report_events') return { input: { ...input, subject: { referral_token: 'not.a.token' } }, options };
    const presented =
      name === 'create_referral_token' ? { parent_token: 'not.a.token' } : { attribution: { referral_token: 'not.a.token' } };
    return { input: { ...input, ...presented }, options };
  }),
  'upstream.unavailable': instead((attempt, _, { t }) => {
    t.provider.refuseNext('upstream.unavailable');
    return attempt;
  }),
  'ledger.busy': instead((attempt, { kind }) => ({ ...attempt, fault: 'lost', ...(kind === 'document' ? { cold: true as const } : {}) })),
  internal: instead((attempt, { kind }) => ({ ...attempt, fault: 'broken', ...(kind === 'document' ? { cold: true as const } : {}) })),
};

/** As many live API keys as an organization may have. */
async function manyApiKeys({ t, host, key }: Stage): Promise<void> {
  await sql(
    t,
    `insert into frontdesk.api_keys (tenant_id, key_id, secret_hash, last4, organization_id, scopes, created_at)
     select k.tenant_id, k.key_id || n, sha256((k.key_id || n)::bytea), 'many', k.organization_id, k.scopes, k.created_at
     from frontdesk.api_keys k, generate_series(1, 100) n where k.secret_hash = sha256($1::text::bytea)`,
    [key],
    host,
  );
}

/** As many applications as may wait at once. */
async function manyApplications(t: TestWorld, host: string): Promise<void> {
  await sql(
    t,
    `insert into frontdesk.partner_applications (tenant_id, application_id, email, organization_name, state, version, created_at)
     select p.tenant_id, 'app_' || n, n || '@waiting.example', 'x', 'open', 1, $1 from frontdesk.tenants p, generate_series(1, 500) n
     on conflict do nothing`,
    [t.world.deps.now()],
    host,
  );
}

/** Which counter an operation's quota is. */
const counters: Readonly<Record<string, string>> = {
  record_referral: 'referrals.open_declared',
  record_referral_batch: 'referrals.open_declared',
  create_webhook_endpoint: 'webhooks.endpoints',
  verify_organization: 'domain_proofs.open',
  open_dispute: 'disputes.open',
};

/** A key of the stage's tenant that has every usual scope but the one that the operation asks for. */
export async function keyWithout({ access }: Operation, { t, host }: Stage): Promise<string> {
  const scopes = grantedScopes.filter((scope) => access === 'public' || scope !== access.scope);
  return t.key({ host, scopes, organization: { domain: 'narrow.example' }, agentName: 'narrow' });
}

/** Ids in the form of the operation's own that name nothing. */
export function missingIds(operation: Operation): Input {
  return Object.fromEntries(Object.entries(exampleOf(operation).owned).map(([field, prefix]) => [field, typeidUnboxed(prefix)]));
}

/** So many strangers came that none is let in any more, for a day, without a challenge. */
export async function crowd(t: TestWorld, host: string): Promise<void> {
  await sql(
    t,
    `insert into frontdesk.limits (tenant_id, bucket, tat) select t.tenant_id, 'strangers', $1::timestamptz + interval '1 day' from frontdesk.tenants t
     on conflict (tenant_id, bucket) do update set tat = excluded.tat`,
    [t.world.deps.now()],
    host,
  );
}

/** Nothing is left of the limit of the stage's key, for a day. */
export async function exhaustLimit(stage: Stage): Promise<void> {
  const { t, host, key } = stage;
  await sql(
    t,
    `insert into frontdesk.limits (tenant_id, bucket, tat)
     select t.tenant_id, b, $2::timestamptz + interval '1 day' from frontdesk.tenants t, (
       select unnest(array['key:' || k.key_id, 'agt:' || k.agent_id]) from frontdesk.api_keys k where k.secret_hash = sha256($1::text::bytea)
       union select 'agt:' || $3::text) x(b) where b <> ''
     on conflict (tenant_id, bucket) do update set tat = excluded.tat`,
    [key, t.world.deps.now(), await agentOfStage(stage)],
    host,
  );
}

/** A key without an organization: it reaches the whole tenant. */
export async function backEndKey(t: TestWorld, host: string): Promise<string> {
  return (await staffStage(t, host)).key;
}

/** The same call has been carried out before. */
async function carriedOut(attempt: Attempt, operation: Operation, t: TestWorld): Promise<Attempt> {
  await callAt('rest', t, operation, attempt.input, attempt.options);
  return attempt;
}
