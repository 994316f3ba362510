import { beforeAll, describe, expect, it } from 'vitest';
import { together } from '../../src/domain/decision.ts';
import { accrue } from '../../src/domain/reward.ts';
import { listEffects } from '../../src/operations/effects/list.ts';
import { retryEffect } from '../../src/operations/effects/retry.ts';
import type { Browser } from '../support/browser.ts';
import { exampleOf, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { freshReward } from '../support/fresh-reward.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let acmeId: string;
let otherId: string;
let operator: Browser;
let partner: Browser;
const domain = 'acme-rewards.example';
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t, { domain });
  const first = await freshReward(acme);
  acmeId = first.organization_id;
  await earnMore(first.referral_id, 'eur', 700n);
  otherId = (await freshReward(await stageOf(t, { domain: 'other-rewards.example' }))).organization_id;
  operator = await roleBrowser(t, 'operator', { steppedUp: true });
  partner = await roleBrowser(t, 'partner', { organizationIds: [acmeId] });
});

/** One more reward of the same referral, in any currency. */
async function earnMore(referralId: string, currency: string, amountMinor: bigint): Promise<void> {
  const { desk, given } = await sceneAt(t, demoHost);
  const of = {
    tenant: desk.tenant,
    referralId,
    organizationId: acmeId,
    side: 'referrer',
    rule: `more_${currency}`,
    occasion: 'once',
  } as const;
  const reward = { ...of, kind: 'external', currency, amountMinor, program: desk.program, availableAt: given.now };
  await commitAt(t, demoHost, together(accrue(reward, given).changes));
}

const get = async (browser: Browser, path: string): Promise<string> => {
  const { status, text } = await browser.get(path);
  expect(status, path).toBe(200);
  return text;
};
/** The cells of each row of the page's tables. */
const rowsIn = (text: string): string[][] =>
  [...text.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.replace(/<[^>]+>/g, '')),
  );

describe('balances', () => {
  it('stand in a row for each currency, and each currency has a sum of its own', async () => {
    const { body } = await t.send('GET', '/v1/balances', { key: (await staffStage(t)).key });
    const sheet = body.data.find((one: { organization_id: string }) => one.organization_id === acmeId);
    expect(sheet.balances.map((one: { currency: string; escrow_minor: number }) => [one.currency, one.escrow_minor])).toEqual([
      ['eur', 700],
      ['usd', 5000],
    ]);
    expect(body.totals.map((one: { currency: string; escrow_minor: number }) => [one.currency, one.escrow_minor])).toEqual([
      ['eur', 700],
      ['usd', 10_000],
    ]);
    const text = await get(operator, '/ledger/rewards/balances');
    expect(rowsIn(text).filter(([name]) => name === domain)).toEqual([
      [domain, 'EUR', '€7.00', '€0.00', '€0.00', '€0.00', '€0.00', '€0.00'],
      [domain, 'USD', '$50.00', '$0.00', '$0.00', '$0.00', '$0.00', '$0.00'],
    ]);
  });

  it('come a page at a time, each organization once, and only the first page has sums', async () => {
    const { key } = await staffStage(t);
    const first = await t.send('GET', '/v1/balances?limit=1', { key });
    const second = await t.send('GET', `/v1/balances?limit=1&cursor=${first.body.next_cursor}`, { key });
    expect([...first.body.data, ...second.body.data].map(({ organization_id }) => organization_id)).toEqual([otherId, acmeId]);
    expect(second.body).toMatchObject({ totals: null, has_more: false });
  });

  it('of others are neither shown to a partner nor in its sums', async () => {
    const text = await get(partner, '/ledger/rewards/balances');
    expect(text).toContain(domain);
    expect(text).not.toContain('other-rewards.example');
    expect(text).not.toContain('$100.00');
  });
});

describe('the list of rewards', () => {
  it('is narrowed by status, kind, currency and organization together, and says how to get back', async () => {
    const shown = async (filter: string) => rowsIn(await get(operator, `/ledger/rewards?${filter}`)).length;
    expect(await shown(`status=held&currency=eur&kind=external&organization_id=${acmeId}`)).toBe(2);
    expect(await shown('currency=jpy')).toBe(0);
    expect(await get(operator, '/ledger/rewards?currency=jpy')).toContain('href="/ledger/rewards"');
    expect((await operator.get('/ledger/rewards?status=nonsense')).status).toBe(400);
  });

  it('holds what a partner’s own organization earned and nothing else', async () => {
    expect(
      rowsIn(await get(partner, '/ledger/rewards'))
        .slice(1)
        .map(([, whose]) => whose),
    ).toEqual([domain, domain]);
    expect(rowsIn(await get(partner, `/ledger/rewards?organization_id=${otherId}`))).toEqual([]);
  });

  it('costs as many round trips as it asks operations', async () => {
    await operator.get('/ledger/rewards');
    const before = t.roundTrips();
    await operator.get('/ledger/rewards');
    expect(t.roundTrips() - before).toBe(2);
  });
});

describe('reconciliation', () => {
  it('calls it no agreement where nothing was compared', async () => {
    const { given } = await sceneAt(t, demoHost);
    const ran = async (checks: number) => {
      const run = { reconciliation_id: given.newId('rec'), ran_at: given.now.toISOString(), ok: true, checks, findings: [] };
      await commitAt(t, demoHost, { reconciliations: [run] });
      return get(operator, '/ledger/rewards/reconciliation');
    };
    const nothing = await ran(0);
    expect([nothing.includes('nothing to compare'), nothing.includes('They agree')]).toEqual([true, false]);
    expect(await ran(3)).toContain('They agree');
  });
});

describe('dead letters', () => {
  const page = '/ledger/rewards/reconciliation';
  const dead = async (): Promise<string> => String((await exampleOf(retryEffect).input(await staffStage(t))).effect_id);
  const stateOf = async (id: string) =>
    (await sql(t, 'select state from frontdesk.outbox where effect_id = $1', [id])).map(({ state }) => state);

  it('are tried again from their page, once a passkey was used', async () => {
    const id = await dead();
    const path = `/ledger/rewards/dead-letters/${id}/retry`;
    expect(await get(operator, page)).toContain(`action="${path}"`);
    const absent = await roleBrowser(t, 'operator');
    const asked = await absent.post(path, { idempotency_key: crypto.randomUUID() });
    expect(asked.location).toBe(`/step-up?next=${encodeURIComponent(page)}`);
    expect(await stateOf(id)).toEqual(['dead']);
    const done = await operator.post(path, { idempotency_key: crypto.randomUUID() });
    expect(done.location).toBe(`${page}?done=retry_effect`);
    expect(await stateOf(id)).toEqual(['waiting']);
  });

  it('say on their page why one cannot be decided any more', async () => {
    const id = await dead();
    const discard = `/ledger/rewards/dead-letters/${id}/discard`;
    await operator.post(discard, { idempotency_key: crypto.randomUUID() });
    const again = await operator.post(discard, { idempotency_key: crypto.randomUUID() });
    expect(again.status).toBe(409);
    expect(again.text).toContain('It is not a dead letter');
  });

  it('are read by an auditor without a way to decide, and by no partner', async () => {
    await dead();
    const text = await get(await roleBrowser(t, 'auditor'), page);
    expect(text).toContain('webhook.deliver');
    expect(text).not.toContain('/dead-letters/');
    expect((await partner.get(page)).status).toBe(404);
    expect(listEffects.access).toEqual({ scope: 'ledger:review' });
  });
});
