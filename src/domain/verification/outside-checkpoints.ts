import type { SignedNote } from '../checkpoint.ts';
import type { Jwks } from './jwks.ts';
import type { NoteCheck } from './primitives.ts';
import type { Fault } from './report.ts';

/** Checkpoints that were kept outside: whoever rewrites a history, even with its keys, cannot change them. */
export class OutsideCheckpoints {
  readonly #notes: SignedNote[];
  readonly #faultOfNote: NoteCheck;

  constructor(notes: readonly SignedNote[], faultOfNote: NoteCheck) {
    this.#notes = [...notes];
    this.#faultOfNote = faultOfNote;
  }

  get sizes(): readonly number[] {
    return this.#notes.map(({ checkpoint }) => checkpoint.size);
  }

  /** Holds the history against one more. */
  add(note: SignedNote): void {
    this.#notes.push(note);
  }

  /** Nothing when each is of this ledger and signed by a known key. */
  open(origin: string, keys: Jwks): Fault | null {
    for (const note of this.#notes) {
      if (note.checkpoint.origin !== origin)
        return { code: 'checkpoint.other_ledger', message: 'An outside checkpoint is of another ledger than the export.' };
      const fault = this.#faultOfNote(note, keys);
      if (fault) return { ...fault, message: `In an outside checkpoint: ${fault.message}` };
    }
    return null;
  }

  /** Nothing when every one of this size has this root and as many leaves. */
  faultAt(size: number, leaves: number, root: () => string): Fault | null {
    for (const { checkpoint } of this.#notes) {
      if (checkpoint.size !== size) continue;
      const found = root();
      if (checkpoint.root === found && checkpoint.leaves === leaves) continue;
      const message = `The first ${size} blocks are not those of the outside checkpoint of ${checkpoint.sealedAt}: history was rewritten.`;
      const [expected, actual] = checkpoint.root === found ? [`${checkpoint.leaves} leaves`, `${leaves} leaves`] : [checkpoint.root, found];
      return { code: 'history.rewritten', message, expected, found: actual };
    }
    return null;
  }

  /** Nothing when the export, which has `size` blocks, is as long as each of them. */
  faultAtEnd(size: number): Fault | null {
    const longest = Math.max(0, ...this.sizes);
    if (longest <= size) return null;
    const message = 'The export ends before an outside checkpoint: blocks that were signed are missing at its end.';
    return { code: 'export.truncated', message, expected: `at least ${longest} blocks`, found: `${size} blocks` };
  }
}
