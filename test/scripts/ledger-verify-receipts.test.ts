import { describe, expect, it } from 'vitest';
import { verifyExport } from '../../scripts/verify-ledger/verify-export.ts';
import { verifyReceiptFile } from '../../scripts/verify-ledger/verify-receipt.ts';
import { parseSignedNote, type SignedNote } from '../../src/domain/checkpoint.ts';
import type { Broken } from '../../src/domain/verification/report.ts';
import { type Answer, bodyOf, idOf, type Ledger, makeLedger, signer } from './made-ledger.ts';

const sizes = [3, 1, 4, 2];
const keys = [signer(), signer()] as const;
const ledger = makeLedger(sizes, { keys, isForeign: (number) => number === 5 });
const published = keys.map(({ jwk }) => jwk);
const noteOf = (from: Ledger, size?: number): SignedNote => {
  const note = parseSignedNote(from.note(size));
  if (note === null) throw new Error('not a note');
  return note;
};

describe('a receipt held against an export', () => {
  const lines = ledger.export().map((line) => JSON.stringify(line));
  const held = (receipt: string) => verifyExport(lines, { keys: published, receipts: [receipt] });

  it('is found, and says the same', async () => {
    expect(await held(ledger.receipt(6))).toMatchObject({
      ok: true,
      receipts: [{ entry: idOf('led', 6), block: 2, index: 2, as: 'body' }],
    });
  });

  it('is found by its leaf where the body is not shown', async () => {
    expect(await held(ledger.receipt(5))).toMatchObject({ ok: true, receipts: [{ entry: idOf('led', 5), as: 'hash' }] });
  });

  it('is found with the proof that it came with', async () => {
    expect(await held(JSON.stringify(ledger.receiptAnswer(6)))).toMatchObject({
      ok: true,
      continues: [4],
      receipts: [{ block: 2, index: 2 }],
    });
  });

  it('is missing from a ledger without its entry', async () => {
    expect(await held(ledger.receipt(77))).toMatchObject({
      code: 'receipt.missing',
      entry: idOf('led', 77),
      message: 'The entry of this receipt is not in the export.',
    });
  });

  it('is missing, but not overdue, from an export that is older than its promise', async () => {
    const report = await held(ledger.receipt(77, { seal_by: '2030-01-01T00:00:00.000Z' }));
    expect(report).toMatchObject({ code: 'receipt.missing' });
    expect((report as Broken).message).toContain('before the time that the receipt promises');
  });

  it.each<[string, object]>([
    ['leaf', { leaf: 'ab'.repeat(32) }],
    ['subject', { sub: idOf('ref', 7) }],
    ['organization', { organization: idOf('org', 4) }],
    ['time', { iat: 1 }],
    ['terms', { terms: { program_id: idOf('prg', 1), version: 2, sha256: 'ab'.repeat(32) } }],
    ['entry', { jti: idOf('led', 77) }],
    ['tenant', { tenant: idOf('ten', 2) }],
    ['issuer', { iss: 'https://other.example' }],
  ])('contradicts it with another %s', async (_, claims) => {
    expect(await held(ledger.receipt(6, claims))).toMatchObject({ code: 'receipt.contradicts' });
  });

  it.each<[string, string, string]>([
    ['another algorithm', ledger.receipt(6, {}, { alg: 'none' }), 'receipt.malformed'],
    ['another type', ledger.receipt(6, {}, { typ: 'ref+jwt' }), 'receipt.malformed'],
    ['an unknown key', ledger.receipt(6, {}, { kid: 'stranger' }), 'key.unknown'],
    ['the key of checkpoints', ledger.receipt(6, {}, { kid: keys[0].kid }), 'signature.invalid'],
    ['no leaf', ledger.receipt(6, { leaf: null }), 'receipt.malformed'],
    ['a promise that is no time', ledger.receipt(6, { seal_by: 'soon' }), 'receipt.malformed'],
    ['two entries', ledger.receipt(6, { entry: idOf('led', 7) }), 'receipt.malformed'],
    ['four parts', `${ledger.receipt(6)}.x`, 'receipt.malformed'],
    ['nothing in it', '', 'receipt.malformed'],
    ['too much in it', ledger.receipt(6, { more: 'x'.repeat(9000) }), 'receipt.malformed'],
  ])('is refused with %s', async (_, receipt, code) => {
    expect(await held(receipt)).toMatchObject({ code });
  });
});

