import { hash } from 'node:crypto';
import type { Hashing } from '../../src/domain/verification/primitives.ts';

const pair = Buffer.alloc(65, 1);

/** Over OpenSSL, for its speed. */
export const opensslHashing: Hashing = {
  leaf: (text) => hash('sha256', `\0${text}`, 'hex'),
  interior(left, right) {
    pair.write(left, 1, 32, 'hex');
    pair.write(right, 33, 32, 'hex');
    return hash('sha256', pair, 'hex');
  },
};
