/**
 * `npm run ledger:verify -- [export.ndjson] [--receipt file]… [--checkpoint file]… [--keys jwks-file]`. Verifies an export, or without
 * one a receipt, and trusts nobody but the keys it is given. Needs no server and no network. Ends with 0 when everything holds, with 1
 * at the first thing that is broken, which it names, and with 2 when it was not asked for anything that it can do.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseSignedNote, type SignedNote } from '../src/domain/checkpoint.ts';
import { parseJson } from '../src/domain/verification/export-lines.ts';
import { type Jwks, readJwks } from '../src/domain/verification/jwks.ts';
import { isRecord } from '../src/domain/verification/ledger-body.ts';
import type { Broken, Verified } from '../src/domain/verification/report.ts';
import { linesOf } from './verify-ledger/lines-of.ts';
import { verifyExport } from './verify-ledger/verify-export.ts';
import { type VerifiedReceipt, verifyReceiptFile } from './verify-ledger/verify-receipt.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      receipt: { type: 'string', multiple: true, default: [] },
      checkpoint: { type: 'string', multiple: true, default: [] },
      keys: { type: 'string' },
    },
  });
  const [path] = positionals;
  if (positionals.length > 1 || (path === undefined && values.receipt.length === 0)) throw new Error('Name one export, or a --receipt.');
  const receipts = await Promise.all(values.receipt.map(readSmall));
  const checkpoints = await Promise.all(values.checkpoint.map(readNote));
  const keys = values.keys === undefined ? undefined : await readKeys(values.keys);
  if (path !== undefined) {
    const bytes = createReadStream(path, { highWaterMark: 1 << 18 });
    const report = await verifyExport(linesOf(bytes), { checkpoints, receipts, ...(keys ? { keys } : {}) });
    return say(report.ok ? linesOfExport(report) : linesOfBroken(report), report.ok);
  }
  if (keys === undefined) throw new Error('A receipt alone is verified with --keys, the JWK Set of its issuer.');
  for (const receipt of receipts) {
    const report = verifyReceiptFile(receipt, keys, checkpoints);
    say(report.ok ? linesOfReceipt(report) : linesOfBroken(report), report.ok);
    if (!report.ok) return;
  }
}

function linesOfExport(report: Verified): string[][] {
  const { checkpoint } = report;
  return [
    ['verified', `the ledger of ${report.tenant} at ${report.origin}`],
    ['blocks', count(report.blocks)],
    ['leaves', `${count(report.leaves)}: ${count(report.own)} with their body, ${count(report.foreign)} as hashes of other organizations`],
    ['entries', `${count(report.entries)} with postings, each balanced`],
    ['speed', `${count(Math.round(report.leaves / report.seconds))} leaves a second`],
    ['checkpoint', `size ${count(checkpoint.size)}, sealed ${checkpoint.sealedAt}, root ${checkpoint.root}`],
    report.keysFrom === 'outside'
      ? ['keys', 'given with --keys']
      : ['keys', 'from the export itself: it agrees with itself, which does not show who signed it. Give --keys to know.'],
    report.continues.length === 0
      ? ['history', 'no outside checkpoint to hold it against: a history rewritten as a whole would not show. Give --checkpoint to know.']
      : ['history', `continues the outside checkpoints of size ${report.continues.map(count).join(', ')}`],
    ...report.receipts.map(({ entry, block, index, as }) => [
      'receipt',
      `${entry} is leaf ${index} of block ${block}${as === 'hash' ? ', by its hash: the body is not in this export' : ' and says the same'}`,
    ]),
  ];
}

function linesOfReceipt({ receipt, included, compared }: VerifiedReceipt): string[][] {
  return [
    ['verified', `the receipt of ${receipt.entry} in the ledger of ${receipt.tenant} at ${receipt.origin}`],
    ['leaf', receipt.leaf],
    included === null
      ? ['sealed', 'not shown: the receipt is genuine, but came without a proof of inclusion']
      : ['sealed', `leaf ${included.index} of block ${included.block}, under the signed checkpoint of size ${included.size}`],
    compared
      ? ['history', 'the outside checkpoint of this size is the same']
      : ['history', 'not compared: that takes a --checkpoint of the same size, or an export'],
  ];
}

function linesOfBroken(broken: Broken): string[][] {
  const places = [
    broken.line === null ? null : `line ${broken.line}`,
    broken.block === null ? null : `block ${broken.block}`,
    broken.index === null ? null : `leaf ${broken.index}`,
    broken.entry === null ? null : `entry ${broken.entry}`,
  ].filter((place) => place !== null);
  return [
    ['BROKEN', `${broken.code}: ${broken.message}`],
    ...(places.length > 0 ? [['where', places.join(', ')]] : []),
    ...(broken.expected === null ? [] : [['expected', broken.expected]]),
    ...(broken.found === null ? [] : [['found', broken.found]]),
  ];
}

function say(lines: readonly (readonly string[])[], isGood: boolean): void {
  for (const [name = '', text = ''] of lines) console.log(`${name.padEnd(11)}${text}`);
  if (!isGood) process.exitCode = 1;
}

const count = (value: number): string => value.toLocaleString('en-US');

/** A signed note, or JSON that has one under `signed_note`, as it is or under `checkpoint`. */
async function readNote(path: string): Promise<SignedNote> {
  const text = await readSmall(path);
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  const holder = isRecord(value) && isRecord(value.checkpoint) ? value.checkpoint : value;
  const note = parseSignedNote(isRecord(holder) && typeof holder.signed_note === 'string' ? holder.signed_note : text);
  if (note === null) throw new Error(`No signed checkpoint in ${path}.`);
  return note;
}

async function readKeys(path: string): Promise<Jwks> {
  const keys = readJwks(parseJson(await readSmall(path)));
  if (keys === null) throw new Error(`No JWK Set with an Ed25519 key in ${path}.`);
  return keys;
}

/** A receipt, a checkpoint or keys: files that are small, and are not read when they are not. */
async function readSmall(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1 << 18), 0, 1 << 18);
    if (bytesRead === 1 << 18) throw new Error(`${path} is too long for what it should be.`);
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await file.close();
  }
}

main().catch((failure: unknown) => {
  console.error(failure instanceof Error ? failure.message : failure);
  process.exitCode = 2;
});
