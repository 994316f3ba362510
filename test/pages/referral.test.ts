import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/actor.ts';
import { sha256Hex } from '../../src/domain/canonical.ts';
import { addEvidence, type JudgedReferral } from '../../src/domain/referral-step.ts';
import type { Browser } from '../support/browser.ts';
import { type Contested, contested } from '../support/contested.ts';
import { agentOfStage, made201, staffStage } from '../support/examples.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

const hostile = '<script>alert(1)</script>" onload="x';
let t: TestWorld;
let case_: Contested;
beforeAll(async () => {
  t = await openTestWorld();
  case_ = await contested(t, { claim: hostile, name: `Zephyr ${hostile}` });
});

const held = () => `/ledger/referrals/${case_.holder.referralId}`;
const lost = () => `/ledger/referrals/${case_.claimant.referralId}`;
const as = (role: Role, ...organizationIds: string[]) => roleBrowser(t, role, { organizationIds, steppedUp: true });
const mainOf = (text: string) => /<main[\s\S]*<\/main>/.exec(text)?.[0] ?? '';
const post = async (browser: Browser, path: string, form: Record<string, string>) =>
  browser.post(path, { idempotency_key: crypto.randomUUID(), ...form });

describe('what somebody sees of one referral', () => {
  it('is all of it for an operator: who did what and why, what holds it, why it is credited, and the proof', async () => {
    const { status, text } = await (await as('operator')).get(held());
    expect(status).toBe(200);
    for (const part of [
      'Credit decided',
      'the last touch with evidence',
      'Referral disputed by somebody else',
      '$50.00',
      'there is no evidence',
    ])
      expect(text).toContain(part);
    expect(text).toContain(`/ledger/review/${case_.disputeId}`);
    expect(text).toContain(`${held()}?act=hold#act`);
    expect(text).toMatch(/<code>[0-9a-f]{64}<\/code>/);
  });

  it('is the same for an auditor, with nothing to act with', async () => {
    const text = mainOf((await (await as('auditor')).get(held())).text);
    expect(text).toContain('there is no evidence');
    expect(text).not.toMatch(/<form|\?act=/);
  });

  it('is, for the partner whose it is, that somebody claims the prospect, and neither who nor whose company it is', async () => {
    const { text } = await (await as('partner', case_.holder.organizationId)).get(held());
    expect(text).toContain('Somebody else claims this prospect');
    expect(text).toContain('Z•••');
    for (const secret of ['Zephyr', case_.claimant.organizationId, case_.claimant.referralId, 'there is no evidence', 'psn_'])
      expect(mainOf(text)).not.toContain(secret);
  });

  it('is, for a channel manager, the prospect whole and no reason', async () => {
    const text = mainOf((await (await as('channel_manager', case_.holder.organizationId)).get(held())).text);
    expect(text).toContain('Zephyr');
    expect(text).not.toContain('there is no evidence');
    expect(text).not.toContain('?act=');
  });

  it('is nothing for whoever claims the same prospect', async () => {
    expect((await (await as('partner', case_.claimant.organizationId)).get(held())).status).toBe(404);
  });
});

describe('what others than the vendor are not told', () => {
  const file = async ({ key, referralId }: Contested['holder']) => (await t.send('GET', `/v1/referrals/${referralId}/file`, { key })).body;

  it('is who claimed the prospect, once the claim was taken back, and why people let it go', async () => {
    const { claimant, holder, disputeId } = await contested(t);
    const rival = await agentOfStage(claimant);
    const staff = await staffStage(t);
    const { id } = await made201(staff, `/v1/referrals/${holder.referralId}/holds`, { kind: 'risk', reason: 'suspected_fraud' });
    await t.send('POST', `/v1/holds/${id}/release`, { key: staff.key, body: { because: 'cleared' } });
    const withdrawn = await t.send('POST', `/v1/disputes/${disputeId}/withdraw`, { key: claimant.key });
    expect(withdrawn.status, withdrawn.text).toBe(200);
    const [hold] = await sql(t, 'select closed_by from frontdesk.holds where cause = $1', [disputeId]);
    expect(hold?.closed_by).toBe('system:disputes');
    const told = JSON.stringify(await file(holder));
    expect(told).toContain(await agentOfStage(holder));
    expect(told).toContain('dispute.withdrawn');
    for (const secret of [rival, claimant.organizationId, 'cleared', 'last_evidenced_touch']) expect(told).not.toContain(secret);
    expect(JSON.stringify(await file({ ...holder, key: staff.key }))).toMatch(new RegExp(`${rival}.*cleared|cleared.*${rival}`));
  });

  it('is what the vendor and Stripe call what evidence is read from, nor does the ledger hold that', async () => {
    const { desk, given } = await sceneAt(t, demoHost);
    const { referralId, organizationId } = case_.holder;
    const [row] = await sql(t, 'select prospect_id from frontdesk.referral_states where referral_id = $1', [referralId]);
    let referral: JudgedReferral = { referralId, organizationId, status: 'qualified', seq: 2, evidenced: true };
    const own = given.newId('ws');
    for (const source of ['signup-of-zephyr.example', 'evt_1Secret', own]) {
      const evidence = { kind: 'report', source, occurredAt: given.now } as const;
      const added = addEvidence(desk.tenant, referral, String(row?.prospect_id), evidence, given);
      referral = added.referral;
      await commitAt(t, demoHost, added.changes);
    }
    const sources = async (key: string) =>
      (await file({ ...case_.holder, key })).evidence.map(({ source }: { source: string | null }) => source).slice(-3);
    expect(await sources((await staffStage(t)).key)).toEqual(['signup-of-zephyr.example', 'evt_1Secret', own]);
    expect(await sources(case_.holder.key)).toEqual([null, null, own]);
    const bodies = await sql(t, "select body from frontdesk.ledger_events where referral_id = $1 and kind = 'evidence.recorded'", [
      referralId,
    ]);
    const written = bodies.map(({ body }) => JSON.parse(String(body)).source).slice(-3);
    expect(written).toEqual([sha256Hex('signup-of-zephyr.example'), sha256Hex('evt_1Secret'), own]);
  });

  it('is money and ledger, where the credential reads referrals only', async () => {
    const { key } = await staffStage(t, demoHost, ['referrals:read']);
    expect(await file({ ...case_.holder, key })).toMatchObject({ id: case_.holder.referralId, rewards: null, timeline: null });
    expect((await file(case_.holder)).rewards).toMatchObject([{ amount: { amount_minor: 5000 } }]);
    const [reviews, found, exported, sums] = await Promise.all(
      ['/v1/reviews?kind=dispute', `/v1/referrals/search?q=${case_.holder.referralId}`, '/v1/referrals/export', '/v1/overview'].map(
        (path) => t.send('GET', path, { key }),
      ),
    );
    expect(reviews?.body.data[0]).toMatchObject({ id: case_.disputeId, rewards: 1, held: null });
    expect(found?.body.data).toMatchObject([{ id: case_.holder.referralId, rewards: null }]);
    expect(exported?.body.data.find(({ id }: { id: string }) => id === case_.holder.referralId)).toMatchObject({ accrued_minor: null });
    expect(sums?.body.rewards).toBeNull();
    expect(sums?.body.organizations[0].settled).toBeNull();
  });
});

