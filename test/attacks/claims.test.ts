import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { base62, formatSecret } from '../../src/domain/secret.ts';
import type { Browser, Page } from '../support/browser.ts';
import { browse, type Handed, handed, proofPath, provenHuman, wrongCode } from '../support/claims.ts';
import { freshAddress, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { migratedDatabase } from '../support/postgres-world.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

/** On a real Postgres through ten connections, at a time that stands still: what happens at once really does. */
let t: TestWorld;
let acme: Stage;
let at = Date.parse('2026-08-01T09:00:00Z');
const minute = 60_000;
beforeAll(async () => {
  const database = await migratedDatabase();
  t = await openTestWorld({ db: connectPostgres(database.appUrl), now: () => new Date(at) });
  acme = await stageOf(t);
  return () => database.drop();
});
beforeEach(() => {
  at += 24 * 60 * minute;
});

const open = (more: Parameters<typeof handed>[2] = {}) => handed(t, acme, more);
const read = ({ id }: Handed, key: string) => t.send('GET', `/v1/workspaces/${id}`, { key });
const tally = (pages: readonly Pick<Page, 'status'>[]) => pages.map(({ status }) => status).sort((a, b) => a - b);
const stateOf = async ({ id }: Handed) =>
  (await sql(t, 'select status from frontdesk.workspaces where workspace_id = $1', [id]))[0]?.status;
/** Without what is made anew for each answer. */
const bodyOf = ({ text }: Page) => text.replaceAll(/nonce="[^"]+"/g, '');

describe('(30) a sandbox and whoever it is not for', () => {
  it('(30) the key of sandbox A opens nothing of sandbox B, and looks as if B was not there', async () => {
    const [a, b] = [await open(), await open()];
    const calls = ['', '/data/account'].map((rest) => t.send('GET', `/v1/workspaces/${b.id}${rest}`, { key: a.key }));
    const writes = ['/rotate-credentials', '/claim-link'].map((rest) => t.send('POST', `/v1/workspaces/${b.id}${rest}`, { key: a.key }));
    const sent = await Promise.all([...calls, ...writes, t.send('DELETE', `/v1/workspaces/${b.id}`, { key: a.key })]);
    expect(sent.map(({ body }) => body.code)).toEqual(Array(5).fill('resource.not_found'));
    expect((await read(b, b.key)).body.status).toBe('active');
  });

  it('(30) an expired sandbox is opened by no key and taken over by nobody, proven or not, the moment its time is over', async () => {
    const opened = await open({ ttl_hours: 1 });
    const human = await provenHuman(t, opened);
    at += 60 * minute;
    expect((await t.send('GET', `/v1/workspaces/${opened.id}/data/account`, { key: opened.key })).body.code).toBe('workspace.gone');
    expect((await human.get(opened.path)).status).toBe(404);
    expect((await human.post(opened.path, { user_code: opened.code })).status).toBe(404);
    expect((await human.post(opened.path, { email: `grace@${opened.domain}` })).status).toBe(404);
  });

  it('(30) it is claimed once: a second human of the same company, proven and with the code, finds nothing', async () => {
    const opened = await open();
    const [ada, grace] = [await provenHuman(t, opened, 'ada'), await provenHuman(t, opened, 'grace')];
    expect((await ada.post(opened.path, { user_code: opened.code })).status).toBe(303);
    const second = await grace.post(opened.path, { user_code: opened.code });
    expect([second.status, bodyOf(second)]).toEqual([404, bodyOf(await browse(t).get(opened.path))]);
    const staff = await staffStage(t);
    const byBackEnd = { key: staff.key, body: { verified_domain: opened.domain } };
    expect((await t.send('POST', `/v1/workspaces/${opened.id}/claim`, byBackEnd)).body.code).toBe('state.forbidden');
  });

  it('(30) of ten humans who press at once exactly one gets it', async () => {
    const opened = await open();
    const humans: Browser[] = [];
    for (let n = 0; n < 10; n++) humans.push(await provenHuman(t, opened, `human-${n}`));
    const pressed = await Promise.all(humans.map((human) => human.post(opened.path, { user_code: opened.code })));
    // Only as many codes are tried as may be; whoever was faster is the one whose try was committed.
    expect(pressed.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(pressed.every(({ status }) => [303, 404, 429].includes(status))).toBe(true);
    const told = await sql(t, "select 1 from frontdesk.events where type = 'workspace.claimed' and subject_id = $1", [opened.id]);
    expect(told).toHaveLength(1);
    const used = await sql(t, 'select 1 from frontdesk.mailbox_proofs where workspace_id = $1 and used_at is not null', [opened.id]);
    expect(used).toHaveLength(1);
  });

  it('(30) brute force of the code ends after five tries in a quarter of an hour, all at once or not; then the right one waits too', async () => {
    const opened = await open();
    const human = await provenHuman(t, opened);
    const wrong = () => human.post(opened.path, { user_code: wrongCode(opened.code) });
    expect(tally(await Promise.all(Array.from({ length: 20 }, wrong)))).toEqual([...Array(5).fill(400), ...Array(15).fill(429)]);
    const right = await human.post(opened.path, { user_code: opened.code });
    expect([right.status, await stateOf(opened)]).toEqual([429, 'active']);
    at += 15 * minute;
    expect((await human.post(opened.path, { user_code: opened.code })).status).toBe(303);
  });

  it('(30) a right code among many wrong ones at once is committed within the five or not at all', async () => {
    const opened = await open();
    const human = await provenHuman(t, opened);
    const codes = Array.from({ length: 20 }, (_, n) => (n === 19 ? opened.code : wrongCode(opened.code)));
    const sent = await Promise.all(codes.map((user_code) => human.post(opened.path, { user_code })));
    const tries = sent.filter(({ status }) => status === 400 || status === 303).length;
    expect(tries).toBeLessThanOrEqual(5);
    const isTaken = (await stateOf(opened)) === 'claimed';
    expect(sent.at(-1)?.status).toBe(isTaken ? 303 : 429);
  });

  it('(30) the code alone, without a mailbox, is not even counted', async () => {
    const opened = await open();
    for (let n = 0; n < 6; n++) expect((await browse(t).post(opened.path, { user_code: opened.code })).status).toBe(403);
    expect((await (await provenHuman(t, opened)).post(opened.path, { user_code: opened.code })).status).toBe(303);
  });

  it('(30) after the claim every key and answer that the agent had is dead', async () => {
    const opened = await open();
    const rotated = await t.send('POST', `/v1/workspaces/${opened.id}/rotate-credentials`, { key: opened.key });
    await (await provenHuman(t, opened)).post(opened.path, { user_code: opened.code });
    const keys = [opened.key, rotated.body.credentials.api_key];
    expect(await Promise.all(keys.map(async (key) => (await read(opened, key)).status))).toEqual([401, 401]);
    expect((await t.send('GET', `/v1/workspaces/${opened.id}/data/account`, { key: acme.key })).body.code).toBe('state.forbidden');
    const again = await t.send('POST', '/v1/workspaces/provision', { key: acme.key, ...opened.asked });
    expect(again.body).toMatchObject({ credentials: null, credentials_reason: 'workspace_claimed', claim: null });
  });
});

describe('(45) a claim link', () => {
  it('(45) cannot be guessed: 178 random bits, and what fails the checksum does not reach the database', async () => {
    const opened = await open();
    const token = opened.path.split('/').at(-1) ?? '';
    expect(token).toMatch(/^fd_clm_dev_[0-9A-Za-z]{36}$/);
    const typo = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
    const before = t.roundTrips();
    expect((await browse(t).get(`/claim/${typo}`)).status).toBe(404);
    expect(t.roundTrips()).toBe(before);
    const guesses = Array.from({ length: 20 }, () => formatSecret('clm', 'dev', crypto.getRandomValues(new Uint8Array(32))));
    const pages = await Promise.all(guesses.map((guess) => browse(t).get(`/claim/${guess}`)));
    expect(new Set(pages.map(bodyOf)).size).toBe(1);
    expect(tally(pages)).toEqual(Array(20).fill(404));
  });

  it('(45) cannot be reused: used, replaced or over it is the same page that nobody’s link is', async () => {
    const [used, replaced, over] = [await open(), await open(), await open({ ttl_hours: 1 })];
    await (await provenHuman(t, used)).post(used.path, { user_code: used.code });
    await t.send('POST', `/v1/workspaces/${replaced.id}/claim-link`, { key: replaced.key });
    at += 60 * minute;
    const nobodys = `/claim/${formatSecret('clm', 'dev', new Uint8Array(32))}`;
    const pages = await Promise.all([used.path, replaced.path, over.path, nobodys].map((path) => browse(t).get(path)));
    expect(tally(pages)).toEqual([404, 404, 404, 404]);
    expect(new Set(pages.map(bodyOf)).size).toBe(1);
    const posts = await Promise.all([used, replaced, over].map(({ path, code }) => browse(t).post(path, { user_code: code })));
    expect(tally(posts)).toEqual([404, 404, 404]);
  });

  const scanners: readonly [string, Record<string, string>][] = [
    ['plainly', {}],
    ['as a prefetch', { 'Sec-Purpose': 'prefetch;prerender', Purpose: 'prefetch' }],
    ['from another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'iframe' }],
    ['as a preview of a chat', { 'User-Agent': 'Slackbot-LinkExpanding 1.0' }],
  ];
  it.each(scanners)('(45) is not burnt by a scanner that opens it and the mailed link %s', async (_, headers) => {
    const opened = await open();
    const human = browse(t);
    await human.post(opened.path, { email: `ada@${opened.domain}` });
    const mailed = await proofPath(t, `ada@${opened.domain}`);
    const before = await contentsOf(t);
    for (const path of [opened.path, mailed]) {
      await browse(t).get(path, headers);
      await human.get(path, headers);
      await t.send('HEAD', path, { headers });
      await t.send('OPTIONS', path, { headers });
    }
    expect(await contentsOf(t)).toEqual(before);
    expect((await human.post(mailed)).status).toBe(303);
    expect((await human.post(opened.path, { user_code: opened.code })).status).toBe(303);
  });

  it('(45) the mailed link is of no use to whoever intercepts it: another browser, another time, a second time, another guess', async () => {
    const opened = await open();
    const human = browse(t);
    const ask = async () => {
      await human.post(opened.path, { email: `ada@${opened.domain}` });
      return proofPath(t, `ada@${opened.domain}`);
    };
    const mailed = await ask();
    const thief = browse(t);
    expect([(await thief.get(mailed)).status, (await thief.post(mailed)).status]).toEqual([403, 403]);
    expect((await human.post(mailed)).status).toBe(303);
    expect((await human.post(mailed)).status).toBe(404);
    const slow = await ask();
    at += 15 * minute;
    expect((await human.post(slow)).status).toBe(404);
    const guess = `/claim/mailbox/${base62(crypto.getRandomValues(new Uint8Array(40)), 43)}`;
    expect((await human.post(guess)).status).toBe(404);
  });

  it('(45) what was proven at one link is nothing at another, nor after half an hour, nor once the link is replaced', async () => {
    const domain = 'one-company.example';
    const [one, two] = [await open({ domain }), await open({ domain })];
    const human = await provenHuman(t, one);
    expect((await human.post(two.path, { user_code: two.code })).status).toBe(403);
    const renewed = await t.send('POST', `/v1/workspaces/${two.id}/claim-link`, { key: two.key });
    const proven = await provenHuman(t, { ...two, path: new URL(renewed.body.claim.url).pathname });
    const next = await t.send('POST', `/v1/workspaces/${two.id}/claim-link`, { key: two.key });
    const path = new URL(next.body.claim.url).pathname;
    expect((await proven.post(path, { user_code: next.body.claim.user_code })).status).toBe(403);
    at += 30 * minute;
    expect((await human.post(one.path, { user_code: one.code })).status).toBe(403);
    expect([await stateOf(one), await stateOf(two)]).toEqual(['active', 'active']);
  });

  it('(45) strangers who have every mail sent that they may lock nobody out who is referred or known, and flood no mailbox', async () => {
    const domain = 'sought-company.example';
    const strangers = [await handed(t, null, { domain }), await handed(t, null, { domain }), await handed(t, null, { domain })];
    const ask = async ({ path }: Pick<Handed, 'path'>, email = `ada@${domain}`) => (await browse(t).post(path, { email })).status;
    const toAda: number[] = [];
    for (const stranger of strangers) for (let n = 0; n < 5; n++) toAda.push(await ask(stranger));
    expect(toAda).toEqual([...Array(10).fill(200), ...Array(5).fill(429)]);
    const toAll: number[] = [];
    for (const [n, stranger] of [...strangers, ...strangers, ...strangers, ...strangers].entries())
      toAll.push(await ask(stranger, `other-${n}@${domain}`));
    expect(toAll).toEqual([...Array(10).fill(200), 429, 429]);
    const { token: referral_token } = await made201(acme, '/v1/referral-tokens', {});
    const body = { prospect: { name: 'Sought', domain }, seed_rows: 0, attribution: { referral_token } };
    const referred = await t.send('POST', '/v1/workspaces/provision', { key: null, from: freshAddress(), body });
    expect(referred.body.referral?.id).toMatch(/^ref_/);
    expect(await ask({ path: new URL(referred.body.claim.url).pathname })).toBe(200);
    expect(await ask(await open({ domain }))).toBe(200);
  });

  it('(45) an operator who looks as somebody else takes nothing over, by whatever the browser has proven', async () => {
    const opened = await open();
    const human = await provenHuman(t, opened);
    human.cookies.set('__Host-fd_session', formatSecret('ses', 'dev', crypto.getRandomValues(new Uint8Array(32))));
    human.cookies.set('__Host-fd_view', 'auditor');
    expect([(await human.post(opened.path, { user_code: opened.code })).status, await stateOf(opened)]).toEqual([403, 'active']);
    human.cookies.delete('__Host-fd_view');
    expect((await human.post(opened.path, { user_code: opened.code })).status).toBe(303);
  });

  it('(45) what another site posts takes nothing over, whatever the browser has proven', async () => {
    const opened = await open();
    const human = await provenHuman(t, opened);
    const evil = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    expect((await human.post(opened.path, { user_code: opened.code }, evil)).status).toBe(403);
    expect(await stateOf(opened)).toBe('active');
  });
});
