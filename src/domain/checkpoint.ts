import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalize, leafHash } from './canonical.ts';
import { isHash } from './merkle.ts';
import { invariant } from './result.ts';

/** The head of a tenant's tree over blocks, as it is signed and leaves the database. */
export interface Checkpoint {
  /** `<host>/<tenant id>`, which is also the name of the key in the signature line. */
  readonly origin: string;
  /** How many blocks. */
  readonly size: number;
  /** Root of the tree over block hashes, in hex. */
  readonly root: string;
  /** How many leaves all those blocks have together. */
  readonly leaves: number;
  /** RFC 3339 UTC with milliseconds. */
  readonly sealedAt: string;
}

/** What a block is known by. Its root is the tree hash over its leaves; `previous` is the hash of the block before, null for the first. */
export interface BlockHeader {
  readonly v: 1;
  readonly tenant: string;
  readonly number: number;
  readonly leaves: number;
  readonly root: string;
  readonly previous: string | null;
  readonly sealed_at: string;
}

/** A signed note (C2SP signed-note) that was read; nothing about it is verified yet. */
export interface SignedNote {
  readonly checkpoint: Checkpoint;
  /** The text that the signatures are over. */
  readonly body: string;
  readonly signatures: readonly NoteSignature[];
}

/** One signature line: who says to have signed, the first four bytes of the key's hash (hex), and the bytes that follow. */
export interface NoteSignature {
  readonly name: string;
  readonly keyHash: string;
  readonly signature: Uint8Array;
}

/** What an Ed25519 verifier (RFC 8032) is given, as it is. */
export interface Ed25519Check {
  readonly kid: string | null;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly message: Uint8Array<ArrayBuffer>;
}

/** The origin of a tenant's checkpoints: the host of its canonical origin (a URL), a slash, its id. */
export function checkpointOrigin(tenantOrigin: string, tenant: string): string {
  return `${new URL(tenantOrigin).host}/${tenant}`;
}

/** The text that is signed (C2SP tlog-checkpoint), with its last newline. Sign its UTF-8 bytes with Ed25519. */
export function checkpointBody({ origin, size, root, leaves, sealedAt }: Checkpoint): string {
  const isWritten = isName(origin) && isCount(size) && isCount(leaves) && isHash(root) && isTime(sealedAt);
  invariant(isWritten, 'a checkpoint has an origin, counts, a root and a time');
  return `${origin}\n${size}\n${toBase64(hexToBytes(root))}\nleaves ${leaves}\nsealed_at ${sealedAt}\n`;
}

/** The body with its signature line. `name` is the origin line, `publicKey` the 32 bytes of Ed25519, `signature` its 64. */
export function signedNote(
  body: string,
  by: { readonly name: string; readonly publicKey: Uint8Array; readonly signature: Uint8Array },
): string {
  invariant(by.publicKey.length === 32 && by.signature.length === 64 && isName(by.name), 'notes are signed with Ed25519');
  return `${body}\n— ${by.name} ${toBase64(new Uint8Array([...hexToBytes(noteKeyHash(by.name, by.publicKey)), ...by.signature]))}\n`;
}

/** First four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), in hex: how a signature line names an Ed25519 key. */
export function noteKeyHash(name: string, publicKey: Uint8Array): string {
  return bytesToHex(sha256(new Uint8Array([...utf8ToBytes(name), 0x0a, 0x01, ...publicKey])).slice(0, 4));
}

/** Reads a signed note as {@link checkpointBody} and {@link signedNote} write it, with up to 16 signature lines. Null if it is anything else. */
export function parseSignedNote(text: string): SignedNote | null {
  if (text.length > longestNote) return null;
  const [, body, lines] = /^((?:[^\n]+\n){5})\n((?:— [^\n]+\n){1,16})$/.exec(text) ?? [];
  if (body === undefined || lines === undefined) return null;
  const checkpoint = parseBody(body);
  const signatures = lines.split('\n').slice(0, -1).map(parseSignature);
  return checkpoint && signatures.every((line) => line !== null) ? { checkpoint, body, signatures } : null;
}

/**
 * Which of these keys (a JWK Set's members; those that are not Ed25519 are passed over) could have made a signature of this note under
 * its own origin's name. The note is genuine when one of the answers passes Ed25519; none means that the key is unknown.
 */
