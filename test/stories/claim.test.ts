import { beforeAll, describe, expect, it } from 'vitest';
import { account, freshDomain, made201, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let staff: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  [acme, staff] = [await stageOf(t), await staffStage(t)];
});

interface Opened {
  readonly id: string;
  readonly key: string;
  readonly domain: string;
  readonly claimUrl: string;
  readonly referralId: string;
  readonly idempotencyKey: string;
  readonly body: object;
}

async function open(): Promise<Opened> {
  const domain = freshDomain();
  const [idempotencyKey, body] = [crypto.randomUUID(), { prospect: { name: 'Northwind Freight', domain }, seed_rows: 1 }];
  const sent = await t.send('POST', '/v1/workspaces/provision', { key: acme.key, body, idempotencyKey });
  const { workspace, credentials, claim, referral } = sent.body;
  const known = { id: workspace.id, key: credentials.api_key, claimUrl: claim.url, referralId: referral.id };
  return { ...known, domain, idempotencyKey, body };
}

const claim = ({ id, domain }: Opened, more: object = {}, options: { idempotencyKey?: string } = {}) =>
  t.send('POST', `/v1/workspaces/${id}/claim`, { key: staff.key, body: { verified_domain: domain, ...more }, ...options });
const report = (type: string, subject: object) =>
  made201(staff, '/v1/events', { id: crypto.randomUUID(), type, occurred_at: t.world.deps.now().toISOString(), subject });
const rowsOf = ({ id }: Opened, key: string) => t.send('GET', `/v1/workspaces/${id}/data/account`, { key });
const rotate = ({ id }: Opened, key: string) => t.send('POST', `/v1/workspaces/${id}/rotate-credentials`, { key });
const stored = async ({ id }: Opened) =>
  (await sql(t, 'select status, claimed_at, key_version from frontdesk.workspaces where workspace_id = $1', [id]))[0];

describe('a workspace that a human takes over', () => {
  it('is opened by the new key alone: what agents held is dead at once', async () => {
    const opened = await open();
    const claimed = await claim(opened);
    expect([claimed.status, claimed.body]).toEqual([
      200,
      {
        ...{ id: opened.id, status: 'claimed', claimed_at: expect.any(String), credentials_reason: null },
        credentials: { type: 'bearer', api_key: expect.stringMatching(/^fd_sbx_dev_\w{36}$/) },
      },
    ]);
    const { api_key } = claimed.body.credentials;
    expect((await rowsOf(opened, opened.key)).status).toBe(401);
    expect((await t.send('GET', new URL(opened.claimUrl).pathname)).status).toBe(404);
    expect((await rowsOf(opened, api_key)).status).toBe(200);
    const written = await t.send('POST', `/v1/workspaces/${opened.id}/data/account`, { key: api_key, body: { rows: [account()] } });
    expect(written.status).toBe(201);
  });

  it('keeps its rows from the organization that opened it, which still sees that it was claimed', async () => {
    const opened = await open();
    await claim(opened);
    expect((await rowsOf(opened, acme.key)).body.code).toBe('state.forbidden');
    expect((await t.send('POST', `/v1/workspaces/${opened.id}/claim-link`, { key: acme.key })).body.code).toBe('state.forbidden');
    expect((await t.send('GET', `/v1/workspaces/${opened.id}`, { key: acme.key })).body.status).toBe('claimed');
  });

  it('shows its new key once', async () => {
    const [opened, idempotencyKey] = [await open(), crypto.randomUUID()];
    const first = await claim(opened, {}, { idempotencyKey });
    const again = await claim(opened, {}, { idempotencyKey });
    expect(again.body).toEqual({ ...first.body, credentials: null, credentials_reason: 'shown_once' });
    const kept = await sql(t, 'select result from frontdesk.idempotency where key = $1', [idempotencyKey]);
    expect(kept[0]?.result).not.toContain(first.body.credentials.api_key);
  });

  it('does not end when its time would have been over, and frees its place in the quota', async () => {
    const opened = await open();
    const active = async () =>
      Number(
        (
          await sql(
            t,
            `select c.value from frontdesk.counters c join frontdesk.workspaces w on w.owner = c.subject
             where c.name = 'workspaces.active' and w.workspace_id = $1`,
            [opened.id],
          )
        )[0]?.value,
      );
    const before = await active();
    const { credentials } = (await claim(opened)).body;
    expect(await active()).toBe(before - 1);
    t.advance(200 * 3_600_000);
    await t.world.schedules.expire?.();
    expect((await rowsOf(opened, credentials.api_key)).status).toBe(200);
  });

  it('can be taken over once, and only while it lives', async () => {
    const [opened, late] = [await open(), await open()];
    await claim(opened);
    const second = await claim(opened);
    expect([second.body.code, second.body.detail]).toEqual(['state.forbidden', 'A human has taken it over already.']);
    t.advance(73 * 3_600_000);
    expect((await claim(late)).body.code).toBe('workspace.gone');
  });

  it('goes to nobody of another company, and to a subdomain of its own', async () => {
    const opened = await open();
    const stranger = await claim(opened, { verified_domain: freshDomain() });
    expect(stranger.body).toMatchObject({ code: 'state.forbidden', detail: expect.stringContaining('another company') });
    expect((await claim(opened, { verified_domain: 'localhost.' })).body.errors).toMatchObject([{ pointer: '/verified_domain' }]);
    expect((await stored(opened))?.status).toBe('active');
    expect((await claim(opened, { verified_domain: `mail.${opened.domain}` })).status).toBe(200);
  });

  it('is evidence for its referral, and told to subscribers', async () => {
    const opened = await open();
    await claim(opened);
    await t.settle();
    const evidence = await sql(t, 'select kind from frontdesk.evidence where referral_id = $1', [opened.referralId]);
    expect(evidence).toEqual([{ kind: 'workspace_claimed' }]);
    const told = await sql(t, "select data from frontdesk.events where type = 'workspace.claimed' and subject_id = $1", [opened.id]);
    expect(told).toEqual([{ data: { workspace: opened.id, organization: expect.any(String), referral: opened.referralId } }]);
  });

  it('shows no secret to whoever provisions it again under the old key', async () => {
    const opened = await open();
    await claim(opened);
    const { idempotencyKey, body } = opened;
    const again = await t.send('POST', '/v1/workspaces/provision', { key: acme.key, body, idempotencyKey });
    expect(again.headers.get('Idempotency-Replayed')).toBe('true');
    expect(again.body).toMatchObject({ credentials: null, credentials_reason: 'workspace_claimed', claim: null });
  });
});

