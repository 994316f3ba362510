import { beforeAll, describe, expect, it } from 'vitest';
import { freshDomain, freshProspect, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let staff: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  staff = await staffStage(t);
});

interface Organization extends Stage {
  readonly id: string;
}

let made = 0;
const freshCustomer = (): string => `cus_${String(++made).padStart(14, '0')}`;

async function organization(): Promise<Organization> {
  const stage = await stageOf(t);
  const { referral } = await made201(stage, '/v1/referrals', { prospect: freshProspect() });
  return { ...stage, id: referral.organization_id };
}

const link = ({ id }: Organization, stripe_customer: string, key = staff.key) =>
  t.send('POST', `/v1/organizations/${id}/customer`, { key, body: { stripe_customer } });
const read = ({ id }: Organization, key = staff.key) => t.send('GET', `/v1/organizations/${id}`, { key });
const event = (type: string, subject: object) => ({
  ...{ id: crypto.randomUUID(), type, subject, occurred_at: t.world.deps.now().toISOString() },
});
const tell = (...events: object[]) => made201(staff, '/v1/events', { events });
const tierOf = async (one: Organization) => (await read(one)).body.tier;

describe('an organization and its customer', () => {
  it('are linked by the back end: the organization becomes payable', async () => {
    const [one, customer] = [await organization(), freshCustomer()];
    expect(await tierOf(one)).toBe('key_bound');
    const linked = await link(one, customer);
    const payee = { kind: 'customer', stripe_id: customer, source: 'operator', frozen_until: null, obstacle: null };
    expect([linked.status, linked.body]).toEqual([200, { organization_id: one.id, payee: { ...payee, linked_at: expect.any(String) } }]);
    expect((await read(one)).body).toMatchObject({ tier: 'payout_bound', payees: [payee], frozen_until: null });
  });

  it('change nothing when they are linked again', async () => {
    const [one, customer] = [await organization(), freshCustomer()];
    const first = await link(one, customer);
    t.advance(60_000);
    expect((await link(one, customer)).body).toEqual(first.body);
  });

  it('keep a tier that is above', async () => {
    const one = await organization();
    await sql(t, "update frontdesk.organizations set tier = 'attested' where organization_id = $1", [one.id]);
    await link(one, freshCustomer());
    expect(await tierOf(one)).toBe('attested');
  });

  it('belong to one another alone: what another organization has is refused', async () => {
    const [one, other, customer] = [await organization(), await organization(), freshCustomer()];
    await link(one, customer);
    expect((await link(other, customer)).body.code).toBe('resource.conflict');
    expect((await read(other)).body).toMatchObject({ tier: 'key_bound', payees: [] });
  });

  it('freeze payouts for seven days when they are changed', async () => {
    const [one, customer] = [await organization(), freshCustomer()];
    await link(one, freshCustomer());
    const until = new Date(t.world.deps.now().getTime() + 7 * 86_400_000).getTime();
    const { frozen_until } = (await link(one, customer)).body.payee;
    expect(Math.abs(Date.parse(frozen_until) - until)).toBeLessThan(10_000);
    expect((await read(one)).body).toMatchObject({ frozen_until, payees: [{ stripe_id: customer, frozen_until }] });
    t.advance(7 * 86_400_000 + 10_000);
    expect((await read(one)).body.frozen_until).toBeNull();
  });

  it('of two changes at once, one is made after the other and none is lost', async () => {
    const [one, customers] = [await organization(), [freshCustomer(), freshCustomer()]];
    const [a, b] = await Promise.all(customers.map((customer) => link(one, customer)));
    expect([a?.status, b?.status]).toEqual([200, 200]);
    expect((await read(one)).body.payees).toMatchObject([{ kind: 'customer', frozen_until: expect.any(String) }]);
  });

  it('are shown to the organization itself in part, and to no other', async () => {
    const [one, other] = [await organization(), await organization()];
    await link(one, 'cus_Secret12345678');
    const own = await read(one, one.key);
    expect(own.body).toMatchObject({ id: one.id, tier: 'payout_bound', payees: [{ stripe_id: 'cus_…5678' }] });
    expect(own.text).not.toContain('Secret');
    expect((await read(one, other.key)).body.code).toBe('resource.not_found');
    expect((await link(one, freshCustomer(), one.key)).body.code).toBe('scope.missing');
  });
});

