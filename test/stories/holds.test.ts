import { beforeAll, describe, expect, test } from 'vitest';
import { revokeKey } from '../../src/admin/revoke-key.ts';
import { holdByKey } from '../../src/effects/referrals/hold-by-key.ts';
import { type EventVendor, openEventVendor, reportOf } from '../support/event-vendor.ts';
import { judgeReferral, performAll, releaseReward, rewardsOf } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

const day = 86_400_000;
let t: TestWorld;
let vendor: EventVendor;
let acme: string;
beforeAll(async () => {
  t = await openTestWorld();
  vendor = await openEventVendor(t);
  acme = await vendor.organization('acme-ops.example');
});

let count = 0;
const fresh = () => ({ name: 'P', domain: `held-${++count}.example` });
const send = (key: string, method: string, path: string, body?: object) =>
  t.send(method, path, { host: vendor.host, key, ...(body ? { body } : {}) });
async function record(attribution?: object): Promise<string> {
  const sent = await send(acme, 'POST', '/v1/referrals', { prospect: fresh(), ...(attribution ? { attribution } : {}) });
  expect(sent.status).toBe(201);
  return sent.body.referral.id;
}
const hold = (id: string, kind = 'risk', reason = 'suspected_fraud') =>
  send(vendor.backEnd, 'POST', `/v1/referrals/${id}/holds`, { kind, reason });
const letGo = (id: string) => send(vendor.backEnd, 'POST', `/v1/holds/${id}/release`, { because: 'cleared' });
const see = async (id: string) => (await send(acme, 'GET', `/v1/referrals/${id}`)).body;
const kindsOf = async (id: string) => (await see(id)).timeline.map(({ kind }: { kind: string }) => kind);
const holdsOf = async (id: string) => (await send(vendor.backEnd, 'GET', `/v1/referrals/${id}/holds`)).body.data;

describe('a hold that a person opens', () => {
  test('shows as quarantined and on the timeline until it is released', async () => {
    const id = await record();
    const held = await hold(id);
    expect([held.status, held.body]).toMatchObject([201, { kind: 'risk', cause: 'person:suspected_fraud', status: 'open' }]);
    expect((await see(id)).status).toBe('quarantined');
    expect(await holdsOf(id)).toMatchObject([{ id: held.body.id }]);
    expect((await letGo(held.body.id)).body.status).toBe('closed');
    expect([(await see(id)).status, await holdsOf(id)]).toEqual(['pending', []]);
    expect(await kindsOf(id)).toEqual(expect.arrayContaining(['referral.quarantined', 'referral.released']));
  });

  test('stops what was earned, and lets it go once the last one is closed', async () => {
    const id = await record();
    const event = reportOf(`signup-${id}`, 'signup.completed', { referral_id: id }, t.world.deps.now());
    await send(vendor.backEnd, 'POST', '/v1/events', { events: [event] });
    await judgeReferral(t, vendor.host, id);
    const holds = [await hold(id, 'review', 'manual_check'), await hold(id, 'risk', 'unusual_volume')];
    t.advance(15 * day);
    const reward = (await rewardsOf(t, vendor.host, id))[0]?.id ?? '';
    for (const { body } of holds) {
      expect(await releaseReward(t, vendor.host, reward)).toBe(false);
      expect((await letGo(body.id)).status).toBe(200);
    }
    expect(await releaseReward(t, vendor.host, reward)).toBe(true);
  });

  test('a review does not show in the status', async () => {
    const id = await record();
    await hold(id, 'review');
    expect((await see(id)).status).toBe('pending');
  });

  test('is there once for each kind and reason, and closed once', async () => {
    const id = await record();
    const [first, again, other] = [await hold(id), await hold(id), await hold(id, 'risk', 'unusual_volume')];
    expect([again.body.code, other.status]).toEqual(['state.forbidden', 201]);
    expect([(await letGo(first.body.id)).status, (await letGo(first.body.id)).body.code]).toEqual([200, 'state.forbidden']);
    expect((await see(id)).status).toBe('quarantined');
  });

  test('what a dispute holds is not let go by hand', async () => {
    const [domain, rival] = [fresh(), await vendor.organization('rival.example')];
    const [won] = await Promise.all([acme, rival].map((key) => send(key, 'POST', '/v1/referrals', { prospect: domain })));
    const id = won?.body.referral.id;
    const event = reportOf(`signup-${id}`, 'signup.completed', { referral_id: id }, t.world.deps.now());
    await send(vendor.backEnd, 'POST', '/v1/events', { events: [event] });
    await judgeReferral(t, vendor.host, id);
    const lost = (await send(rival, 'GET', '/v1/referrals')).body.data[0].id;
    expect((await send(rival, 'POST', '/v1/disputes', { referral_id: lost, claim: 'Ours.' })).status).toBe(201);
    const [held] = await holdsOf(id);
    expect((await letGo(held.id)).body.code).toBe('state.forbidden');
  });

  test('is for reviewers only', async () => {
    const id = await record();
    expect((await send(acme, 'POST', `/v1/referrals/${id}/holds`, { kind: 'risk', reason: 'manual_check' })).body.code).toBe(
      'scope.missing',
    );
  });
});

