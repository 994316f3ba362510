import { blockHash, checkpointOrigin, type SignedNote } from '../../src/domain/checkpoint.ts';
import { verifyInclusion } from '../../src/domain/merkle.ts';
import type { Jwks } from '../../src/domain/verification/jwks.ts';
import { type Broken, brokenAt, type Fault } from '../../src/domain/verification/report.ts';
import { faultOfNote } from './ed25519.ts';
import { parseReceiptFile, type Receipt, type ReceiptFile, readReceipt } from './read-receipt.ts';

/** A genuine receipt; `included` says where its entry was proven to be sealed, null when the file proves nothing about that. */
export interface VerifiedReceipt {
  readonly ok: true;
  readonly receipt: Receipt;
  readonly included: { readonly block: number; readonly index: number; readonly size: number } | null;
  /** Whether an outside checkpoint of the same size was there to compare with, and was the same. */
  readonly compared: boolean;
}

/**
 * Verifies a receipt without an export: its signature, and the proof and signed checkpoint that it came with, if any. An outside
 * checkpoint of the same size has to have the same root; of another size it cannot be compared, which takes the export.
 */
export function verifyReceiptFile(text: string, keys: Jwks, outside: readonly SignedNote[] = []): VerifiedReceipt | Broken {
  const file = parseReceiptFile(text);
  if ('code' in file) return brokenAt({}, file);
  const receipt = readReceipt(file.jws, keys);
  if ('code' in receipt) return brokenAt({}, receipt);
  const place = { entry: receipt.entry, block: file.proven?.proof.block ?? null, index: file.proven?.proof.index ?? null };
  const fault = faultOfProof(file, receipt, keys);
  if (fault) return brokenAt(place, fault);
  const same = outside.filter(({ checkpoint }) => checkpoint.size === file.proven?.note.checkpoint.size);
  for (const note of outside) {
    const other = faultOfNote(note, keys) ?? faultOfTwin(note, same, file);
    if (other) return brokenAt(place, other);
  }
  const included = file.proven && {
    block: file.proven.proof.block,
    index: file.proven.proof.index,
    size: file.proven.note.checkpoint.size,
  };
  return { ok: true, receipt, included, compared: same.length > 0 };
}

/** Nothing when the proof of a receipt, if it has one, leads from its leaf to a checkpoint that a known key signed. */
export function faultOfProof({ proven }: ReceiptFile, receipt: Receipt, keys: Jwks): Fault | null {
  if (proven === null) return null;
  const { proof, note } = proven;
  const { checkpoint } = note;
  if (checkpoint.origin !== checkpointOrigin(receipt.origin, receipt.tenant) || proof.header.tenant !== receipt.tenant)
    return { code: 'checkpoint.other_ledger', message: 'The proof of this receipt is of another ledger than the receipt.' };
  const fault = faultOfNote(note, keys);
  if (fault) return fault;
  if (!verifyInclusion(receipt.leaf, proof.index, proof.header.leaves, proof.path, proof.header.root))
    return { code: 'proof.invalid', message: 'The path does not lead from the leaf of this receipt to the root of its block.' };
  if (!verifyInclusion(blockHash(proof.header), proof.block, checkpoint.size, proof.blockPath, checkpoint.root))
    return { code: 'proof.invalid', message: 'The block path does not lead from the block of this receipt to the root of its checkpoint.' };
  return null;
}

function faultOfTwin(note: SignedNote, same: readonly SignedNote[], { proven }: ReceiptFile): Fault | null {
  if (proven === null || note.checkpoint.origin !== proven.note.checkpoint.origin) {
    const message = 'The outside checkpoint is not of the ledger of this receipt, or the receipt came without a proof to compare.';
    return { code: 'checkpoint.other_ledger', message };
  }
  if (!same.includes(note) || note.checkpoint.root === proven.note.checkpoint.root) return null;
  const message = 'Two signed checkpoints of one size have different roots: this ledger showed two histories.';
  return { code: 'history.rewritten', message, expected: note.checkpoint.root, found: proven.note.checkpoint.root };
}
