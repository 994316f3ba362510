import { describe, expect, it } from 'vitest';
import { linesOf } from '../../scripts/verify-ledger/lines-of.ts';
import { opensslHashing } from '../../scripts/verify-ledger/openssl-hashing.ts';
import { type Against, verifyExport } from '../../scripts/verify-ledger/verify-export.ts';
import { type BlockHeader, blockHash, parseSignedNote, type SignedNote } from '../../src/domain/checkpoint.ts';
import { treeRoot } from '../../src/domain/merkle.ts';
import { longestLine } from '../../src/domain/verification/export-lines.ts';
import { IncrementalTree } from '../../src/domain/verification/incremental-tree.ts';
import type { Report } from '../../src/domain/verification/report.ts';
import { SeenHashes } from '../../src/domain/verification/seen-hashes.ts';
import { bodyOf, idOf, type Ledger, type Line, makeLedger, signer, tenant, textOf } from './made-ledger.ts';

const sizes = [3, 1, 4, 2];
const keys = [signer(), signer()] as const;
const ledger = makeLedger(sizes, { keys, isForeign: (number) => number === 5 });
const published = keys.map(({ jwk }) => jwk);

const verify = (lines: readonly object[], against: Against = {}): Promise<Report> =>
  verifyExport(
    lines.map((line) => JSON.stringify(line)),
    against,
  );
const noteOf = (from: Ledger, size?: number): SignedNote => {
  const note = parseSignedNote(from.note(size));
  if (note === null) throw new Error('not a note');
  return note;
};
/** What an export comes to after a change of one of its lines, or of all of them. */
const changed = (change: (lines: Line[]) => Line[]): Promise<Report> => verify(change(ledger.export()), { keys: published });
const leafAt = (lines: Line[], block: number, index: number): Line => {
  const line = lines.find((each) => each.line === 'leaf' && each.block === block && each.index === index);
  if (line === undefined) throw new Error('no such leaf');
  return line;
};
const blockAt = (lines: Line[], number: number): Line & { header: BlockHeader } => {
  const line = lines.filter((each): each is Line & { header: BlockHeader } => each.line === 'block')[number];
  if (line === undefined) throw new Error('no such block');
  return line;
};
const edited = (body: string | null | undefined): string => String(body).replace('"program_version":1', '"program_version":2');
const place = (report: Report): string =>
  report.ok
    ? 'verified'
    : [
        report.code,
        ...(['line', 'block', 'index'] as const).flatMap((name) =>
          report[name] === null ? [] : `${name === 'index' ? 'leaf' : name} ${report[name]}`,
        ),
        ...(report.entry === null ? [] : [report.entry]),
      ].join(' ');

describe('an export that is as it was sealed', () => {
  it('verifies, with its figures', async () => {
    expect(await verify(ledger.export(), { keys: published })).toMatchObject({
      ok: true,
      tenant,
      blocks: 4,
      leaves: 10,
      own: 9,
      foreign: 1,
      entries: 2,
      keysFrom: 'outside',
      continues: [],
      receipts: [],
      checkpoint: { size: 4 },
    });
  });

  it('says when its keys are its own', async () => {
    expect(await verify(ledger.export())).toMatchObject({ ok: true, keysFrom: 'export' });
  });

  it('verifies when nothing is sealed yet', async () => {
    expect(await verify(makeLedger([]).export(), {})).toMatchObject({ ok: true, blocks: 0, leaves: 0 });
  });

  it('continues every earlier checkpoint, the empty and its own included', async () => {
    const checkpoints = [0, 1, 2, 3, 4].map((size) => noteOf(ledger, size));
    expect(await verify(ledger.export(), { keys: published, checkpoints })).toMatchObject({ ok: true, continues: [0, 1, 2, 3, 4] });
  });

  it('may have been broken off by the server, if the rest was asked for and appended', async () => {
    const broken = { line: 'error', problem: { status: 503 }, cursor: 'c' };
    const lines = ledger.export();
    expect(await verify(lines.toSpliced(10, 0, broken), { keys: published })).toMatchObject({ ok: true, leaves: 10 });
    const report = await verify([...lines.slice(0, 10), broken]);
    expect(report).toMatchObject({ code: 'export.truncated', message: expect.stringContaining('cursor of the last line') });
  });

  it('may name its members like numbers: RFC 8785 orders them as text', async () => {
    const made = makeLedger([2], { body: (number) => ({ ...bodyOf(number), tiers: { 10: 'a', 9: 'b' } }) });
    expect(made.export()[2]?.body).toContain('{"10":"a","9":"b"}');
    expect(await verify(made.export())).toMatchObject({ ok: true });
  });

  it('breaks with every single bit that is flipped, but in the time of the export and in keys that are not used', async () => {
    const text = textOf(ledger.export());
    const head = text.indexOf('\n');
    const unproven = [text.indexOf('"exported_at":"') + 15, text.lastIndexOf(']', head)] as const;
    const bytes = Buffer.from(text);
    const survived: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      if (at >= unproven[0] && at <= unproven[1]) continue;
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const report = await verifyExport(linesOf([flipped]), { keys: published });
      if (report.ok) survived.push(`${at}: ${flipped.toString().slice(at - 20, at + 20)}`);
    }
    expect(survived).toEqual([]);
  });
});