describe('a signing key that is revoked', () => {
  test('holds every open referral that a token under it touched, a hundred a step, once, and no other', async () => {
    const made = await send(acme, 'POST', '/v1/referral-tokens', { campaign: 'spring' });
    const untouched = await record();
    const touched = await record({ referral_token: made.body.token });
    // More than two steps' worth, written as the first one was.
    await sql(
      t,
      `with source as (select r.* from frontdesk.referrals r where r.referral_id = $1), n as (select lpad(i::text, 26, '0') as i from generate_series(1, 230) i),
       p as (insert into frontdesk.prospects (tenant_id, prospect_id, fingerprint, created_at)
         select s.tenant_id, 'pro_' || n.i, sha256(n.i::bytea), s.created_at from source s, n),
       r as (insert into frontdesk.referrals (tenant_id, referral_id, organization_id, prospect_id, program_id, program_version, terms_sha256, entry_id,
           receipt, created_at, expires_at, token_id)
         select s.tenant_id, 'ref_' || n.i, s.organization_id, 'pro_' || n.i, s.program_id, s.program_version, s.terms_sha256, s.entry_id, '', s.created_at,
           s.expires_at, s.token_id from source s, n),
       st as (insert into frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at, expires_at)
         select s.tenant_id, 'ref_' || n.i, s.organization_id, s.program_id, 'pro_' || n.i, 'pending', 1, s.created_at, s.expires_at from source s, n)
       insert into frontdesk.touches (tenant_id, touch_id, organization_id, prospect_id, referral_id, kind, via, token_id, entry_id, created_at)
       select s.tenant_id, 'tch_' || n.i, s.organization_id, 'pro_' || n.i, 'ref_' || n.i, 'declared', 'record', s.token_id, s.entry_id, s.created_at
       from source s, n`,
      [touched],
      vendor.host,
    );
    const [token] = await sql(t, 'select k.kid from frontdesk.referral_tokens k where k.token_id = $1', [made.body.id], vendor.host);
    const kid = String(token?.kid);
    const revoked = await revokeKey(t.world.admin, { host: vendor.host, kid });
    expect(revoked.ok).toBe(true);
    expect(await performAll(t, vendor.host, 'signing_key.revoked', holdByKey)).toBe(3);
    expect([(await see(touched)).status, (await see(untouched)).status]).toEqual(['quarantined', 'pending']);
    expect(await kindsOf(touched)).toContain('referral.quarantined');
    const counts = () =>
      sql(
        t,
        'select count(*)::int as n, count(distinct h.referral_id)::int as of from frontdesk.holds h where h.cause = $1',
        [`key:${kid}`],
        vendor.host,
      );
    expect(await counts()).toEqual([{ n: 231, of: 231 }]);

    const [at, id] = [t.world.deps.now().toISOString(), t.world.admin.newId('eff')];
    const desk = await t.world.deps.desks.find(vendor.host);
    const again = { effect_id: id, kind: 'signing_key.revoked', aggregate: `key:${kid}`, payload: { kid }, due_at: at, created_at: at };
    await t.world.deps.memory.commit(desk?.tenant ?? '', { effects: [again] });
    expect(await performAll(t, vendor.host, 'signing_key.revoked', holdByKey)).toBe(1);
    expect(await counts()).toEqual([{ n: 231, of: 231 }]);
  });
});
