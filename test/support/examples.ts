/** For every operation of the catalogue a call that works: the shared suites iterate over it, and fail when an operation has none. */
import { typeidUnboxed } from 'typeid-js';
import { createKey } from '../../src/admin/create-key.ts';
import { claimAssertion } from '../../src/domain/claim-assertion.ts';
import { agentScopes, staffScopes } from '../../src/domain/scopes.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { keyPair, madeAgent } from './agents.ts';
import { freshConflict, freshJoin, provable } from './domains.ts';
import { freshReward } from './fresh-reward.ts';
import { claimsIn } from './oauth-world.ts';
import { payOut } from './pay-out.ts';
import { commitAt, sceneAt } from './qualify.ts';
import { sealAt } from './seal.ts';
import { sql, tenantAt } from './sql.ts';
import { demoHost, otherHost, type TestWorld } from './world.ts';

/** Whose call it is: a tenant, and an organization's key with the usual scopes. */
export interface Stage {
  readonly t: TestWorld;
  readonly host: string;
  readonly key: string;
}

export type Input = Readonly<Record<string, unknown>>;

export interface Example {
  /** Makes what the call needs and answers its input, each time a new one that can still be carried out. */
  readonly input: (stage: Stage) => Promise<Input>;
  /** Another input for the same operation, equally good. Writes only. */
  readonly other?: (stage: Stage, input: Input) => Promise<Input>;
  /** Fields that name something with an owner, and the prefix of their ids. */
  readonly owned: Readonly<Record<string, string>>;
  /** Fields of the answer that only the first one has: secrets that nothing keeps. */
  readonly shownOnce?: readonly string[];
  /** A call about what is not there, where no id says so. */
  readonly nowhere?: (
    stage: Stage,
  ) => Promise<{ readonly input: Input; readonly options: { readonly host: string; readonly key: string } }>;
}

export function exampleOf({ name }: Operation): Example {
  const example = Object.entries(examples).find(([key]) => key === name)?.[1];
  if (!example) throw new Error(`test/support/examples.ts has no example of ${name}`);
  return example;
}

/** A stage of its own at the demo vendor, for an organization that nobody else is. */
export async function stageOf(t: TestWorld, { host = demoHost, domain = freshDomain() } = {}): Promise<Stage> {
  return { t, host, key: await t.key({ host, organization: { domain, name: 'An organization' }, scopes: agentScopes }) };
}

/** By scopes that only back ends and people have, or by whose rows they see: there is no organization to call with. */
export const isForStaff = ({ access, name }: Operation): boolean =>
  name === 'list_capabilities_versions' || (access !== 'public' && staffScopes.some((scope) => scope === access.scope));

/** What an agent may do that signed in with a key of its own, and by no API key. */
export const isForSignedIn = ({ name }: Operation): boolean => name === 'rotate_agent_key';

/** A stage from which the operation can be called: an organization's, the vendor's own with every scope, or an agent's that signed in. */
export async function stageFor(operation: Operation, t: TestWorld, host = demoHost): Promise<Stage> {
  if (isForSignedIn(operation)) return signedInStage(t, host);
  return isForStaff(operation) ? staffStage(t, host) : stageOf(t, { host });
}

/** The vendor's own people, who reach the whole tenant: each time with another key. */
export async function staffStage(
  t: TestWorld,
  host = demoHost,
  scopes: readonly string[] = [...agentScopes, ...staffScopes],
): Promise<Stage> {
  const created = await createKey(t.world.admin, { host, agentName: 'staff', scopes });
  if (!created.ok) throw new Error(created.code);
  return { t, host, key: created.value.key };
}

/** An agent of an organization of its own with a token that it got by its key: it outlives whatever a suite does. */
export async function signedInStage(t: TestWorld, host = demoHost): Promise<Stage> {
  const agent = await madeAgent(t, { host });
  return { t, host, key: await agent.token(agentScopes, 30 * 86_400) };
}

