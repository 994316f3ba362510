/** Who a customer at Stripe is to us: by its metadata, by a checkout, and what is made of its invoices then. */
import type Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { sql } from '../support/sql.ts';
import { draftInvoice, paidInvoice } from '../support/stripe-billing.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';

let t: StripeWorld;
let acme: string;
let harbor: string;
let key: string;
beforeAll(async () => {
  t = await openStripeWorld();
  key = await t.key();
  await t.key({ organization: { domain: 'harbor-ops.example', name: 'Harbor Ops' } });
  const rows = await sql(t, 'select o.organization_id, o.domain from frontdesk.organizations o');
  const idOf = (domain: string) => String(rows.find((row) => row.domain === domain)?.organization_id);
  [acme, harbor] = [idOf('acme-ops.example'), idOf('harbor-ops.example')];
});

let made = 0;
async function provisioned(): Promise<{ workspace: string; referral: string }> {
  const prospect = { name: 'Prospect', domain: `prospect-${++made}.example` };
  const { status, body } = await t.send('POST', '/v1/workspaces/provision', { key, body: { prospect } });
  expect(status).toBe(201);
  return { workspace: body.workspace.id, referral: body.referral.id };
}
const customerWith = async (metadata: Record<string, string>): Promise<string> => {
  const { id } = await t.stripe.customers.create({ metadata });
  await t.settle();
  return id;
};
const payee = (customer: string) =>
  sql(t, 'select p.organization_id, p.source, p.obstacle from frontdesk.payees p where p.stripe_id = $1', [customer]);
const evidence = (referral: string) => sql(t, 'select e.kind from frontdesk.evidence e where e.referral_id = $1', [referral]);
const linked = (customer: string) =>
  sql(
    t,
    `select s.referral_id from frontdesk.customers c join frontdesk.referral_states s on s.prospect_id = c.prospect_id where c.stripe_customer = $1`,
    [customer],
  );
const notes = async (object: string) =>
  (await sql(t, "select o.last_error from frontdesk.outbox o where o.payload ->> 'object_id' = $1 order by o.effect_id", [object])).map(
    ({ last_error }) => last_error,
  );
const stagedFor = async (invoice: string) =>
  (await sql(t, "select o.kind from frontdesk.outbox o where o.payload ->> 'invoice_id' = $1 order by o.kind", [invoice])).map(
    ({ kind }) => kind,
  );

describe('metadata of a customer', () => {
  it('links it to the organization that it names, which is bound to a payee then', async () => {
    const customer = await customerWith({ frontdesk_organization: acme });
    expect(await payee(customer)).toEqual([{ organization_id: acme, source: 'metadata', obstacle: null }]);
    const [organization] = await sql(t, 'select o.tier from frontdesk.organizations o where o.organization_id = $1', [acme]);
    expect(organization).toEqual({ tier: 'payout_bound' });
  });

  it('changes no link that there is', async () => {
    const customer = await customerWith({ frontdesk_organization: acme });
    expect([await payee(customer), await notes(customer)]).toEqual([[], ['organization_contradiction']]);
  });

  it('of another tenant on the same account is left alone', async () => {
    const customer = await customerWith({ frontdesk_organization: harbor, frontdesk_tenant: 'ten_another' });
    expect([await payee(customer), await notes(customer)]).toEqual([[], ['tenant_other']]);
  });

  it('links it to the prospect of the referral that it names, as evidence', async () => {
    const { referral } = await provisioned();
    const customer = await customerWith({ frontdesk_referral: referral });
    expect([await linked(customer), await evidence(referral)]).toEqual([[{ referral_id: referral }], [{ kind: 'stripe_metadata' }]]);
  });

  it('says the same once when it is changed otherwise', async () => {
    const { workspace, referral } = await provisioned();
    const customer = await customerWith({ frontdesk_workspace: workspace });
    await t.stripe.customers.update(customer, { name: 'Renamed' });
    await t.settle();
    expect([await linked(customer), await evidence(referral)]).toEqual([[{ referral_id: referral }], [{ kind: 'stripe_metadata' }]]);
  });

  it('that names two prospects links neither', async () => {
    const [one, other] = [await provisioned(), await provisioned()];
    const customer = await customerWith({ frontdesk_referral: one.referral, frontdesk_workspace: other.workspace });
    expect([await linked(customer), await evidence(one.referral), await notes(customer)]).toEqual([[], [], ['prospect_contradiction']]);
  });

  it('that names what there is not comes to nothing', async () => {
    const customer = await customerWith({
      frontdesk_referral: 'ref_01m7ysya7zecxv3kjx7e4xtra9',
      frontdesk_organization: 'org_01m7ysya7zecxv3kjx7e4xtra9',
    });
    expect(await notes(customer)).toEqual(['organization_unknown prospect_unknown']);
  });
});

