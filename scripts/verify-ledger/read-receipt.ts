import { type BlockHeader, isBlockHeader, parseSignedNote, type SignedNote } from '../../src/domain/checkpoint.ts';
import { isHash } from '../../src/domain/merkle.ts';
import { parseJson } from '../../src/domain/verification/export-lines.ts';
import type { Jwks } from '../../src/domain/verification/jwks.ts';
import { isRecord } from '../../src/domain/verification/ledger-body.ts';
import type { Fault } from '../../src/domain/verification/report.ts';
import { faultOfSignature } from './ed25519.ts';

/** What a receipt says (claims of a JWS, RFC 7515 §3.1). Whose word it is, {@link readReceipt} has verified. */
export interface Receipt {
  readonly entry: string;
  readonly leaf: string;
  readonly tenant: string;
  readonly organization: string | null;
  readonly subject: string;
  readonly origin: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970 by which the entry was to be sealed; null if the receipt promises nothing. */
  readonly sealBy: number | null;
  readonly terms: { readonly programId: string; readonly version: number; readonly sha256: string } | null;
}

/** A receipt file in its right form: the JWS alone, or with the proof and the checkpoint that it came with. */
export interface ReceiptFile {
  readonly jws: string;
  readonly proven: { readonly proof: InclusionProof; readonly note: SignedNote } | null;
}

/** Leads from a leaf to the root of its block, and from the block's hash to the root of a checkpoint. */
export interface InclusionProof {
  readonly block: number;
  readonly index: number;
  readonly path: readonly string[];
  readonly blockPath: readonly string[];
  readonly header: BlockHeader;
}

/** Takes a receipt file apart; verifies nothing. */
export function parseReceiptFile(text: string): ReceiptFile | Fault {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { jws: trimmed, proven: null };
  const value = parseJson(trimmed);
  if (!isRecord(value) || typeof value.receipt !== 'string') return malformed('A receipt file is a compact JWS, or JSON with a receipt.');
  const { receipt: jws, proof: wireProof, checkpoint } = value;
  if (wireProof === null || wireProof === undefined) return { jws, proven: null };
  const proof = readProof(wireProof);
  if (proof === null) return malformed('The proof of this receipt has not the form of an inclusion proof.');
  const note = readCheckpoint(checkpoint);
  return note ? { jws, proven: { proof, note } } : malformed('A proof comes with the checkpoint that it leads to.');
}

/** Verifies the signature of a receipt and reads its claims. Algorithm and type are ours, only the key's identifier is the header's. */
export function readReceipt(jws: string, keys: Jwks): Receipt | Fault {
  const parts = jws.length > longestReceipt ? [] : jws.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  const isSpelled = parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
  const stated = isSpelled ? decoded(header) : null;
  if (!isRecord(stated) || typeof stated.kid !== 'string') return malformed('A receipt is a compact JWS that names its key.');
  if (stated.alg !== 'EdDSA' || stated.typ !== 'receipt+jwt') return malformed('A receipt is signed with EdDSA, as receipt+jwt.');
  const fault = faultOfSignature(stated.kid, `${header}.${payload}`, Buffer.from(signature, 'base64url'), keys);
  return fault ?? readClaims(decoded(payload)) ?? malformed('The claims of this receipt are not those of a receipt.');
}

/** Nothing when `note` is the checkpoint that comes beside it as JSON (`tenant`, `size`, `root`). */
function readCheckpoint(value: unknown): SignedNote | null {
  if (!isRecord(value) || typeof value.signed_note !== 'string') return null;
  const note = parseSignedNote(value.signed_note);
  const isSame = note?.checkpoint.size === value.size && note?.checkpoint.root === value.root;
  return isSame ? note : null;
}

/** Longer than a receipt can be. */
const longestReceipt = 8192;

function malformed(message: string): Fault {
  return { code: 'receipt.malformed', message };
}

function decoded(part: string): unknown {
  return parseJson(Buffer.from(part, 'base64url').toString());
}

function readProof(value: unknown): InclusionProof | null {
  if (!isRecord(value) || !isBlockHeader(value.block_header) || !isPath(value.path) || !isPath(value.block_path)) return null;
  const { block, index, leaves, path, block_path: blockPath, block_header: header } = value;
  if (typeof block !== 'number' || typeof index !== 'number' || leaves !== header.leaves || block !== header.number) return null;
  return { block, index, path, blockPath, header };
}

function isPath(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isHash);
}

function readClaims(claims: unknown): Receipt | null {
  if (!isRecord(claims)) return null;
  const { jti: entry, leaf, tenant, organization = null, sub: subject, iss: origin, iat: issuedAt } = claims;
  if (!isId(entry) || !isHash(leaf) || !isId(tenant) || !isId(subject) || !(organization === null || isId(organization))) return null;
  if (claims.entry !== undefined && claims.entry !== entry) return null;
  if (typeof origin !== 'string' || !URL.canParse(origin) || typeof issuedAt !== 'number') return null;
  const sealBy = readTime(claims.seal_by);
  const terms = readTerms(claims.terms);
  if (sealBy === undefined || terms === undefined) return null;
  return { entry, leaf, tenant, organization, subject, origin, issuedAt, sealBy, terms };
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[a-z]{1,8}_[0-9a-z]{26}$/.test(value);

/** A NumericDate (RFC 7519 §2) or RFC 3339 in milliseconds, null for none, undefined for anything else. */
function readTime(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  const milliseconds = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(milliseconds) ? milliseconds : undefined;
}

function readTerms(value: unknown): Receipt['terms'] | undefined {
  if (value === undefined || value === null) return null;
  if (!isRecord(value) || !isId(value.program_id) || typeof value.version !== 'number' || !isHash(value.sha256)) return undefined;
  return { programId: value.program_id, version: value.version, sha256: value.sha256 };
}
