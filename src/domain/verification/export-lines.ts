import { type BlockHeader, isBlockHeader } from '../checkpoint.ts';
import { isHash } from '../merkle.ts';
import { type Jwks, readJwks } from './jwks.ts';

/** A line of an export, in its right form; nothing about it is verified yet. */
export type ExportLine = LedgerLine | BlockLine | LeafLine | CheckpointLine | ErrorLine;

export interface LedgerLine {
  readonly line: 'ledger';
  readonly tenant: string;
  readonly origin: string;
  readonly keys: Jwks;
}
export interface BlockLine {
  readonly line: 'block';
  readonly header: BlockHeader;
  readonly hash: string;
}
export interface LeafLine {
  readonly line: 'leaf';
  readonly block: number;
  readonly index: number;
  readonly leaf: string;
  readonly body: string | null;
}
export interface CheckpointLine {
  readonly line: 'checkpoint';
  readonly tenant: string;
  readonly size: number;
  readonly root: string;
  readonly signedNote: string;
}

/** The server broke off here. Whoever asked again with its cursor has the rest below it. */
export interface ErrorLine {
  readonly line: 'error';
}

/** No line of ours comes near; nothing longer is parsed. In UTF-16 code units. */
export const longestLine = 1 << 20;

/** Reads one line. Null for what is not JSON, not one of the five lines, or has a member too many or too few. */
export function readLine(text: string): ExportLine | null {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('line' in value)) return null;
  const members = Object.keys(value).length;
  if (value.line === 'leaf' && members === 5) return readLeaf(value);
  if (value.line === 'block' && members === 3) return readBlock(value);
  if (value.line === 'ledger' && members === 6) return readLedger(value);
  if (value.line === 'checkpoint' && members === 5) return readCheckpoint(value);
  if (value.line === 'error' && members === 3 && 'problem' in value && 'cursor' in value) return { line: 'error' };
  return null;
}

/** The value of a JSON text; undefined, which JSON cannot say, for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readLeaf(value: object): LeafLine | null {
  if (!('block' in value && 'index' in value && 'leaf' in value && 'body' in value)) return null;
  const { block, index, leaf, body } = value;
  if (typeof block !== 'number' || typeof index !== 'number' || typeof leaf !== 'string') return null;
  // Beside a body the leaf is compared with a hash that is computed, which costs less than looking at its form.
  const isReadable = typeof body === 'string' || (body === null && isHash(leaf));
  return isReadable ? { line: 'leaf', block, index, leaf, body } : null;
}

function readBlock(value: object): BlockLine | null {
  if (!('header' in value && 'hash' in value) || !isBlockHeader(value.header) || !isHash(value.hash)) return null;
  return { line: 'block', header: value.header, hash: value.hash };
}

function readLedger(value: object): LedgerLine | null {
  if (!('v' in value && 'tenant' in value && 'origin' in value && 'exported_at' in value && 'keys' in value)) return null;
  const { v, tenant, origin, exported_at } = value;
  const keys = readJwks(value.keys);
  if (v !== 1 || typeof tenant !== 'string' || typeof origin !== 'string' || typeof exported_at !== 'string' || keys === null) return null;
  const isOrigin = URL.canParse(origin) && new URL(origin).origin === origin;
  return isOrigin && /^[a-z]{1,8}_[0-9a-z]{26}$/.test(tenant) ? { line: 'ledger', tenant, origin, keys } : null;
}

function readCheckpoint(value: object): CheckpointLine | null {
  if (!('tenant' in value && 'size' in value && 'root' in value && 'signed_note' in value)) return null;
  const { tenant, size, root, signed_note: signedNote } = value;
  if (typeof tenant !== 'string' || typeof size !== 'number' || !isHash(root) || typeof signedNote !== 'string') return null;
  return { line: 'checkpoint', tenant, size, root, signedNote };
}
