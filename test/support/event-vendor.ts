/** A third vendor whose program is decided by its own reports and pays flat external rewards: everything of it works without a payment provider. */
import { readFile } from 'node:fs/promises';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { createKey } from '../../src/admin/create-key.ts';
import type { Tier } from '../../src/domain/actor.ts';
import type { Scope } from '../../src/domain/scopes.ts';
import type { TestWorld } from './world.ts';

export const eventHost = 'beacon.test';

/** The program as a vendor file says it. */
export const eventProgram = {
  id: 'beacon-partners',
  name: 'Beacon partners',
  reward: {
    rules: [{ id: 'bounty', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 5000, currency: 'usd' }],
    caps: [{ per: 'organization', period: 'month', amount_minor: 1_000_000, currency: 'usd' }],
  },
  qualification: [{ id: 'signed-up', kind: 'event_received', event_type: 'signup.completed', count: 1 }],
  hold_days: 14,
  referral_ttl_days: 180,
  attribution: { model: 'last_touch', window_days: 90, grace_days: 4 },
  disclosure: 'Beacon pays the organization behind this agent USD 50.00 when you sign up.',
};

export interface EventVendor {
  readonly host: string;
  readonly backEnd: string;
  /** A key of an organization of this vendor, with every scope an agent can have. */
  readonly organization: (domain: string, tier?: Tier) => Promise<string>;
}

/** Applies the vendor (again, with another program) and makes its back end's key. */
export async function openEventVendor(t: TestWorld, program: object = {}): Promise<EventVendor> {
  const raw = JSON.parse(await readFile(new URL('./second-vendor.json', import.meta.url), 'utf8'));
  raw.vendor.id = 'beacon';
  raw.hosts = [eventHost];
  raw.program = { ...eventProgram, ...program };
  const applied = await applyVendor(t.world.admin, { raw, origin: `https://${eventHost}`, hosts: [eventHost] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
  const scopes: Scope[] = [
    'events:write',
    'ledger:review',
    'ledger:reverse',
    'payouts:manage',
    'referrals:read',
    'rewards:read',
    'ledger:read',
  ];
  const backEnd = await createKey(t.world.admin, { host: eventHost, agentName: 'back end', scopes: [...scopes, 'webhooks:manage'] });
  if (!backEnd.ok) throw new Error(JSON.stringify(backEnd));
  return {
    host: eventHost,
    backEnd: backEnd.value.key,
    async organization(domain, tier = 'domain_verified') {
      const agent: Scope[] = ['workspaces:provision', 'workspaces:read', 'workspaces:write', 'referrals:create', 'referrals:read'];
      const more: Scope[] = ['disputes:create', 'rewards:read', 'ledger:read', 'webhooks:manage'];
      const wanted = { host: eventHost, organization: { domain }, agentName: 'agent', scopes: [...agent, ...more], tier };
      const made = await createKey(t.world.admin, wanted);
      if (!made.ok) throw new Error(JSON.stringify(made));
      return made.value.key;
    },
  };
}

/** A report as the vendor's back end sends it. */
export const reportOf = (id: string, type: string, subject: object, occurredAt: Date, data: object = {}) => ({
  ...{ id, type, subject, data },
  occurred_at: occurredAt.toISOString(),
});
