import { z } from 'zod';
import { tiers } from '../domain/actor.ts';
import type { AdminDeps } from './admin-deps.ts';
import { applyVendor } from './apply-vendor.ts';
import { createKey } from './create-key.ts';
import { eraseProspect } from './erase-prospect.ts';
import { type HealthReport, withIsolation } from './isolation/with-isolation.ts';
import { revokeKey } from './revoke-key.ts';
import { rotateKey } from './rotate-key.ts';

const vendorApply = z.strictObject({ raw: z.unknown(), origin: z.string().optional(), hosts: z.array(z.string()).optional() });
const keyCreate = z.strictObject({
  host: z.string(),
  organization: z.strictObject({ domain: z.string(), name: z.string().optional() }).optional(),
  agentName: z.string(),
  scopes: z.array(z.string()).optional(),
  tier: z.enum(tiers).optional(),
  expiresAt: z.iso.datetime().optional(),
});
const keyRotate = z.strictObject({ host: z.string(), purpose: z.string(), algorithm: z.string().optional() });
const prospectErase = z.strictObject({ host: z.string(), domain: z.string().max(253) });
const keyRevoke = z.strictObject({ host: z.string(), kid: z.string() });

/** What the command-line tools ask for: directly, or through the control socket of a running embedded server. */
export type AdminCommand = 'vendor.apply' | 'key.create' | 'key.rotate' | 'key.revoke' | 'prospect.erase' | 'doctor';

/** Each takes JSON and answers JSON: `{ ok: true, value }`, or a refusal. */
export function adminCommands(
  deps: AdminDeps,
  health: () => Promise<HealthReport>,
  publicOrigin: () => string | undefined,
): Readonly<Record<AdminCommand, (args: unknown) => Promise<unknown>>> {
  return {
    'vendor.apply': (args) => {
      const { raw, origin = publicOrigin(), hosts } = vendorApply.parse(args);
      return applyVendor(deps, { raw, ...(origin === undefined ? {} : { origin }), ...(hosts === undefined ? {} : { hosts }) });
    },
    'key.create': (args) => {
      const { organization, scopes, tier, expiresAt, ...rest } = keyCreate.parse(args);
      return createKey(deps, {
        ...rest,
        ...(organization
          ? { organization: { domain: organization.domain, ...(organization.name === undefined ? {} : { name: organization.name }) } }
          : {}),
        ...(scopes ? { scopes } : {}),
        ...(tier ? { tier } : {}),
        ...(expiresAt ? { expiresAt: new Date(expiresAt) } : {}),
      });
    },
    'key.rotate': (args) => {
      const { algorithm, ...rest } = keyRotate.parse(args);
      return rotateKey(deps, { ...rest, ...(algorithm === undefined ? {} : { algorithm }) });
    },
    'key.revoke': (args) => revokeKey(deps, keyRevoke.parse(args)),
    'prospect.erase': (args) => eraseProspect(deps, prospectErase.parse(args)),
    doctor: async () => withIsolation(deps, await health()),
  };
}