/** Whom a stage's key is of: the agent that an access token is about, or that an API key was made for. */
export async function agentOfStage({ t, host, key }: Stage): Promise<string> {
  if (key.includes('.')) return String(claimsIn(key).sub);
  const [found] = await sql(t, 'select k.agent_id from frontdesk.api_keys k where k.secret_hash = sha256($1::text::bytea)', [key], host);
  return String(found?.agent_id);
}

/** A domain that an agent which is nobody's yet may ask to join. */
async function provableDomain(stage: Stage): Promise<Input> {
  const { domain } = await provable(stage);
  return { domain };
}

let made = 0;
export const freshDomain = (): string => `company-${++made}.example`;
export const freshProspect = () => ({ name: 'Northwind Freight', domain: freshDomain() });

/** A debt of an organization: something was taken back of what is on its way to it. Staff only. */
async function freshDebt(stage: Stage): Promise<Input> {
  const { t, host, key } = stage;
  const { reward_id, organization_id } = await freshReward(stage, 'sent');
  await t.send('POST', `/v1/rewards/${reward_id}/reverse`, { host, key, body: { amount_minor: 2000, reason: 'refunded' } });
  return { organization_id, currency: 'usd', amount_minor: 1000, reason: 'uncollectible' };
}

/** Somebody who was invited. Staff only. */
async function freshPerson(stage: Stage): Promise<Input> {
  const { id } = await made201(stage, '/v1/people', { email: `${freshDomain()}@people.example`, role: 'auditor' });
  return { person_id: id };
}

/** An application that waits. */
async function freshApplication({ t, host }: Stage): Promise<Input> {
  const application_id = typeidUnboxed('app');
  const none = { note: null, decided_at: null, decided_by: null, reason: null, organization_id: null, domain: null };
  const asked = { email: `${application_id}@people.example`, organization_name: 'Northern Agents', state: 'open' as const, version: 1 };
  await commitAt(t, host, { partner_applications: [{ ...none, ...asked, application_id, created_at: t.world.deps.now().toISOString() }] });
  return { application_id };
}

/** A webhook endpoint of the stage's own; its quota is never used up. */
async function freshEndpoint(stage: Stage): Promise<Input> {
  const made = await made201(stage, '/v1/webhook-endpoints', await endpointInput(stage));
  return { endpoint_id: made.id };
}

async function endpointInput({ t, host }: Stage): Promise<Input> {
  await sql(t, "update frontdesk.counters set value = 0 where name = 'webhooks.endpoints'", [], host);
  return { url: 'https://hooks.example.com/frontdesk', types: ['referral.created'] };
}

/** A delivery to an endpoint of the stage's own that was given up: a dead letter. */
async function freshDeadLetter(stage: Stage): Promise<string> {
  const { t, host } = stage;
  const { id: endpoint_id, organization_id } = await made201(stage, '/v1/webhook-endpoints', await endpointInput(stage));
  const [effect_id, at] = [t.world.admin.newId('eff'), t.world.deps.now().toISOString()];
  const event = { id: t.world.admin.newId('evt'), type: 'referral.created', api_version: 'v1', occurred_at: at, sequence: 1, data: {} };
  const delivery = { kind: 'webhook.deliver', aggregate: effect_id, destination: endpoint_id, payload: { endpoint_id, event } };
  await t.world.deps.memory.commit(await tenantAt(t, host), {
    effects: [{ ...delivery, effect_id, organization_id, due_at: at, created_at: at }],
  });
  await sql(t, "update frontdesk.outbox set state = 'dead' where effect_id = $1", [effect_id], host);
  return effect_id;
}

/** An address that shares its network with no other of this run. */
export const freshAddress = (): string => `10.${++made >> 8}.${made & 255}.7`;

/** Calls that must work: anything else is a mistake of the test. */
export async function made201(stage: Stage, path: string, body: unknown, method = 'POST') {
  const { t, host, key } = stage;
  const sent = await t.send(method, path, { host, key, body });
  if (sent.status >= 300) throw new Error(`${method} ${path}: ${sent.text}`);
  return sent.body;
}

