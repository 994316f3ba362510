/** What a verification comes to: figures, or the first thing that is broken. */
export type Report = Verified | Broken;

export interface Verified {
  readonly ok: true;
  readonly tenant: string;
  readonly origin: string;
  readonly blocks: number;
  readonly leaves: number;
  /** Leaves that came with their body, and leaves of other organizations that came as hashes. */
  readonly own: number;
  readonly foreign: number;
  /** Bodies with postings; all of them balance. */
  readonly entries: number;
  readonly seconds: number;
  readonly checkpoint: { readonly size: number; readonly root: string; readonly sealedAt: string };
  /** `export`: the keys came with what they verify, which shows consistency, not who signed. */
  readonly keysFrom: 'export' | 'outside';
  /** Sizes of the outside checkpoints that this history continues. */
  readonly continues: readonly number[];
  readonly receipts: readonly FoundReceipt[];
}

/** Where a receipt's entry is in the export; `hash`: it is there as another organization's, without its body. */
export interface FoundReceipt {
  readonly entry: string;
  readonly block: number;
  readonly index: number;
  readonly as: 'body' | 'hash';
}

export type BrokenCode =
  | 'line.malformed'
  | 'line.too_long'
  | 'line.unexpected'
  | 'export.truncated'
  | 'leaf.misplaced'
  | 'leaf.repeated'
  | 'body.edited'
  | 'body.malformed'
  | 'postings.unbalanced'
  | 'block.misplaced'
  | 'block.unlinked'
  | 'block.hash'
  | 'block.root'
  | 'checkpoint.malformed'
  | 'checkpoint.contradicts'
  | 'checkpoint.other_ledger'
  | 'history.rewritten'
  | 'signature.invalid'
  | 'key.unknown'
  | 'receipt.malformed'
  | 'receipt.contradicts'
  | 'receipt.missing'
  | 'proof.invalid';

/** Where in an export something is; null where it does not apply. */
export interface Place {
  readonly line: number | null;
  readonly block: number | null;
  readonly index: number | null;
  readonly entry: string | null;
}

export interface Broken extends Place {
  readonly ok: false;
  readonly code: BrokenCode;
  /** One sentence of ours. */
  readonly message: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** What is wrong, before it is known where. */
export type Fault = Pick<Broken, 'code' | 'message'> & Partial<Pick<Broken, 'expected' | 'found' | 'entry'>>;

export function brokenAt(place: Partial<Place>, fault: Fault): Broken {
  const nowhere = { line: null, block: null, index: null, entry: null };
  return { ok: false, expected: null, found: null, ...nowhere, ...place, ...fault };
}
