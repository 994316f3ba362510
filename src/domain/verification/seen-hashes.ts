/**
 * Remembers hashes by their first 64 bits, in a table of 16 to 32 bytes each, so that millions fit. Two different hashes are taken for
 * the same one with a chance of about n² / 2^65: three in a million for ten million leaves.
 */
export class SeenHashes {
  #slots = new Uint32Array(1 << 12);
  #count = 0;

  /** Remembers a hash (64 hex digits); false if it was there. */
  add(hash: string): boolean {
    const high = Number.parseInt(hash.slice(0, 8), 16);
    // Never zero, which marks a free slot.
    const low = Number.parseInt(hash.slice(8, 16), 16) || 1;
    if (!insert(this.#slots, high, low)) return false;
    this.#count++;
    if (this.#count * 4 > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const bigger = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const low = this.#slots[at + 1] ?? 0;
      if (low !== 0) insert(bigger, this.#slots[at] ?? 0, low);
    }
    this.#slots = bigger;
  }
}

function insert(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length - 1;
  for (let at = (high * 2) & mask; ; at = (at + 2) & mask) {
    if (slots[at + 1] === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
    if (slots[at] === high && slots[at + 1] === low) return false;
  }
}
