import { beforeAll, describe, expect, test } from 'vitest';
import { lapseDisputes } from '../../src/effects/referrals/lapse-disputes.ts';
import { type EventVendor, openEventVendor, reportOf } from '../support/event-vendor.ts';
import { judgeReferral, releaseReward, rewardsOf, takeSteps } from '../support/qualify.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type Sent, type TestWorld } from '../support/world.ts';

const day = 86_400_000;
let t: TestWorld;
let vendor: EventVendor;
beforeAll(async () => {
  t = await openTestWorld();
  vendor = await openEventVendor(t);
});

let count = 0;
const fresh = (what = 'company') => `${what}-${++count}.example`;
const now = () => t.world.deps.now();
const send = (key: string, method: string, path: string, body?: object) =>
  t.send(method, path, { host: vendor.host, key, ...(body ? { body } : {}) });

interface Party {
  readonly key: string;
  readonly id: string;
  readonly domain: string;
}

async function party(tier: 'domain_verified' | 'key_bound' = 'domain_verified'): Promise<Party> {
  const domain = fresh('agency');
  const key = await vendor.organization(domain, tier);
  const [row] = await sql(t, 'select o.organization_id as id from frontdesk.organizations o where o.domain = $1', [domain], vendor.host);
  return { key, id: String(row?.id), domain };
}

async function record({ key }: Party, domain: string): Promise<string> {
  const sent = await send(key, 'POST', '/v1/referrals', { prospect: { name: 'P', domain } });
  expect(sent.status).toBe(201);
  return sent.body.referral.id;
}

/** The vendor reports that a prospect signed up by this referral, and it is judged. */
async function signUp(referralId: string): Promise<void> {
  const event = reportOf(`signup-${++count}`, 'signup.completed', { referral_id: referralId }, now());
  expect((await send(vendor.backEnd, 'POST', '/v1/events', { events: [event] })).status).toBe(202);
  await judgeReferral(t, vendor.host, referralId);
}

/** Two organizations referred the same prospect; the first is credited, the second lost. */
async function contest() {
  const [winner, loser, domain] = [await party(), await party(), fresh('prospect')];
  const [won, lost] = [await record(winner, domain), await record(loser, domain)];
  await signUp(won);
  return { winner, loser, domain, won, lost };
}

const open = ({ key }: Party, claim: object) => send(key, 'POST', '/v1/disputes', { claim: 'It was us.', ...claim });
const decide = (id: string, outcome: 'upheld' | 'denied', more: object = {}) =>
  send(vendor.backEnd, 'POST', `/v1/disputes/${id}/decide`, {
    ...{ outcome, reason: outcome === 'upheld' ? 'evidence_shown' : 'evidence_insufficient' },
    ...more,
  });
async function opened(by: Party, claim: object): Promise<string> {
  const sent = await open(by, claim);
  expect([sent.status, sent.body.code]).toEqual([201, undefined]);
  return sent.body.id;
}
async function upheld(id: string): Promise<void> {
  const sent = await decide(id, 'upheld');
  expect([sent.status, sent.body.status]).toEqual([200, 'upheld']);
}

const see = async ({ key }: Party, id: string) => (await send(key, 'GET', `/v1/referrals/${id}`)).body;
const statusOf = async (by: Party, id: string) => (await see(by, id)).status as string;
const kindsOf = async (by: Party, id: string): Promise<string[]> => (await see(by, id)).timeline.map(({ kind }: { kind: string }) => kind);
const balance = async ({ key }: Party) => (await send(key, 'GET', '/v1/balance')).body.balances[0];
const rewards = (referralId: string) => rewardsOf(t, vendor.host, referralId);
const rewardOf = async (referralId: string) => (await rewards(referralId))[0] ?? never();
const release = (rewardId: string) => releaseReward(t, vendor.host, rewardId);
const confirm = async (rewardId: string, outcome: 'paid' | 'failed') => {
  const sent = await send(vendor.backEnd, 'POST', `/v1/rewards/${rewardId}/confirm`, { reference: `pay-${++count}`, outcome });
  expect(sent.status).toBe(200);
};
const ledger = (subject: string) =>
  sql(
    t,
    'select e.kind, e.organization_id, e.body from frontdesk.ledger_events e where e.subject_id = $1 order by 1, 2',
    [subject],
    vendor.host,
  );
