import { beforeAll, describe, expect, it } from 'vitest';
import { freshProspect, freshWorkspace, made201, organizationOfKey, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { payOut } from '../support/pay-out.ts';
import { sql } from '../support/sql.ts';
import { openStripeWorld, type StripeWorld } from '../support/stripe-world.ts';
import { demoHost, otherHost } from '../support/world.ts';

let t: StripeWorld;
let acme: Stage;
let staff: Stage;
beforeAll(async () => {
  t = await openStripeWorld();
  [acme, staff] = [await stageOf(t), await staffStage(t)];
  const { id: product } = await t.stripe.products.create({ name: 'LedgerBridge' });
  const recurring = { currency: 'usd', recurring: { interval: 'month' as const }, product };
  await t.stripe.prices.create({ ...recurring, unit_amount: 9900, lookup_key: 'team' });
  await t.stripe.prices.create({ ...recurring, unit_amount: 49_900, lookup_key: 'frontdesk-scale' });
});

type Options = Parameters<StripeWorld['send']>[2];
const checkout = (id: string, body: object, options: Options = {}) =>
  t.send('POST', `/v1/workspaces/${id}/checkout`, { key: acme.key, body, ...options });
const sessionOf = async (sent: { body: { checkout: { id: string } } }) => t.stripe.checkout.sessions.retrieve(sent.body.checkout.id);

describe('a checkout', () => {
  it('is a page for the prospect’s human that carries workspace and referral, with the discount of the terms', async () => {
    const { id, referralId } = await freshWorkspace(acme);
    const sent = await checkout(id, { tier: 'team' });
    expect([sent.status, sent.body.checkout]).toEqual([
      201,
      { id: expect.stringMatching(/^cs_/), url: expect.stringMatching(/^https:\/\/checkout\./), expires_at: expect.any(String) },
    ]);
    const metadata = { frontdesk_tenant: expect.stringMatching(/^ten_/), frontdesk_workspace: id, frontdesk_referral: referralId };
    expect(await sessionOf(sent)).toMatchObject({
      ...{ mode: 'subscription', client_reference_id: id, metadata, amount_subtotal: 9900, amount_total: 7920 },
      ...{ success_url: 'https://app.ledgerbridge.example/signup', cancel_url: 'https://ledgerbridge.example/welcome' },
    });
    const { subscription } = t.simulator.completeCheckout(sent.body.checkout.id);
    expect((await t.stripe.subscriptions.retrieve(subscription)).metadata).toEqual(metadata);
    const coupon = await t.stripe.coupons.retrieve(`fd-referee-${referralId}`);
    expect(coupon).toMatchObject({ percent_off: 20, duration: 'repeating', duration_in_months: 1, max_redemptions: 1 });
    expect(coupon.metadata).toMatchObject({ frontdesk_referral: referralId, frontdesk_rule: 'referee-first-month' });
  });

  it('has no discount any more once a checkout of the referral gave it; what was opened before is answered again as it was', async () => {
    const [{ id }, idempotencyKey] = [await freshWorkspace(acme), crypto.randomUUID()];
    const [early, open] = [await checkout(id, { tier: 'team' }, { idempotencyKey }), await checkout(id, { tier: 'team' })];
    expect([(await sessionOf(early)).amount_total, (await sessionOf(open)).amount_total]).toEqual([7920, 7920]);
    t.simulator.completeCheckout(early.body.checkout.id);
    const late = await checkout(id, { tier: 'team' });
    expect([late.status, (await sessionOf(late)).amount_total]).toEqual([201, 9900]);
    const again = await checkout(id, { tier: 'team' }, { idempotencyKey });
    expect([again.status, again.text, again.headers.get('Idempotency-Replayed')]).toEqual([201, early.text, 'true']);
    expect((await checkout(id, { tier: 'scale' }, { idempotencyKey })).body.code).toBe('idempotency.mismatch');
  });

  it('has no discount where no referral is behind it', async () => {
    const made = await made201(staff, '/v1/workspaces/provision', { prospect: freshProspect(), seed_rows: 0 });
    const sent = await checkout(made.workspace.id, { tier: 'scale' }, { key: made.credentials.api_key });
    const session = await sessionOf(sent);
    expect([session.amount_total, session.metadata?.frontdesk_referral]).toEqual([49_900, undefined]);
  });

  it('has no discount any more once the referral came to nothing', async () => {
    const { id, referralId } = await freshWorkspace(acme);
    await sql(t, "update frontdesk.referral_states set expires_at = expires_at - interval '400 days' where referral_id = $1", [referralId]);
    await t.world.schedules.expire?.();
    expect((await sessionOf(await checkout(id, { tier: 'team' }))).amount_total).toBe(9900);
  });

  it('is answered again by Stripe under the same key, and refused for something else under it', async () => {
    const [{ id }, idempotencyKey] = [await freshWorkspace(acme), crypto.randomUUID()];
    const first = await checkout(id, { tier: 'team' }, { idempotencyKey });
    const again = await checkout(id, { tier: 'team' }, { idempotencyKey });
    expect([again.status, again.text, again.headers.get('Idempotency-Replayed')]).toEqual([201, first.text, 'true']);
    expect((await checkout(id, { tier: 'scale' }, { idempotencyKey })).body.code).toBe('idempotency.mismatch');
    const other = await checkout(id, { tier: 'team' }, { idempotencyKey, key: staff.key });
    expect([other.status, other.body.checkout.id === first.body.checkout.id]).toEqual([201, false]);
  });

  it('is opened with the workspace key, too, and for a workspace that a human took over', async () => {
    const prospect = freshProspect();
    const { id, key } = await freshWorkspace(acme, { prospect });
    expect((await checkout(id, { tier: 'team' }, { key })).status).toBe(201);
    await made201(staff, `/v1/workspaces/${id}/claim`, { verified_domain: prospect.domain });
    expect((await checkout(id, { tier: 'team' })).status).toBe(201);
  });

  it('leads back to the vendor alone', async () => {
    const { id } = await freshWorkspace(acme);
    const elsewhere = ['https://evil.example/', 'https://ledgerbridge.example@evil.example/', 'https://x:y@ledgerbridge.example/'];
    for (const success_url of elsewhere)
      expect((await checkout(id, { tier: 'team', success_url })).body.errors).toMatchObject([{ pointer: '/success_url', code: 'host' }]);
    expect((await checkout(id, { tier: 'team', success_url: 'http://ledgerbridge.example/' })).body.code).toBe('request.invalid');
    const sent = await checkout(id, { tier: 'team', success_url: 'https://app.ledgerbridge.example/done?x=1' });
    expect((await sessionOf(sent)).success_url).toBe('https://app.ledgerbridge.example/done?x=1');
  });

  it('is of a tier that is sold at a price', async () => {
    const { id } = await freshWorkspace(acme);
    for (const tier of ['no-such-tier', 'enterprise'])
      expect((await checkout(id, { tier })).body.errors).toMatchObject([{ pointer: '/tier', code: 'reference' }]);
    expect((await checkout(id, { tier: 'sandbox' })).body).toMatchObject({
      ...{ code: 'state.forbidden', detail: 'The vendor has set no price for this tier at its payment provider.' },
    });
  });

  it('waits where the provider does not answer, or none is connected', async () => {
    const { id } = await freshWorkspace(acme);
    t.simulator.faults.add({ kind: 'error_500' });
    expect((await checkout(id, { tier: 'team' })).body).toMatchObject({ code: 'upstream.unavailable', retryable: true, retry_after_s: 5 });
    const there = await stageOf(t, { host: otherHost });
    const foreign = await freshWorkspace(there);
    const sent = await checkout(foreign.id, { tier: 'berth' }, { host: otherHost, key: there.key });
    expect([sent.status, sent.body.code, sent.body.retry_after_s]).toEqual([503, 'upstream.unavailable', 3600]);
  });
});

describe('a payout link', () => {
  /** An organization's whose domain was verified. */
  const verifiedStage = async (): Promise<Stage> => {
    const stage = await stageOf(t);
    await sql(t, `update frontdesk.organizations set tier = 'domain_verified' where ${organizationOfKey}`, [stage.key]);
    return stage;
  };
  const organizationOf = async (stage: Stage) =>
    (await made201(stage, '/v1/referrals', { prospect: freshProspect() })).referral.organization_id as string;
  const payoutLink = (id: string, options: Options = {}) =>
    t.send('POST', `/v1/organizations/${id}/payout-link`, { key: acme.key, body: {}, ...options });
  const read = (id: string) => made201(staff, `/v1/organizations/${id}`, undefined, 'GET');
  const accountsOf = async (id: string) =>
    (await t.stripe.accounts.list({ limit: 100 })).data.filter(({ metadata }) => metadata?.frontdesk_organization === id);

  /** As an endpoint for connected accounts is told; the test's vendor has none. */
  const tellOf = async (account: string) => {
    const event = {
      id: `evt_${crypto.randomUUID().replaceAll('-', '')}`,
      object: 'event',
      type: 'account.updated',
      livemode: false,
      account,
    };
    const created = Math.floor(t.world.deps.now().getTime() / 1000);
    const told = await t.post(JSON.stringify({ ...event, created, data: { object: { id: account, object: 'account' } } }));
    expect(told.status).toBe(200);
    await t.settle();
  };

  it('is refused where no rule of the program pays out, before anything is made', async () => {
    const stage = await verifiedStage();
    const id = await organizationOf(stage);
    const sent = await payoutLink(id, { key: stage.key });
    expect([sent.status, sent.body.code, sent.body.detail]).toEqual([409, 'state.forbidden', expect.stringMatching(/pays nothing out/)]);
    expect(await accountsOf(id)).toEqual([]);
  });

  it('is refused to an agent of an organization whose domain is not verified, before anything is made', async () => {
    await payOut(t);
    const stage = await stageOf(t);
    const id = await organizationOf(stage);
    const sent = await payoutLink(id, { key: stage.key });
    expect([sent.status, sent.body.code, sent.body.detail]).toEqual([409, 'state.forbidden', expect.stringMatching(/domain is verified/)]);
    expect(await accountsOf(id)).toEqual([]);
    expect((await payoutLink(id, { key: staff.key })).status).toBe(201);
  });

  it('leads to one account of the organization, however often it is asked for', async () => {
    await payOut(t);
    const stage = await verifiedStage();
    const id = await organizationOf(stage);
    const [one, two] = [await payoutLink(id, { key: stage.key }), await payoutLink(id, { key: stage.key })];
    expect([one.status, two.status, one.body.url === two.body.url]).toEqual([201, 201, false]);
    expect(one.body.url).toMatch(/^https:\/\/connect\.stripe\.com\//);
    expect(await accountsOf(id)).toHaveLength(1);
  });

  it('makes the organization payable once somebody has filled it in, and not before; nothing is paid for seven days', async () => {
    await payOut(t);
    const stage = await verifiedStage();
    const id = await organizationOf(stage);
    await payoutLink(id, { key: stage.key });
    const account = (await accountsOf(id))[0]?.id ?? '';
    await tellOf(account);
    expect(await read(id)).toMatchObject({ tier: 'domain_verified', payees: [] });
    t.simulator.finishOnboarding(account);
    await tellOf(account);
    const payee = { kind: 'account', stripe_id: account, source: 'onboarding', obstacle: null, frozen_until: expect.any(String) };
    const bound = await read(id);
    expect(bound).toMatchObject({ tier: 'payout_bound', payees: [payee] });
    const { frozen_until, linked_at } = bound.payees[0];
    expect(Date.parse(frozen_until) - Date.parse(linked_at)).toBe(7 * 86_400_000);
  });

  it('is no other organization’s to ask for', async () => {
    await payOut(t);
    const id = await organizationOf(await stageOf(t));
    expect((await payoutLink(id)).body.code).toBe('resource.not_found');
    expect((await payoutLink(id, { key: staff.key, host: demoHost })).status).toBe(201);
  });
});

describe('a customer that is linked to its prospect late', () => {
  it('has paid already: the referral qualifies with the link', async () => {
    const prospect = freshProspect();
    const { id, referralId } = await freshWorkspace(acme, { prospect });
    await made201(staff, `/v1/workspaces/${id}/claim`, { verified_domain: prospect.domain });
    await t.advance(60_000);
    const customer = await t.stripe.customers.create({ name: 'Northwind Freight' });
    const [price] = (await t.stripe.prices.list({ lookup_keys: ['team'] })).data;
    await t.stripe.subscriptions.create({ customer: customer.id, items: [{ price: price?.id ?? '' }] });
    await t.settle();
    const statusOf = async () => (await made201(acme, `/v1/referrals/${referralId}`, undefined, 'GET')).status;
    expect(await statusOf()).toBe('pending');
    const occurred_at = t.world.deps.now().toISOString();
    const subject = { prospect_domain: prospect.domain, stripe_customer: customer.id };
    await made201(staff, '/v1/events', { id: crypto.randomUUID(), type: 'customer.linked', occurred_at, subject });
    await t.settle();
    expect(await statusOf()).toBe('qualified');
  });
});
