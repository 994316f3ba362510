import { beforeAll, describe, expect, it } from 'vitest';
import { ConnectionLost, type Db } from '../../src/db/batch.ts';
import { account, freshAddress, freshProspect, freshWorkspace, made201, type Stage, stageOf } from '../support/examples.ts';
import { migratedPglite } from '../support/migrated-pglite.ts';
import { contentsOf, sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

const hour = 3_600_000;

let t: TestWorld;
let acme: Stage;
/** How many of the next commits take effect without telling. */
let silent = 0;

beforeAll(async () => {
  const inner = await migratedPglite();
  const db: Db = {
    async batch(context, statements) {
      const results = await inner.batch(context, statements);
      if (silent === 0 || !statements.some(({ name }) => name === 'commit')) return results;
      silent -= 1;
      throw new ConnectionLost('the answer was lost on its way');
    },
    close: () => inner.close(),
  };
  t = await openTestWorld({ db });
  acme = await stageOf(t);
});

/** One provision that can be sent again. */
function intent(more: Record<string, unknown> = {}, who: { key?: string | null; from?: string } = acme) {
  const [body, idempotencyKey] = [{ prospect: freshProspect(), seed_rows: 1, ...more }, crypto.randomUUID()];
  return () =>
    t.send('POST', '/v1/workspaces/provision', { key: who.key ?? null, ...(who.from ? { from: who.from } : {}), body, idempotencyKey });
}

describe('a replayed provision', () => {
  it('shows everything again, secrets included, while they are current', async () => {
    const send = intent();
    const first = await send();
    t.advance(23 * hour);
    const again = await send();
    expect([again.status, again.text, again.headers.get('Idempotency-Replayed')]).toEqual([201, first.text, 'true']);
    expect(again.body.credentials.api_key).toMatch(/^fd_sbx_dev_/);
  });

  it('is answered although the referral token that it presented has expired since; a new intent with it is not', async () => {
    const token = await t.send('POST', '/v1/referral-tokens', { key: acme.key, body: { ttl_days: 1 } });
    const send = intent({ attribution: { referral_token: token.body.token } });
    const first = await send();
    t.advance(25 * hour);
    const again = await send();
    expect([first.status, again.status, again.body.referral]).toEqual([201, 201, first.body.referral]);
    const anew = await intent({ attribution: { referral_token: token.body.token } })();
    expect([anew.status, anew.body.code]).toEqual([422, 'attribution.token_invalid']);
  });

  const withoutSecrets = ({ credentials: _, credentials_reason: __, claim: ___, ...others }: Record<string, unknown>) => others;

  it.each([
    [
      'the key was rotated',
      'key_rotated',
      async (id: string) => void (await made201(acme, `/v1/workspaces/${id}/rotate-credentials`, undefined)),
    ],
    ['a day has passed', 'shown_within_24_hours_only', async () => t.advance(24 * hour)],
    [
      'the workspace was revoked',
      'workspace_ended',
      async (id: string) => void (await made201(acme, `/v1/workspaces/${id}`, undefined, 'DELETE')),
    ],
    [
      'the workspace was claimed',
      'workspace_claimed',
      async (id: string) =>
        void (await sql(t, "update frontdesk.workspaces set status = 'claimed', claimed_at = now() where workspace_id = $1", [id])),
    ],
  ])('shows no secret once %s, and the rest as it was', async (_, reason, happen) => {
    const send = intent();
    const first = await send();
    await happen(first.body.workspace.id);
    const again = await send();
    expect(again.body).toMatchObject({ credentials: null, credentials_reason: reason, claim: null });
    expect(again.text).not.toMatch(/fd_(sbx|clm)_/);
    expect(withoutSecrets(again.body)).toEqual(withoutSecrets(first.body));
  });

  it('shows no secret of a workspace that expired before its sweep, nor after', async () => {
    const send = intent({ ttl_hours: 1 });
    await send();
    t.advance(hour);
    expect((await send()).body).toMatchObject({ credentials: null, credentials_reason: 'workspace_ended' });
    await t.world.schedules.expire?.();
    expect((await send()).body).toMatchObject({ credentials: null, credentials_reason: 'workspace_ended' });
  });

  it('is nobody else’s: the same organization’s other key finds it, another’s does not', async () => {
    const domain = 'two-keys.example';
    const [one, two] = [await stageOf(t, { domain }), await stageOf(t, { domain })];
    expect(one.key).not.toBe(two.key);
    const [body, idempotencyKey] = [{ prospect: freshProspect() }, crypto.randomUUID()];
    const send = (key: string) => t.send('POST', '/v1/workspaces/provision', { key, body, idempotencyKey });
    const first = await send(one.key);
    expect((await send(two.key)).text).toBe(first.text);
    expect((await send(acme.key)).body.workspace.id).not.toBe(first.body.workspace.id);
  });
});

describe('a replayed rotation', () => {
  it('shows the new key until the next rotation', async () => {
    const { id } = await freshWorkspace(acme);
    const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
    const rotate = (idempotencyKey: string) => t.send('POST', `/v1/workspaces/${id}/rotate-credentials`, { ...acme, idempotencyKey });
    const first = await rotate(one);
    expect((await rotate(one)).text).toBe(first.text);
    const second = await rotate(two);
    expect(second.body.credentials.api_key).not.toBe(first.body.credentials.api_key);
    expect((await rotate(one)).body).toEqual({ workspace_id: id, credentials: null, credentials_reason: 'key_rotated' });
    expect((await rotate(two)).text).toBe(second.text);
    const status = async (key: string) => (await t.send('GET', `/v1/workspaces/${id}`, { key })).status;
    expect([await status(first.body.credentials.api_key), await status(second.body.credentials.api_key)]).toEqual([401, 200]);
  });
});

describe('a retry', () => {
  it('of what was sent many times at once is one workspace and one answer', async () => {
    const send = intent();
    const before = await count('workspaces');
    const all = await Promise.all(Array.from({ length: 12 }, send));
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect(all.map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(all.filter(({ headers }) => headers.get('Idempotency-Replayed') === null)).toHaveLength(1);
    expect(await count('workspaces')).toBe(before + 1);
  });

  it('by this service itself, when it cannot know whether it wrote, finds what it wrote', async () => {
    const before = await count('workspaces');
    silent = 1;
    const made = await intent()();
    expect([made.status, silent]).toEqual([201, 0]);
    expect(await count('workspaces')).toBe(before + 1);
    expect((await t.send('GET', `/v1/workspaces/${made.body.workspace.id}`, { key: made.body.credentials.api_key })).status).toBe(200);
  });

  it.each([
    ['write_workspace_rows', 'POST', '', { rows: [account()] }],
    ['rotate_workspace_credentials', 'POST', 'rotate', undefined],
    ['revoke_workspace', 'DELETE', 'revoke', undefined],
  ])('of %s whose outcome was lost happens once', async (_, method, what, body) => {
    const { id } = await freshWorkspace(acme);
    const path = `/v1/workspaces/${id}${what === '' ? '/data/account' : what === 'rotate' ? '/rotate-credentials' : ''}`;
    const rows = await count('workspace_rows');
    silent = 1;
    const made = await t.send(method, path, { ...acme, body });
    expect([made.status < 300, silent]).toEqual([true, 0]);
    if (what === '') expect(await count('workspace_rows')).toBe(rows + 1);
    const [state] = await sql(t, 'select key_version, status from frontdesk.workspaces where workspace_id = $1', [id]);
    expect(state).toEqual({ key_version: what === 'rotate' ? 2 : 1, status: what === 'revoke' ? 'revoked' : 'active' });
  });

  it('after thirty days is a new request', async () => {
    const send = intent({ ttl_hours: 1 });
    const first = await send();
    t.advance(30 * 24 * hour - 60_000);
    await t.world.schedules.expire?.();
    expect((await send()).headers.get('Idempotency-Replayed')).toBe('true');
    t.advance(60_000);
    await sql(t, 'update frontdesk.due_work set at = $1', [t.world.deps.now()]);
    await t.world.schedules.expire?.();
    const later = await send();
    expect(later.headers.get('Idempotency-Replayed')).toBeNull();
    expect(later.body.workspace.id).not.toBe(first.body.workspace.id);
  });

  const count = async (table: string) => Number((await sql(t, `select count(*)::int as n from frontdesk.${table}`))[0]?.n);
});

describe('an idempotency key', () => {
  it('belongs to one operation', async () => {
    const idempotencyKey = crypto.randomUUID();
    const body = { prospect: freshProspect() };
    const made = await t.send('POST', '/v1/workspaces/provision', { ...acme, body, idempotencyKey });
    const recorded = await t.send('POST', '/v1/referrals', { ...acme, body, idempotencyKey });
    expect([made.status, recorded.status, recorded.body.attribution.outcome]).toEqual([201, 200, 'existing_referral']);
  });

  it('is bound to what the input means, not to how it is written', async () => {
    const idempotencyKey = crypto.randomUUID();
    const { name, domain } = freshProspect();
    const send = (body: unknown) => t.send('POST', '/v1/workspaces/provision', { ...acme, body, idempotencyKey });
    const first = await send({ prospect: { name, domain } });
    expect((await send(`{"seed_rows":5,  "dry_run":false,"prospect":{"domain":"${domain}","name":"${name}"}}`)).text).toBe(first.text);
    expect((await send({ prospect: { name, domain }, seed_rows: 4 })).status).toBe(422);
  });

  it('is bound to the path, too', async () => {
    const [one, two, idempotencyKey] = [await freshWorkspace(acme), await freshWorkspace(acme), crypto.randomUUID()];
    const rotate = (id: string) => t.send('POST', `/v1/workspaces/${id}/rotate-credentials`, { ...acme, idempotencyKey });
    expect([(await rotate(one.id)).status, (await rotate(two.id)).status]).toEqual([200, 422]);
  });

  it('is not used up by a dry run, which writes nothing', async () => {
    const [idempotencyKey, prospect] = [crypto.randomUUID(), freshProspect()];
    const before = await contentsOf(t);
    const send = (dry_run: boolean) => t.send('POST', '/v1/workspaces/provision', { ...acme, body: { prospect, dry_run }, idempotencyKey });
    const dry = await send(true);
    expect([dry.status, dry.body.workspace, dry.body.credentials_reason]).toEqual([200, null, 'dry_run']);
    expect(await contentsOf(t)).toEqual(before);
    expect((await send(false)).status).toBe(201);
  });

  it('keeps an answer without a secret in it', async () => {
    const made = await intent()();
    const [stored] = await sql(t, "select string_agg(i.result, ' ') as results from frontdesk.idempotency i");
    const results = String(stored?.results);
    expect(results).toContain(made.body.workspace.id);
    expect(results).not.toMatch(/fd_(key|sbx|clm)_/);
    expect(results).not.toContain(made.body.claim.user_code);
  });

  it('of somebody without a credential is theirs by their address', async () => {
    const from = freshAddress();
    const send = intent({}, { key: null, from });
    const first = await send();
    expect((await send()).text).toBe(first.text);
    expect(first.body.referral).toBeNull();
    const leaves = await sql(t, 'select count(*)::int as n from frontdesk.ledger_events e where e.subject_id = $1', [
      first.body.workspace.id,
    ]);
    expect(leaves[0]?.n).toBe(0);
  });
});
