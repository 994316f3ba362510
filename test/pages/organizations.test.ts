import { beforeAll, describe, expect, it } from 'vitest';
import { decideDomainConflict } from '../../src/operations/domains/decide-conflict.ts';
import { decideOrganizationJoin } from '../../src/operations/organizations/decide-join.ts';
import { madeAgent } from '../support/agents.ts';
import type { Browser } from '../support/browser.ts';
import { exampleOf, freshProspect, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { organizationOf } from '../support/organization-of.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let acmeId: string;
let quietId: string;
let operator: Browser;
let partner: Browser;
let manager: Browser;
const domain = 'acme-organizations.example';
const customer = 'cus_Acme4242';
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t, { domain });
  acmeId = await organizationOf(acme);
  quietId = await organizationOf(await stageOf(t, { domain: 'quiet.example' }));
  for (const _ of [1, 2]) await made201(acme, '/v1/referrals', { prospect: freshProspect() });
  const { given } = await sceneAt(t, demoHost);
  const linked = { linked_by: 'test', linked_at: given.now.toISOString(), frozen_until: null, obstacle: null };
  await commitAt(t, demoHost, {
    payees: [{ organization_id: acmeId, kind: 'customer', stripe_id: customer, source: 'operator', ...linked }],
  });
  operator = await roleBrowser(t, 'operator', { steppedUp: true });
  partner = await roleBrowser(t, 'partner', { organizationIds: [acmeId] });
  manager = await roleBrowser(t, 'channel_manager', { organizationIds: [acmeId] });
});

const page = () => `/ledger/organizations/${acmeId}`;
const post = (browser: Browser, path: string, form: Record<string, string> = {}) =>
  browser.post(path, { idempotency_key: crypto.randomUUID(), ...form });
const listed = async (query: string) => (await t.send('GET', `/v1/organizations?${query}`, { key: (await staffStage(t)).key })).body;
const idsOf = ({ data }: { data: { id: string }[] }): string[] => data.map(({ id }) => id);

