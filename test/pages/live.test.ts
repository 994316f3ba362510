import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { happen } from '../support/event-rows.ts';
import { freshDomain } from '../support/examples.ts';
import { type LiveDesk, openLiveDesk } from '../support/live-streams.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let desk: LiveDesk;
let acme: string;

beforeEach(async () => {
  t ??= await openTestWorld();
  await sql(t, 'delete from frontdesk.events');
  desk = openLiveDesk(t);
  acme = await t.key({ organization: { domain: freshDomain(), name: 'An organization' } });
});

afterEach(() => desk.close());

const referral = 'ref_01jd0000000000000000000001';
const happens = (data: object = { referral }, type = 'referral.created') => happen(t, { key: acme, data, type });
const organizationOf = async (key: string): Promise<string> => (await t.send('GET', '/v1/me', { key })).body.organization.id;

describe('the live strip', () => {
  it('begins with the newest events, then tells a new one within two seconds, as a link to its referral', async () => {
    for (let n = 0; n < 10; n++) await happens();
    const strip = await desk.watch(await roleBrowser(t, 'operator'));
    expect(strip.response.headers.get('Content-Type')).toBe('text/event-stream');
    await desk.until(() => strip.ids().length > 0);
    expect(strip.ids()).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    await happens();
    expect(await desk.until(() => strip.ids().includes(11))).toBeLessThanOrEqual(2000);
    expect(strip.text()).toMatch(
      new RegExp(`^id: 11\\ndata: <li id="evt_\\w{26}"><span>Referral recorded</span> <a href="/ledger/referrals/${referral}">`, 'm'),
    );
  });

  it('goes on after what was seen last, without a gap or a double, when the connection was lost', async () => {
    const browser = await roleBrowser(t, 'operator');
    await happens();
    const first = await desk.watch(browser);
    await desk.until(() => first.ids().length === 1);
    await first.reader.cancel();
    for (let n = 0; n < 130; n++) await happens();
    const second = await desk.watch(browser, { last: '1' });
    await desk.until(() => second.ids().length >= 130);
    await happens();
    await desk.until(() => second.ids().length >= 131);
    expect(second.ids()).toEqual(Array.from({ length: 131 }, (_, at) => at + 2));
  });

  it('shows a partner what is its own, and nobody the seals', async () => {
    const partner = await roleBrowser(t, 'partner', { organizationIds: [await organizationOf(acme)] });
    const strip = await desk.watch(partner);
    await happens({}, 'ledger.checkpointed');
    await happen(t, { data: { referral } });
    await happens();
    await desk.until(() => strip.ids().length > 0);
    await desk.pulse();
    expect(strip.ids()).toEqual([3]);
  });

  it('is for who is signed in, keeps nobody signed in, and ends with the session', async () => {
    const browser = await roleBrowser(t, 'operator');
    expect((await desk.watch(await roleBrowser(t, 'operator').then((b) => (b.cookies.clear(), b)))).response.status).toBe(401);
    const strip = await desk.watch(browser);
    const seen = async () => (await sql(t, 'select max(seen_at) as at from frontdesk.sessions')).map((row) => row.at)[0];
    const before = await seen();
    for (let n = 0; n < 240; n++) await desk.pulse();
    expect(await seen()).toEqual(before);
    await sql(t, 'update frontdesk.sessions set ended_at = now()');
    await desk.until(() => strip.end() !== null);
    expect(strip.text()).toContain('the credential is not accepted any more');
  });

  it('is told to two hundred readers within two seconds, and costs little memory', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => roleBrowser(t, 'operator')));
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const heap = () => {
      gc();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    const strips = await Promise.all(people.flatMap((browser) => Array.from({ length: 20 }, () => desk.watch(browser))));
    await desk.pulse();
    const perStream = (heap() - before) / strips.length;
    console.info(`${strips.length} live strips, ${Math.round(perStream)} bytes each`);
    expect(perStream).toBeLessThan(60_000);
    await happens();
    expect(await desk.until(() => strips.every((strip) => strip.ids().length === 1))).toBeLessThanOrEqual(2000);
  });
});
