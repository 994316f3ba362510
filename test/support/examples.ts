/** For every operation of the catalogue a call that works: the shared suites iterate over it, and fail when an operation has none. */
import type { Operation } from '../../src/operations/operation.ts';
import { demoHost, type TestWorld } from './world.ts';

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
}

export function exampleOf({ name }: Operation): Example {
  const example = Object.entries(examples).find(([key]) => key === name)?.[1];
  if (!example) throw new Error(`test/support/examples.ts has no example of ${name}`);
  return example;
}

/** A stage of its own at the demo vendor, for an organization that nobody else is. */
export async function stageOf(t: TestWorld, { host = demoHost, domain = freshDomain() } = {}): Promise<Stage> {
  return { t, host, key: await t.key({ host, organization: { domain, name: 'An organization' } }) };
}

let made = 0;
export const freshDomain = (): string => `company-${++made}.example`;
export const freshProspect = () => ({ name: 'Northwind Freight', domain: freshDomain() });

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

const workspaceInput = async (stage: Stage): Promise<Input> => ({ workspace_id: (await freshWorkspace(stage)).id });
const workspace = { workspace_id: 'ws' };
const row = { workspace_id: 'ws', row_id: 'row' };

export const examples: Readonly<Record<string, Example>> = {
  get_capabilities: { input: async () => ({}), owned: {} },
  get_program_terms: {
    input: async ({ t, host }) => {
      const desk = await t.world.deps.desks.find(host);
      return { program_id: desk?.program.id, version: desk?.program.version };
    },
    owned: { program_id: 'prg' },
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
  record_referral: {
    input: async () => ({ prospect: freshProspect(), note: 'They asked for a trial.' }),
    other: async (_, input) => ({ ...input, note: 'They asked twice.' }),
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
};
