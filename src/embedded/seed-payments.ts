import type { AdminDeps } from '../admin/admin-deps.ts';
import { connectStripe, type StripeWanted } from '../admin/connect-stripe.ts';
import { loadVendorState } from '../admin/vendor-state.ts';
import type { Statement } from '../db/batch.ts';
import { payeeQueries } from '../db/payee-queries.ts';
import { linkPayee, payeeFile } from '../domain/payee.ts';
import { invariant } from '../domain/result.ts';
import { VendorFile } from '../domain/vendor.ts';
import { openStripe, type StripeAccess } from '../effects/stripe/client.ts';
import { furnishDemoAccount } from '../effects/stripe/setup/demo-account.ts';
import { explain, organizations } from './seed-demo.ts';

const host = 'localhost';
/** Anything of this form opens the stand-in. */
const secretKey = 'sk_test_standin0';

/**
 * Connects the demo vendor to what stands in for Stripe, with prices for its tiers, and links the first referring organization to a
 * customer there whose bill can be credited. Doing it again changes nothing.
 * @param origin where this server listens
 */
export async function seedPayments(deps: AdminDeps, access: StripeAccess, origin: string): Promise<void> {
  const state = await loadVendorState(deps, [host]);
  invariant(typeof state === 'object', 'the demo vendor is applied before its payments');
  const config = VendorFile.parse(state.desk.config);
  const [payer] = organizations;
  invariant(payer !== undefined, 'the demo has organizations');
  const { name, domain } = payer;
  const furnished = await furnishDemoAccount(openStripe({ secretKey }, access), config, { name, email: `billing@${domain}` });
  if (furnished.kind !== 'ok') throw new Error(`The stand-in for Stripe could not be furnished: ${JSON.stringify(furnished)}.`);
  await connect(deps, { host, secretKey, webhookOrigin: origin }, access);
  await link(deps, state.desk.tenant_id, domain, furnished.value.stripeCustomer);
}

/** Connects the demo vendor to the operator's own test account; Stripe reaches no server on this machine, so that no endpoint is made. */
export async function connectOwnAccount(
  deps: AdminDeps,
  own: { readonly secretKey: string; readonly webhookSecret: string | undefined },
): Promise<void> {
  await connect(deps, { host, secretKey: own.secretKey, webhookSecret: own.webhookSecret ?? null }, {});
}

async function connect(deps: AdminDeps, wanted: StripeWanted, access: StripeAccess): Promise<void> {
  const connected = await connectStripe(deps, wanted, access);
  if (connected.ok) return;
  const hint = connected.code === 'resource.conflict' ? '\nUse the account of before, or another data folder.' : '';
  throw new Error(`The account at Stripe cannot be used:\n${explain(connected)}${hint}`);
}

async function link(deps: AdminDeps, tenant: string, domain: string, stripeCustomer: string): Promise<void> {
  const [organizationId] = await deps.db.batch({ role: 'writer', tenant }, [organizationOf(domain)]);
  if (organizationId === null) return;
  const asked = { organization_id: organizationId, kind: 'customer', stripe_id: stripeCustomer } as const;
  const [[found]] = await deps.db.batch({ role: 'writer', tenant }, [payeeQueries.payeeFiles([asked])]);
  const file = payeeFile(found);
  invariant(file !== null, 'the organization was just found');
  const linked = linkPayee(file, { stripeId: stripeCustomer, source: 'operator', linkedBy: 'demo' }, { now: deps.now() });
  if (linked.ok && Object.keys(linked.value).length > 0) await deps.memory.commit(tenant, linked.value);
}

const organizationOf = (domain: string): Statement<string | null> => ({
  name: 'demo.organization',
  text: 'select o.organization_id from frontdesk.organizations o where o.domain = $1',
  values: [domain],
  read: (rows) => (typeof rows[0]?.organization_id === 'string' ? rows[0].organization_id : null),
});
