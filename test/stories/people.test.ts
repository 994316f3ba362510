import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/admin/create-key.ts';
import { type Browser, mailedPath, openBrowser, person } from '../support/browser.ts';
import { staffStage } from '../support/examples.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type SendOptions, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let key: string;
let made = 0;
beforeAll(async () => {
  t = await openTestWorld();
  ({ key } = await staffStage(t));
});
const freshEmail = () => `lin-${++made}@people-${made}.example`;
/** Each from a network of its own, so that no test uses up another's limit. */
const browse = () => openBrowser(t, { from: `203.${++made}.7.9` });
const staff = (method: string, path: string, body?: object, options: SendOptions = {}) =>
  t.send(method, path, { key, ...(body === undefined ? {} : { body }), ...options });
const invite = (body: object) => staff('POST', '/v1/people', body);

/** An organization that is there. */
async function organization(): Promise<string> {
  await t.key({ organization: { domain: `people-${++made}.example`, name: 'Theirs' } });
  const [row] = await sql(t, 'select organization_id from frontdesk.organizations order by organization_id desc limit 1');
  return String(row?.organization_id);
}

/** Follows the link of the newest mail, presses its button, and looks who is signed in. */
async function signInByMail(email: string): Promise<Browser> {
  const browser = browse();
  const { status } = await browser.post(await mailedPath(t, email));
  if (status !== 303) throw new Error(`signing in answered ${status}`);
  return browser;
}
const isSignedIn = async (browser: Browser) => (await browser.get('/ledger')).status === 200;

