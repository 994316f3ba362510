import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../src/domain/canonical.ts';
import {
  type BlockHeader,
  blockHash,
  blockHeader,
  type Checkpoint,
  checkpointBody,
  checkpointOrigin,
  checksOfNote,
  ed25519KeyOf,
  isBlockHeader,
  noteKeyHash,
  parseSignedNote,
  signedNote,
} from '../../src/domain/checkpoint.ts';

const tenant = 'ten_01h455vb4pex5vsknk084sn02q';
const name = checkpointOrigin('https://desk.vendor.example', tenant);
const root = 'ab'.repeat(32);
const checkpoint: Checkpoint = { origin: name, size: 12, root, leaves: 345, sealedAt: '2026-07-03T08:09:10.123Z' };
const body = checkpointBody(checkpoint);

interface Signer {
  readonly jwk: object;
  readonly publicKey: Buffer;
  readonly privateKey: KeyObject;
  readonly verifying: KeyObject;
}
function signer(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '', ...rest } = publicKey.export({ format: 'jwk' });
  return { jwk: { ...rest, x, kid: x }, publicKey: Buffer.from(x, 'base64url'), privateKey, verifying: publicKey };
}
const mine = signer();
const signature = sign(null, Buffer.from(body), mine.privateKey);
const note = signedNote(body, { name, publicKey: mine.publicKey, signature });

const isGenuine = (text: string, ...signers: Signer[]): boolean => {
  const parsed = parseSignedNote(text);
  if (parsed === null) return false;
  return signers.some((by) =>
    checksOfNote(parsed, [by.jwk]).some(({ message, signature: bytes }) => verify(null, message, by.verifying, bytes)),
  );
};

describe('a checkpoint', () => {
  it('is written as C2SP tlog-checkpoint says', () => {
    expect(name).toBe(`desk.vendor.example/${tenant}`);
    const base64 = Buffer.from(root, 'hex').toString('base64');
    expect(body).toBe(`${name}\n12\n${base64}\nleaves 345\nsealed_at 2026-07-03T08:09:10.123Z\n`);
  });

  it('is signed as C2SP signed-note says: dash, name, and four bytes of the key hash before the signature', () => {
    const keyHash = createHash('sha256').update(`${name}\n\x01`).update(mine.publicKey).digest().subarray(0, 4);
    expect(note).toBe(`${body}\n— ${name} ${Buffer.concat([keyHash, signature]).toString('base64')}\n`);
    expect(noteKeyHash(name, mine.publicKey)).toBe(keyHash.toString('hex'));
  });

  it('names a key as the verifier keys of other implementations do', () => {
    // From the documentation of golang.org/x/mod/sumdb/note: name, key hash, and 0x01 before the public key.
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const [keyName = '', keyHash, encoded = ''] = vkey.split('+', 2).concat(vkey.split('+').slice(2).join('+'));
    expect(noteKeyHash(keyName, Buffer.from(encoded, 'base64').subarray(1))).toBe(keyHash);
  });

  it('is read as it was written', () => {
    const parsed = parseSignedNote(note);
    expect(parsed).toMatchObject({ checkpoint, body });
    expect(parsed?.signatures).toHaveLength(1);
  });

  it('keeps the port of a host', () => {
    expect(checkpointOrigin('http://localhost:8787', tenant)).toBe(`localhost:8787/${tenant}`);
  });

  it('counts beyond 32 bits', () => {
    const large = { ...checkpoint, size: 2 ** 40 + 1, leaves: Number.MAX_SAFE_INTEGER };
    const text = signedNote(checkpointBody(large), { name, publicKey: mine.publicKey, signature });
    expect(parseSignedNote(text)?.checkpoint).toEqual(large);
  });

  it.each([
    ['a size below zero', { size: -1 }],
    ['a root that is none', { root: 'ab' }],
    ['a time without milliseconds', { sealedAt: '2026-07-03T08:09:10Z' }],
    ['a name with a space', { origin: 'a b' }],
    ['a name with a plus', { origin: 'a+b' }],
    ['a name of two lines', { origin: 'a\nb' }],
  ])('is not written with %s', (_, change) => {
    expect(() => checkpointBody({ ...checkpoint, ...change })).toThrow('invariant broken');
  });
});