/** A fresh workspace with the three default entities and one row in each. */
export async function freshWorkspace(stage: Stage, more: Input = {}): Promise<{ id: string; key: string; referralId: string }> {
  const made = await made201(stage, '/v1/workspaces/provision', { prospect: freshProspect(), seed_rows: 1, ...more });
  return { id: made.workspace.id, key: made.credentials.api_key, referralId: made.referral?.id };
}

export const account = (name = 'Alder') => ({ id: crypto.randomUUID(), name, created_at: '2026-01-02T03:04:05Z' });

async function freshRow(stage: Stage): Promise<Input> {
  const { id } = await freshWorkspace(stage);
  const { rows } = await made201(stage, `/v1/workspaces/${id}/data/account`, { rows: [account()] });
  return { workspace_id: id, entity: 'account', row_id: rows[0].id };
}

async function freshReferral(stage: Stage): Promise<string> {
  return (await made201(stage, '/v1/referrals', { prospect: freshProspect() })).referral.id;
}

/** Finds the organization of the key that is the first value. */
export const organizationOfKey = `organization_id = (
  select k.organization_id from frontdesk.api_keys k where k.secret_hash = sha256($1::text::bytea))`;

/** What a dispute can be opened with: a verified organization that has not used up its quota, and a referral of its own. */
async function disputeInput(stage: Stage): Promise<Input> {
  const { t, host, key } = stage;
  await sql(t, `update frontdesk.organizations set tier = 'domain_verified' where ${organizationOfKey}`, [key], host);
  await sql(t, "update frontdesk.counters set value = 0 where name = 'disputes.open'", [], host);
  return { referral_id: await freshReferral(stage), claim: 'We introduced them.', evidence_url: 'https://evidence.example/mail' };
}

const freshDispute = async (stage: Stage): Promise<Input> => ({
  dispute_id: (await made201(stage, '/v1/disputes', await disputeInput(stage))).id,
});

/** Of an organization at the vendor whose staff the stage is. */
const disputeOfOther = async ({ t, host }: Stage): Promise<Input> => freshDispute(await stageOf(t, { host }));
const referralOfOther = async ({ t, host }: Stage): Promise<Input> => ({ referral_id: await freshReferral(await stageOf(t, { host })) });
async function freshHold(stage: Stage): Promise<Input> {
  const { referral_id } = await referralOfOther(stage);
  const held = await made201(stage, `/v1/referrals/${referral_id}/holds`, { kind: 'risk', reason: 'suspected_fraud' });
  return { hold_id: held.id, because: 'cleared' };
}

const tokenInput = async (stage: Stage): Promise<Input> => ({ token_id: (await made201(stage, '/v1/referral-tokens', {})).id });
/** Input for what needs a sealed ledger. */
async function sealed({ t, host }: Stage, input: Input): Promise<Input> {
  await sealAt(t, host);
  return input;
}

/** Where nothing was sealed yet. */
async function unsealed({ t }: Stage) {
  return { input: {}, options: { host: otherHost, key: await t.key({ host: otherHost }) } };
}

/** The organization of the stage's key, or another one's where the stage is the vendor's own. */
async function organizationInput(stage: Stage): Promise<{ organization_id: string }> {
  const find = `select o.organization_id from frontdesk.organizations o where ${organizationOfKey}`;
  const [own] = await sql(stage.t, find, [stage.key], stage.host);
  return own ? { organization_id: String(own.organization_id) } : organizationInput(await stageOf(stage.t, { host: stage.host }));
}

/** A workspace that can be taken over, and the domain of its prospect. */
async function claimInput(stage: Stage): Promise<Input> {
  const prospect = freshProspect();
  const { id } = await freshWorkspace(stage, { prospect });
  return { workspace_id: id, verified_domain: prospect.domain, actor: 'Ada of Northwind' };
}