describe('a checkout that was completed', () => {
  const completed = async (
    carried: Stripe.Checkout.SessionCreateParams,
  ): Promise<{ readonly session: string; readonly customer: string }> => {
    const product = await t.stripe.products.create({ name: 'Team' });
    const recurring = { interval: 'month' as const };
    const price = await t.stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 2900, recurring });
    const { id: session } = await t.stripe.checkout.sessions.create({
      ...{ mode: 'subscription', line_items: [{ price: price.id, quantity: 1 }], success_url: 'https://vendor.example/ok' },
      ...carried,
    });
    const { customer } = t.simulator.completeCheckout(session);
    await t.settle();
    return { session, customer };
  };

  it('and that names this tenant links its customer to the prospect whose workspace it carries, as evidence', async () => {
    const { workspace, referral } = await provisioned();
    const [desk] = await sql(t, 'select o.tenant_id from frontdesk.organizations o limit 1');
    const metadata = { frontdesk_tenant: String(desk?.tenant_id) };
    const { customer } = await completed({ client_reference_id: workspace, metadata });
    expect(await linked(customer)).toEqual([{ referral_id: referral }]);
    expect(await evidence(referral)).toContainEqual({ kind: 'checkout' });
  });

  it('links nobody by a reference or by names that a stranger could have put into its address', async () => {
    const { workspace, referral } = await provisioned();
    for (const carried of [{ client_reference_id: workspace }, { metadata: { frontdesk_referral: referral } }]) {
      const { session, customer } = await completed(carried);
      expect([await linked(customer), await notes(session)]).toEqual([[], ['checkout_of_others']]);
    }
    expect(await evidence(referral)).toEqual([]);
  });
});

describe('an invoice', () => {
  it('of a payee that is a draft lets its rewards be sent; of anybody else it does not', async () => {
    const customer = await customerWith({ frontdesk_organization: harbor });
    const [own, other] = [
      await draftInvoice(t, { customer, amount: 2900 }),
      await draftInvoice(t, { customer: await customerWith({}), amount: 2900 }),
    ];
    await t.settle();
    expect([await stagedFor(own.id), await stagedFor(other.id)]).toEqual([['rewards.inject'], []]);
  });

  it('that is paid has what was earned by it looked at, and its prospect judged', async () => {
    const { referral } = await provisioned();
    const customer = await customerWith({ frontdesk_referral: referral });
    const judged = () =>
      sql(
        t,
        `select count(*) as n from frontdesk.outbox o join frontdesk.customers c on o.aggregate = 'prospect:' || c.prospect_id
         where o.kind = 'prospect.judge' and c.stripe_customer = $1`,
        [customer],
      );
    const [before] = await judged();
    const { id } = await paidInvoice(t, { customer, amount: 2900 });
    await t.settle();
    const [after] = await judged();
    expect([Number(after?.n) > Number(before?.n), await stagedFor(id)]).toEqual([true, expect.arrayContaining(['rewards.reassess'])]);
  });

  it('of a payee that its balance helped to pay has that read back', async () => {
    const [row] = await sql(t, "select p.stripe_id from frontdesk.payees p where p.organization_id = $1 and p.kind = 'customer'", [harbor]);
    const customer = String(row?.stripe_id);
    await t.stripe.customers.createBalanceTransaction(customer, { amount: -1000, currency: 'usd' });
    const { id } = await paidInvoice(t, { customer, amount: 2900 });
    await t.settle();
    expect(await stagedFor(id)).toContain('stripe.credit.read_back');
  });
});

describe('a customer that was deleted', () => {
  it('is no place for money any more', async () => {
    const [row] = await sql(t, "select p.stripe_id from frontdesk.payees p where p.organization_id = $1 and p.kind = 'customer'", [harbor]);
    await t.stripe.customers.del(String(row?.stripe_id));
    await t.settle();
    expect(await payee(String(row?.stripe_id))).toEqual([{ organization_id: harbor, source: 'metadata', obstacle: 'customer_deleted' }]);
  });

  it('leaves no bug behind', () => expect(t.reported).toEqual([]));
});