describe('the first thing that is broken is named', () => {
  // Lines: 1 ledger; 2 block 0, 3 to 5 its leaves; 6 block 1, 7; 8 block 2, 9 to 12; 13 block 3, 14 and 15; 16 checkpoint.
  it.each<[string, (lines: Line[]) => Line[], string]>([
    ['an edited body', (lines) => withEditedBody(lines, 2, 2), `body.edited line 11 block 2 leaf 2 ${idOf('led', 6)}`],
    ['an edited leaf', (lines) => withLeaf(lines, 2, 2, { leaf: other }), `body.edited line 11 block 2 leaf 2 ${idOf('led', 6)}`],
    ['an edited hash of a body that is not shown', (lines) => withLeaf(lines, 2, 1, { leaf: other }), 'block.root line 12 block 2'],
    ['a body hidden and another leaf there', (lines) => withLeaf(lines, 0, 1, { leaf: other, body: null }), 'block.root line 5 block 0'],
    ['a body edited with its leaf', (lines) => forged(lines, 2, 'leaf'), 'block.root line 12 block 2'],
    ['a body edited with its leaf and its block', (lines) => forged(lines, 2, 'block'), 'block.unlinked line 13 block 3'],
    ['a body edited with all that follows', (lines) => forged(lines, 3, 'block'), 'checkpoint.contradicts line 16'],
    ['a deleted leaf', (lines) => lines.toSpliced(3, 1), 'leaf.misplaced line 4 block 0 leaf 1'],
    ['a deleted last leaf', (lines) => lines.toSpliced(4, 1), 'line.unexpected line 5'],
    ['an added leaf', (lines) => lines.toSpliced(5, 0, { ...leafAt(lines, 0, 2), index: 3 }), 'line.unexpected line 6'],
    ['leaves in another order', (lines) => swapped(lines, 3, 4), 'leaf.misplaced line 4 block 0 leaf 1'],
    ['leaves in another order, numbered again', (lines) => renumbered(swapped(lines, 3, 4)), 'block.root line 5 block 0'],
    ['a deleted block', (lines) => lines.toSpliced(5, 2), 'block.misplaced line 6 block 2'],
    ['a deleted first block', (lines) => lines.toSpliced(1, 4), 'block.misplaced line 2 block 1'],
    ['an edited hash of a block', (lines) => withBlock(lines, 1, { hash: other }), 'block.hash line 6 block 1'],
    ['a block sealed at another time', (lines) => withHeader(lines, 1, { sealed_at: longAgo }), 'block.hash line 6 block 1'],
    ['a block of another tenant', (lines) => withHeader(lines, 1, { tenant: idOf('ten', 2) }), 'block.misplaced line 6 block 1'],
    ['a missing checkpoint', (lines) => lines.slice(0, -1), 'export.truncated line 15'],
    ['an end in the middle of a block', (lines) => lines.slice(0, 9), 'export.truncated line 9'],
    ['a missing tail', (lines) => lines.toSpliced(12, 3), 'checkpoint.contradicts line 13'],
    ['lines after the checkpoint', (lines) => [...lines, ...lines.slice(1, 5)], 'line.unexpected line 17'],
    ['no ledger line', (lines) => lines.slice(1), 'line.unexpected line 1'],
    ['a second ledger line', (lines) => lines.toSpliced(1, 0, ...lines.slice(0, 1)), 'line.unexpected line 2'],
    ['a member that nobody vouches for', (lines) => withLeaf(lines, 0, 0, { note: 'trust me' }), 'line.malformed line 3'],
    ['a checkpoint of another tenant', (lines) => withCheckpoint(lines, { tenant: idOf('ten', 2) }), 'checkpoint.contradicts line 16'],
    ['a note that is none', (lines) => withCheckpoint(lines, { signed_note: 'trust me' }), 'checkpoint.malformed line 16'],
    ['an earlier note', (lines) => withCheckpoint(lines, { signed_note: ledger.note(3) }), 'checkpoint.contradicts line 16'],
    ['an origin that was not signed', (lines) => put(lines, 0, { origin: 'https://other.example' }), 'checkpoint.contradicts line 16'],
  ])('%s', async (_, change, expected) => {
    expect(place(await changed(change))).toBe(expected);
  });

  it('with what was expected and what was found', async () => {
    const { leaf, body } = leafAt(ledger.export(), 2, 2);
    expect(await changed((lines) => withEditedBody(lines, 2, 2))).toMatchObject({
      expected: leaf,
      found: opensslHashing.leaf(edited(body)),
    });
  });
});

