import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultOfNote } from '../../scripts/verify-ledger/ed25519.ts';
import { blockHash, checkpointOrigin, isBlockHeader, parseSignedNote } from '../../src/domain/checkpoint.ts';
import { treeRoot } from '../../src/domain/merkle.ts';
import { readJwks } from '../../src/domain/verification/jwks.ts';
import { sealDue } from '../../src/effects/seal/seal-due.ts';
import { freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { leavesOf, sealAt, sealDepsOf } from '../support/seal.ts';
import { sql, tenantAt } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
});
beforeEach(async () => {
  await sealAt(t);
});

const record = (stage = acme) => made201(stage, '/v1/referrals', { prospect: freshProspect() });
const events = (host = demoHost) =>
  sql(t, 'select e.event_id, e.kind, e.body from frontdesk.ledger_events e order by e.event_id', [], host);
const blocks = (host = demoHost) =>
  sql(
    t,
    `select b.number, encode(b.hash, 'hex') as hash, encode(b.previous, 'hex') as previous, encode(b.root, 'hex') as root, b.header,
       encode(b.tree_root, 'hex') as tree_root, b.leaf_count, b.leaves_total, b.signed_note from frontdesk.blocks b order by b.number`,
    [],
    host,
  );
const stream = () => sql(t, 'select v.event_id, v.type, v.sequence, v.data, v.organization_id from frontdesk.events v order by v.sequence');

describe('a block', () => {
  it('holds every event of the ledger once, in the order of commits', async () => {
    await record();
    await record();
    await sealAt(t);
    const sealed = (await leavesOf(t)).map(({ event_id }) => event_id);
    expect(sealed).toEqual((await events()).map(({ event_id }) => event_id));
  });

  it('has the root of its leaves, the hash of its header, and follows the block before', async () => {
    await record();
    await sealAt(t);
    const [all, leaves] = [await blocks(), await leavesOf(t)];
    for (const [at, block] of all.entries()) {
      const header = JSON.parse(String(block.header));
      expect(isBlockHeader(header) && blockHash(header)).toBe(block.hash);
      const own = leaves.filter((leaf) => leaf.block === at).map(({ leaf }) => leaf);
      expect([treeRoot(own), own.length, header.root]).toEqual([block.root, block.leaf_count, block.root]);
      expect(block.previous).toBe(all[at - 1]?.hash ?? null);
      expect(block.tree_root).toBe(treeRoot(all.slice(0, at + 1).map(({ hash }) => String(hash))));
    }
  });

  it('comes with a checkpoint that the published keys verify', async () => {
    await record();
    await sealAt(t);
    const last = (await blocks()).at(-1);
    const note = parseSignedNote(String(last?.signed_note));
    const keys = readJwks((await t.send('GET', '/.well-known/jwks.json')).body);
    expect(note?.checkpoint).toMatchObject({
      origin: checkpointOrigin('http://localhost', await tenantAt(t, demoHost)),
      size: Number(last?.number) + 1,
      root: last?.tree_root,
      leaves: Number(last?.leaves_total),
    });
    expect(note && keys && faultOfNote(note, keys)).toBeNull();
  });

  it('is not made when there is nothing to seal, and nothing else is written', async () => {
    const before = [await blocks(), await stream()];
    expect(await sealAt(t)).toEqual({ blocks: 0, leaves: 0, left: 'sealed' });
    expect([await blocks(), await stream()]).toEqual(before);
  });

  it('belongs to one tenant', async () => {
    const before = await blocks();
    await sealAt(t, otherHost);
    expect(await blocks()).toEqual(before);
    expect((await leavesOf(t, otherHost)).map(({ event_id }) => event_id)).toEqual(
      (await events(otherHost)).map(({ event_id }) => event_id),
    );
  });

  it('takes 1,024 leaves; the rest goes into the next, even of one transaction', async () => {
    const made = await makeEvents(2100);
    expect(await sealAt(t)).toEqual({ blocks: 3, leaves: 2100, left: 'sealed' });
    const leaves = (await leavesOf(t)).slice(-2100);
    expect(leaves.map(({ event_id }) => event_id)).toEqual(made);
    const counts = (await blocks()).slice(-3).map(({ leaf_count }) => leaf_count);
    expect(counts).toEqual([1024, 1024, 52]);
  });
});