describe('where the money goes', () => {
  it('is shown whole to an operator, masked to its partner, and not to its channel manager', async () => {
    const [whole, masked, hidden] = await Promise.all([operator, partner, manager].map(async (one) => (await one.get(page())).text));
    expect(whole).toContain(customer);
    expect(masked).not.toContain(customer);
    expect(masked).toContain('cus_…4242');
    expect(hidden).not.toContain('4242');
    expect(hidden).toContain('Not shown to your role.');
  });

  it('is changed by an operator on the page of the organization, and what cannot be a customer is told at its field', async () => {
    const path = `${page()}/customer`;
    const wrong = await post(operator, path, { stripe_customer: 'acct_1' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('id="stripe_customer-wrong"');
    expect(wrong.text).toContain('value="acct_1"');
    const { organizationId } = await madeAgent(t);
    const other = `/ledger/organizations/${organizationId}`;
    expect((await post(operator, `${other}/customer`, { stripe_customer: 'cus_New1111' })).location).toBe(
      `${other}?done=link_organization_customer`,
    );
    expect((await operator.get(other)).text).toContain('cus_New1111');
  });
});

describe('agents and API keys of an organization', () => {
  it('are not named by their keys to a channel manager, who manages none', async () => {
    const read = async (browser: Browser) => (await browser.get(page())).text;
    const [key] = await sql(t, 'select key_id from frontdesk.api_keys where organization_id = $1', [acmeId]);
    expect(await read(partner)).toContain(String(key?.key_id));
    expect(await read(manager)).not.toContain(String(key?.key_id));
    expect(await read(manager)).not.toContain('/revoke"');
  });

  it('are revoked by the partner, and those of others are not', async () => {
    const own = await madeAgent(t, { organizationId: acmeId });
    const foreign = await madeAgent(t, { organizationId: quietId });
    const revoke = (id: string) => post(partner, `${page()}/agents/${id}/revoke`);
    expect((await revoke(own.agentId)).location).toBe(`${page()}?done=revoke_agent`);
    expect((await revoke(foreign.agentId)).location).toBeNull();
    const rows = await sql(t, 'select agent_id from frontdesk.agents where agent_id = any($1) and status = $2', [
      [own.agentId, foreign.agentId],
      'revoked',
    ]);
    expect(rows.map(({ agent_id }) => agent_id)).toEqual([own.agentId]);
  });
});

describe('the list of organizations', () => {
  it('goes from the newest back or by referrals, a page at a time, without a gap and without a double', async () => {
    for (const sort of ['created', 'referrals']) {
      const all = idsOf(await listed(`sort=${sort}&limit=100`));
      const paged: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const body: { data: { id: string }[]; next_cursor: string | null } = await listed(
          `sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}`,
        );
        paged.push(...idsOf(body));
        cursor = body.next_cursor;
      }
      expect(paged).toEqual(all);
    }
    expect(idsOf(await listed('sort=referrals'))[0]).toBe(acmeId);
    expect(idsOf(await listed('sort=referrals'))).not.toContain(quietId);
  });

  it('counts what came of referrals, and finds one by its domain or id alone', async () => {
    const { data } = await listed(`q=${domain.toUpperCase()}`);
    expect(data).toMatchObject([
      { id: acmeId, domain, activity: { referrals: 2, qualified: 0, rewarded: 0, conversion: 0, is_all: true } },
    ]);
    expect(idsOf(await listed(`q=${quietId}`))).toEqual([quietId]);
    expect(idsOf(await listed('q=acme'))).toEqual([]);
    expect(idsOf(await listed(`q=${domain}&tier=anonymous`))).toEqual([]);
  });

  it('holds for a partner its own organization, whatever the order and whatever is searched', async () => {
    for (const query of ['', '?sort=referrals', '?q=quiet.example', `?q=${quietId}`]) {
      const { text } = await partner.get(`/ledger/organizations${query}`);
      expect(text).not.toContain(`/ledger/organizations/${quietId}`);
    }
    expect((await partner.get('/ledger/organizations')).text).toContain(page());
  });
});

describe('what waits', () => {
  const waiting = '/ledger/organizations/waiting';

  it('an agent is taken in by the button that was pressed', async () => {
    const { join_id } = await exampleOf(decideOrganizationJoin).input(acme);
    expect((await partner.get(waiting)).text).toContain(`action="/ledger/organizations/joins/${join_id}"`);
    expect((await post(operator, `/ledger/organizations/joins/${join_id}`)).status).toBe(400);
    expect((await post(operator, `/ledger/organizations/joins/${join_id}`, { approve: 'no' })).status).toBe(303);
    expect(await sql(t, 'select state from frontdesk.join_requests where join_id = $1', [String(join_id)])).toEqual([{ state: 'refused' }]);
  });

  it('a domain conflict is decided by an operator with a reason, and shown to nobody else', async () => {
    const { conflict_id } = await exampleOf(decideDomainConflict).input(acme);
    expect((await operator.get(waiting)).text).toContain(String(conflict_id));
    expect((await partner.get(waiting)).text).not.toContain(String(conflict_id));
    const decide = { conflict_id: String(conflict_id), outcome: 'keep' };
    const without = await post(operator, '/ledger/organizations/conflicts', decide);
    expect([without.status, without.text.includes('id="reason-wrong"')]).toEqual([400, true]);
    expect((await post(operator, '/ledger/organizations/conflicts', { ...decide, reason: 'Their registrar.' })).status).toBe(303);
  });
});

describe('an operator who looks as somebody else', () => {
  it('sees what that one sees, changes nothing, and comes back', async () => {
    const looking = await roleBrowser(t, 'operator', { steppedUp: true });
    expect((await looking.get(page())).text).toContain('action="/ledger/view-as"');
    await looking.post('/ledger/view-as', { role: 'channel_manager', organization_id: acmeId, next: '/ledger' });
    const { text } = await looking.get(page());
    expect(text).not.toContain(customer);
    expect(text).not.toContain('/revoke-agents');
    expect((await looking.get(`/ledger/organizations/${quietId}`)).status).toBe(404);
    const refused = await post(looking, `${page()}/customer`, { stripe_customer: 'cus_Other9999' });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    await looking.post('/ledger/view-as', { role: '' });
    expect((await looking.get(page())).text).toContain(customer);
  });
});