const attributions = (referralId: string) =>
  sql(
    t,
    `select a.seq, a.referral_id, a.rule, a.dispute_id from frontdesk.attributions a join frontdesk.referral_states s
     on s.prospect_id = a.prospect_id where s.referral_id = $1 order by a.seq`,
    [referralId],
    vendor.host,
  );
const never = (): never => {
  throw new Error('there is none');
};

describe('opening a dispute', () => {
  test('a loser disputes: the winner is held and sees that it is disputed, not by whom', async () => {
    const { winner, loser, won, lost } = await contest();
    const sent = await open(loser, { referral_id: lost, evidence_url: 'https://evidence.example/mail' });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({ status: 'open', organization_id: loser.id, referral_id: lost, decided_at: null, review: null });
    expect(Date.parse(sent.body.decide_by) - Date.parse(sent.body.opened_at)).toBe(14 * day);
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(['disputed', 'rejected']);
    expect(await kindsOf(winner, won)).toContain('referral.disputed');
    expect(await kindsOf(loser, lost)).toContain('dispute.opened');
    expect((await send(winner.key, 'GET', `/v1/disputes/${sent.body.id}`)).status).toBe(404);
    expect((await send(winner.key, 'GET', '/v1/disputes')).body.data).toEqual([]);
    const theirs = await sql(
      t,
      `select e.body from frontdesk.ledger_events e where e.organization_id = $1
       union all select to_jsonb(h)::text from frontdesk.holds h where h.organization_id = $1`,
      [winner.id],
      vendor.host,
    );
    const [other] = await sql(
      t,
      "select string_agg(distinct a.agent_id, '|') as ids from frontdesk.agents a where a.organization_id = $1",
      [loser.id],
      vendor.host,
    );
    expect(JSON.stringify(theirs)).not.toMatch(new RegExp(`It was us|${loser.id}|${lost}|${other?.ids}`));
  });

  test('the claimant reads its own dispute; reviewers see whom it contests, too', async () => {
    const { winner, loser, won, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    const mine = await send(loser.key, 'GET', `/v1/disputes/${id}`);
    expect(mine.body).toMatchObject({ id, review: null, untrusted: { evidence: [{ claim: 'It was us.', evidence_url: null }] } });
    expect(mine.text).not.toMatch(new RegExp(`${winner.id}|${won}`));
    const theirs = await send(vendor.backEnd, 'GET', `/v1/disputes/${id}`);
    expect(theirs.body.review).toMatchObject({
      contested_referral_id: won,
      contested_organization_id: winner.id,
      basis: { by: 'referral', id: lost },
    });
    expect((await send(loser.key, 'GET', '/v1/disputes?status=open')).body.data.map((row: { id: string }) => row.id)).toEqual([id]);
  });

  test('while it is open nothing is released', async () => {
    const { loser, won, lost } = await contest();
    await opened(loser, { referral_id: lost });
    t.advance(15 * day);
    expect(await release((await rewardOf(won)).id)).toBe(false);
  });

  test('somebody else’s referral and workspace are not found', async () => {
    const { winner, loser, won, domain } = await contest();
    expect((await open(loser, { referral_id: won })).status).toBe(404);
    const provisioned = await send(winner.key, 'POST', '/v1/workspaces/provision', { prospect: { name: 'P', domain }, seed_rows: 0 });
    expect((await open(loser, { workspace_id: provisioned.body.workspace.id })).status).toBe(404);
  });

  test('an organization without a verified domain is told what it lacks', async () => {
    const [winner, loser, domain] = [await party(), await party('key_bound'), fresh('prospect')];
    const [won, lost] = [await record(winner, domain), await record(loser, domain)];
    await signUp(won);
    const sent = await open(loser, { referral_id: lost });
    expect([sent.status, sent.body.code]).toEqual([409, 'state.forbidden']);
    expect(sent.body.detail).toContain('verified');
    expect(await statusOf(winner, won)).toBe('qualified');
  });

  test('the winner cannot dispute what it won', async () => {
    const { winner, won } = await contest();
    const sent = await open(winner, { referral_id: won });
    expect([sent.body.code, sent.body.detail]).toEqual(['state.forbidden', expect.stringContaining('credited to your organization')]);
  });

  test('the prospect itself cannot claim to have brought itself', async () => {
    const [winner, prospect] = [await party(), await party()];
    await signUp(await record(winner, prospect.domain));
    const token = await send(prospect.key, 'POST', '/v1/referral-tokens', {});
    const claim = { referral_token: token.body.token, prospect: { name: 'P', domain: prospect.domain } };
    const sent = await open(prospect, claim);
    expect([sent.body.code, sent.body.detail]).toEqual(['state.forbidden', expect.stringContaining('your own organization')]);
  });

  test('of two at once one is opened; the other is told of it', async () => {
    const { loser, lost, won } = await contest();
    const sent = await Promise.all([open(loser, { referral_id: lost }), open(loser, { referral_id: lost })]);
    const [made, refused] = sent.toSorted((a, b) => a.status - b.status) as [Sent, Sent];
    expect([made.status, refused.status, refused.body.code]).toEqual([201, 409, 'resource.conflict']);
    expect(refused.body.next_actions[0].url).toContain(made.body.id);
    const [holds] = await sql(
      t,
      'select s.dispute_holds as n from frontdesk.referral_states s where s.referral_id = $1',
      [won],
      vendor.host,
    );
    expect(holds?.n).toBe(1);
  });

  test('exactly one of referral, workspace and token is claimed by', async () => {
    const { loser, lost } = await contest();
    for (const claim of [{}, { referral_id: lost, workspace_id: 'ws_01h455vb4pex5vsknk084sn02q' }, { referral_token: 'x' }])
      expect((await open(loser, claim)).status).toBe(400);
    const own = await send(loser.key, 'POST', '/v1/referral-tokens', {});
    const other = await send((await party()).key, 'POST', '/v1/referral-tokens', {});
    const prospect = { name: 'P', domain: fresh('prospect') };
    expect((await open(loser, { referral_token: other.body.token, prospect })).body.code).toBe('attribution.token_invalid');
    expect((await open(loser, { referral_token: own.body.token, prospect })).status).toBe(201);
  });
});

describe('a dispute that is upheld', () => {
  test('after accrual: escrow is given back, the claimant qualifies and earns, the attribution is decided again', async () => {
    const { winner, loser, won, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    expect((await decide(id, 'upheld', { note: 'They showed the mail.' })).body).toMatchObject({
      status: 'upheld',
      reason: 'evidence_shown',
    });
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(['rejected', 'qualified']);
    expect(await rewards(won)).toMatchObject([{ status: 'reversed', accrued: 5000, reversed: 5000 }]);
    expect(await rewards(lost)).toMatchObject([{ status: 'accrued', accrued: 5000, reversed: 0 }]);
    expect(await balance(winner)).toMatchObject({ escrow_minor: 0, owed_minor: 0 });
    expect(await balance(loser)).toMatchObject({ escrow_minor: 5000 });
    expect(await attributions(lost)).toMatchObject([
      { seq: 1, referral_id: won, dispute_id: null },
      { seq: 2, referral_id: lost, rule: 'dispute', dispute_id: id },
    ]);
    const events = await ledger(id);
    const whose = (kind: string) => events.filter((event) => event.kind === kind).map(({ organization_id }) => organization_id);
    expect([whose('dispute.opened'), whose('dispute.resolved').toSorted()]).toEqual([[loser.id], [winner.id, loser.id].toSorted()]);
    expect(
      events
        .filter(({ organization_id }) => organization_id === winner.id)
        .map(({ body }) => body)
        .join(),
    ).not.toMatch(new RegExp(`${loser.id}|${lost}`));
    const review = (await send(vendor.backEnd, 'GET', `/v1/disputes/${id}`)).body;
    expect(review.review.trace).toMatchObject({
      ...{ outcome: 'upheld', reason: 'evidence_shown', evidence: [review.evidence[0].id] },
      moved: { from: { referral: won, became: 'rejected' }, to: { referral: lost, became: 'qualified', opened: false }, attribution: 2 },
    });
    expect(review.evidence.map(({ by }: { by: string }) => by)).toEqual(['claimant', 'staff']);
    expect((await send(loser.key, 'GET', `/v1/disputes/${id}`)).text).not.toContain('They showed the mail.');
  });

  test('after an attempt to pay that failed: what is payable is given back', async () => {
    const { winner, loser, won, lost } = await contest();
    t.advance(15 * day);
    const { id } = await rewardOf(won);
    await release(id);
    await confirm(id, 'failed');
    expect(await balance(winner)).toMatchObject({ available_minor: 5000 });
    await upheld(await opened(loser, { referral_id: lost }));
    expect(await rewardOf(won)).toMatchObject({ status: 'reversed', reversed: 5000 });
    expect(await balance(winner)).toMatchObject({ available_minor: 0, owed_minor: 0 });
    expect(await statusOf(winner, won)).toBe('rejected');
  });

  test('after fulfilment: what was paid is owed, and the next reward pays it back', async () => {
    const { winner, loser, won, lost } = await contest();
    t.advance(15 * day);
    const { id } = await rewardOf(won);
    await release(id);
    await confirm(id, 'paid');
    expect(await statusOf(winner, won)).toBe('rewarded');
    await upheld(await opened(loser, { referral_id: lost }));
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(['reversed', 'qualified']);
    expect(await balance(winner)).toMatchObject({ paid_out_minor: 5000, owed_minor: 5000 });
    const next = await record(winner, fresh('prospect'));
    await signUp(next);
    t.advance(15 * day);
    await release((await rewardOf(next)).id);
    expect(await rewardOf(next)).toMatchObject({ status: 'fulfilled', netted: 5000 });
    expect(await balance(winner)).toMatchObject({ owed_minor: 0, available_minor: 0 });
  });

  test.each(['paid', 'failed'] as const)('while a payment is on its way: it is awaited; it is %s', async (outcome) => {
    const { winner, loser, won, lost } = await contest();
    t.advance(15 * day);
    const { id } = await rewardOf(won);
    await release(id);
    await upheld(await opened(loser, { referral_id: lost }));
    expect(await rewardOf(won)).toMatchObject({ status: 'fulfilling', reversed: 5000 });
    expect(await statusOf(winner, won)).toBe('rejected');
    await confirm(id, outcome);
    expect(await rewardOf(won)).toMatchObject({ status: 'reversed', reversed: 5000 });
    expect(await balance(winner)).toMatchObject({ sending_minor: 0, available_minor: 0, owed_minor: outcome === 'paid' ? 5000 : 0 });
    expect(await statusOf(winner, won)).toBe('rejected');
  });

  test('by an own workspace that carried somebody else’s token: a referral is opened, signed, and qualifies', async () => {
    const [winner, agent, domain] = [await party(), await party(), fresh('prospect')];
    const token = await send(winner.key, 'POST', '/v1/referral-tokens', {});
    const made = await send(agent.key, 'POST', '/v1/workspaces/provision', {
      ...{ prospect: { name: 'P', domain }, seed_rows: 0 },
      attribution: { referral_token: token.body.token },
    });
    await signUp(made.body.referral.id);
    expect(await statusOf(winner, made.body.referral.id)).toBe('qualified');
    await upheld(await opened(agent, { workspace_id: made.body.workspace.id }));
    const [mine] = (await send(agent.key, 'GET', '/v1/referrals')).body.data;
    expect(mine).toMatchObject({ status: 'qualified', organization_id: agent.id });
    expect((await see(agent, mine.id)).receipt).toMatch(/^ey/);
    expect(await rewards(mine.id)).toMatchObject([{ status: 'accrued', accrued: 5000 }]);
  });

  test('by an own token: the claimant is credited', async () => {
    const [winner, agent, domain] = [await party(), await party(), fresh('prospect')];
    const won = await record(winner, domain);
    await signUp(won);
    const token = await send(agent.key, 'POST', '/v1/referral-tokens', {});
    const id = await opened(agent, { referral_token: token.body.token, prospect: { name: 'P', domain } });
    expect(await statusOf(winner, won)).toBe('disputed');
    await upheld(id);
    expect((await send(agent.key, 'GET', '/v1/referrals')).body.data).toMatchObject([{ status: 'qualified' }]);
    expect(await statusOf(winner, won)).toBe('rejected');
  });

  test('while nobody is credited: the claim counts as evidence, and conditions still have to hold', async () => {
    const [agent, domain] = [await party(), fresh('prospect')];
    const id = await record(agent, domain);
    t.advance(day);
    await upheld(await opened(agent, { referral_id: id }));
    await judgeReferral(t, vendor.host, id);
    expect([await statusOf(agent, id), await kindsOf(agent, id)]).toEqual(['pending', expect.arrayContaining(['evidence.recorded'])]);
    const event = reportOf(`signup-${++count}`, 'signup.completed', { prospect_domain: domain }, now());
    await send(vendor.backEnd, 'POST', '/v1/events', { events: [event] });
    await judgeReferral(t, vendor.host, id);
    expect(await statusOf(agent, id)).toBe('qualified');
  });

  test('after the prospect signed up and nobody was credited: the evidence is as old as the touch, so it qualifies', async () => {
    const [agent, domain] = [await party(), fresh('prospect')];
    const id = await record(agent, domain);
    const event = reportOf(`signup-${++count}`, 'signup.completed', { prospect_domain: domain }, now());
    await send(vendor.backEnd, 'POST', '/v1/events', { events: [event] });
    t.advance(20 * day);
    const dispute = await opened(agent, { referral_id: id });
    t.advance(5 * day);
    await upheld(dispute);
    await judgeReferral(t, vendor.host, id);
    expect(await statusOf(agent, id)).toBe('qualified');
  });

  test('the former winner may dispute in turn; what it earned before is not earned twice under one referral', async () => {
    const { winner, loser, won, lost } = await contest();
    await upheld(await opened(loser, { referral_id: lost }));
    await upheld(await opened(winner, { referral_id: won }));
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(['rejected', 'rejected']);
    const [again] = (await send(winner.key, 'GET', '/v1/referrals')).body.data;
    expect(again).toMatchObject({ status: 'qualified' });
    expect([await rewards(again.id), await rewards(lost)]).toMatchObject([[{ status: 'accrued' }], [{ status: 'reversed' }]]);
    expect((await attributions(won)).map(({ seq, referral_id }) => [seq, referral_id])).toEqual([
      [1, won],
      [2, lost],
      [3, again.id],
    ]);
  });

  test('another open claim goes on against the new winner', async () => {
    const { winner, loser, domain, won, lost } = await contest();
    const third = await party();
    const theirs = await record(third, domain);
    const [first, second] = [await opened(loser, { referral_id: lost }), await opened(third, { referral_id: theirs })];
    await upheld(first);
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(['rejected', 'disputed']);
    await decide(second, 'denied');
    expect(await statusOf(loser, lost)).toBe('qualified');
  });
});

describe('a dispute that ends otherwise', () => {
  test('denied: the hold is closed, nothing moves, and the same decision is not disputed again', async () => {
    const { winner, loser, won, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    expect((await decide(id, 'denied')).body).toMatchObject({ status: 'denied', reason: 'evidence_insufficient' });
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(['qualified', 'rejected']);
    expect(await rewardOf(won)).toMatchObject({ status: 'accrued', reversed: 0 });
    expect(await kindsOf(loser, lost)).toContain('dispute.resolved');
    expect((await open(loser, { referral_id: lost })).body.code).toBe('state.forbidden');
    expect((await decide(id, 'upheld')).body.code).toBe('state.forbidden');
  });

  test('after fourteen days without a decision it is denied, once', async () => {
    const { winner, loser, won, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    t.advance(14 * day - 60_000);
    await takeSteps(t, vendor.host, lapseDisputes);
    expect(await statusOf(winner, won)).toBe('disputed');
    t.advance(60_000);
    expect(await takeSteps(t, vendor.host, lapseDisputes)).toBe(1);
    expect(await takeSteps(t, vendor.host, lapseDisputes)).toBe(0);
    expect((await send(loser.key, 'GET', `/v1/disputes/${id}`)).body).toMatchObject({ status: 'denied', reason: 'time_limit' });
    expect(await statusOf(winner, won)).toBe('qualified');
  });

  test('withdrawn by the claimant and nobody else', async () => {
    const { winner, loser, won, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    const withdraw = ({ key }: Pick<Party, 'key'>) => send(key, 'POST', `/v1/disputes/${id}/withdraw`);
    expect([(await withdraw(winner)).status, (await withdraw(await party())).status]).toEqual([404, 404]);
    expect((await withdraw(loser)).body).toMatchObject({ status: 'withdrawn' });
    expect(await statusOf(winner, won)).toBe('qualified');
    expect((await withdraw(loser)).body.code).toBe('state.forbidden');
  });

  test('is decided once, by whoever of two reviewers is faster', async () => {
    const { winner, loser, won, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    const sent = await Promise.all([decide(id, 'upheld'), decide(id, 'denied')]);
    expect(sent.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const isUpheld = sent[0]?.status === 200;
    expect([await statusOf(winner, won), await statusOf(loser, lost)]).toEqual(
      isUpheld ? ['rejected', 'qualified'] : ['qualified', 'rejected'],
    );
  });

  test('a reason of the other outcome is refused, and nobody but reviewers decides', async () => {
    const { loser, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    expect((await decide(id, 'denied', { reason: 'evidence_shown' })).body.errors).toMatchObject([{ pointer: '/reason' }]);
    const own = await send(loser.key, 'POST', `/v1/disputes/${id}/decide`, { outcome: 'upheld', reason: 'evidence_shown' });
    expect([own.status, own.body.code]).toEqual([403, 'scope.missing']);
  });

  test('frees the claimant’s place among its open disputes', async () => {
    const { loser, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    const inUse = async () =>
      (
        await sql(t, "select c.value from frontdesk.counters c where c.name = 'disputes.open' and c.subject = $1", [loser.id], vendor.host)
      )[0]?.value;
    expect(await inUse()).toBe(1n);
    await decide(id, 'denied');
    expect(await inUse()).toBe(0n);
  });
});

describe('evidence', () => {
  test('is handed in by claimant and holder; each sees its own, reviewers all', async () => {
    const { winner, loser, lost } = await contest();
    const id = await opened(loser, { referral_id: lost });
    const add = ({ key }: Pick<Party, 'key'>, claim: string) => send(key, 'POST', `/v1/disputes/${id}/evidence`, { claim });
    expect((await add(loser, 'Look at this mail.')).status).toBe(201);
    expect((await add(winner, 'We called them first.')).status).toBe(201);
    expect((await add(await party(), 'Me too.')).status).toBe(404);
    const [mine, all] = [await send(loser.key, 'GET', `/v1/disputes/${id}`), await send(vendor.backEnd, 'GET', `/v1/disputes/${id}`)];
    expect(mine.body.untrusted.evidence.map(({ claim }: { claim: string }) => claim)).toEqual(['It was us.', 'Look at this mail.']);
    expect(all.body.evidence.map(({ by }: { by: string }) => by)).toEqual(['claimant', 'claimant', 'holder']);
    await decide(id, 'denied');
    expect((await add(loser, 'Too late.')).body.code).toBe('state.forbidden');
  });

  test('is blinded in the ledger: no event holds its words', async () => {
    const { loser, lost } = await contest();
    const id = await opened(loser, { referral_id: lost, claim: 'A secret of the trade.', evidence_url: 'https://secret.example/x' });
    const events = await ledger(id);
    expect(events.map(({ kind }) => kind)).toEqual(['dispute.opened']);
    expect(String(events[0]?.body)).toMatch(/"blinded":"[0-9a-f]{64}"/);
    expect(String(events[0]?.body)).not.toMatch(/secret/);
    const kept = await sql(t, 'select i.result from frontdesk.idempotency i where i.subject_id = $1', [id], vendor.host);
    expect([kept.length, JSON.stringify(kept).includes('secret')]).toEqual([1, false]);
  });
});