describe('the stream', () => {
  it('gets a gapless sequence, and a checkpoint after what it seals', async () => {
    await record();
    await sealAt(t);
    const all = await stream();
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, at) => BigInt(at + 1)));
    expect(all.slice(-2).map(({ type }) => type)).toEqual(['referral.created', 'ledger.checkpointed']);
  });

  it('tells the facts of a ledger event under the suffix of its id, and nothing that only the ledger needs', async () => {
    const { receipt, referral } = await record();
    await sealAt(t);
    const { jti } = JSON.parse(Buffer.from(receipt.split('.')[1], 'base64url').toString());
    const [told] = await sql(t, 'select v.data, v.organization_id from frontdesk.events v where v.event_id = $1', [
      String(jti).replace('led_', 'evt_'),
    ]);
    expect(told).toMatchObject({
      organization_id: referral.organization_id,
      data: { event: jti, kind: 'referral.created', referral: referral.id },
    });
    expect(Object.keys(Object(told?.data))).not.toEqual(expect.arrayContaining(['blinded']));
    expect(Object.keys(Object(told?.data))).not.toEqual(expect.arrayContaining(['tenant']));
  });

  it('gives events that are no ledger events their places as well', async () => {
    await publish('evt_00000000000000000000000001');
    expect(await sealAt(t)).toMatchObject({ blocks: 0, left: 'sealed' });
    expect((await stream()).at(-1)).toMatchObject({
      event_id: 'evt_00000000000000000000000001',
      sequence: BigInt((await stream()).length),
    });
  });

  it('is told to the webhooks that asked, in the same commit', async () => {
    await sql(
      t,
      `insert into frontdesk.webhook_endpoints (tenant_id, endpoint_id, url, types, state, secret_version, created_at)
       values ($1, 'whe_1', 'https://hooks.example', '{referral.created}', 'active', 1, now())`,
      [await tenantAt(t, demoHost)],
    );
    await record();
    await sealAt(t);
    const staged = await sql(t, "select o.payload, o.destination from frontdesk.outbox o where o.kind = 'webhook.deliver'");
    expect(staged).toMatchObject([{ destination: 'whe_1', payload: { event: { type: 'referral.created' } } }]);
  });
});

describe('the schedule', () => {
  const run = () => sealDue({ ...sealDepsOf(t), report: (error) => void t.reported.push(error) });
  const due = () => sql(t, "select d.tenant_id, d.at from frontdesk.due_work d where d.kind = 'seal' and d.tenant_id = $1", [acmeTenant]);
  let acmeTenant = '';
  beforeAll(async () => {
    acmeTenant = await tenantAt(t, demoHost);
    await sql(t, "delete from frontdesk.due_work where kind = 'seal' and tenant_id <> $1", [acmeTenant]);
  });

  it('seals what is due', async () => {
    await record();
    expect(await run()).toMatchObject({ tenants: 1, blocks: 1, leaves: 2, failed: 0 });
  });

  it('puts a tenant without work off before it forgets it, so that a writer that is under way is not missed', async () => {
    await record();
    await run();
    await run();
    const [put] = await due();
    expect(new Date(String(put?.at)) > t.world.deps.now()).toBe(true);
    // What was committed meanwhile by somebody who saw the row due is found by the last look.
    t.advance(11_000);
    await makeEvents(1);
    expect(await run()).toMatchObject({ leaves: 1 });
    await run();
    t.advance(11_000);
    expect(await run()).toMatchObject({ tenants: 1, blocks: 0 });
    expect(await due()).toEqual([]);
    await record();
    expect(await due()).toHaveLength(1);
  });

  it('goes on with other tenants when one fails, and reports why', async () => {
    await record();
    const broken = {
      ...sealDepsOf(t),
      deskOf: () => Promise.reject(new Error('no desk')),
      report: (error: unknown) => void t.reported.push(error),
    };
    expect(await sealDue(broken)).toMatchObject({ tenants: 1, failed: 1 });
    expect(t.reported.map(String)).toEqual(['Error: no desk']);
    expect(await run()).toMatchObject({ blocks: 1 });
  });
});

/** Events of one transaction, written beside the doors; answers their ids in order. */
async function makeEvents(amount: number): Promise<readonly string[]> {
  const ids = Array.from({ length: amount }, () => `led_${crypto.randomUUID().replaceAll('-', '')}`.slice(0, 30)).sort();
  await sql(
    t,
    `insert into frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, body, leaf, recorded_at)
     select $1, id, 'touch.recorded', 'ref_1', '{"id":"' || id || '"}', sha256('\\x00'::bytea || convert_to('{"id":"' || id || '"}', 'UTF8')), now()
     from unnest($2::text[]) id`,
    [await tenantAt(t, demoHost), ids],
  );
  return ids;
}

async function publish(eventId: string): Promise<void> {
  await t.world.deps.memory.commit(await tenantAt(t, demoHost), {
    events: [
      {
        event_id: eventId,
        type: 'webhook.disabled',
        organization_id: null,
        subject_id: 'whe_1',
        data: {},
        occurred_at: t.world.deps.now().toISOString(),
        sequence: null,
      },
    ],
  });
}
