import { beforeAll, describe, expect, it } from 'vitest';
import { scopesOfRole } from '../../src/domain/scopes.ts';
import { liveWorkspace } from '../../src/domain/workspace.ts';
import type { Browser } from '../support/browser.ts';
import { freshProspect, freshWorkspace, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
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

describe('whoever opened a workspace that a human took over', () => {
  it('finds it by no domain where companies are masked, and sees no more how much is in it', async () => {
    expect(await listed(partner, `?q=${prospect.domain}`)).toEqual([]);
    expect(await listed(partner, `?q=${mine}`)).toEqual([mine]);
    const { id } = await freshWorkspace(own);
    await sql(t, "update frontdesk.workspaces set status = 'claimed', claimed_at = now() where workspace_id = $1", [id]);
    const rows = async (key: string) => (await t.send('GET', `/v1/workspaces/search?q=${id}`, { key })).body.data[0].rows;
    expect(await rows(own.key)).toBeNull();
    expect(await rows((await staffStage(t)).key)).toBeGreaterThan(0);
    expect((await partner.get(`/ledger/workspaces?q=${id}`)).text).toMatch(/\d × –/);
  });

  it.each(['partner', 'channel_manager'] as const)('and is a %s reads no row of it', (role) => {
    const organizationId = 'org_1';
    const stored = { workspace_id: 'ws_1', organization_id: organizationId, owner: organizationId, status: 'claimed' as const };
    const person = { role, organizationIds: [organizationId], steppedUpAt: null };
    const nobody = { id: 'psn_1', workspaceId: null, agentId: null, tier: 'attested' as const, domain: null, scopes: scopesOfRole[role] };
    const principal = { ...nobody, kind: 'person' as const, organizationId, person };
    const workspace = { ...stored, model: { entities: [] }, key_version: 1, expires_at: '2030-01-01T00:00:00.000Z' };
    expect(liveWorkspace(workspace, principal, new Date(0))).toMatchObject({ code: 'state.forbidden' });
    expect(liveWorkspace({ ...workspace, status: 'active' }, principal, new Date(0)).ok).toBe(true);
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
    expect(text).toContain('data-confirm="End this workspace and delete its rows?"');
    const ended = await operator.post(`${page}/revoke`, { idempotency_key: crypto.randomUUID() });
    expect(ended.location).toBe(`${page}?done=revoke_workspace`);
    expect((await operator.get(page)).text).toContain('revoked');
  });
});
