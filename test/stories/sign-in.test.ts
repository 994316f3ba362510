import { beforeAll, describe, expect, it } from 'vitest';
import { inviteOperator } from '../../src/admin/invite-operator.ts';
import { type Browser, mailedPath, openBrowser, operatorBrowser, person } from '../support/browser.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let made = 0;
beforeAll(async () => {
  t = await openTestWorld();
});
const freshEmail = () => `ada-${++made}@example.com`;
/** Each from a network of its own, so that no test uses up another's limit. */
const browse = () => openBrowser(t, { from: `198.51.${++made}.7` });

/** A browser that asked for a link, and the path of the link that was mailed. */
async function asked(email: string, next?: string): Promise<{ browser: Browser; path: string }> {
  const browser = browse();
  await browser.post('/login', { email, ...(next === undefined ? {} : { next }) });
  return { browser, path: await mailedPath(t, email) };
}

describe('a link by mail', () => {
  it('signs a person in where it was asked for, and leads to where they wanted to go', async () => {
    const email = freshEmail();
    await person(t, email);
    const { browser, path } = await asked(email, '/docs?page=2');
    expect((await browser.get(path)).text).toContain(email);
    const pressed = await browser.post(path);
    expect(pressed).toMatchObject({ status: 303, location: '/docs?page=2' });
    const ledger = await browser.get('/ledger');
    expect(ledger.status).toBe(200);
    expect(ledger.text).toContain('>operator</span>');
  });

  it('is answered in the same words and with the same headers, whoever is known', async () => {
    const [known, unknown] = [freshEmail(), freshEmail()];
    await person(t, known);
    const look = async (email: string) => {
      const { status, text, setCookies } = await browse().post('/login', { email });
      return {
        status,
        text: text.replace(/nonce="[^"]+"/g, ''),
        setCookies: setCookies.map((cookie) => cookie.replace(/=[0-9a-f]{64};/, '=nonce;')),
      };
    };
    expect(await look(unknown)).toEqual(await look(known));
    await t.settle();
    expect(t.inbox.letters.filter(({ to }) => to === unknown)).toEqual([]);
    expect(t.inbox.letters.filter(({ to }) => to === known)).toHaveLength(1);
  });

  it('costs the same number of round trips, whoever is known', async () => {
    const email = freshEmail();
    await person(t, email);
    const trips = async (to: string) => {
      const before = t.roundTrips();
      await browse().post('/login', { email: to });
      return t.roundTrips() - before;
    };
    expect(await trips(freshEmail())).toBe(await trips(email));
  });

  it('is not usable after 15 minutes', async () => {
    const email = freshEmail();
    await person(t, email);
    const { browser, path } = await asked(email);
    t.advance(15 * 60_000);
    expect((await browser.post(path)).status).toBe(404);
  });

  it('goes to one person five times an hour and ten times a day, also when many ask at once', async () => {
    const [patient, hasty] = [freshEmail(), freshEmail()];
    await Promise.all([person(t, patient), person(t, hasty)]);
    const mails = (email: string) => t.inbox.letters.filter(({ to }) => to === email).length;
    const round = async () => {
      for (let n = 0; n < 7; n++) await browse().post('/login', { email: patient });
      await Promise.all(Array.from({ length: 8 }, () => browse().post('/login', { email: hasty })));
      await t.settle();
      return mails(patient);
    };
    expect(await round()).toBe(5);
    expect(mails(hasty)).toBe(5);
    t.advance(3_601_000);
    expect(await round()).toBe(10);
    t.advance(3_601_000);
    expect(await round()).toBe(10);
    expect(mails(hasty)).toBeLessThanOrEqual(10);
  });

  it('is kept from nobody by strangers who ask for it, at a browser where a mail signed them in', async () => {
    const email = freshEmail();
    await person(t, email);
    const { browser: own, path } = await asked(email);
    await own.post(path);
    await own.post('/logout');
    t.advance(20 * 86_400_000);
    await t.world.schedules.expire?.();
    const mails = () => t.inbox.letters.filter(({ to }) => to === email).length;
    for (let n = 0; n < 8; n++) await browse().post('/login', { email });
    await t.settle();
    const before = mails();
    expect(before).toBe(6);
    await own.post('/login', { email });
    expect((await own.post(await mailedPath(t, email))).status).toBe(303);
    for (let n = 0; n < 8; n++) await own.post('/login', { email });
    await t.settle();
    expect(mails()).toBe(before + 5);
  });

  it('counts against a network when it is asked for, and neither when it is opened nor when it is used', async () => {
    const [email, from] = [freshEmail(), `198.51.${++made}.7`];
    await person(t, email);
    const browser = openBrowser(t, { from });
    await browser.post('/login', { email });
    const path = await mailedPath(t, email);
    for (let n = 0; n < 10; n++) await browser.get(path);
    expect((await browser.post(path)).status).toBe(303);
    const statuses: number[] = [];
    for (let n = 0; n < 10; n++) statuses.push((await openBrowser(t, { from }).post('/login', { email: freshEmail() })).status);
    expect(statuses).toEqual([...Array(9).fill(200), 429]);
  });

  it('is kept in no effect, answer or table as text', async () => {
    const email = freshEmail();
    await person(t, email);
    const { path } = await asked(email);
    const token = path.split('/').at(-1) ?? '';
    const rows = await sql(t, "select payload::text from frontdesk.outbox where kind = 'mail.send'");
    const links = await sql(t, 'select to_jsonb(l)::text as link from frontdesk.sign_in_links l');
    const kept = JSON.stringify([rows, links]);
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(email);
  });

  it('leads to no other site, however it is spelt', async () => {
    const email = freshEmail();
    await person(t, email);
    const browser = await operatorBrowser(t, email);
    const elsewhere = [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/.//evil.example',
      '/login?next=/a',
    ];
    for (const next of elsewhere) {
      browser.cookies.set('__Host-fd_next', encodeURIComponent(next));
      const invited = await inviteOperator(t.world.admin, { host: demoHost, email });
      if (!invited.ok) throw new Error(invited.code);
      expect((await browser.post(new URL(invited.value.url).pathname)).location, next).toBe('/ledger');
    }
  });

  it('tells who types no address, and asks nobody', async () => {
    const { status, text } = await browse().post('/login', { email: 'nobody' });
    expect(status).toBe(400);
    expect(text).toContain('role="alert"');
  });
});

