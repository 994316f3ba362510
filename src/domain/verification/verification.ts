import { type BlockHeader, checkpointOrigin, parseSignedNote, type SignedNote } from '../checkpoint.ts';
import { type BlockLine, type CheckpointLine, type LeafLine, type LedgerLine, longestLine, readLine } from './export-lines.ts';
import { IncrementalTree } from './incremental-tree.ts';
import type { Jwks } from './jwks.ts';
import { entryNamedIn, type LedgerBody, readBody } from './ledger-body.ts';
import { OutsideCheckpoints } from './outside-checkpoints.ts';
import type { Hashing, NoteCheck } from './primitives.ts';
import { type Broken, brokenAt, type Fault, type FoundReceipt, type Place, type Report } from './report.ts';
import { SeenHashes } from './seen-hashes.ts';

/** What an export is held against besides itself. */
export interface Against {
  /** Members of a JWK Set from elsewhere. Without it the export's own keys are used, which shows consistency only. */
  readonly keys?: Jwks;
  /** Checkpoints kept outside: the export has to continue each of them. */
  readonly checkpoints?: readonly SignedNote[];
  readonly receipts?: ReceiptsSought;
}

/** Receipts whose entries the export has to hold. */
export interface ReceiptsSought {
  readonly found: readonly FoundReceipt[];
  /** Nothing when each is genuine by itself and of this ledger. */
  open(keys: Jwks, outside: OutsideCheckpoints, origin: string): Fault | null;
  /** Looks at one leaf; nothing when no receipt is about it, or when the receipt says the same. */
  look(seen: { leaf: string; block: number; index: number; body: LedgerBody | null }): Fault | null;
  /** Nothing when every receipt was found. `sealedAt`: when the export's last block was sealed. */
  faultAtEnd(sealedAt: string): Fault | null;
}

/** With what is hashed, and how signatures are verified. */
export interface Means {
  readonly hashing: Hashing;
  readonly faultOfNote: NoteCheck;
}

/**
 * Verifies an export line by line: every body against its leaf, every leaf against its block, every block against the one before and
 * against the signed checkpoint, every entry's postings. To be left at the first thing that is broken, which it names. Holds one hash for
 * each level of two trees and 16 to 32 bytes for each leaf, whatever the length of the export.
 */
export class Verification {
  readonly #against: Against;
  readonly #means: Means;
  readonly #outside: OutsideCheckpoints;
  readonly #seen = new SeenHashes();
  readonly #blockTree: IncrementalTree;
  readonly #leafTree: IncrementalTree;
  #ledger: LedgerLine | null = null;
  #keys: Jwks = [];
  #block: BlockLine | null = null;
  #previous: string | null = null;
  #end: SignedNote | null = null;
  #isBrokenOff = false;
  #line = 0;
  #leaves = 0;
  #own = 0;
  #entries = 0;

  constructor(means: Means, against: Against = {}) {
    this.#against = against;
    this.#means = means;
    this.#outside = new OutsideCheckpoints(against.checkpoints ?? [], means.faultOfNote);
    this.#blockTree = new IncrementalTree(means.hashing);
    this.#leafTree = new IncrementalTree(means.hashing);
  }

