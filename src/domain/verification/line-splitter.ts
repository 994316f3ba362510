import { longestLine } from './export-lines.ts';

/** Cuts a text that comes in pieces into its lines, without their newlines. A line that is too long is cut a little above the limit, and is the last. */
export class LineSplitter {
  #pending = '';
  #isOver = false;

  /** The lines that this piece ends. */
  take(piece: string): string[] {
    if (this.#isOver) return [];
    const lines = (this.#pending + piece).split('\n');
    this.#pending = lines.pop() ?? '';
    this.#isOver = this.#pending.length > longestLine;
    return lines;
  }

  /** Whether nothing that comes is looked at any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What comes after the last newline, if anything does. */
  end(): string[] {
    return this.#pending === '' ? [] : [this.#pending.slice(0, longestLine + 1)];
  }
}
