import { beforeAll, describe, expect, it } from 'vitest';
import { madeAgent } from '../support/agents.ts';
import { type Browser, mailedPath } from '../support/browser.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let operator: Browser;
let auditor: Browser;
beforeAll(async () => {
  t = await openTestWorld();
  operator = await roleBrowser(t, 'operator', { steppedUp: true });
  auditor = await roleBrowser(t, 'auditor');
});

/** What the form with this action posts, as a browser would send it: its hidden fields and what is typed. */
async function fill(browser: Browser, page: string, action: string, typed: Record<string, string> = {}) {
  const { text } = await browser.get(page);
  const form = new RegExp(`<form method="post" action="${action}"[^>]*>(.*?)</form>`, 's').exec(text)?.[1];
  if (form === undefined) throw new Error(`no form ${action} on ${page}`);
  const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
  return { ...Object.fromEntries(hidden), ...typed };
}
const keysOf = async (organizationId: string) =>
  (await sql(t, 'select key_id from frontdesk.api_keys where organization_id = $1', [organizationId])).length;
const keyIn = (text: string) => /fd_key_\w+/.exec(text)?.[0];

describe('members', () => {
  it('are invited by a form that asks for a passkey first and says when it is done', async () => {
    const invitation = { email: 'lin@people-1.example', role: 'auditor', organization_ids: '' };
    const untouched = await roleBrowser(t, 'operator');
    const action = '/ledger/members/invite';
    const sent = await untouched.post(action, await fill(untouched, '/ledger/members', action, invitation));
    expect(sent.location).toBe('/step-up?next=%2Fledger%2Fmembers');
    expect((await untouched.get('/ledger/members')).text).toContain('/step-up?next=');

    const done = await operator.post(action, await fill(operator, '/ledger/members', action, invitation));
    expect(done.location).toBe('/ledger/members?done=invite_person');
    const { text } = await operator.get(done.location ?? '');
    expect(text).toContain('The invitation is on its way.');
    expect(text).toContain('lin@people-1.example');
    expect(await mailedPath(t, 'lin@people-1.example')).toMatch(/^\/login\//);
  });

  it('are told at the field what was wrong, with all that was typed', async () => {
    const typed = { email: 'nobody', name: 'Lin', role: 'partner', organization_ids: 'org_1, org_2' };
    const action = '/ledger/members/invite';
    const { status, text } = await operator.post(action, await fill(operator, '/ledger/members', action, typed));
    expect(status).toBe(400);
    expect(text).toContain('id="organization_ids-wrong"');
    expect(text).toContain('value="org_1, org_2"');
    expect(text).toContain('value="Lin"');
  });

  it('are changed and removed where they stand', async () => {
    const { given } = await sceneAt(t, demoHost);
    const person_id = given.newId('psn');
    const none = { name: null, oidc_issuer: null, oidc_subject: null };
    const row = { ...none, person_id, email: 'mo@people-1.example', role: 'auditor', state: 'active', version: 1 } as const;
    await commitAt(t, demoHost, { people: [{ ...row, created_at: given.now.toISOString() }] });
    const { organizationId } = await madeAgent(t);
    const page = `/ledger/members/${person_id}`;
    const change = { role: 'partner', organization_ids: organizationId };
    await operator.post(`${page}/change`, await fill(operator, page, `${page}/change`, change));
    expect((await operator.get(page)).text).toContain(`title="${organizationId}"`);
    const removed = await operator.post(`${page}/remove`, await fill(operator, page, `${page}/remove`));
    expect(removed.location).toBe('/ledger/members?done=remove_person');
    expect((await operator.get(page)).text).not.toContain('mo@people-1.example');
  });
});

describe('applications', () => {
  it('show what a stranger wrote as text and nothing else, and are decided by the button that was pressed', async () => {
    const { given } = await sceneAt(t, demoHost);
    const application_id = given.newId('app');
    const undecided = { decided_at: null, decided_by: null, reason: null, organization_id: null };
    const hostile = { organization_name: '<script>alert(1)</script>\u202e"evil', note: '</bdi><img src=x onerror=alert(2)>' };
    const asked = { email: 'eve@strangers.example', domain: 'strangers.example', ...hostile, state: 'open', version: 1 } as const;
    await commitAt(t, demoHost, {
      partner_applications: [{ ...undecided, ...asked, application_id, created_at: given.now.toISOString() }],
    });
    const { text } = await operator.get('/ledger/applications');
    expect(text).toContain('<bdi>&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<img');
    const action = `/ledger/applications/${application_id}/decide`;
    const nothing = await operator.post(action, await fill(operator, '/ledger/applications', action));
    expect(nothing.status).toBe(400);
    await operator.post(action, await fill(operator, '/ledger/applications', action, { approve: 'no', tier: 'attested' }));
    const [row] = await sql(t, 'select state from frontdesk.partner_applications where application_id = $1', [application_id]);
    expect(row).toEqual({ state: 'refused' });
  });
});

describe('keys', () => {
  it('are shown once: sent twice, the form makes one key and shows it the first time only', async () => {
    const { organizationId } = await madeAgent(t);
    const action = '/ledger/keys/create';
    const form = await fill(operator, '/ledger/keys', action, {
      organization_id: organizationId,
      scopes: 'referrals:read',
      expires_at: '',
    });
    const first = await operator.post(action, form);
    const key = keyIn(first.text);
    expect(key).toBeDefined();
    expect((await t.send('GET', '/v1/me', { key: key ?? '' })).status).toBe(200);
    const again = await operator.post(action, form);
    expect(again.status).toBe(200);
    expect(keyIn(again.text)).toBeUndefined();
    expect(keyIn((await operator.get('/ledger/keys')).text)).toBeUndefined();
    expect(await keysOf(organizationId)).toBe(1);
  });

  it('of an organization are made, rotated and revoked by its own partner, with no scope that a partner has not', async () => {
    const { organizationId } = await madeAgent(t);
    const partner = await roleBrowser(t, 'partner', { organizationIds: [organizationId], steppedUp: true });
    const { text } = await partner.get('/ledger/keys');
    expect(text).toContain('value="referrals:read"');
    expect(text).not.toContain('value="workspaces:provision"');
    expect(text).not.toContain('value="payouts:manage"');
    const create = '/ledger/keys/create';
    const made = await partner.post(create, await fill(partner, '/ledger/keys', create, { scopes: 'referrals:read', expires_at: '' }));
    const old = keyIn(made.text) ?? '';
    const [row] = await sql(t, 'select key_id from frontdesk.api_keys where organization_id = $1', [organizationId]);
    const rotate = `/ledger/keys/${row?.key_id}/rotate`;
    const rotated = await partner.post(rotate, await fill(partner, '/ledger/keys', rotate, { overlap_hours: '24' }));
    const fresh = keyIn(rotated.text) ?? '';
    const revoke = `/ledger/keys/${row?.key_id}/revoke`;
    const revoked = await partner.post(revoke, await fill(partner, '/ledger/keys', revoke));
    expect(revoked.location).toBe('/ledger/keys?done=revoke_api_key');
    const statuses = await Promise.all([old, fresh].map(async (key) => (await t.send('GET', '/v1/me', { key })).status));
    expect(statuses).toEqual([401, 200]);
  });
});

describe('webhooks', () => {
  it('of another organization are nothing to a partner, whatever is asked of them', async () => {
    const [mine, theirs] = [(await madeAgent(t)).organizationId, (await madeAgent(t)).organizationId];
    const [owner, other] = [
      await roleBrowser(t, 'partner', { organizationIds: [mine] }),
      await roleBrowser(t, 'partner', { organizationIds: [theirs] }),
    ];
    const create = '/ledger/webhooks/create';
    const made = await owner.post(create, await fill(owner, '/ledger/webhooks', create, { url: 'https://hooks.example/a', types: '*' }));
    expect(made.text).toMatch(/whsec_[\w+/=]+/);
    const [row] = await sql(t, 'select endpoint_id from frontdesk.webhook_endpoints where organization_id = $1', [mine]);
    const page = `/ledger/webhooks/${row?.endpoint_id}`;
    expect((await owner.get(page)).text).toContain('https://hooks.example/a');
    expect((await owner.get(`${page}?status=dead`)).status).toBe(200);
    expect((await owner.get(`${page}?status=alive`)).status).toBe(400);
    expect((await other.get(page)).status).toBe(404);
    expect((await other.get('/ledger/webhooks')).text).not.toContain('hooks.example');
    const key = { idempotency_key: crypto.randomUUID() };
    expect((await other.post(`${page}/delete`, key)).status).toBe(404);
    await owner.post(`${page}/turn`, await fill(owner, page, `${page}/turn`, { enabled: 'off' }));
    expect((await owner.get(page)).text).toContain('it was turned off');
    await owner.post(`${page}/delete`, await fill(owner, page, `${page}/delete`));
    expect((await owner.get(page)).status).toBe(404);
  });
});

describe('an auditor', () => {
  it('sees every list of the administration and no form that changes anything but the pages themselves', async () => {
    for (const path of ['members', 'applications', 'keys', 'webhooks']) {
      const { status, text } = await auditor.get(`/ledger/${path}?state=all`.replace(/(keys|webhooks)\?.*/, '$1'));
      expect(status, path).toBe(200);
      const posts = [...text.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, action]) => action);
      expect(posts, path).toEqual(['/logout']);
    }
  });
});

describe('settings', () => {
  it('keep how somebody wants pages, and let an operator look as a partner', async () => {
    const { organizationId } = await madeAgent(t);
    const browser = await roleBrowser(t, 'operator');
    const kept = await browser.post(
      '/ledger/preferences',
      await fill(browser, '/ledger/settings', '/ledger/preferences', { locale: 'de' }),
    );
    expect((await browser.get(kept.location ?? '')).text).toContain('Gespeichert.');
    await browser.post('/ledger/view-as', { role: 'partner', organization_id: organizationId });
    const { text } = await browser.get('/ledger/settings');
    expect(text).toContain(`title="${organizationId}"`);
    expect(text).not.toContain('name="organization_id"');
    expect((await browser.get('/ledger/members')).status).toBe(404);
  });
});