const [other, longAgo] = ['ab'.repeat(32), '2026-01-01T00:00:00.000Z'];
const put = (lines: Line[], at: number, members: object): Line[] =>
  lines.map((line, each) => (each === at ? { ...line, ...members } : line));
const withLeaf = (lines: Line[], block: number, index: number, members: object): Line[] =>
  put(lines, lines.indexOf(leafAt(lines, block, index)), members);
const withBlock = (lines: Line[], number: number, members: object): Line[] => put(lines, lines.indexOf(blockAt(lines, number)), members);
const withHeader = (lines: Line[], number: number, members: object): Line[] =>
  withBlock(lines, number, { header: { ...blockAt(lines, number).header, ...members } });
const withCheckpoint = (lines: Line[], members: object): Line[] => put(lines, lines.length - 1, members);
const withEditedBody = (lines: Line[], block: number, index: number): Line[] =>
  withLeaf(lines, block, index, { body: edited(leafAt(lines, block, index).body) });
const swapped = (lines: Line[], one: number, two: number): Line[] => put(put(lines, one, lines[two] ?? {}), two, lines[one] ?? {});
const renumbered = (lines: Line[]): Line[] => lines.map((line, at) => (at >= 2 && at <= 4 ? { ...line, index: at - 2 } : line));

/** Edits the first body of a block and what follows from it, up to its leaf or up to the hash of the block. */
function forged(lines: Line[], number: number, upTo: 'leaf' | 'block'): Line[] {
  const body = edited(leafAt(lines, number, 0).body);
  const withBody = withLeaf(lines, number, 0, { body, leaf: opensslHashing.leaf(body) });
  if (upTo === 'leaf') return withBody;
  const leaves = withBody.filter((line) => line.line === 'leaf' && line.block === number).map(({ leaf }) => String(leaf));
  const header = { ...blockAt(lines, number).header, root: treeRoot(leaves) };
  return withBlock(withBody, number, { header, hash: blockHash(header) });
}