describe('the event organization.linked', () => {
  it('makes the first link with its own commit', async () => {
    const [one, customer] = [await organization(), freshCustomer()];
    const { data } = await tell(event('organization.linked', { organization_id: one.id, stripe_customer: customer }));
    expect(data).toEqual([{ id: expect.any(String), outcome: 'stored', matched: false }]);
    expect((await read(one)).body).toMatchObject({ tier: 'payout_bound', payees: [{ stripe_id: customer, source: 'event' }] });
  });

  it('changes no link and takes no other’s customer; it is kept, and says so', async () => {
    const [one, other, customer] = [await organization(), await organization(), freshCustomer()];
    await link(one, customer);
    const { data } = await tell(
      event('organization.linked', { organization_id: one.id, stripe_customer: freshCustomer() }),
      event('organization.linked', { organization_id: other.id, stripe_customer: customer }),
      event('organization.linked', { organization_id: one.id, stripe_customer: customer }),
    );
    expect(data.map(({ outcome, unlinked }: { outcome: string; unlinked?: string }) => [outcome, unlinked])).toEqual([
      ['stored', 'linked_otherwise'],
      ['stored', 'customer_taken'],
      ['stored', undefined],
    ]);
    expect((await read(one)).body.payees).toMatchObject([{ stripe_id: customer, source: 'operator', frozen_until: null }]);
    expect((await read(other)).body.payees).toEqual([]);
  });

  it('is heard in turn within one call', async () => {
    const [one, other, customer] = [await organization(), await organization(), freshCustomer()];
    const { data } = await tell(
      event('organization.linked', { organization_id: one.id, stripe_customer: customer }),
      event('organization.linked', { organization_id: one.id, stripe_customer: freshCustomer() }),
      event('organization.linked', { organization_id: other.id, stripe_customer: customer }),
    );
    expect(data.map(({ unlinked }: { unlinked?: string }) => unlinked)).toEqual([undefined, 'linked_otherwise', 'customer_taken']);
    expect((await read(one)).body.payees).toMatchObject([{ stripe_id: customer }]);
  });
});

describe('the event customer.linked', () => {
  const linkedTo = async (customer: string) =>
    sql(
      t,
      `select encode(p.fingerprint, 'hex') as prospect from frontdesk.customers c
       join frontdesk.prospects p on p.prospect_id = c.prospect_id where c.stripe_customer = $1`,
      [customer],
    );

  it('links with its own commit, so that what the customer paid before is judged with it', async () => {
    const [prospect_domain, stripe_customer] = [freshDomain(), freshCustomer()];
    await tell(event('customer.linked', { prospect_domain, stripe_customer }));
    expect(await linkedTo(stripe_customer)).toHaveLength(1);
    const staged = await sql(
      t,
      `select 1 from frontdesk.outbox o join frontdesk.customers c on o.aggregate = 'prospect:' || c.prospect_id
       where o.kind = 'prospect.judge' and c.stripe_customer = $1`,
      [stripe_customer],
    );
    expect(staged).toHaveLength(1);
    await tell(event('customer.linked', { prospect_domain, stripe_customer }));
    await t.settle();
    expect(await linkedTo(stripe_customer)).toHaveLength(1);
  });

  it('is refused where it contradicts another one, earlier or in the same call', async () => {
    const stripe_customer = freshCustomer();
    const [one, other] = [freshDomain(), freshDomain()].map((prospect_domain) =>
      event('customer.linked', { prospect_domain, stripe_customer }),
    );
    const refused = await t.send('POST', '/v1/events', { key: staff.key, body: { events: [one, other] } });
    expect(refused.body.errors).toEqual([
      { pointer: '/events/1/subject', code: 'contradiction', message: 'These name different prospects.' },
    ]);
    await tell(one ?? {});
    expect((await t.send('POST', '/v1/events', { key: staff.key, body: { events: [other] } })).body.errors).toHaveLength(1);
  });
});