describe('what strangers wrote', () => {
  it('is shown as they wrote it, and is no markup', async () => {
    const { text } = await (await as('operator')).get(lost());
    expect(text).not.toMatch(/<script>alert|" onload="x/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('what can be done with a referral', () => {
  it('is a form at an address of its own, which holds it and says so', async () => {
    const operator = await as('operator');
    expect((await operator.get(`${held()}?act=hold`)).text).toContain(`action="${held()}/hold"`);
    const done = await post(operator, `${held()}/hold`, { act: 'hold', kind: 'risk', reason: 'suspected_fraud' });
    expect(done.location).toBe(`${held()}?done=open_referral_hold`);
    const { text } = await operator.get(held());
    expect(text).toMatch(/<dt>Risk<\/dt><dd>suspected fraud<\/dd>/);
    const holdId = /act=release&amp;of=(hld_\w+)/.exec(text)?.[1] ?? '';
    await post(operator, `${held()}/holds/${holdId}/release`, { act: 'release', of: holdId, because: 'cleared' });
    const freed = (await operator.get(held())).text;
    expect(freed).not.toContain('act=release');
    expect(freed).toContain('not assessed');
  });

  it('is shown again with what was wrong and what was typed', async () => {
    const operator = await as('operator');
    const rewardId = /act=reverse&amp;of=(rwd_\w+)/.exec((await operator.get(held())).text)?.[1] ?? '';
    const form = { act: 'reverse', of: rewardId, currency: 'usd', amount_minor: '12,5o', reason: 'refund_agreed', source: '' };
    const refused = await post(operator, `${held()}/rewards/${rewardId}/reverse`, form);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('id="amount_minor-wrong"');
    expect(refused.text).toContain('value="12,5o"');
  });

  it('tells at the field what was wrong in the language of the reader', async () => {
    const operator = await as('operator');
    const rewardId = /act=reverse&amp;of=(rwd_\w+)/.exec((await operator.get(held())).text)?.[1] ?? '';
    const form = { act: 'reverse', of: rewardId, currency: 'usd', amount_minor: '', reason: 'Not a slug', source: '' };
    const path = `${held()}/rewards/${rewardId}/reverse`;
    const { text } = await operator.post(path, { idempotency_key: crypto.randomUUID(), ...form }, { 'Accept-Language': 'ja' });
    expect(text).toMatch(/id="reason-wrong">形式が正しくありません。</);
  });

  it('takes a reward back by the amount that was typed in the main unit', async () => {
    const operator = await as('operator');
    const rewardId = /act=reverse&amp;of=(rwd_\w+)/.exec((await operator.get(held())).text)?.[1] ?? '';
    const form = { act: 'reverse', of: rewardId, currency: 'usd', amount_minor: '12,50', reason: 'refund_agreed', source: '' };
    expect((await post(operator, `${held()}/rewards/${rewardId}/reverse`, form)).status).toBe(303);
    const [row] = await sql(t, 'select reversed_minor from frontdesk.reward_states where reward_id = $1', [rewardId]);
    expect(Number(row?.reversed_minor)).toBe(1250);
  });

  it('is, for a partner of several organizations, evidence in the name of the one that is contested', async () => {
    const { organizationId } = case_.holder;
    const other = (await contested(t)).claimant.organizationId;
    const partner = await as('partner', other, organizationId);
    const { disputeId } = case_;
    const sent = await post(partner, `${held()}/disputes/${disputeId}/evidence`, {
      act: 'evidence',
      of: disputeId,
      claim: 'We have mail.',
    });
    expect(sent.location).toBe(`${held()}?done=add_dispute_evidence`);
    const rows = await sql(t, 'select organization_id from frontdesk.dispute_evidence where dispute_id = $1 order by evidence_id', [
      disputeId,
    ]);
    expect(rows.at(-1)?.organization_id).toBe(organizationId);
  });
});
