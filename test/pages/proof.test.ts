import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, verifyStream } from '../../src/browser/verify-stream.ts';
import { makeLedger, signer, textOf } from '../scripts/made-ledger.ts';
import type { Browser } from '../support/browser.ts';
import { freshProspect, made201, type Stage, stageOf } from '../support/examples.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sealAt } from '../support/seal.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let stage: Stage;
let operator: Browser;
beforeAll(async () => {
  t = await openTestWorld();
  stage = await stageOf(t);
  operator = await roleBrowser(t, 'operator');
});

const record = () => made201(stage, '/v1/referrals', { prospect: freshProspect() });
const exportPath = '/ledger/exports/ledger.ndjson';

/** What the script of the page finds in this text. */
const verified = (text: string, kept: string | null = null): Promise<Outcome> =>
  verifyStream({ ask: async () => new Response(text), kept, onProgress: () => undefined });
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

describe('the page of the proof', () => {
  it('says what makes the first block where there is none', async () => {
    const { status, text } = await operator.get('/ledger/proof');
    expect([status, text.includes('Nothing is sealed yet'), text.includes('id="verify"')]).toEqual([200, true, false]);
  });

  it('shows the checkpoint and the latest blocks, at two round trips', async () => {
    await record();
    await sealAt(t);
    await record();
    await sealAt(t);
    const before = t.roundTrips();
    const { text } = await operator.get('/ledger/proof');
    expect(t.roundTrips() - before).toBeLessThanOrEqual(2);
    const { body } = await t.send('GET', '/v1/ledger/checkpoint');
    expect(text).toContain(body.root);
    expect(text.match(/<th scope="row">[01]<\/th>/g)).toHaveLength(2);
  });

  it('lets those who may read the ledger take it away, each cut to its reach', async () => {
    const rival = await stageOf(t);
    const id = (await t.send('GET', '/v1/me', { key: rival.key })).body.organization.id;
    const partner = await roleBrowser(t, 'partner', { organizationIds: [id] });
    const [whole, cut] = [await operator.get(exportPath), await partner.get(exportPath)];
    expect(whole.headers.get('Content-Disposition')).toMatch(/^attachment; filename="ledger-\d{4}-\d\d-\d\d\.ndjson"$/);
    const [all, own] = [await verified(whole.text), await verified(cut.text)];
    expect(all).toMatchObject({ ok: true, blocks: 2, foreign: 0, signature: true });
    expect(own).toMatchObject({ ok: true, blocks: 2, own: 0 });
  });
});

describe('the verification in a browser', () => {
  const ledger = makeLedger([3, 1, 4, 2], { keys: [signer(), signer()], isForeign: () => false });
  const whole = textOf(ledger.export());

  it('names the event whose content was changed, in a ledger that was read from here', async () => {
    const { text } = await operator.get(exportPath);
    const lines = linesOf(text);
    const at = lines.findLastIndex((line) => line.includes('"line":"leaf"') && line.includes('recorded_at'));
    const entry = /led_[0-9a-z]{26}/.exec(lines[at] ?? '')?.[0];
    const tampered = lines.with(at, (lines[at] ?? '').replace('recorded_at\\":\\"2', 'recorded_at\\":\\"3'));
    expect(await verified(tampered.join('\n'))).toMatchObject({ ok: false, code: 'body.edited', block: 1, line: at + 1, entry });
  });

  it('counts what it found whole, block by block', async () => {
    const seen: number[] = [];
    const pieces = linesOf(whole).map((line) => new TextEncoder().encode(`${line}\n`));
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const piece = pieces.shift();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    });
    await verifyStream({ ask: async () => new Response(body), kept: null, onProgress: ({ blocks }) => void seen.push(blocks) });
    expect([...new Set(seen)]).toEqual([0, 1, 2, 3, 4]);
  });

  it('goes on where the server broke off', async () => {
    const lines = linesOf(whole);
    const broken = JSON.stringify({ line: 'error', problem: {}, cursor: 'next' });
    const asked: (string | null)[] = [];
    const ask = async (cursor: string | null) => {
      asked.push(cursor);
      return new Response(cursor === null ? [...lines.slice(0, 6), broken].join('\n') : lines.slice(6).join('\n'));
    };
    expect(await verifyStream({ ask, kept: null, onProgress: () => undefined })).toMatchObject({ ok: true, leaves: 10 });
    expect(asked).toEqual([null, 'next']);
  });

  it('does not take a signature of somebody else for the vendor’s', async () => {
    const other = makeLedger([3, 1, 4, 2], { keys: [signer(), signer()], isForeign: () => false });
    const [own = '', others = ''] = [ledger, other].map((one) => linesOf(textOf(one.export())).at(-1));
    const signature = (line: string) => /— \S+ \S+/.exec(JSON.parse(line).signed_note)?.[0] ?? '';
    const forged = JSON.stringify({
      ...JSON.parse(own),
      signed_note: JSON.parse(own).signed_note.replace(signature(own), signature(others)),
    });
    expect(await verified(whole.replace(own, forged))).toMatchObject({ ok: false, code: 'key.unknown' });
    const bent = JSON.parse(own);
    bent.signed_note = bent.signed_note.replace(/.(.{8}==?)\n$/, (_: string, end: string) => `${end.startsWith('A') ? 'B' : 'A'}${end}\n`);
    expect(await verified(whole.replace(own, JSON.stringify(bent)))).toMatchObject({ ok: false, code: 'signature.invalid' });
  });

  it('finds that a ledger does not continue what was verified before, or has become shorter', async () => {
    const rewritten = makeLedger([3, 2, 3, 2], { keys: ledger.keys, isForeign: () => false });
    expect(await verified(whole, ledger.note(2))).toMatchObject({ ok: true, continues: [2] });
    expect(await verified(textOf(rewritten.export()), ledger.note(2))).toMatchObject({ ok: false, code: 'history.rewritten', block: 1 });
    expect(await verified(textOf(ledger.export(3)), ledger.note(4))).toMatchObject({ ok: false, code: 'export.truncated' });
  });
});
