import { leafHash } from '../canonical.ts';
import type { SignedNote } from '../checkpoint.ts';
import { frontierRoot } from '../merkle.ts';
import type { Jwks } from './jwks.ts';
import type { Fault } from './report.ts';

/** Hashes of RFC 9162 §2.1.1, in hex. Who verifies brings its own: OpenSSL on a command line, what runs everywhere in a browser. */
export interface Hashing {
  /** Leaf hash over the UTF-8 of a text. */
  readonly leaf: (text: string) => string;
  readonly interior: (left: string, right: string) => string;
}

/** Nothing when one of the keys signed this note under its own origin's name (C2SP signed-note), else what is wrong. */
export type NoteCheck = (note: SignedNote, keys: Jwks) => Fault | null;

/** Hashes by code that runs everywhere, a tenth as fast as OpenSSL. */
export const portableHashing: Hashing = { leaf: leafHash, interior: (left, right) => frontierRoot([left, right]) };