describe('a receipt alone', () => {
  const alone = (answer: object, outside: readonly SignedNote[] = []) => verifyReceiptFile(JSON.stringify(answer), published, outside);
  const proofChanged = (change: Partial<Answer['proof']>): Answer => {
    const answer = ledger.receiptAnswer(6);
    return { ...answer, proof: { ...answer.proof, ...change } };
  };

  it('shows with its proof that its entry was sealed, in any block, under any later checkpoint', () => {
    for (const [number, block] of [0, 0, 0, 1, 2, 2, 2, 2, 3, 3].entries())
      for (let size = block + 1; size <= sizes.length; size++)
        expect(alone(ledger.receiptAnswer(number, size))).toMatchObject({ ok: true, included: { block, size } });
  });

  it('shows without a proof that it is genuine, and no more', () => {
    expect(verifyReceiptFile(`${ledger.receipt(6)}\n`, published)).toMatchObject({ ok: true, included: null });
    expect(alone({ ...ledger.receiptAnswer(6), proof: null, checkpoint: null })).toMatchObject({ ok: true, included: null });
  });

  it.each<[string, object, string]>([
    ['another index', proofChanged({ index: 3 }), 'proof.invalid'],
    ['a shorter path', proofChanged({ path: ledger.receiptAnswer(6).proof.path.slice(1) }), 'proof.invalid'],
    ['a shorter block path', proofChanged({ block_path: ledger.receiptAnswer(6).proof.block_path.slice(1) }), 'proof.invalid'],
    ['the proof of another entry', { ...ledger.receiptAnswer(6), proof: ledger.receiptAnswer(7).proof }, 'proof.invalid'],
    [
      'another time of its block',
      proofChanged({ block_header: { ...ledger.receiptAnswer(6).proof.block_header, sealed_at: '2026-01-01T00:00:00.000Z' } }),
      'proof.invalid',
    ],
    ['another number of leaves', proofChanged({ leaves: 5 }), 'receipt.malformed'],
    ['another number of its block', proofChanged({ block: 3 }), 'receipt.malformed'],
    ['no checkpoint', { ...ledger.receiptAnswer(6), checkpoint: null }, 'receipt.malformed'],
    [
      'another size beside the note',
      { ...ledger.receiptAnswer(6), checkpoint: { ...ledger.receiptAnswer(6).checkpoint, size: 5 } },
      'receipt.malformed',
    ],
    ['the checkpoint of another size', { ...ledger.receiptAnswer(6), checkpoint: ledger.receiptAnswer(6, 3).checkpoint }, 'proof.invalid'],
    [
      'the checkpoint of a stranger',
      { ...ledger.receiptAnswer(6), checkpoint: makeLedger(sizes).receiptAnswer(6).checkpoint },
      'key.unknown',
    ],
    ['a receipt of another leaf', { ...ledger.receiptAnswer(6), receipt: ledger.receipt(7) }, 'proof.invalid'],
    [
      'a receipt of another ledger',
      { ...ledger.receiptAnswer(6), receipt: ledger.receipt(6, { tenant: idOf('ten', 2) }) },
      'checkpoint.other_ledger',
    ],
  ])('fails with %s', (_, answer, code) => {
    expect(alone(answer)).toMatchObject({ ok: false, code });
  });

  it('is compared with an outside checkpoint of its size: another root is another history', () => {
    const split = makeLedger(sizes, { keys, body: (number) => ({ ...bodyOf(number), program_version: 2 }) });
    const answer = ledger.receiptAnswer(6);
    expect(alone(answer, [noteOf(ledger)])).toMatchObject({ ok: true, compared: true });
    expect(alone(answer, [noteOf(ledger, 2)])).toMatchObject({ ok: true, compared: false });
    expect(alone(answer, [noteOf(split)])).toMatchObject({ code: 'history.rewritten' });
  });
});
