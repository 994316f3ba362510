import { beforeAll, describe, expect, it } from 'vitest';
import { verifyExport } from '../../scripts/verify-ledger/verify-export.ts';
import { verifyReceiptFile } from '../../scripts/verify-ledger/verify-receipt.ts';
import { parseSignedNote } from '../../src/domain/checkpoint.ts';
import { verifyConsistency } from '../../src/domain/merkle.ts';
import { readJwks } from '../../src/domain/verification/jwks.ts';
import { freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { backEndKey } from '../support/mishaps.ts';
import { sealAt } from '../support/seal.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let rival: Stage;
let backEnd = '';
beforeAll(async () => {
  t = await openTestWorld();
  [acme, rival] = [await stageOf(t), await stageOf(t)];
  backEnd = await backEndKey(t, demoHost);
  // Eleven blocks, so that no tree is a power of two.
  for (let n = 0; n < 11; n++) {
    for (const stage of [acme, rival]) await record(stage);
    await sealAt(t);
  }
});

/** Everything below verifies with these and what the server hands out, nothing else. */
const keys = async () => readJwks((await t.send('GET', '/.well-known/jwks.json')).body) ?? [];
const record = async (stage = acme) => (await made201(stage, '/v1/referrals', { prospect: freshProspect() })).referral.id;
const receiptOf = (id: string, stage = acme) => t.send('GET', `/v1/referrals/${id}/receipt`, { key: stage.key });
const exported = async (key: string) => (await t.send('GET', '/v1/ledger/export', { key })).text.trim().split('\n');

describe('a receipt', () => {
  it('verifies offline before its entry is sealed, and promises by when it is', async () => {
    const { body, text } = await receiptOf(await record());
    expect(body).toMatchObject({ proof: null, checkpoint: { size: expect.any(Number) } });
    const claims = JSON.parse(Buffer.from(body.receipt.split('.')[1], 'base64url').toString());
    expect([claims.seal_by - claims.iat, claims.entry]).toEqual([3600, claims.jti]);
    expect(verifyReceiptFile(text, await keys())).toMatchObject({ ok: true, included: null });
  });

  it('verifies offline with its inclusion proof once it is sealed, however far the ledger has grown since', async () => {
    const id = await record();
    await sealAt(t);
    for (let more = 0; more < 5; more++) {
      const { text, body } = await receiptOf(id);
      const { size } = body.checkpoint;
      expect(verifyReceiptFile(text, await keys())).toMatchObject({ ok: true, included: { block: body.proof.block, size } });
      expect(body.receipt).toBe((await t.send('GET', `/v1/referrals/${id}`, acme)).body.receipt);
      await record(rival);
      await sealAt(t);
    }
  });

  it('costs one round trip', async () => {
    const id = await record();
    await sealAt(t);
    await receiptOf(id);
    const before = t.roundTrips();
    await receiptOf(id);
    expect(t.roundTrips() - before).toBe(1);
  });

  it('fails when any part of it is changed', async () => {
    const id = await record();
    for (let more = 0; more < 3; more++) {
      await sealAt(t);
      await record();
    }
    const { text, body } = await receiptOf(id);
    const trusted = await keys();
    const parts = [
      ['receipt'],
      ...body.proof.path.map((_: string, at: number) => ['proof', 'path', at]),
      ...body.proof.block_path.map((_: string, at: number) => ['proof', 'block_path', at]),
      ['proof', 'block_header', 'root'],
      ['proof', 'block_header', 'previous'],
      ['proof', 'block_header', 'tenant'],
      ['checkpoint', 'root'],
      ['checkpoint', 'signed_note'],
    ];
    expect(verifyReceiptFile(text, trusted).ok).toBe(true);
    for (const part of parts) {
      const forged = JSON.parse(text);
      const holder = part.slice(0, -1).reduce((value: Record<string, never>, name: string) => value[name], forged);
      holder[part.at(-1)] = flip(holder[part.at(-1)]);
      expect([part, verifyReceiptFile(JSON.stringify(forged), trusted).ok]).toEqual([part, false]);
    }
    for (const [name, value] of [
      ['block', body.proof.block - 1],
      ['index', body.proof.index + 1],
    ] as const) {
      const forged = { ...body, proof: { ...body.proof, [name]: value } };
      expect([name, verifyReceiptFile(JSON.stringify(forged), trusted).ok]).toEqual([name, false]);
    }
  });

  it('is not shown to another organization', async () => {
    expect((await receiptOf(await record(), rival)).body.code).toBe('resource.not_found');
  });
});

describe('checkpoints', () => {
  it('are public', async () => {
    const { body, status } = await t.send('GET', '/v1/ledger/checkpoint');
    expect(status).toBe(200);
    expect(parseSignedNote(body.signed_note)?.checkpoint).toMatchObject({ size: body.size, root: body.root });
  });

  it('are linked by a consistency proof, each to each later one', async () => {
    const [, ...lines] = await exported(backEnd);
    const notes = new Map<number, string>();
    // The roots at every size, as somebody who kept each checkpoint has them.
    const { size } = JSON.parse(lines.at(-1) ?? '{}');
    for (let at = 1; at <= size; at++) notes.set(at, await rootAt(at));
    for (let from = 1; from <= size; from += 2) {
      for (let to = from; to <= size; to++) {
        const { body } = await t.send('GET', `/v1/ledger/consistency?from=${from}&to=${to}`);
        expect([from, to, verifyConsistency(from, to, body.path, notes.get(from) ?? '', notes.get(to) ?? '')]).toEqual([from, to, true]);
      }
    }
  });

  it.each([
    ['from=0&to=1', 400],
    ['from=3&to=2', 400],
    ['from=1&to=999999', 404],
    ['from=1', 400],
  ])('a proof for %s is refused with %i', async (query, status) => {
    expect((await t.send('GET', `/v1/ledger/consistency?${query}`)).status).toBe(status);
  });

  it('of a tenant that has sealed nothing are not there', async () => {
    expect((await t.send('GET', '/v1/ledger/checkpoint', { host: otherHost })).body.code).toBe('resource.not_found');
    const key = await t.key({ host: otherHost });
    expect((await t.send('GET', '/v1/ledger/export', { host: otherHost, key })).body.code).toBe('resource.not_found');
  });
});

describe('an export', () => {
  it('verifies from the first block, with its own bodies and others’ leaves as hashes', async () => {
    const lines = await exported(acme.key);
    const report = await verifyExport(lines, { keys: await keys() });
    expect(report).toMatchObject({ ok: true, keysFrom: 'outside' });
    if (!report.ok) return;
    expect(report.own).toBeGreaterThan(0);
    expect(report.foreign).toBeGreaterThan(report.own - 10);
    const bodies = lines.map((line) => JSON.parse(line)).flatMap(({ body }) => (body ? [JSON.parse(body)] : []));
    const me = (await t.send('GET', '/v1/referrals?limit=1', acme)).body.data[0].organization_id;
    expect(new Set(bodies.map(({ organization }) => organization))).toEqual(new Set([me]));
  });

  it('shows every body to a back end of the vendor', async () => {
    expect(await verifyExport(await exported(backEnd), { keys: await keys() })).toMatchObject({ ok: true, foreign: 0 });
  });

  it('holds the receipts that were given out', async () => {
    const id = await record();
    await sealAt(t);
    const { body, text } = await receiptOf(id);
    const report = await verifyExport(await exported(acme.key), { keys: await keys(), receipts: [text, body.receipt] });
    expect(report).toMatchObject({ ok: true, receipts: [{ as: 'body' }] });
  });

  it('fails when one byte of any line is changed, and says where', async () => {
    const lines = await exported(backEnd);
    const trusted = await keys();
    for (const [at, line] of lines.entries()) {
      if (at === 0) continue;
      const report = await verifyExport(lines.with(at, flip(line)), { keys: trusted });
      expect([at, report.ok]).toEqual([at, false]);
      if (!report.ok) expect(report.line).toBeGreaterThanOrEqual(at);
    }
  });

  it('fails when lines are left out, doubled or exchanged', async () => {
    const lines = await exported(backEnd);
    const trusted = await keys();
    for (const changed of [
      lines.toSpliced(5, 1),
      lines.toSpliced(5, 0, lines[5] ?? ''),
      lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? ''),
      lines.slice(0, -1),
    ]) {
      expect((await verifyExport(changed, { keys: trusted })).ok).toBe(false);
    }
  });
});

/** Another letter or digit in the middle. */
function flip(text: string): string {
  const at = Array.from(text, (_, index) => index).find((index) => index >= text.length / 2 && /[0-9a-zA-Z]/.test(text[index] ?? '')) ?? 0;
  return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
}

async function rootAt(size: number): Promise<string> {
  const [head] = await t.db.batch({ role: 'writer', tenant: (await t.world.deps.desks.find('localhost'))?.tenant ?? '' }, [
    t.world.deps.queries.checkpoint(size),
  ]);
  return head?.tree_root ?? '';
}
