import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { stopHard } from '../support/hard-stops.ts';
import { startPostgres } from '../support/postgres.ts';
import { appUrl, createTemplate } from '../support/postgres-template.ts';
import { migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { openTcpLink } from '../support/tcp-link.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

const provision = '/v1/workspaces/provision';
const prospectOf = (name: string) => ({ name: 'Northwind Freight', domain: `${name}.example` });
/** How the client's message names the one statement that writes. */
const commitMessage = '\0commit\0';

describe('a line that breaks after the commit and before its answer', () => {
  it('the same call finds its own work: the caller notices nothing', async () => {
    const database = await migratedDatabase();
    onTestFinished(() => database.drop());
    const link = await openTcpLink(Number(new URL(database.appUrl).port));
    onTestFinished(() => link.close());
    const t = await openTestWorld({ db: connectPostgres(through(database.appUrl, link.port)), atEnd: onTestFinished });
    const key = await t.key();
    for (const name of ['first', 'second', 'third']) {
      link.loseAnswerTo(commitMessage);
      const sent = await t.send('POST', provision, { key, body: { prospect: prospectOf(`${name}-lost`) } });
      expect(link.lost()).toBe(true);
      expect(sent.status).toBe(201);
      expect(sent.headers.get('Idempotency-Replayed')).toBe('true');
      expect(sent.body.credentials.api_key).toMatch(/^fd_sbx_/);
      const made = await rowsOf(
        database.adminUrl,
        `select workspace_id from frontdesk.workspaces where untrusted::text like '%${name}-lost%'`,
      );
      expect(made).toEqual([{ workspace_id: sent.body.workspace.id }]);
    }
    expect(await rowsOf(database.adminUrl, unfinished)).toEqual([]);
  });

  it('when the instance never comes back to it, a retry at another instance does', async () => {
    const database = await migratedDatabase();
    onTestFinished(() => database.drop());
    const link = await openTcpLink(Number(new URL(database.appUrl).port));
    const dying = await openTestWorld({ db: connectPostgres(through(database.appUrl, link.port)), atEnd: onTestFinished });
    const other = await openTestWorld({ db: connectPostgres(database.appUrl), atEnd: onTestFinished });
    const call = { key: await other.key(), body: { prospect: prospectOf('orphan') }, idempotencyKey: crypto.randomUUID() };
    await dying.send('GET', '/v1/referrals', { key: call.key });
    link.loseAnswerTo(commitMessage);
    const first = dying.send('POST', provision, call);
    while (!link.lost()) await pause(1);
    await link.close();
    expect(await first).toMatchObject({ status: 503, body: { code: 'ledger.busy', retryable: true } });
    const retried = await other.send('POST', provision, call);
    expect(retried.status).toBe(201);
    expect(retried.headers.get('Idempotency-Replayed')).toBe('true');
    expect(await rowsOf(database.adminUrl, 'select workspace_id from frontdesk.workspaces')).toEqual([
      { workspace_id: retried.body.workspace.id },
    ]);
    expect(await rowsOf(database.adminUrl, unfinished)).toEqual([]);
  });
});

describe('a database that is stopped hard under the load of 8 clients', () => {
  it('keeps every acknowledged write and no half of any; retries complete the rest', { timeout: 60_000 }, async () => {
    const server = await startPostgres();
    onTestFinished(server.stop);
    const template = await createTemplate(server.adminUrl);
    const t = await openTestWorld({ db: connectPostgres(appUrl(template), { max: 8 }), atEnd: onTestFinished });
    const key = await t.key();
    for (const round of [1, 2, 3]) {
      const load = startLoad(t, key, `round-${round}`);
      while (load.acknowledged.size < 20) await pause(5);
      await server.crash();
      const acknowledged = new Map(load.acknowledged);
      load.end();
      await server.restart();
      const asked = await load.ended;
      expect(t.reported).toEqual([]);

      const kept = await rowsOf<{ key: string; subject_id: string }>(
        template.adminUrl,
        'select key, subject_id from frontdesk.idempotency',
      );
      const found = new Map(kept.map((row) => [row.key, row.subject_id]));
      for (const [idempotencyKey, workspace] of acknowledged) expect(found.get(idempotencyKey)).toBe(workspace);
      expect(await rowsOf(template.adminUrl, unfinished)).toEqual([]);

      for (const { idempotencyKey, body } of asked) {
        const retried = await t.send('POST', provision, { key, body, idempotencyKey });
        expect(retried.status).toBe(201);
        expect(retried.body.workspace.id).toBe(found.get(idempotencyKey) ?? retried.body.workspace.id);
      }
      const count = `select count(*)::int as n from frontdesk.workspaces where untrusted::text like '%round-${round}-%'`;
      expect(await rowsOf(template.adminUrl, count)).toEqual([{ n: asked.length }]);
      expect(await rowsOf(template.adminUrl, unfinished)).toEqual([]);
    }
  });
});

it('a database that is stopped hard while everything is written: nothing acknowledged is gone, every invariant holds, retries complete the rest', {
  timeout: 120_000,
}, async () => {
  const { stops, acknowledged, unanswered, rewards } = await stopHard(20_260_301, 2);
  expect(stops).toBe(2);
  expect(acknowledged).toBeGreaterThan(60);
  expect(unanswered).toBeGreaterThan(0);
  expect(rewards).toBeGreaterThan(0);
});

interface Asked {
  readonly idempotencyKey: string;
  readonly body: object;
}

/** Eight clients that provision one after the other until told to end. What gets no 201 is left as it is. */
function startLoad(t: TestWorld, key: string, name: string) {
  const acknowledged = new Map<string, string>();
  const asked: Asked[] = [];
  let ending = false;
  const client = async (n: number) => {
    for (let i = 0; !ending; i++) {
      const one = { idempotencyKey: crypto.randomUUID(), body: { prospect: prospectOf(`${name}-${n}-${i}`), seed_rows: 1 } };
      asked.push(one);
      const sent = await t.send('POST', provision, { key, ...one });
      if (sent.status === 201) acknowledged.set(one.idempotencyKey, sent.body.workspace.id);
      else expect(sent).toMatchObject({ status: 503, body: { code: 'ledger.busy' } });
    }
  };
  const ended = Promise.all(Array.from({ length: 8 }, (_, n) => client(n))).then(() => asked);
  return {
    acknowledged,
    ended,
    end: () => {
      ending = true;
    },
  };
}

/** Whatever belongs to one decision and is there without the rest of it. */
const unfinished = `
  select 'workspace without its answer' as what, w.workspace_id as id from frontdesk.workspaces w
    where not exists (select from frontdesk.idempotency i where i.subject_id = w.workspace_id)
  union all select 'answer without its workspace', i.subject_id from frontdesk.idempotency i
    where not exists (select from frontdesk.workspaces w where w.workspace_id = i.subject_id)
  union all select 'workspace with other rows than it counts', w.workspace_id from frontdesk.workspaces w
    where w.row_count <> (select count(*) from frontdesk.workspace_rows r where r.workspace_id = w.workspace_id)
  union all select 'workspace without its touch', w.workspace_id from frontdesk.workspaces w
    where not exists (select from frontdesk.touches t where t.workspace_id = w.workspace_id and t.referral_id = w.referral_id)
  union all select 'touch without its event', t.touch_id from frontdesk.touches t
    where not exists (select from frontdesk.ledger_events e where e.event_id = t.entry_id)
  union all select 'referral without its state, its event or its particulars', r.referral_id from frontdesk.referrals r
    where not exists (select from frontdesk.referral_states s where s.referral_id = r.referral_id)
      or not exists (select from frontdesk.ledger_events e where e.event_id = r.entry_id)
      or not exists (select from frontdesk.particulars p where p.subject_id = r.referral_id)
  union all select 'prospect of nobody', p.prospect_id from frontdesk.prospects p
    where not exists (select from frontdesk.workspaces w where w.prospect_id = p.prospect_id)
  union all select 'counter ' || c.name, c.subject from frontdesk.counters c
    where c.value <> case c.name when 'workspaces.active' then (select count(*) from frontdesk.workspaces w where w.owner = c.subject)
      else (select count(*) from frontdesk.referrals r where r.organization_id = c.subject) end`;

function through(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