/** What a human brings to the sign-up page of the vendor who took a workspace over. */
async function freshClaimAssertion(stage: Stage): Promise<Input> {
  const claim = await claimInput(stage);
  const { workspace_id, verified_domain: domain } = claim;
  await made201(stage, `/v1/workspaces/${workspace_id}/claim`, { verified_domain: domain });
  const { desk, given } = await sceneAt(stage.t, stage.host);
  const used_at = given.now.toISOString();
  const proof = { workspace_id: String(workspace_id), proof_id: given.newId('mbx'), email: `ada@${domain}`, used_at };
  const { purpose, claims } = claimAssertion(proof, { domain: String(domain), referralId: null }, desk);
  return { assertion: await desk.sign(purpose, claims) };
}

/** An address that a provider's page may lead back to. */
async function ownAddress({ t, host }: Stage): Promise<Input> {
  const desk = await t.world.deps.desks.find(host);
  return { return_url: desk?.vendor.signup_url };
}

const freshCustomer = (): string => `cus_${crypto.randomUUID().replaceAll('-', '')}`;
async function checkoutInput(stage: Stage): Promise<Input> {
  const desk = await stage.t.world.deps.desks.find(stage.host);
  const tier = desk?.vendor.pricing.tiers.find(({ model }) => model !== 'custom');
  return { workspace_id: (await freshWorkspace(stage)).id, tier: tier?.id };
}

const workspaceInput = async (stage: Stage): Promise<Input> => ({ workspace_id: (await freshWorkspace(stage)).id });
const deliveryInput = async (stage: Stage): Promise<Input> => ({ delivery_id: await freshDeadLetter(stage) });
const effectInput = async (stage: Stage): Promise<Input> => ({ effect_id: await freshDeadLetter(stage) });
const endpoint = { endpoint_id: 'whe' };
const workspace = { workspace_id: 'ws' };
const row = { workspace_id: 'ws', row_id: 'row' };

/** An agent in the organization of the stage's key. */
async function freshAgent(stage: Stage): Promise<Input> {
  const { organization_id } = await organizationInput(stage);
  return { agent_id: (await madeAgent(stage.t, { host: stage.host, organizationId: organization_id })).agentId };
}

/** Another key for the agent of the stage's own key. */
async function agentKeyInput(stage: Stage): Promise<Input> {
  const [agent_id, made] = await Promise.all([agentOfStage(stage), keyPair(stage.t, stage.host)]);
  return { agent_id, jwk: made.jwk, proof: await made.assertion(agent_id), overlap_hours: 1 };
}

/** An API key for the organization of the stage's key, whose other keys are out of the way of its quota. */
async function apiKeyInput(stage: Stage): Promise<Input> {
  const { t, host, key } = stage;
  const input = { ...(await organizationInput(stage)), scopes: ['referrals:read'] };
  const revoke = `update frontdesk.api_keys set revoked_at = $2 where revoked_at is null and secret_hash <> sha256($1::text::bytea) and ${organizationOfKey}`;
  await sql(t, revoke, [key, t.world.deps.now()], host);
  return input;
}

const freshApiKey = async (stage: Stage): Promise<Input> => ({
  key_id: (await made201(stage, '/v1/api-keys', await apiKeyInput(stage))).id,
});

