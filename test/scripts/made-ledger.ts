import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { opensslHashing } from '../../scripts/verify-ledger/openssl-hashing.ts';
import { canonicalize } from '../../src/domain/canonical.ts';
import { type BlockHeader, blockHash, blockHeader, checkpointBody, checkpointOrigin, signedNote } from '../../src/domain/checkpoint.ts';
import { inclusionPath, treeRoot } from '../../src/domain/merkle.ts';

export const tenant = idOf('ten', 1);
export const origin = 'https://desk.vendor.example';
const start = Date.parse('2026-07-03T08:00:00.000Z');
const time = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

export function idOf(prefix: string, number: number): string {
  return `${prefix}_${number.toString(36).padStart(26, '0')}`;
}

export interface Signer {
  readonly kid: string;
  readonly jwk: object;
  readonly publicKey: Buffer;
  readonly privateKey: KeyObject;
}
export function signer(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '', ...rest } = publicKey.export({ format: 'jwk' });
  return { kid: x, jwk: { ...rest, x, kid: x, use: 'sig', alg: 'EdDSA' }, publicKey: Buffer.from(x, 'base64url'), privateKey };
}

export type Body = Record<string, unknown>;

/** The body of the event with this number; every third one has postings. */
export function bodyOf(number: number): Body {
  const organization = idOf('org', number % 5);
  const postings = [
    { account: 'expense', organization: null, currency: 'usd', amount_minor: `-${number + 1}` },
    { account: 'escrow', organization, currency: 'usd', amount_minor: `${number + 1}` },
  ];
  return {
    v: 1,
    tenant,
    event: idOf('led', number),
    kind: 'referral.created',
    subject: idOf('ref', number),
    organization,
    recorded_at: new Date(start + number * 1001).toISOString(),
    program: idOf('prg', 1),
    program_version: 1,
    terms_sha256: 'ab'.repeat(32),
    ...(number % 3 === 2 ? { postings } : {}),
  };
}

export interface Ledger {
  readonly keys: readonly [checkpoints: Signer, receipts: Signer];
  /** A whole export, line by line; each line is a value of its own that a test may change. */
  export(size?: number): Line[];
  /** The signed checkpoint of the first `size` blocks. */
  note(size?: number): string;
  /** A receipt as a compact JWS. */
  receipt(number: number, claims?: object, header?: object): string;
  /** What `GET /v1/referrals/{id}/receipt` answers under the checkpoint of `size` blocks. */
  receiptAnswer(number: number, size?: number): Answer;
}
export type Line = Record<string, unknown> & { body?: string | null };
export interface Answer {
  receipt: string;
  leaf: string;
  proof: { block: number; index: number; path: string[]; block_path: string[]; block_header: BlockHeader; leaves: number };
  checkpoint: { tenant: string; size: number; root: string; signed_note: string };
}

/** A ledger of blocks with so many leaves each. `written` may put another text in the place of a canonical body. */
export function makeLedger(
  blocks: readonly number[],
  options: {
    keys?: readonly [Signer, Signer];
    isForeign?: (number: number) => boolean;
    body?: (number: number) => Body;
    written?: (canonical: string, number: number) => string;
  } = {},
): Ledger {
  const { keys = [signer(), signer()], isForeign = () => false, body = bodyOf, written = (text) => text } = options;
  const total = blocks.reduce((sum, leaves) => sum + leaves, 0);
  const texts = Array.from({ length: total }, (_, number) => written(canonicalize(body(number)), number));
  const sealed: { header: BlockHeader; hash: string; first: number; leaves: string[] }[] = [];
  for (const leaves of blocks) {
    const [number, before] = [sealed.length, sealed.at(-1)];
    const first = before ? before.first + before.leaves.length : 0;
    const hashes = texts.slice(first, first + leaves).map(opensslHashing.leaf);
    const sealedAt = time(3600 + number);
    const header = blockHeader({ tenant, number, leaves, root: treeRoot(hashes), previous: before?.hash ?? null, sealedAt });
    sealed.push({ header, hash: blockHash(header), first, leaves: hashes });
  }
  const hashesOf = (size: number): string[] => sealed.slice(0, size).map(({ hash }) => hash);

  const note = (size = sealed.length): string => {
    const name = checkpointOrigin(origin, tenant);
    const leaves = sealed.slice(0, size).reduce((sum, block) => sum + block.leaves.length, 0);
    const text = checkpointBody({ origin: name, size, root: treeRoot(hashesOf(size)), leaves, sealedAt: time(3600 + size) });
    return signedNote(text, { name, publicKey: keys[0].publicKey, signature: sign(null, Buffer.from(text), keys[0].privateKey) });
  };
  const checkpoint = (size = sealed.length) => ({ tenant, size, root: treeRoot(hashesOf(size)), signed_note: note(size) });

  const receipt = (number: number, claims: object = {}, header: object = {}): string => {
    const { event, subject, organization, recorded_at, program, program_version, terms_sha256 } = bodyOf(number);
    const terms = { program_id: program, version: program_version, sha256: terms_sha256, url: `${origin}/terms` };
    const iat = Math.floor(Date.parse(String(recorded_at)) / 1000);
    const leaf = opensslHashing.leaf(canonicalize(bodyOf(number)));
    const all = { iss: origin, sub: subject, jti: event, iat, tenant, organization, leaf, terms, seal_by: iat + 60, ...claims };
    const parts = [{ alg: 'EdDSA', typ: 'receipt+jwt', kid: keys[1].kid, ...header }, all];
    const signed = parts.map((part) => Buffer.from(canonicalize(part)).toString('base64url')).join('.');
    return `${signed}.${sign(null, Buffer.from(signed), keys[1].privateKey).toString('base64url')}`;
  };

  return {
    keys,
    note,
    receipt,
    export: (size = sealed.length) => [
      { line: 'ledger', v: 1, tenant, origin, exported_at: time(9999), keys: { keys: keys.map(({ jwk }) => jwk) } },
      ...sealed.slice(0, size).flatMap(({ header, hash, first, leaves }) => [
        { line: 'block', header: { ...header }, hash },
        ...leaves.map((leaf, index) => {
          const number = first + index;
          return { line: 'leaf', block: header.number, index, leaf, body: isForeign(number) ? null : (texts[number] ?? '') };
        }),
      ]),
      { line: 'checkpoint', ...checkpoint(size) },
    ],
    receiptAnswer: (number, size = sealed.length) => {
      const at = sealed.findIndex(({ first, leaves }) => number < first + leaves.length);
      const block = sealed[at];
      if (block === undefined) throw new Error('no such event');
      const { header, first, leaves } = block;
      const [path, blockPath] = [inclusionPath(leaves, number - first), inclusionPath(hashesOf(size), at)];
      const proof = { block: at, index: number - first, path, block_path: blockPath, block_header: header, leaves: leaves.length };
      return { receipt: receipt(number), leaf: leaves[number - first] ?? '', proof, checkpoint: checkpoint(size) };
    },
  };
}

export const textOf = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
