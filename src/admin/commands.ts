import * as z from 'zod';
import { tiers } from '../domain/actor.ts';
import { refuse } from '../domain/result.ts';
import type { StripeAccess } from '../effects/stripe/client.ts';
import { formOfKey } from '../effects/stripe/setup/account.ts';
import type { AdminDeps } from './admin-deps.ts';
import { applyVendor } from './apply-vendor.ts';
import { connectStripe } from './connect-stripe.ts';
import { createKey } from './create-key.ts';
import { checkLive } from './doctor-live.ts';
import { eraseProspect } from './erase-prospect.ts';
import { importCustomers } from './import-customers.ts';
import { inviteOperator } from './invite-operator.ts';
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
const operatorInvite = z.strictObject({ host: z.string(), email: z.string().max(320) });
const stripeConnect = z.strictObject({
  host: z.string(),
  secretKey: z.string().max(300),
  webhookSecret: z.string().max(300).optional(),
  live: z.boolean().optional(),
  rotate: z.boolean().optional(),
});
const stripeImport = z.strictObject({ host: z.string(), after: z.string().max(100).nullable() });
const live = z.strictObject({ host: z.string() });

/** What the command-line tools ask for: directly, or through the control socket of a running embedded server. */
export type AdminCommand =
  | 'vendor.apply'
  | 'key.create'
  | 'key.rotate'
  | 'key.revoke'
  | 'operator.invite'
  | 'prospect.erase'
  | 'stripe.connect'
  | 'stripe.import_customers'
  | 'doctor'
  | 'doctor.live';

/** How this installation stands to Stripe. */
export interface PaymentsSetting {
  /** Where Stripe is, where it is not Stripe itself. */
  readonly access?: StripeAccess;
  /** Whether real money has no place here. */
  readonly development?: boolean;
}

/** Each takes JSON and answers JSON: `{ ok: true, value }`, or a refusal. */
export function adminCommands(
  deps: AdminDeps,
  health: () => Promise<HealthReport>,
  publicOrigin: () => string | undefined,
  payments: PaymentsSetting = {},
): Readonly<Record<AdminCommand, (args: unknown) => Promise<unknown>>> {
  const { access: stripe = {} } = payments;
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
    'operator.invite': (args) => inviteOperator(deps, operatorInvite.parse(args)),
    'key.revoke': (args) => revokeKey(deps, keyRevoke.parse(args)),
    'stripe.connect': async (args) => {
      const { host, secretKey, webhookSecret, live = false, rotate = false } = stripeConnect.parse(args);
      if (stripe.host !== undefined) return playing;
      if (payments.development && formOfKey(secretKey)?.livemode) return developing;
      return connectStripe(deps, { host, secretKey, live, rotate, ...(webhookSecret === undefined ? {} : { webhookSecret }) }, stripe);
    },
    'stripe.import_customers': (args) => importCustomers(deps, stripeImport.parse(args), stripe),
    'doctor.live': (args) => checkLive(deps, live.parse(args).host, stripe),
    'prospect.erase': (args) => eraseProspect(deps, prospectErase.parse(args)),
    doctor: async () => withIsolation(deps, await health()),
  };
}

const playing = refuse('state.forbidden', {
  detail: 'This server plays against the stand-in for Stripe. Start it with STRIPE_SECRET_KEY to use a test account of yours.',
});
const developing = refuse('request.invalid', {
  issues: [{ pointer: '/secretKey', code: 'live', message: 'This is a live key, and this is a development server: use a test key.' }],
});