export const examples: Readonly<Record<string, Example>> = {
  get_capabilities: { input: async () => ({}), owned: {} },
  get_program_terms: {
    input: async ({ t, host }) => {
      const desk = await t.world.deps.desks.find(host);
      return { program_id: desk?.program.id, version: desk?.program.version };
    },
    owned: { program_id: 'prg' },
  },
  estimate_reward: {
    input: async ({ t, host }) => ({
      ...{ program_id: (await t.world.deps.desks.find(host))?.program.id, amount_minor: 9_900, currency: 'usd', months: 3 },
    }),
    owned: {},
    nowhere: async ({ host, key }) => ({
      input: { program_id: 'prg_00000000000000000000000000', amount_minor: 9_900, currency: 'usd' },
      options: { host, key },
    }),
  },
  provision_workspace: {
    input: async () => ({ prospect: freshProspect(), seed_rows: 1, ttl_hours: 2 }),
    other: async (_, input) => ({ ...input, seed_rows: 2 }),
    owned: {},
  },
  get_workspace: { input: workspaceInput, owned: workspace },
  list_workspaces: {
    input: async (stage) => {
      await freshWorkspace(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  list_workspace_rows: {
    input: async (stage) => ({ workspace_id: (await freshWorkspace(stage)).id, entity: 'deal', limit: 5, filter: { currency: 'eur' } }),
    owned: workspace,
  },
  write_workspace_rows: {
    input: async (stage) => ({ workspace_id: (await freshWorkspace(stage)).id, entity: 'account', rows: [account()] }),
    other: async (_, input) => ({ ...input, rows: [account('Birch')] }),
    owned: workspace,
  },
  get_workspace_row: { input: freshRow, owned: row },
  update_workspace_row: {
    input: async (stage) => ({ ...(await freshRow(stage)), values: { name: 'Cedar' } }),
    other: async (_, input) => ({ ...input, values: { name: 'Douglas' } }),
    owned: row,
  },
  delete_workspace_row: { input: freshRow, other: freshRow, owned: row },
  rotate_workspace_credentials: { input: workspaceInput, other: workspaceInput, owned: workspace },
  revoke_workspace: { input: workspaceInput, other: workspaceInput, owned: workspace },
  create_referral_token: {
    input: async () => ({ campaign: 'spring', ttl_days: 30 }),
    other: async () => ({ campaign: 'autumn', ttl_days: 30 }),
    owned: {},
  },
  revoke_referral_token: { input: tokenInput, other: tokenInput, owned: { token_id: 'rtk' } },
  record_referral: {
    input: async () => ({ prospect: freshProspect(), note: 'They asked for a trial.' }),
    other: async (_, input) => ({ ...input, note: 'They asked twice.' }),
    owned: {},
  },
  record_referral_batch: {
    input: async () => ({ referrals: [{ prospect: freshProspect() }, { prospect: freshProspect(), note: 'They asked for a trial.' }] }),
    other: async () => ({ referrals: [{ prospect: freshProspect() }] }),
    owned: {},
  },
  report_events: {
    input: async ({ t }) => ({
      ...{ id: crypto.randomUUID(), type: 'usage.reported', subject: { prospect_domain: freshDomain() }, data: { seats: 3 } },
      occurred_at: t.world.deps.now().toISOString(),
    }),
    other: async (_, input) => ({ ...input, type: 'product.activated' }),
    owned: {},
  },
  get_referral: { input: async (stage) => ({ referral_id: await freshReferral(stage) }), owned: { referral_id: 'ref' } },
  list_referrals: {
    input: async (stage) => {
      await freshReferral(stage);
      return { limit: 5, status: 'pending' };
    },
    owned: {},
  },
  get_receipt: {
    input: async (stage) => {
      const referral_id = await freshReferral(stage);
      await sealAt(stage.t, stage.host);
      return { referral_id };
    },
    owned: { referral_id: 'ref' },
  },
  get_ledger_checkpoint: { input: async (stage) => sealed(stage, {}), owned: {}, nowhere: unsealed },
  get_ledger_consistency: {
    input: async (stage) => sealed(stage, { from: 1, to: 1 }),
    owned: {},
    nowhere: async ({ host, key }) => ({ input: { from: 1, to: 999_999_999 }, options: { host, key } }),
  },
  export_ledger: { input: async (stage) => sealed(stage, {}), owned: {}, nowhere: unsealed },
  list_events: { input: async () => ({ limit: 5 }), owned: {} },
  create_webhook_endpoint: {
    input: endpointInput,
    other: async (stage) => ({ ...(await endpointInput(stage)), types: ['*'] }),
    owned: {},
  },
  list_webhook_endpoints: {
    input: async (stage) => {
      await freshEndpoint(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  get_webhook_endpoint: { input: freshEndpoint, owned: endpoint },
  update_webhook_endpoint: {
    input: async (stage) => ({ ...(await freshEndpoint(stage)), types: ['referral.created', 'dispute.opened'], enabled: false }),
    other: async (_, input) => ({ ...input, enabled: true }),
    owned: endpoint,
  },
  delete_webhook_endpoint: { input: freshEndpoint, other: freshEndpoint, owned: endpoint },
  rotate_webhook_endpoint_secret: { input: freshEndpoint, other: freshEndpoint, owned: endpoint },
  list_webhook_endpoint_deliveries: { input: async (stage) => ({ ...(await freshEndpoint(stage)), limit: 5 }), owned: endpoint },
  replay_webhook_delivery: { input: deliveryInput, other: deliveryInput, owned: { delivery_id: 'eff' } },
  list_effects: {
    input: async (stage) => {
      await freshDeadLetter(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  list_reconciliations: {
    input: async ({ t, host }) => {
      const at = t.world.deps.now().toISOString();
      const { given } = await sceneAt(t, host);
      const findings = [{ what: 'clearing_differs', organization: given.newId('org'), currency: 'usd', amount_minor: '1' }];
      await commitAt(t, host, { reconciliations: [{ reconciliation_id: given.newId('rec'), ran_at: at, ok: false, checks: 1, findings }] });
      return { limit: 5 };
    },
    owned: {},
  },
  retry_effect: { input: effectInput, other: effectInput, owned: { effect_id: 'eff' } },
  discard_effect: { input: effectInput, other: effectInput, owned: { effect_id: 'eff' } },
  list_payout_totals: { input: async () => ({ year: 2026 }), owned: {} },
  list_rewards: {
    input: async (stage) => {
      await freshReward(stage);
      return { limit: 5, status: 'held' };
    },
    owned: {},
  },
  get_reward: {
    input: async (stage) => ({ reward_id: (await freshReward(stage, 'sent')).reward_id }),
    owned: { reward_id: 'rwd' },
  },
  get_balance: {
    input: async (stage) => ({ organization_id: (await freshReward(stage)).organization_id }),
    owned: { organization_id: 'org' },
  },
  list_ledger_entries: {
    input: async (stage) => {
      await freshReward(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  confirm_reward: {
    input: async (stage) => ({ reward_id: (await freshReward(stage, 'sent')).reward_id, reference: 'bank-1' }),
    other: async (_, input) => ({ ...input, reference: 'bank-2' }),
    owned: { reward_id: 'rwd' },
  },
  reverse_reward: {
    input: async (stage) => ({ reward_id: (await freshReward(stage)).reward_id, amount_minor: 2000, reason: 'refunded', source: 're_1' }),
    other: async (_, input) => ({ ...input, amount_minor: 3000 }),
    owned: { reward_id: 'rwd' },
  },
  write_balance_off: {
    input: freshDebt,
    other: async (_, input) => ({ ...input, amount_minor: 1500 }),
    owned: { organization_id: 'org' },
  },
  open_dispute: {
    input: disputeInput,
    other: async (_, input) => ({ ...input, claim: 'We introduced them twice.' }),
    owned: { referral_id: 'ref' },
  },
  get_dispute: { input: freshDispute, owned: { dispute_id: 'dsp' } },
  list_disputes: {
    input: async (stage) => {
      await freshDispute(stage);
      return { limit: 5, status: 'open' };
    },
    owned: {},
  },
  add_dispute_evidence: {
    input: async (stage) => ({ ...(await freshDispute(stage)), claim: 'See the mail.', evidence_url: 'https://evidence.example/2' }),
    other: async (_, input) => ({ ...input, claim: 'See the other mail.' }),
    owned: { dispute_id: 'dsp' },
  },
  withdraw_dispute: { input: freshDispute, other: freshDispute, owned: { dispute_id: 'dsp' } },
  decide_dispute: {
    input: async (stage) => ({ ...(await disputeOfOther(stage)), outcome: 'upheld', reason: 'evidence_shown', note: 'They showed it.' }),
    other: async (_, input) => ({ ...input, reason: 'first_contact_shown' }),
    owned: { dispute_id: 'dsp' },
  },
  open_referral_hold: {
    input: async (stage) => ({ ...(await referralOfOther(stage)), kind: 'risk', reason: 'suspected_fraud' }),
    other: async (_, input) => ({ ...input, kind: 'review' }),
    owned: { referral_id: 'ref' },
  },
  list_referral_holds: { input: referralOfOther, owned: { referral_id: 'ref' } },
  release_referral_hold: { input: freshHold, other: freshHold, owned: { hold_id: 'hld' } },
  reissue_workspace_claim_link: { input: workspaceInput, other: workspaceInput, owned: workspace },
  claim_workspace: {
    input: claimInput,
    other: async (_, input) => ({ ...input, actor: 'Grace of Northwind' }),
    owned: workspace,
    shownOnce: ['credentials', 'credentials_reason'],
  },
  open_checkout: { input: checkoutInput, other: checkoutInput, owned: workspace },
  get_organization: { input: organizationInput, owned: { organization_id: 'org' } },
  link_organization_customer: {
    input: async (stage) => ({ ...(await organizationInput(stage)), stripe_customer: freshCustomer() }),
    other: async (_, input) => ({ ...input, stripe_customer: freshCustomer() }),
    owned: { organization_id: 'org' },
  },
  create_payout_link: {
    input: async (stage) => {
      await payOut(stage.t);
      await sql(stage.t, `update frontdesk.organizations set tier = 'domain_verified' where ${organizationOfKey}`, [stage.key], stage.host);
      return { ...(await organizationInput(stage)), kind: 'account' };
    },
    other: async (stage, input) => ({ ...input, ...(await ownAddress(stage)) }),
    owned: { organization_id: 'org' },
  },
  invite_person: {
    input: async () => ({ email: `${freshDomain()}@people.example`, role: 'auditor' }),
    other: async () => ({ email: `${freshDomain()}@people.example`, role: 'auditor' }),
    owned: {},
    nowhere: async ({ host, key }) => ({
      input: { email: `${freshDomain()}@people.example`, role: 'partner', organization_ids: [typeidUnboxed('org')] },
      options: { host, key },
    }),
  },
  list_people: {
    input: async (stage) => {
      await freshPerson(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  update_person: {
    input: async (stage) => ({ ...(await freshPerson(stage)), role: 'operator' }),
    other: async (_, input) => ({ ...input, role: 'auditor' }),
    owned: { person_id: 'psn' },
  },
  remove_person: { input: freshPerson, other: freshPerson, owned: { person_id: 'psn' } },
  create_partner_application: {
    input: async () => ({ email: `${freshDomain()}@people.example`, organization_name: 'Northern Agents', domain: freshDomain() }),
    owned: {},
  },
  list_partner_applications: {
    input: async (stage) => {
      await freshApplication(stage);
      return { limit: 5, state: 'open' };
    },
    owned: {},
  },
  decide_partner_application: {
    input: async (stage) => ({ ...(await freshApplication(stage)), approve: true }),
    other: async (stage) => ({ ...(await freshApplication(stage)), approve: true }),
    owned: { application_id: 'app' },
  },
  get_challenge: { input: async () => ({ operation: 'provision_workspace', input_sha256: 'a'.repeat(64) }), owned: {} },
  get_my_status: { input: async () => ({}), owned: {} },
  list_agents: {
    input: async (stage) => {
      await freshAgent(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  get_agent: { input: freshAgent, owned: { agent_id: 'agt' } },
  rotate_agent_key: { input: agentKeyInput, other: agentKeyInput, owned: { agent_id: 'agt' } },
  revoke_agent: { input: freshAgent, other: freshAgent, owned: { agent_id: 'agt' } },
  revoke_organization_agents: {
    input: organizationInput,
    other: async () => ({ organization_id: typeidUnboxed('org') }),
    owned: { organization_id: 'org' },
  },
  list_api_keys: {
    input: async (stage) => {
      await freshApiKey(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  create_api_key: {
    input: apiKeyInput,
    other: async (_, input) => ({ ...input, scopes: ['referrals:read', 'ledger:read'] }),
    owned: { organization_id: 'org' },
    shownOnce: ['key', 'key_reason'],
  },
  rotate_api_key: { input: freshApiKey, other: freshApiKey, owned: { key_id: 'key' }, shownOnce: ['key', 'key_reason'] },
  revoke_api_key: { input: freshApiKey, other: freshApiKey, owned: { key_id: 'key' } },
  verify_organization: { input: provable, other: provable, owned: {} },
  request_organization_join: { input: provableDomain, other: provableDomain, owned: {} },
  list_organization_joins: {
    input: async (stage) => {
      await freshJoin(stage);
      return { limit: 5, state: 'open' };
    },
    owned: {},
  },
  decide_organization_join: {
    input: async (stage) => ({ ...(await freshJoin(stage)), approve: true }),
    other: async (_, input) => ({ ...input, approve: false }),
    owned: { join_id: 'jrq' },
  },
  list_domain_conflicts: {
    input: async (stage) => {
      await freshConflict(stage);
      return { limit: 5, state: 'open' };
    },
    owned: {},
  },
  decide_domain_conflict: {
    input: async (stage) => ({ ...(await freshConflict(stage)), outcome: 'move', reason: 'Their registrar confirms it.' }),
    other: async (_, input) => ({ ...input, outcome: 'keep' }),
    owned: { conflict_id: 'dcf' },
  },
  get_referral_file: { input: async (stage) => ({ referral_id: await freshReferral(stage) }), owned: { referral_id: 'ref' } },
  list_reviews: {
    input: async (stage) => {
      await freshDispute(stage);
      return { limit: 5, kind: 'dispute' };
    },
    owned: {},
  },
  get_dispute_file: { input: freshDispute, owned: { dispute_id: 'dsp' } },
  get_ledger_status: { input: async (stage) => sealed(stage, {}), owned: {} },
  redeem_claim_assertion: {
    input: freshClaimAssertion,
    other: freshClaimAssertion,
    owned: {},
    shownOnce: ['credentials', 'credentials_reason'],
    nowhere: async ({ host, key }) => ({ input: { assertion: 'of.somebody.else' }, options: { host, key } }),
  },
  search_workspaces: {
    input: async (stage) => {
      await freshWorkspace(stage);
      return { limit: 5, status: 'active' };
    },
    owned: {},
  },
  search_rewards: {
    input: async (stage) => {
      await freshReward(stage);
      return { limit: 5, status: 'held' };
    },
    owned: {},
  },
  list_balances: {
    input: async (stage) => {
      await freshReward(stage);
      return { limit: 5 };
    },
    owned: {},
  },
  list_organizations: { input: async () => ({ limit: 5, sort: 'created' }), owned: {} },
  get_organization_file: { input: organizationInput, owned: { organization_id: 'org' } },
  get_overview: { input: async () => ({ days: 7, status: 'pending' }), owned: {} },
  list_capabilities_versions: {
    input: async () => ({}),
    owned: {},
    // What was offered before is the vendor's own: for everybody else there is none.
    nowhere: async ({ t, host }) => ({ input: {}, options: { host, key: (await stageOf(t, { host })).key } }),
  },
  verify_capabilities: { input: async () => ({}), owned: {} },
  search_referrals: {
    input: async (stage) => {
      await freshReferral(stage);
      return { limit: 5, sort: '-created', status: 'pending,qualified' };
    },
    owned: {},
  },
  export_referrals: { input: async () => ({ from: '2026-01-01', status: 'rejected' }), owned: {} },
};