describe('inviting a person', () => {
  it('mails a link by which they are in, once, within a week', async () => {
    const email = freshEmail();
    const organization_ids = [await organization()];
    const invited = await invite({ email: email.toUpperCase(), name: 'Lin', role: 'partner', organization_ids });
    expect(invited.status).toBe(201);
    expect(invited.body).toMatchObject({ role: 'partner', organization_ids });
    const browser = await signInByMail(email);
    expect((await browser.get('/ledger')).text).toContain('>partner</span>');
    expect((await browse().post(await mailedPath(t, email))).status).toBe(404);

    const late = freshEmail();
    await invite({ email: late, role: 'auditor' });
    const path = await mailedPath(t, late);
    t.advance(7 * 86_400_000);
    expect((await browse().post(path)).status).toBe(404);
  });

  it('gives no role that may do more than whoever invites, by a new person or by one who is there', async () => {
    const reading = ['partners:read', 'workspaces:read', 'referrals:read', 'rewards:read', 'ledger:read'] as const;
    const created = await createKey(t.world.admin, { host: demoHost, agentName: 'hr', scopes: ['policy:write', ...reading] });
    if (!created.ok) throw new Error(created.code);
    const as = (method: string, path: string, body: object) => t.send(method, path, { key: created.value.key, body });
    const auditor = await as('POST', '/v1/people', { email: freshEmail(), role: 'auditor' });
    expect(auditor.status).toBe(201);
    const refused = [
      await as('POST', '/v1/people', { email: freshEmail(), role: 'operator' }),
      await as('PATCH', `/v1/people/${auditor.body.id}`, { role: 'operator' }),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual([
      [403, 'scope.missing'],
      [403, 'scope.missing'],
    ]);
    const [row] = await sql(t, 'select role from frontdesk.people where person_id = $1', [auditor.body.id]);
    expect(row).toEqual({ role: 'auditor' });
  });

  it('is no key to what they become: another role ends open links, and an invitation lets in whoever was never here', async () => {
    const [raised, early] = [freshEmail(), freshEmail()];
    const { id } = (await invite({ email: raised, role: 'auditor' })).body;
    const old = await mailedPath(t, raised);
    await staff('PATCH', `/v1/people/${id}`, { role: 'operator' });
    expect((await browse().post(old)).status).toBe(404);

    await invite({ email: early, role: 'auditor' });
    const invitation = await mailedPath(t, early);
    const browser = browse();
    await browser.post('/login', { email: early });
    expect((await browser.post(await mailedPath(t, early))).status).toBe(303);
    expect((await browse().post(invitation)).status).toBe(404);
  });

  it('is refused for an address that is known, by how it is written makes no difference', async () => {
    const email = freshEmail();
    expect((await invite({ email, role: 'auditor' })).status).toBe(201);
    expect((await invite({ email: ` ${email.toUpperCase()}`, role: 'operator' })).body).toMatchObject({ code: 'resource.conflict' });
  });

  it('makes one person of many invitations at once', async () => {
    const email = freshEmail();
    const all = await Promise.all(Array.from({ length: 5 }, () => invite({ email, role: 'auditor' })));
    expect(all.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it('wants organizations of whom reaches some, and none of whom reaches all', async () => {
    const organization_ids = [await organization()];
    for (const role of ['partner', 'channel_manager']) {
      expect((await invite({ email: freshEmail(), role })).body.errors?.[0]?.pointer, role).toBe('/organization_ids');
    }
    for (const role of ['operator', 'auditor'])
      expect((await invite({ email: freshEmail(), role, organization_ids })).status, role).toBe(400);
    expect((await invite({ email: freshEmail(), role: 'partner', organization_ids: ['org_01hzy0000000000000000000zz'] })).status).toBe(404);
  });
});

describe('a person', () => {
  it('is signed out everywhere by another role, and stays in with other organizations', async () => {
    const email = freshEmail();
    const [first, second] = [await organization(), await organization()];
    const { id } = (await invite({ email, role: 'partner', organization_ids: [first] })).body;
    const browser = await signInByMail(email);
    const moved = await staff('PATCH', `/v1/people/${id}`, { organization_ids: [second] });
    expect(moved.body).toEqual({ id, role: 'partner', organization_ids: [second] });
    expect(await isSignedIn(browser)).toBe(true);
    const raised = await staff('PATCH', `/v1/people/${id}`, { role: 'operator' });
    expect(raised.body).toEqual({ id, role: 'operator', organization_ids: [] });
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('who is removed is out, and nothing says who it was', async () => {
    const email = freshEmail();
    const { id } = (await invite({ email, name: 'Remember Me', role: 'channel_manager', organization_ids: [await organization()] })).body;
    const browser = await signInByMail(email);
    expect((await staff('DELETE', `/v1/people/${id}`)).body).toEqual({ id, state: 'removed' });
    expect(await isSignedIn(browser)).toBe(false);
    expect((await staff('DELETE', `/v1/people/${id}`)).status).toBe(404);
    await t.settle();
    expect(await whereIs(email)).toEqual([]);
    expect(await whereIs('Remember Me')).toEqual([]);
    expect((await invite({ email, role: 'auditor' })).status).toBe(201);
  });

  it('stands with their address in their own row and nowhere else', async () => {
    const email = freshEmail();
    await invite({ email, role: 'auditor' });
    await t.settle();
    expect(await whereIs(email)).toEqual(['people']);
    const listed = await staff('GET', '/v1/people?role=auditor&limit=1');
    expect(listed.body.data).toMatchObject([{ email, state: 'active', organization_ids: [], untrusted: { name: null } }]);
  });

  it('who is the last operator stays one, also of two who remove each other at once', async () => {
    const [ada, bob] = [await person(t, freshEmail()), await person(t, freshEmail())];
    const others = 'update frontdesk.people set role = $3 where role = $4 and person_id not in ($1, $2)';
    await sql(t, others, [ada, bob, 'auditor', 'operator']);
    const removed = await Promise.all([ada, bob].map((id) => staff('DELETE', `/v1/people/${id}`)));
    expect(removed.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [left] = await sql(t, "select person_id from frontdesk.people where role = 'operator' and state = 'active'");
    expect((await staff('PATCH', `/v1/people/${left?.person_id}`, { role: 'auditor' })).body).toMatchObject({ code: 'state.forbidden' });
  });
});

/** The tables of the tenant in which a text stands. */
async function whereIs(text: string): Promise<string[]> {
  const tables = await sql(t, "select tablename as name from pg_tables where schemaname = 'frontdesk' order by 1");
  const looks = tables.map(
    ({ name }) => `select '${name}' as name where exists (select from frontdesk.${name} x where strpos(x::text, $1) > 0)`,
  );
  return (await sql(t, looks.join(' union all '), [text])).map(({ name }) => String(name));
}

describe('an application for partnership', () => {
  const apply = (body: object, from?: string) =>
    t.send('POST', '/v1/partner-applications', { body, idempotencyKey: null, from: from ?? `192.${++made}.2.7` });
  const applicant = () => ({ email: freshEmail(), organization_name: 'Northern Agents', note: 'We bring freight companies.' });
  const listed = async (email: string) => {
    const { body } = await staff('GET', '/v1/partner-applications?state=open&limit=100');
    return body.data.find((one: { email: string }) => one.email === email);
  };

  it('waits for an operator, and nobody is let in by it', async () => {
    const [asked, domain] = [applicant(), `people-${++made}.example`];
    const answered = await apply({ ...asked, domain: `www.${domain}` });
    expect([answered.status, answered.body]).toEqual([202, { received: true }]);
    expect(await listed(asked.email)).toMatchObject({
      domain,
      state: 'open',
      organization_id: null,
      untrusted: { organization_name: 'Northern Agents', note: asked.note },
    });
    await browse().post('/login', { email: asked.email });
    await t.settle();
    expect(t.inbox.letters.filter(({ to }) => to === asked.email)).toEqual([]);
  });

  it('is answered alike whoever is known, in as many round trips, and waits once', async () => {
    const [known, unknown] = [freshEmail(), applicant()];
    await person(t, known);
    const look = async (body: object) => {
      const before = t.roundTrips();
      const { status, body: answer } = await apply(body);
      return { status, answer, trips: t.roundTrips() - before };
    };
    const first = await look(unknown);
    expect(await look({ ...unknown, email: known })).toEqual(first);
    expect(await look({ ...unknown, organization_name: 'Somebody Else' })).toEqual(first);
    const rows = await sql(t, 'select email, organization_name from frontdesk.partner_applications where email in ($1, $2)', [
      known,
      unknown.email,
    ]);
    expect(rows).toMatchObject([{ email: unknown.email, organization_name: 'Northern Agents' }]);
  });

  it('says what is known of it without asking anybody', async () => {
    const held = `held-${++made}.example`;
    const organizationId = await organization();
    await sql(t, 'update frontdesk.organizations set domain = $2 where organization_id = $1', [organizationId, held]);
    const signalsOf = async (email: string, domain?: string) => {
      await apply({ ...applicant(), email, ...(domain && { domain }) });
      return (await listed(email)).signals;
    };
    expect(await signalsOf(`a@mail.${held}`, held)).toEqual({ free_mail: false, mail_at_domain: true, domain_held_by: organizationId });
    expect(await signalsOf('a.person@gmail.com')).toEqual({ free_mail: true, mail_at_domain: null, domain_held_by: null });
    expect(await signalsOf('b.person@gmail.com', 'northern-agents.example')).toMatchObject({ free_mail: true, mail_at_domain: false });
  });

  it('that is approved makes an organization, of which nothing is proven, and lets its partner in', async () => {
    const asked = applicant();
    await apply({ ...asked, domain: 'northern-agents.example' });
    const { id } = await listed(asked.email);
    const decided = await staff('POST', `/v1/partner-applications/${id}/decide`, { approve: true, reason: 'Met at the fair.' });
    expect(decided.body).toMatchObject({ state: 'approved', reason: 'Met at the fair.' });
    const [row] = await sql(t, 'select name, domain, tier from frontdesk.organizations where organization_id = $1', [
      decided.body.organization_id,
    ]);
    expect(row).toEqual({ name: 'Northern Agents', domain: null, tier: 'key_bound' });
    expect((await (await signInByMail(asked.email)).get('/ledger')).text).toContain('>partner</span>');
    const again = await staff('POST', `/v1/partner-applications/${id}/decide`, { approve: false });
    expect(again.body).toMatchObject({ code: 'state.forbidden' });
    const [partner] = await sql(t, 'select person_id from frontdesk.people where email = $1', [asked.email]);
    expect((await staff('DELETE', `/v1/people/${partner?.person_id}`)).status).toBe(200);
    expect(await whereIs(asked.email)).toEqual([]);
  });

  it('that is refused is answered by a letter without the reason, and lets nobody in', async () => {
    const asked = { ...applicant(), organization_name: 'Click Here Ltd' };
    await apply(asked);
    const { id } = await listed(asked.email);
    await staff('POST', `/v1/partner-applications/${id}/decide`, { approve: false, reason: 'Looks made up.' });
    await t.settle();
    const letters = t.inbox.letters.filter(({ to }) => to === asked.email);
    expect(letters).toHaveLength(1);
    expect(letters[0]?.text).toMatch(/cannot take your organization/);
    expect(letters[0]?.text).not.toMatch(/made up|Click Here|http/);
    expect(await sql(t, 'select person_id from frontdesk.people where email = $1', [asked.email])).toEqual([]);
    t.advance(31 * 86_400_000);
    await t.world.schedules.expire?.();
    expect(await whereIs(asked.email)).toEqual([]);
  });

  it('is decided once, whoever is faster', async () => {
    const asked = applicant();
    await apply(asked);
    const { id } = await listed(asked.email);
    const answers = await Promise.all(
      [true, false, true].map((approve) => staff('POST', `/v1/partner-applications/${id}/decide`, { approve })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('is taken from the page, by a form of ours only, and tells what cannot be used', async () => {
    const browser = browse();
    const asked = { ...applicant(), domain: '' };
    expect((await browser.get('/partners/apply')).text).toContain('Become a partner');
    const wrong = await browser.post('/partners/apply', { ...asked, email: 'nobody', organization_name: '<b>"N"</b>' });
    expect([wrong.status, wrong.text.includes('role="alert"')]).toEqual([400, true]);
    const german = await browser.post('/partners/apply', { ...asked, email: 'nobody' }, { 'Accept-Language': 'de' });
    expect(german.text).toContain('Das ist keine E-Mail-Adresse.');
    expect(wrong.text).toContain('value="&lt;b&gt;&quot;N&quot;&lt;/b&gt;"');
    const forged = await browser.post('/partners/apply', asked, { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' });
    expect(forged.status).toBe(403);
    expect(await listed(asked.email)).toBeUndefined();
    const sent = await browser.post('/partners/apply', asked);
    expect([sent.status, sent.text.includes('We have your application')]).toEqual([200, true]);
    expect(await listed(asked.email)).toBeDefined();
  });

  it('is not taken any more where too many wait, nor from one network without end', async () => {
    const from = `192.${++made}.3.7`;
    const codes = new Set<number>();
    for (let n = 0; n < 40 && !codes.has(429); n++) codes.add((await apply(applicant(), from)).status);
    expect([...codes]).toEqual([202, 429]);
    const many = `insert into frontdesk.partner_applications (tenant_id, application_id, email, organization_name, state, version, created_at)
      select tenant_id, 'app_' || n, n || '@x.example', 'x', 'open', 1, now() from frontdesk.tenants, generate_series(1, 500) n where tenant_id = $1`;
    const desk = await t.world.deps.desks.find(demoHost);
    await sql(t, many, [desk?.tenant ?? '']);
    expect((await apply(applicant())).body).toMatchObject({ code: 'quota.exhausted' });
  });
});