describe('a session', () => {
  it('ends after an hour without use, and after twelve hours in any case', async () => {
    const idle = await operatorBrowser(t);
    t.advance(3_599_000);
    expect((await idle.get('/ledger')).status).toBe(200);
    t.advance(3_601_000);
    expect(await idle.get('/ledger')).toMatchObject({ status: 303, location: '/login?next=%2Fledger' });

    const busy = await operatorBrowser(t);
    const halfHours = 24;
    for (let n = 1; n < halfHours; n++) {
      t.advance(1_800_000);
      expect((await busy.get('/ledger')).status, `after ${n / 2} hours`).toBe(200);
    }
    t.advance(1_800_000);
    expect((await busy.get('/ledger')).status).toBe(303);
  });

  it('ends where one signs out, or everywhere', async () => {
    const [here, there, elsewhere] = [await operatorBrowser(t), await operatorBrowser(t), await operatorBrowser(t)];
    const stolen = here.cookies.get('__Host-fd_session') ?? '';
    expect((await here.post('/logout')).status).toBe(200);
    here.cookies.set('__Host-fd_session', stolen);
    expect((await here.get('/ledger')).status).toBe(303);
    expect((await there.get('/ledger')).status).toBe(200);
    await there.post('/logout', { everywhere: '1' });
    expect((await elsewhere.get('/ledger')).status).toBe(303);
  });

  it('that ended elsewhere keeps nobody from signing in, at the browser that still has it', async () => {
    const email = freshEmail();
    const [here, there] = [await operatorBrowser(t, email), await operatorBrowser(t, email)];
    await there.post('/logout', { everywhere: '1' });
    const invited = await inviteOperator(t.world.admin, { host: demoHost, email });
    if (!invited.ok) throw new Error(invited.code);
    expect((await here.post(new URL(invited.value.url).pathname)).status).toBe(303);
    expect((await here.get('/ledger')).status).toBe(200);
  });

  it('ends with the person', async () => {
    const email = freshEmail();
    const browser = await operatorBrowser(t, email);
    await sql(t, `update frontdesk.people set state = 'removed' where email = '${email}'`);
    expect((await browser.get('/ledger')).status).toBe(303);
  });
});

describe('an operator from the command line', () => {
  it('gets a link that works once, for a day, in any browser', async () => {
    const email = freshEmail();
    const invite = async () => {
      const invited = await inviteOperator(t.world.admin, { host: demoHost, email });
      if (!invited.ok) throw new Error(invited.code);
      return new URL(invited.value.url).pathname;
    };
    const [first, late] = [await invite(), await invite()];
    expect((await browse().post(first)).status).toBe(303);
    expect((await browse().post(first)).status).toBe(404);
    t.advance(24 * 3_600_000);
    expect((await browse().post(late)).status).toBe(404);
  });

  it('takes nobody else’s address', async () => {
    const email = freshEmail();
    await person(t, email, 'partner');
    expect(await inviteOperator(t.world.admin, { host: demoHost, email })).toMatchObject({ ok: false, code: 'resource.conflict' });
  });
});