export function checksOfNote(note: SignedNote, jwks: readonly unknown[]): Ed25519Check[] {
  const { origin } = note.checkpoint;
  const mine = note.signatures.filter(({ name, signature }) => name === origin && signature.length === 64);
  return jwks.flatMap((jwk) => {
    const key = ed25519KeyOf(jwk);
    if (key === null) return [];
    const keyHash = noteKeyHash(origin, key.publicKey);
    const message = new Uint8Array(utf8ToBytes(note.body));
    return mine.filter((line) => line.keyHash === keyHash).map((line) => ({ ...key, signature: new Uint8Array(line.signature), message }));
  });
}

/** The raw public key of an Ed25519 JWK (RFC 8037 §2) with its `kid`; null for any other key. */
export function ed25519KeyOf(jwk: unknown): Pick<Ed25519Check, 'kid' | 'publicKey'> | null {
  if (typeof jwk !== 'object' || jwk === null || !('kty' in jwk && 'crv' in jwk && 'x' in jwk)) return null;
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.x !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(jwk.x)) return null;
  const publicKey = fromBase64(`${jwk.x.replaceAll('-', '+').replaceAll('_', '/')}=`);
  return publicKey && { kid: 'kid' in jwk && typeof jwk.kid === 'string' ? jwk.kid : null, publicKey };
}

/** The header of a new block. Its canonical form (RFC 8785) is what {@link blockHash} hashes. */
export function blockHeader(block: {
  readonly tenant: string;
  readonly number: number;
  readonly leaves: number;
  readonly root: string;
  readonly previous: string | null;
  readonly sealedAt: string;
}): BlockHeader {
  const { tenant, number, leaves, root, previous, sealedAt } = block;
  const header = { v: 1, tenant, number, leaves, root, previous, sealed_at: sealedAt } as const;
  invariant(isBlockHeader(header), 'a block has leaves, a root, a time, and a block before it unless it is the first');
  return header;
}

/** Hash of a block, and leaf hash in the tree over blocks: RFC 9162 §2.1.1 over the canonical header. */
export function blockHash(header: BlockHeader): string {
  return leafHash(canonicalize(header));
}

/** Whether somebody's JSON is a header as {@link blockHeader} makes it, without a member more. */
export function isBlockHeader(value: unknown): value is BlockHeader {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 7) return false;
  if (!('v' in value && 'tenant' in value && 'number' in value && 'leaves' in value)) return false;
  if (!('root' in value && 'previous' in value && 'sealed_at' in value)) return false;
  const { v, tenant, number, leaves, root, previous, sealed_at } = value;
  const isLinked = number === 0 ? previous === null : isHash(previous);
  return v === 1 && isTenant(tenant) && isCount(number) && isCount(leaves) && leaves > 0 && isHash(root) && isLinked && isTime(sealed_at);
}

/** Far longer than a note of ours with sixteen signatures. */
const longestNote = 8192;

function parseBody(body: string): Checkpoint | null {
  const [origin = '', size = '', root = '', leaves = '', sealed = ''] = body.split('\n');
  const rootBytes = fromBase64(root);
  const total = /^leaves (\S+)$/.exec(leaves)?.[1] ?? '';
  const sealedAt = /^sealed_at (\S+)$/.exec(sealed)?.[1] ?? '';
  if (!isName(origin) || !isDecimal(size) || !isDecimal(total) || rootBytes?.length !== 32 || !isTime(sealedAt)) return null;
  return { origin, size: Number(size), root: bytesToHex(rootBytes), leaves: Number(total), sealedAt };
}

function parseSignature(line: string): NoteSignature | null {
  const [, name = '', base64 = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = fromBase64(base64);
  if (!isName(name) || bytes === null || bytes.length < 5) return null;
  return { name, keyHash: bytesToHex(bytes.slice(0, 4)), signature: bytes.slice(4) };
}

/** A key name: no white space, no plus (C2SP signed-note), nothing invisible, 1 to 255 characters. */
const isName = (text: string): boolean => /^[!-*,-~]{1,255}$/.test(text);
const isTenant = (value: unknown): value is string => typeof value === 'string' && /^[a-z]{1,8}_[0-9a-z]{26}$/.test(value);
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isDecimal = (text: string): boolean => /^(?:0|[1-9][0-9]{0,15})$/.test(text) && isCount(Number(text));

function isTime(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) return false;
  const milliseconds = Date.parse(value);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Bytes of padded standard base64 (RFC 4648 §4); null if there is another spelling of the same bytes. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}