describe('the keys of a claimed workspace', () => {
  it('are rotated by who holds one, to another random one that is shown once', async () => {
    const opened = await open();
    const { api_key } = (await claim(opened)).body.credentials;
    const idempotencyKey = crypto.randomUUID();
    const first = await t.send('POST', `/v1/workspaces/${opened.id}/rotate-credentials`, { key: staff.key, idempotencyKey });
    const again = await t.send('POST', `/v1/workspaces/${opened.id}/rotate-credentials`, { key: staff.key, idempotencyKey });
    expect(again.body).toMatchObject({ credentials: null, credentials_reason: 'shown_once' });
    const next = (await rotate(opened, first.body.credentials.api_key)).body.credentials.api_key;
    for (const [key, status] of [
      [api_key, 401],
      [first.body.credentials.api_key, 401],
      [next, 200],
    ] as const)
      expect((await rowsOf(opened, key)).status).toBe(status);
  });

  it('are not given to the organization that opened it', async () => {
    const opened = await open();
    await claim(opened);
    expect((await rotate(opened, acme.key)).body.code).toBe('state.forbidden');
  });
});

describe('the event workspace.claimed', () => {
  it('takes the workspace out of the agent’s hands in its own commit; the back end gets it a key', async () => {
    const opened = await open();
    const { data } = await report('workspace.claimed', { workspace_id: opened.id });
    expect(data).toMatchObject([{ outcome: 'stored', matched: true }]);
    expect((await rowsOf(opened, opened.key)).status).toBe(401);
    expect(await stored(opened)).toMatchObject({ status: 'claimed', key_version: 2 });
    expect((await rotate(opened, acme.key)).body.code).toBe('state.forbidden');
    const given = (await rotate(opened, staff.key)).body.credentials.api_key;
    expect((await rowsOf(opened, given)).status).toBe(200);
  });

  it('claims several workspaces at once, each once', async () => {
    const [one, two] = [await open(), await open()];
    const occurred_at = t.world.deps.now().toISOString();
    const event = ({ id }: Opened) => ({ id: crypto.randomUUID(), type: 'workspace.claimed', occurred_at, subject: { workspace_id: id } });
    await made201(staff, '/v1/events', { events: [event(one), event(two), event(one)] });
    await report('workspace.claimed', { workspace_id: one.id });
    expect([await stored(one), await stored(two)]).toMatchObject([{ key_version: 2 }, { key_version: 2 }]);
    const told = await sql(t, "select 1 from frontdesk.events where type = 'workspace.claimed' and subject_id = $1", [one.id]);
    expect(told).toHaveLength(1);
  });

  it('is only kept where the workspace is gone', async () => {
    const opened = await open();
    t.advance(73 * 3_600_000);
    const { data } = await report('workspace.claimed', { workspace_id: opened.id });
    expect(data).toMatchObject([{ outcome: 'stored' }]);
    expect((await stored(opened))?.claimed_at).toBeNull();
  });
});

describe('a claim link', () => {
  it('is replaced by a new one, and the old one is dead at once', async () => {
    const [opened, idempotencyKey] = [await open(), crypto.randomUUID()];
    const reissue = () => t.send('POST', `/v1/workspaces/${opened.id}/claim-link`, { key: opened.key, idempotencyKey });
    const made = await reissue();
    const path = ({ url }: { url: string }) => new URL(url).pathname;
    expect([(await t.send('GET', new URL(opened.claimUrl).pathname)).status, (await t.send('GET', path(made.body.claim))).status]).toEqual([
      404, 200,
    ]);
    expect((await reissue()).text).toBe(made.text);
    await t.send('POST', `/v1/workspaces/${opened.id}/claim-link`, { key: acme.key });
    expect((await reissue()).body).toMatchObject({ claim: null, claim_reason: 'claim_link_reissued' });
    const { idempotencyKey: provisioned, body } = opened;
    const again = await t.send('POST', '/v1/workspaces/provision', { key: acme.key, body, idempotencyKey: provisioned });
    expect(again.body).toMatchObject({ credentials: { type: 'bearer' }, claim: null });
  });
});
