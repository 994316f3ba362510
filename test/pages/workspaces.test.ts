import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let own: Stage;
let rival: Stage;
let operator: Browser;
let partner: Browser;
const prospect = { name: 'Northwind <b>Freight</b>', domain: 'northwind-page.example' };
let mine = '';
let theirs = '';
beforeAll(async () => {
  t = await openTestWorld();
  [own, rival] = [await stageOf(t), await stageOf(t)];
  mine = (await made201(own, '/v1/workspaces/provision', { prospect })).workspace.id;
  theirs = (await made201(rival, '/v1/workspaces/provision', { prospect: freshProspect() })).workspace.id;
  const id = (await t.send('GET', '/v1/me', { key: own.key })).body.organization.id;
  [operator, partner] = [await roleBrowser(t, 'operator'), await roleBrowser(t, 'partner', { organizationIds: [id] })];
});

const listed = async (browser: Browser, query = ''): Promise<readonly string[]> => {
  const { text } = await browser.get(`/ledger/workspaces${query}`);
  return [...text.matchAll(/href="\/ledger\/workspaces\/(ws_\w{26})"/g)].map(([, id = '']) => id);
};

describe('the list of workspaces', () => {
  it('shows an operator all of them, at one round trip, and a partner its own', async () => {
    const before = t.roundTrips();
    expect(await listed(operator)).toEqual([theirs, mine]);
    expect(t.roundTrips() - before).toBe(1);
    expect(await listed(partner)).toEqual([mine]);
  });

  it('finds one by its id, its referral or the exact domain of its prospect, and by its status', async () => {
    const { referral_id } = (await t.send('GET', `/v1/workspaces/${mine}`, own)).body;
    for (const q of [mine, referral_id, prospect.domain]) expect([q, await listed(operator, `?q=${q}`)]).toEqual([q, [mine]]);
    expect(await listed(operator, '?q=northwind')).toEqual([]);
    expect(await listed(operator, '?status=revoked')).toEqual([]);
    expect(await listed(partner, `?q=${theirs}`)).toEqual([]);
  });

  it('masks the prospect for a partner, and writes it as text for an operator', async () => {
    const [whole, masked] = [await operator.get('/ledger/workspaces'), await partner.get('/ledger/workspaces')];
    expect(whole.text).toContain('Northwind &lt;b&gt;Freight&lt;/b&gt;');
    expect([masked.text.includes('northwind'), masked.text.includes('n•••.example')]).toEqual([false, true]);
  });
});

describe('the page of a workspace', () => {
  it('is nowhere for a partner to whom it does not belong', async () => {
    expect((await partner.get(`/ledger/workspaces/${theirs}`)).status).toBe(404);
    expect((await partner.get(`/ledger/workspaces/${mine}`)).text).not.toContain('/claim-link');
  });

  it('gives an operator a new claim link, shown once, and ends the workspace', async () => {
    const page = `/ledger/workspaces/${theirs}`;
    const { text } = await operator.get(page);
    const key = /name="idempotency_key" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const shown = await operator.post(`${page}/claim-link`, { idempotency_key: key });
    expect(shown.text).toMatch(/http:\/\/localhost\/claim\/fd_clm_\w+/);
    expect((await operator.get(page)).text).not.toContain('fd_clm_');
    const ended = await operator.post(`${page}/revoke`, { idempotency_key: crypto.randomUUID() });
    expect(ended.location).toBe(`${page}?done=revoke_workspace`);
    expect((await operator.get(page)).text).toContain('revoked');
  });
});
