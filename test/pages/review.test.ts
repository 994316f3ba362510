import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/actor.ts';
import type { Browser } from '../support/browser.ts';
import { type Contested, contested } from '../support/contested.ts';
import { stageOf } from '../support/examples.ts';
import { organizationOf } from '../support/organization-of.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let case_: Contested;
beforeAll(async () => {
  t = await openTestWorld();
  case_ = await contested(t, { claim: '<img src=x onerror=alert(1)>' });
});

const page = () => `/ledger/review/${case_.disputeId}`;
const as = (role: Role, ...organizationIds: string[]) => roleBrowser(t, role, { organizationIds, steppedUp: true });
const ruling = { outcome: 'denied', reason: 'evidence_insufficient', note: 'Looked at the mail.', read: 'yes' };
const decide = (browser: Browser, path: string, form: Record<string, string> = ruling) =>
  browser.post(`${path}/decide`, { idempotency_key: crypto.randomUUID(), ...form });

describe('the review queue', () => {
  it('says of a dispute what waits for it, until when, and how the claim begins, as text', async () => {
    const { text } = await (await as('operator')).get('/ledger/review');
    expect(text).toContain(`href="${page()}"`);
    expect(text).toContain('$50.00');
    expect(text).toMatch(/1[34] d \d+ h left/);
    expect(text).toContain('&lt;img src=x');
    expect(text).not.toContain('<img');
  });

  it('is narrowed by kind, and says which filter cannot be used', async () => {
    const auditor = await as('auditor');
    expect((await auditor.get('/ledger/review?kind=risk')).text).not.toContain(case_.disputeId);
    expect((await auditor.get('/ledger/review?kind=nonsense')).status).toBe(400);
  });

  it('shows an organization its own part: the claim that it made, not what waits for it; that it is contested, not by whom', async () => {
    const claiming = await (await as('partner', case_.claimant.organizationId)).get('/ledger/review');
    expect(claiming.text).toContain(case_.disputeId);
    expect(claiming.text).not.toMatch(new RegExp(`\\$50\\.00|${case_.holder.referralId}|${case_.holder.organizationId}`));
    const contestedOne = await (await as('channel_manager', case_.holder.organizationId)).get('/ledger/review');
    expect(contestedOne.text).toContain('claimed by somebody else');
    expect(contestedOne.text).toContain('$50.00');
    expect(contestedOne.text).not.toMatch(new RegExp(`onerror|${case_.claimant.referralId}|${case_.claimant.organizationId}`));
  });

  it('is empty for an organization of which nothing waits, and says what would come here', async () => {
    const { text } = await (await as('partner', await organizationOf(await stageOf(t)))).get('/ledger/review');
    expect(text).toContain('Nothing waits');
    expect(text).toContain('/v1/disputes');
  });
});

describe('one dispute', () => {
  it('shows a reviewer both cases and what would move', async () => {
    const { text } = await (await as('operator')).get(page());
    for (const part of [case_.claimant.referralId, case_.holder.referralId, 'is never paid', 'a referral of its own', '$50.00'])
      expect(text).toContain(part);
  });

  it('shows whoever claims its own case alone, with ways to say more and to take it back', async () => {
    const { text } = await (await as('partner', case_.claimant.organizationId)).get(page());
    expect(text).not.toMatch(new RegExp(`${case_.holder.referralId}|${case_.holder.organizationId}|\\$50\\.00|#decide`));
    expect(text).toContain(`action="${page()}/evidence"`);
    expect(text).toContain(`action="${page()}/withdraw"`);
  });

  it('is nothing for whoever is contested, and for a stranger', async () => {
    expect((await (await as('partner', case_.holder.organizationId)).get(page())).status).toBe(404);
  });
});

describe('deciding', () => {
  it('is not for an auditor', async () => {
    const auditor = await as('auditor');
    expect((await auditor.get(`${page()}?decide=denied`)).text).not.toContain(`${page()}/decide`);
    expect((await decide(auditor, page())).status).toBe(403);
  });

  it('offers the reasons of the outcome only, each outcome at an address of its own', async () => {
    const { text } = await (await as('operator')).get(`${page()}?decide=denied`);
    expect(text).toContain('value="evidence_insufficient"');
    expect(text).not.toContain('value="evidence_shown"');
  });

  it('asks for a passkey, and leads to it with the form in hand', async () => {
    const operator = await roleBrowser(t, 'operator');
    expect((await operator.get(`${page()}?decide=denied`)).text).toContain(
      `/step-up?next=${encodeURIComponent(`${page()}?decide=denied`)}`,
    );
    expect((await decide(operator, page())).location).toBe(`/step-up?next=${encodeURIComponent(`${page()}?decide=denied`)}`);
  });

  it('needs that both cases were read, and keeps what was typed', async () => {
    const refused = await decide(await as('operator'), page(), { ...ruling, read: '' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('id="read-wrong"');
    expect(refused.text).toContain('Looked at the mail.');
  });

  it('leads back to the queue, which says that it is done; whoever decides later is told that it was', async () => {
    const { disputeId } = await contested(t);
    const [first, second] = [await as('operator'), await as('operator')];
    const done = await decide(first, `/ledger/review/${disputeId}`);
    expect(done.location).toBe('/ledger/review?done=decide_dispute');
    const queue = await first.get(done.location ?? '');
    expect(queue.text).toContain('role="status"');
    expect(queue.text).not.toContain(disputeId);
    const stale = await decide(second, `/ledger/review/${disputeId}`, { ...ruling, outcome: 'upheld', reason: 'evidence_shown' });
    expect(stale.status).toBe(409);
    expect(stale.text).toContain('The dispute has ended already.');
    expect(stale.text).toContain('evidence is not enough');
  });
});
