/** The door that Stripe knocks at: who is believed, what is kept, what is told. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionLost, type Db } from '../../src/db/batch.ts';
import { migratedPglite } from '../support/migrated-pglite.ts';
import { sql } from '../support/sql.ts';
import { openStripeWorld, type StripeWorld, signatureOf } from '../support/stripe-world.ts';
import { otherHost } from '../support/world.ts';

let t: StripeWorld;
let isDown = false;
beforeAll(async () => {
  const inner = await migratedPglite();
  const db: Db = {
    batch: (context, statements) => (isDown ? Promise.reject(new ConnectionLost('down')) : inner.batch(context, statements)),
    close: () => inner.close(),
  };
  t = await openStripeWorld({ db, pause: async () => {} });
});

let made = 0;
beforeEach(() => {
  made += 1;
});

/** An event as Stripe sends it; a fresh one for each test. */
const event = (members: object = {}) => ({
  ...{ id: `evt_test${made}`, object: 'event', api_version: '2026-10-28.endive', created: Math.floor(t.world.deps.now().getTime() / 1000) },
  ...{
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type: 'invoice.paid',
    data: { object: { id: `in_test${made}`, object: 'invoice' } },
  },
  ...members,
});
const sent = (members: object = {}) => JSON.stringify(event(members));
const stored = () =>
  sql(t, 'select s.event_id, s.type, s.object_id, s.account from frontdesk.stripe_events s where s.event_id = $1', [`evt_test${made}`]);
const staged = () =>
  sql(t, "select o.kind, o.aggregate, o.payload from frontdesk.outbox o where o.payload ->> 'event_id' = $1", [`evt_test${made}`]);
const minutesAgo = (minutes: number) => new Date(t.world.deps.now().getTime() - minutes * 60_000);

describe('what Stripe signed', () => {
  it('is stored and staged in one round trip, and answered at once', async () => {
    const before = t.roundTrips();
    const answer = await t.post(sent());
    expect([answer.status, JSON.parse(answer.text), t.roundTrips() - before]).toEqual([200, { received: true }, 1]);
    expect(await stored()).toEqual([{ event_id: `evt_test${made}`, type: 'invoice.paid', object_id: `in_test${made}`, account: null }]);
    expect(await staged()).toMatchObject([{ kind: 'stripe.event', aggregate: `stripe-event:in_test${made}` }]);
  });

  it('is stored and nothing else where its type means nothing here', async () => {
    expect((await t.post(sent({ type: 'constructor' }))).status).toBe(200);
    expect([(await stored()).length, await staged()]).toEqual([1, []]);
  });

  it('may be signed with an older secret that is still kept', async () => {
    const desk = await t.world.deps.desks.find('localhost');
    if (!desk?.stripe || !t.world.payments) throw new Error('not connected');
    const [rawBody, now] = [sent(), t.world.deps.now()];
    const signature = await signatureOf(rawBody, 'whsec_older', now);
    const twoSecrets = { ...desk, stripe: { ...desk.stripe, webhookSecrets: ['whsec_newer', 'whsec_older'] } };
    const heard = await t.world.payments.hear(twoSecrets, { rawBody, signature }, t.world.deps.given(desk, now));
    expect(heard).toMatchObject({ ok: true, value: { heard: { event_id: `evt_test${made}` } } });
  });

  it('may be as large as a mebibyte, and no larger', async () => {
    const filled = (size: number) => sent({ filler: 'x'.repeat(size - sent({ filler: '' }).length) });
    expect((await t.post(filled(1_048_576))).status).toBe(200);
    const tooLarge = await t.post(filled(1_048_577));
    expect([tooLarge.status, JSON.parse(tooLarge.text).code]).toEqual([413, 'body.too_large']);
  });
});

