/** Writes ledger events through the one commit, faster than through the doors, and holds a sealed ledger against what was written. */
import { expect } from 'vitest';
import { verifyExport } from '../../scripts/verify-ledger/verify-export.ts';
import type { Changes } from '../../src/domain/decision.ts';
import { ledgerEvent } from '../../src/domain/ledger.ts';
import { inclusionPath, inclusionPathFromNodes, type TreeNode, treeRoot, verifyInclusion } from '../../src/domain/merkle.ts';
import { backEndKey } from './mishaps.ts';
import { leavesOf } from './seal.ts';
import { sql, tenantAt } from './sql.ts';
import { demoHost, type TestWorld } from './world.ts';

/** A decision of so many events, each of a kind of which subscribers hear. */
export async function decisionOf(t: TestWorld, amount: number): Promise<Changes> {
  const desk = await t.world.deps.desks.find(demoHost);
  if (!desk) throw new Error('no desk');
  const given = t.world.deps.given(desk, t.world.deps.now());
  const event = { kind: 'referral.created', subjectId: given.newId('ref'), organizationId: given.newId('org'), facts: {} };
  return { ledger_events: Array.from({ length: amount }, () => ledgerEvent(given, desk.tenant, event)) };
}

export async function writeEvents(t: TestWorld, amount: number): Promise<readonly string[]> {
  const changes = await decisionOf(t, amount);
  const written = await t.world.deps.memory.commit(await tenantAt(t, demoHost), changes);
  if (written !== 'done') throw new Error(written);
  return (changes.ledger_events ?? []).map(({ event_id }) => event_id);
}

/** Every event is sealed once, the chain and every proof hold, and the stream has no gap. Answers how many leaves there are. */
export async function expectWhole(t: TestWorld): Promise<number> {
  const leaves = await leavesOf(t);
  const events = await sql(t, 'select e.event_id from frontdesk.ledger_events e order by e.event_id');
  expect(leaves.map(({ event_id }) => event_id).sort()).toEqual(events.map(({ event_id }) => event_id));
  await expectProofs(t, leaves);
  const stream = await sql(t, 'select v.sequence from frontdesk.events v order by v.sequence');
  expect(stream.map(({ sequence }) => sequence)).toEqual(stream.map((_, at) => BigInt(at + 1)));
  const key = await backEndKeyOnce(t);
  const { text } = await t.send('GET', '/v1/ledger/export', { key });
  expect(await verifyExport(text.trim().split('\n'))).toMatchObject({ ok: true, leaves: leaves.length, foreign: 0 });
  return leaves.length;
}

async function expectProofs(t: TestWorld, leaves: Awaited<ReturnType<typeof leavesOf>>): Promise<void> {
  const blocks = await sql(
    t,
    "select encode(b.hash, 'hex') as hash, encode(b.root, 'hex') as root from frontdesk.blocks b order by b.number",
  );
  const stored = await sql(t, `select n.level, n."index", encode(n.hash, 'hex') as hash from frontdesk.tree_nodes n`);
  const nodes = new Map(stored.map(({ level, index, hash }) => [`${level}.${index}`, String(hash)]));
  const find = (level: number, index: number): TreeNode['hash'] | undefined => nodes.get(`${level}.${index}`);
  const top = treeRoot(blocks.map(({ hash }) => String(hash)));
  for (const [number, { hash, root }] of blocks.entries()) {
    const own = leaves.filter(({ block }) => block === number).map(({ leaf }) => leaf);
    const isLinked = verifyInclusion(String(hash), number, blocks.length, inclusionPathFromNodes(number, blocks.length, find), top);
    expect([number, treeRoot(own), isLinked]).toEqual([number, root, true]);
    // Every leaf of a small block, some of a big one.
    for (let at = 0; at < own.length; at += Math.ceil(own.length / 50)) {
      expect(verifyInclusion(own[at] ?? '', at, own.length, inclusionPath(own, at), String(root))).toBe(true);
    }
  }
}

const keys = new WeakMap<object, Promise<string>>();

function backEndKeyOnce(t: TestWorld): Promise<string> {
  const key = keys.get(t.app) ?? backEndKey(t, demoHost);
  keys.set(t.app, key);
  return key;
}
