import fc from 'fast-check';
import { TypeID } from 'typeid-js';
import { expect, it } from 'vitest';
import { lowestId } from '../../src/db/id-range.ts';

/** The UUIDv7 of a moment with these random bits (RFC 9562 §5.7), as an id. */
function idOf(ms: number, noise: Uint8Array): string {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(ms) << 16n);
  bytes.set(noise.subarray(0, 10), 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return TypeID.fromUUIDBytes('ref', bytes).toString();
}

it('divides ids by the millisecond in which they were made', () => {
  const instants = fc.integer({ min: 0, max: 2 ** 47 });
  const noises = fc.uint8Array({ minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(instants, noises, (ms, noise) => {
      const id = idOf(ms, noise);
      expect(id >= lowestId('ref', new Date(ms))).toBe(true);
      expect(id < lowestId('ref', new Date(ms + 1))).toBe(true);
    }),
  );
});