describe('what is refused, and leaves nothing', () => {
  const refused = async (answer: { status: number; text: string }, status: number, code: string) => {
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
    expect([await stored(), await staged()]).toEqual([[], []]);
  };

  it('a forged signature', async () =>
    refused(await t.post(sent(), { signature: await signatureOf(sent(), 'whsec_forged', minutesAgo(0)) }), 400, 'request.invalid'));
  it('no signature', async () => refused(await t.post(sent(), { signature: null }), 400, 'request.invalid'));
  it('a header that is no signature', async () =>
    refused(await t.post(sent(), { signature: `t=${'9'.repeat(5000)},v1=` }), 400, 'request.invalid'));
  it('the signature of another scheme', async () => {
    const signature = (await signatureOf(sent(), t.webhookSecret, minutesAgo(0))).replace('v1=', 'v0=');
    await refused(await t.post(sent(), { signature }), 400, 'request.invalid');
  });
  it('a signature of more than five minutes ago', async () =>
    refused(await t.post(sent(), { signature: await signatureOf(sent(), t.webhookSecret, minutesAgo(5.1)) }), 400, 'request.invalid'));
  it('a body that was cut off', async () =>
    refused(
      await t.post(sent().slice(0, -1), { signature: await signatureOf(sent(), t.webhookSecret, minutesAgo(0)) }),
      400,
      'request.invalid',
    ));
  it('a body with a byte order mark that was not signed', async () =>
    refused(
      await t.post(`\ufeff${sent()}`, { signature: await signatureOf(sent(), t.webhookSecret, minutesAgo(0)) }),
      400,
      'request.invalid',
    ));
  it('bytes that are no UTF-8', async () => refused(await t.post(new Uint8Array([0xff, 0xfe])), 400, 'request.malformed'));
  it('a body that is empty', async () => refused(await t.post('', { signature: 't=1,v1=00' }), 400, 'request.invalid'));
  it('signed text that is no JSON', async () => refused(await t.post('not json'), 400, 'request.malformed'));
  it('signed JSON that is no event', async () => refused(await t.post('[1]'), 400, 'request.malformed'));
  it('an event with an id that is none', async () => refused(await t.post(sent({ id: 'x'.repeat(300) })), 400, 'request.malformed'));
  it('a notification of the other generation of the API', async () =>
    refused(await t.post(sent({ object: 'v2.core.event' })), 400, 'request.malformed'));
  it('an event of the other mode', async () => refused(await t.post(sent({ livemode: true })), 400, 'request.invalid'));
  it('another method', async () => {
    const answer = await t.send('GET', '/v1/webhooks/stripe');
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'POST']);
  });
  it('a host whose vendor has no account there', async () => refused(await t.post(sent(), { host: otherHost }), 404, 'resource.not_found'));
  it('a host of nobody', async () => refused(await t.post(sent(), { host: 'nobody.test' }), 404, 'tenant.unknown'));
});

describe('what comes from connected accounts', () => {
  it('is kept, and nothing is made of it, where the account is none that we can read', async () => {
    await t.post(sent({ account: 'acct_stranger', type: 'account.updated', data: { object: { id: 'acct_stranger', object: 'account' } } }));
    await t.settle();
    expect(await stored()).toMatchObject([{ account: 'acct_stranger' }]);
    expect(await notes()).toEqual([{ state: 'done', last_error: 'account_deleted' }]);
  });

  it('is not believed about invoices, which a connected account can make as it likes', async () => {
    await t.post(sent({ account: 'acct_stranger' }));
    await t.settle();
    expect(await notes()).toEqual([{ state: 'done', last_error: 'account_foreign' }]);
  });

  it('is our own where it names our own account', async () => {
    await t.post(sent({ account: t.simulator.account }));
    expect(await stored()).toMatchObject([{ account: null }]);
  });

  it('of the other mode is answered, so that Stripe keeps the endpoint, and not kept', async () => {
    expect((await t.post(sent({ account: 'acct_stranger', livemode: true }))).status).toBe(200);
    expect(await stored()).toEqual([]);
  });

  const notes = () =>
    sql(t, "select o.state, o.last_error from frontdesk.outbox o where o.payload ->> 'event_id' = $1", [`evt_test${made}`]);
});

describe('when the database does not answer', () => {
  it('tells Stripe to come again, and takes it then', async () => {
    isDown = true;
    const answer = await t.post(sent()).finally(() => {
      isDown = false;
    });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'ledger.busy']);
    expect((await t.post(sent())).status).toBe(200);
    expect([(await stored()).length, (await staged()).length]).toEqual([1, 1]);
  });
});
