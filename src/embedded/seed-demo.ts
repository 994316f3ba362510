import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { AdminDeps } from '../admin/admin-deps.ts';
import { applyVendor } from '../admin/apply-vendor.ts';
import { createKey } from '../admin/create-key.ts';
import { inviteOperator } from '../admin/invite-operator.ts';
import type { Refusal } from '../domain/result.ts';

/** What scripts read of a running demo. Parts that do not exist yet are null. */
const demo = z.object({
  api_url: z.string(),
  mcp_url: z.string(),
  /** Signs its holder in as the operator, once, within a day of the start. */
  ledger_login_url: z.string().nullable(),
  organizations: z.array(z.object({ domain: z.string(), api_key: z.string() })),
  events_key: z.string(),
  /** With the bearer token of its control API; null where a real account is connected. */
  stripe_simulator_url: z.string().nullable().default(null),
  stripe_simulator_token: z.string().nullable().default(null),
});
export type Demo = z.output<typeof demo>;

/** The first of them is also the demo's paying customer. */
export const organizations = [
  { domain: 'acme-ops.example', name: 'Acme Ops', agentName: 'ops-optimizer' },
  { domain: 'procura.example', name: 'Procura', agentName: 'procure-bot' },
  { domain: 'northwind-freight.example', name: 'Northwind Freight', agentName: 'northwind-it' },
];

/**
 * Makes the embedded default what its vendor file says, and gives a few organizations keys. Keys are made once: `demo.json` of an
 * earlier start (`readDemo`) is their only copy, so it is kept, and only addresses change.
 */
export async function seedDemo(
  deps: AdminDeps,
  kept: Demo | null,
  vendor: unknown,
  origin: string,
  simulator: { readonly url: string; readonly controlToken: string } | null,
): Promise<Demo> {
  const applied = await applyVendor(deps, { raw: vendor, origin, hosts: ['localhost'] });
  if (!applied.ok) throw new Error(`The vendor file cannot be used:\n${explain(applied)}`);
  const invited = await inviteOperator(deps, { host: 'localhost', email: 'operator@localhost' });
  if (!invited.ok) throw new Error(`The operator could not be let in:\n${explain(invited)}`);
  const addresses = {
    ...{ api_url: origin, mcp_url: `${origin}/mcp`, ledger_login_url: invited.value.url },
    ...{ stripe_simulator_url: simulator?.url ?? null, stripe_simulator_token: simulator?.controlToken ?? null },
  };
  if (kept) return { ...kept, ...addresses };
  const keys: Demo['organizations'] = [];
  for (const { domain, name, agentName } of organizations) {
    keys.push({ domain, api_key: await keyFor(deps, { organization: { domain, name }, agentName, tier: 'domain_verified' }) });
  }
  const events_key = await keyFor(deps, {
    agentName: 'vendor-backend',
    scopes: [
      ...(['events:write', 'ledger:review', 'ledger:reverse', 'payouts:manage', 'webhooks:manage'] as const),
      ...(['referrals:read', 'rewards:read', 'workspaces:read', 'ledger:read'] as const),
    ],
  });
  return { ...addresses, organizations: keys, events_key };
}

async function keyFor(deps: AdminDeps, wanted: Omit<Parameters<typeof createKey>[1], 'host'>): Promise<string> {
  const created = await createKey(deps, { host: 'localhost', ...wanted });
  if (!created.ok) throw new Error(`A demo key could not be made:\n${explain(created)}`);
  return created.value.key;
}

/** `demo.json` of an earlier start of this data folder; null: there is none that can be read. */
export async function readDemo(folder: string): Promise<Demo | null> {
  const path = join(folder, 'demo.json');
  if (!existsSync(path)) return null;
  const parsed = demo.safeParse(JSON.parse(await readFile(path, 'utf8')));
  return parsed.success ? parsed.data : null;
}

/** A refusal as lines for a terminal. */
export function explain({ code, detail, issues = [] }: Refusal): string {
  return [
    `${code}${detail === undefined ? '' : `: ${detail}`}`,
    ...issues.map(({ pointer, message }) => `  ${pointer || '/'}  ${message}`),
  ].join('\n');
}