  /** How many blocks and leaves were found whole so far. */
  get progress(): { readonly blocks: number; readonly leaves: number } {
    return { blocks: this.#blockTree.size, leaves: this.#leaves };
  }

  /** Takes the next line; answers what is broken about it. */
  take(text: string): Broken | null {
    this.#line++;
    if (text.length > longestLine) return this.#broken({ code: 'line.too_long', message: `A line has at most ${longestLine} characters.` });
    const line = readLine(text);
    if (line === null) return this.#broken({ code: 'line.malformed', message: 'This is no line of an export.' });
    this.#isBrokenOff = line.line === 'error';
    if (line.line === 'error') return null;
    const expected = this.#expected();
    if (!expected.split(' or ').includes(line.line)) {
      const message = 'The lines of an export are: ledger; each block, followed by all its leaves; checkpoint.';
      return this.#broken({ code: 'line.unexpected', message, expected, found: line.line });
    }
    if (line.line === 'leaf') return this.#takeLeaf(line);
    if (line.line === 'block') return this.#takeBlock(line);
    return line.line === 'ledger' ? this.#takeLedger(line) : this.#takeCheckpoint(line);
  }

  /** What all lines together come to. */
  finish(seconds: number): Report {
    if (this.#ledger === null || this.#end === null) {
      const message = this.#isBrokenOff
        ? 'The server broke off before the checkpoint: ask again with the cursor of the last line and append the answer.'
        : 'The export ends before its checkpoint.';
      return this.#broken({ code: 'export.truncated', message, expected: this.#expected(), found: 'nothing' });
    }
    const { size, root, sealedAt } = this.#end.checkpoint;
    const fault = this.#outside.faultAtEnd(size) ?? this.#against.receipts?.faultAtEnd(sealedAt);
    if (fault) return brokenAt({ line: this.#line }, fault);
    return {
      ok: true,
      tenant: this.#ledger.tenant,
      origin: this.#ledger.origin,
      blocks: size,
      leaves: this.#leaves,
      own: this.#own,
      foreign: this.#leaves - this.#own,
      entries: this.#entries,
      seconds,
      checkpoint: { size, root, sealedAt },
      keysFrom: this.#against.keys ? 'outside' : 'export',
      continues: this.#outside.sizes,
      receipts: this.#against.receipts?.found ?? [],
    };
  }

  #expected(): string {
    if (this.#ledger === null) return 'ledger';
    if (this.#block !== null) return 'leaf';
    return this.#end === null ? 'block or checkpoint' : 'nothing';
  }

  #takeLedger(line: LedgerLine): Broken | null {
    this.#ledger = line;
    this.#keys = this.#against.keys ?? line.keys;
    const origin = checkpointOrigin(line.origin, line.tenant);
    const fault = this.#outside.open(origin, this.#keys) ?? this.#against.receipts?.open(this.#keys, this.#outside, origin);
    return (fault && brokenAt({}, fault)) ?? this.#heldAgainstOutside();
  }

  #takeBlock(line: BlockLine): Broken | null {
    const { number, previous, tenant } = line.header;
    const place = { block: number };
    const expected = this.#blockTree.size;
    if (number !== expected) {
      const message = 'Blocks are numbered without a gap: this one is not the next.';
      return this.#broken({ code: 'block.misplaced', message, expected: `block ${expected}`, found: `block ${number}` }, place);
    }
    if (tenant !== this.#ledger?.tenant)
      return this.#broken({ code: 'block.misplaced', message: 'This block is of another tenant than its ledger.' }, place);
    if (previous !== this.#previous) {
      const message = 'This block does not continue the block before it: one of the two was changed.';
      return this.#broken({ code: 'block.unlinked', message, expected: this.#previous ?? 'none', found: previous ?? 'none' }, place);
    }
    const hash = this.#means.hashing.leaf(canonicalHeader(line.header));
    if (hash !== line.hash) {
      const message = 'The header of this block does not have the hash that stands beside it.';
      return this.#broken({ code: 'block.hash', message, expected: line.hash, found: hash }, place);
    }
    this.#block = line;
    this.#leafTree.clear();
    return null;
  }

  #takeLeaf(line: LeafLine): Broken | null {
    const [number, index] = [this.#blockTree.size, this.#leafTree.size];
    const place = { block: number, index };
    if (line.block !== number || line.index !== index) {
      const message = 'The leaves of a block come in their order, without a gap: this one is not the next.';
      const found = `leaf ${line.index} of block ${line.block}`;
      return this.#broken({ code: 'leaf.misplaced', message, expected: `leaf ${index} of block ${number}`, found }, place);
    }
    const fault = this.#faultOfLeaf(line);
    if (fault) return this.#broken(fault, place);
    this.#leafTree.add(line.leaf);
    this.#leaves++;
    return this.#leafTree.size === this.#block?.header.leaves ? this.#closeBlock(this.#block) : null;
  }

  #faultOfLeaf({ leaf, body, block, index }: LeafLine): Fault | null {
    const hash = body === null ? leaf : this.#means.hashing.leaf(body);
    if (body !== null && hash !== leaf) {
      const message = 'This body does not have the hash of its leaf: one of the two was edited.';
      return { code: 'body.edited', message, expected: leaf, found: hash, entry: entryNamedIn(body) };
    }
    if (!this.#seen.add(leaf)) {
      const entry = body === null ? null : entryNamedIn(body);
      return { code: 'leaf.repeated', message: 'This leaf stands in the ledger a second time.', found: leaf, entry };
    }
    const read = body === null ? null : readBody(body, this.#ledger?.tenant ?? '');
    if (read !== null && 'code' in read) return read;
    if (read !== null) this.#own++;
    if (read?.hasPostings) this.#entries++;
    return this.#against.receipts?.look({ leaf, block, index, body: read }) ?? null;
  }

  #closeBlock({ header, hash }: BlockLine): Broken | null {
    const root = this.#leafTree.root();
    if (root !== header.root) {
      const message = 'The leaves of this block do not have its root: a leaf was edited, added, removed or moved.';
      return this.#broken({ code: 'block.root', message, expected: header.root, found: root }, { block: header.number });
    }
    this.#blockTree.add(hash);
    this.#previous = hash;
    this.#block = null;
    return this.#heldAgainstOutside();
  }

  #takeCheckpoint(line: CheckpointLine): Broken | null {
    const note = parseSignedNote(line.signedNote);
    if (note === null) return this.#broken({ code: 'checkpoint.malformed', message: 'The checkpoint is not a signed note of ours.' });
    const { tenant = '', origin = '' } = this.#ledger ?? {};
    const [size, root] = [this.#blockTree.size, this.#blockTree.root()];
    const differences: readonly (readonly [string, unknown, unknown])[] = [
      ['size', size, line.size],
      ['root', root, line.root],
      ['tenant', tenant, line.tenant],
      ['origin in the note', checkpointOrigin(origin, tenant), note.checkpoint.origin],
      ['size in the note', size, note.checkpoint.size],
      ['root in the note', root, note.checkpoint.root],
      ['leaves in the note', this.#leaves, note.checkpoint.leaves],
    ];
    const [name, expected, found] = differences.find(([, computed, stated]) => computed !== stated) ?? [];
    if (name !== undefined) {
      const message = `The checkpoint is not of these blocks: its ${name} differs from what they come to.`;
      return this.#broken({ code: 'checkpoint.contradicts', message, expected: String(expected), found: String(found) });
    }
    this.#end = note;
    const fault = this.#means.faultOfNote(note, this.#keys);
    return fault && this.#broken(fault);
  }

  #heldAgainstOutside(): Broken | null {
    const size = this.#blockTree.size;
    const fault = this.#outside.faultAt(size, this.#leaves, () => this.#blockTree.root());
    return fault && this.#broken(fault, { block: size === 0 ? null : size - 1 });
  }

  #broken(fault: Fault, place: Partial<Place> = {}): Broken {
    return brokenAt({ line: this.#line, ...place }, fault);
  }
}

/** The RFC 8785 form of a header, whose members are known: sorted, and without anything that could be written in two ways. */
function canonicalHeader({ leaves, number, previous, root, sealed_at, tenant, v }: BlockHeader): string {
  return JSON.stringify({ leaves, number, previous, root, sealed_at, tenant, v });
}