describe('what the holder of the keys could seal, and must not', () => {
  const sealed = (options: Parameters<typeof makeLedger>[1]) =>
    verify(makeLedger(sizes, { keys, ...options }).export(), { keys: published });
  const withBody = (number: number, body: object) =>
    sealed({ body: (each) => (each === number ? { ...bodyOf(each), ...body } : bodyOf(each)) });
  const posting = (currency: string, amount: unknown) => ({ account: 'escrow', organization: null, currency, amount_minor: amount });
  const entry = idOf('led', 4);

  it('entries that do not balance', async () => {
    const report = await withBody(4, { postings: [posting('usd', '-100'), posting('usd', '101')] });
    expect(report).toMatchObject({ code: 'postings.unbalanced', block: 2, index: 0, entry, expected: '0 usd', found: '1 usd' });
  });

  it('entries that balance only across currencies, or beyond the precision of numbers', async () => {
    const across = [posting('usd', '-100'), posting('eur', '100')];
    const beyond = [posting('usd', '-9007199254740993'), posting('usd', '9007199254740992')];
    for (const postings of [across, beyond]) expect(await withBody(4, { postings })).toMatchObject({ code: 'postings.unbalanced', entry });
  });

  it.each([
    ['that are no list', {}],
    ['with an amount that is a number', [posting('usd', 0)]],
    ['with an amount of minus zero', [posting('usd', '-0')]],
    ['with an amount in hexadecimal', [posting('usd', '0x10')]],
    ['without a currency', [{ account: 'escrow', organization: null, amount_minor: '0' }]],
  ])('postings %s', async (_, postings) => {
    expect(await withBody(4, { postings })).toMatchObject({ code: 'body.malformed', entry });
  });

  it.each<[string, (text: string) => string]>([
    ['with a member twice', (text) => text.replace('"kind":', '"kind":"referral.created","kind":')],
    ['with white space', (text) => text.replace(',', ', ')],
    ['in another order', (text) => `{"z":1,${text.slice(1)}`],
    ['with a needless escape', (text) => text.replace('referral', '\\u0072eferral')],
    ['with a number spelled otherwise', (text) => text.replace('"v":1', '"v":1.0')],
    ['of another version', (text) => text.replace('"v":1', '"v":2')],
    ['of another tenant', (text) => text.replace(tenant, idOf('ten', 2))],
  ])('a body %s', async (_, change) => {
    const report = await sealed({ written: (text, number) => (number === 4 ? change(text) : text) });
    expect(report).toMatchObject({ code: 'body.malformed', line: 9, entry });
  });

  it.each([
    ['that is no JSON', 'nonsense'],
    ['that is no object', '[]'],
    ['that names no event', '{"v":1}'],
    ['that is nested without end', `{"event":"${entry}","tenant":"${tenant}","v":1,"z":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('a body %s', async (_, body) => {
    const report = await sealed({ written: (text, number) => (number === 4 ? body : text) });
    expect(report).toMatchObject({ code: 'body.malformed', line: 9 });
  });

  it('an event twice', async () => {
    expect(await sealed({ body: (number) => bodyOf(number === 9 ? 1 : number) })).toMatchObject({
      code: 'leaf.repeated',
      line: 15,
      entry: idOf('led', 1),
    });
  });
});

describe('a history that its own keys rewrote or cut', () => {
  const rewritten = makeLedger(sizes, { keys, body: (number) => ({ ...bodyOf(number), program_version: number === 1 ? 2 : 1 }) });
  const outside = (size: number): Against => ({ keys: published, checkpoints: [noteOf(ledger, size)] });

  it('agrees with itself', async () => {
    expect(await verify(rewritten.export(), { keys: published })).toMatchObject({ ok: true });
    expect(await verify(ledger.export(2), { keys: published })).toMatchObject({ ok: true });
  });

  it.each([1, 2, 3, 4])('does not continue the checkpoint of size %i that was kept outside', async (size) => {
    expect(await verify(rewritten.export(), outside(size))).toMatchObject({
      code: 'history.rewritten',
      block: size - 1,
      expected: noteOf(ledger, size).checkpoint.root,
    });
  });

  it('does continue a checkpoint from before the change', async () => {
    const later = makeLedger(sizes, { keys, body: (number) => ({ ...bodyOf(number), program_version: number === 8 ? 2 : 1 }) });
    expect(await verify(later.export(), outside(3))).toMatchObject({ ok: true, continues: [3] });
    expect(await verify(later.export(), outside(4))).toMatchObject({ code: 'history.rewritten' });
  });

  it('is shorter than the checkpoint that was kept outside', async () => {
    expect(await verify(ledger.export(2), outside(3))).toMatchObject({
      code: 'export.truncated',
      expected: 'at least 3 blocks',
      found: '2 blocks',
    });
  });

  it('is found by the checkpoint that a receipt came with', async () => {
    const receipts = [JSON.stringify(ledger.receiptAnswer(0, 2))];
    expect(await verify(rewritten.export(), { keys: published, receipts })).toMatchObject({ code: 'history.rewritten' });
  });
});

describe('signatures', () => {
  const strangers = [signer(), signer()] as const;
  const forged = makeLedger(sizes, { keys: strangers });

  it('of unknown keys do not count, however well the export agrees with itself', async () => {
    expect(await verify(forged.export())).toMatchObject({ ok: true, keysFrom: 'export' });
    expect(await verify(forged.export(), { keys: published })).toMatchObject({ code: 'key.unknown', line: 16 });
  });

  it('are over every byte of the note', async () => {
    const note = ledger.note();
    const at = note.length - 20;
    const flipped = `${note.slice(0, at)}${note[at] === 'A' ? 'B' : 'A'}${note.slice(at + 1)}`;
    expect(place(await changed((lines) => withCheckpoint(lines, { signed_note: flipped })))).toBe('signature.invalid line 16');
  });

  it('of outside checkpoints are verified too', async () => {
    expect(await verify(ledger.export(), { keys: published, checkpoints: [noteOf(forged, 2)] })).toMatchObject({ code: 'key.unknown' });
  });

  it('of other ledgers are not compared', async () => {
    const other = noteOf(ledger);
    const checkpoints = [{ ...other, checkpoint: { ...other.checkpoint, origin: `other.example/${tenant}` } }];
    expect(await verify(ledger.export(), { keys: published, checkpoints })).toMatchObject({ code: 'checkpoint.other_ledger' });
  });
});

describe('a stream', () => {
  it('is read in whatever pieces it comes', async () => {
    const bytes = Buffer.from(`${'é—𝄞\n'.repeat(9)}last`);
    for (let size = 1; size < 12; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, at * size + size));
      const lines: string[] = [];
      for await (const line of linesOf(pieces)) lines.push(line);
      expect(lines).toEqual([...Array(9).fill('é—𝄞'), 'last']);
    }
  });

  it('without newlines is given up at the longest line, not held', async () => {
    let pieces = 0;
    const endless = function* () {
      for (const piece = Buffer.alloc(1 << 16, 0x20); ; pieces++) yield piece;
    };
    expect(await verifyExport(linesOf(endless()))).toMatchObject({ code: 'line.too_long', line: 1 });
    expect(pieces * (1 << 16)).toBeLessThanOrEqual(longestLine + (1 << 16));
  });

  it.each(['', '{}', 'null', '[]', '{"line":"leaf"}', '\ufeff{"line":"ledger"}'])('of %j is no export', async (text) => {
    expect(await verifyExport(text.split('\n'))).toMatchObject({ code: 'line.malformed', line: 1 });
  });

  it('of nothing is no export', async () => {
    expect(await verifyExport([])).toMatchObject({ code: 'export.truncated', expected: 'ledger' });
  });
});

describe('the parts', () => {
  it('grow the tree of the sealer, leaf by leaf', () => {
    const leaves = Array.from({ length: 70 }, (_, at) => opensslHashing.leaf(String(at)));
    const tree = new IncrementalTree(opensslHashing);
    expect(tree.root()).toBe(treeRoot([]));
    for (const [at, leaf] of leaves.entries()) {
      tree.add(leaf);
      expect(tree.root()).toBe(treeRoot(leaves.slice(0, at + 1)));
    }
  });

  it('remember every hash once', () => {
    const seen = new SeenHashes();
    const hashes = Array.from({ length: 20_000 }, (_, at) => opensslHashing.leaf(String(at)));
    expect(hashes.filter((hash) => !seen.add(hash))).toEqual([]);
    expect(hashes.filter((hash) => seen.add(hash))).toEqual([]);
  });
});