describe('a signed note', () => {
  it('passes under its key, alone or among others, and under no other key', () => {
    const other = signer();
    expect([isGenuine(note, mine), isGenuine(note, other, mine), isGenuine(note, other)]).toEqual([true, true, false]);
  });

  it('passes no longer when any byte of it is changed', () => {
    const bytes = Buffer.from(note);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(`${at} ${isGenuine(changed.toString(), mine)}`).toBe(`${at} false`);
    }
  });

  it('passes with the signatures of others beside it, as witnesses make them', () => {
    const witness = `— witness.example/w1 ${Buffer.alloc(76, 7).toString('base64')}\n`;
    expect(isGenuine(note + witness, mine)).toBe(true);
  });

  it('does not pass under a name other than its origin', () => {
    const stranger = signedNote(body, { name: 'stranger.example/x', publicKey: mine.publicKey, signature });
    expect(parseSignedNote(stranger)).not.toBeNull();
    expect(isGenuine(stranger, mine)).toBe(false);
  });

  const line = note.split('\n').at(-2) ?? '';
  it.each([
    ['nothing', ''],
    ['no signature', `${body}\n`],
    ['no last newline', note.slice(0, -1)],
    ['text after it', `${note}more\n`],
    ['a line too many', note.replace('\nleaves', '\nother 1\nleaves')],
    ['carriage returns', note.replaceAll('\n', '\r\n')],
    ['a size with a leading zero', note.replace('\n12\n', '\n012\n')],
    ['a size with a sign', note.replace('\n12\n', '\n+12\n')],
    ['a size beyond what numbers hold', note.replace('\n12\n', '\n9999999999999999\n')],
    ['a root of 31 bytes', note.replace(/\n[^\n]+=\n/, `\n${Buffer.alloc(31).toString('base64')}\n`)],
    ['a root with spare bits', note.replace(/.=\nleaves/, 't=\nleaves')],
    ['a date that is none', note.replace('2026-07-03', '2026-02-30')],
    ['a hyphen for the dash', note.replace('— ', '- ')],
    ['a signature too short to name a key', `${body}\n— ${name} AAAA\n`],
    ['seventeen signatures', `${body}\n${`${line}\n`.repeat(17)}`],
    ['more than eight thousand characters', `${body}\n${`— a ${'A'.repeat(8192)}\n`}`],
  ])('is not read with %s', (_, text) => {
    expect(text).not.toBe(note);
    expect(parseSignedNote(text)).toBeNull();
  });

  it('is verified by Ed25519 keys only: others are passed over', () => {
    const x = mine.publicKey.toString('base64url');
    const others = [
      null,
      'key',
      {},
      { kty: 'RSA', n: 'x', e: 'AQAB' },
      { kty: 'OKP', crv: 'X25519', x },
      { kty: 'OKP', crv: 'Ed25519', x: `${x}A` },
    ];
    expect(others.map(ed25519KeyOf)).toEqual(others.map(() => null));
    expect(ed25519KeyOf({ kty: 'OKP', crv: 'Ed25519', x })).toEqual({ kid: null, publicKey: new Uint8Array(mine.publicKey) });
  });
});

describe('a block', () => {
  const first = { tenant, number: 0, leaves: 3, root, previous: null, sealedAt: '2026-07-03T08:09:10.123Z' };
  const second = { ...first, number: 1, previous: 'cd'.repeat(32) };

  it('has the hash of its canonical header as a leaf', () => {
    const canonical = `{"leaves":3,"number":0,"previous":null,"root":"${root}","sealed_at":"2026-07-03T08:09:10.123Z","tenant":"${tenant}","v":1}`;
    expect(canonicalize(blockHeader(first))).toBe(canonical);
    expect(blockHash(blockHeader(first))).toBe(createHash('sha256').update(`\0${canonical}`).digest('hex'));
  });

  it('has another hash when anything about it is another', () => {
    const changes = [
      { number: 2 },
      { leaves: 4 },
      { root: 'ef'.repeat(32) },
      { previous: 'ef'.repeat(32) },
      { sealedAt: '2026-07-03T08:09:10.124Z' },
    ];
    const hashes = [{}, ...changes].map((change) => blockHash(blockHeader({ ...second, ...change })));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it.each([
    ['without leaves', { ...first, leaves: 0 }],
    ['that is first and has one before it', { ...first, previous: root }],
    ['that is not first and has none before it', { ...second, previous: null }],
    ['of no tenant', { ...first, tenant: '' }],
    ['with half a number', { ...second, number: 1.5 }],
  ])('is not made %s', (_, block) => {
    expect(() => blockHeader(block)).toThrow('invariant broken');
  });

  it('is not read with a member too many, too few or of another form', () => {
    const header: BlockHeader = blockHeader(first);
    const { root: _, ...short } = header;
    const wrong = [null, [], {}, short, { ...header, more: 1 }, { ...header, v: 2 }, { ...short, rout: root }];
    expect([header, ...wrong].map(isBlockHeader)).toEqual([true, ...wrong.map(() => false)]);
  });
});
