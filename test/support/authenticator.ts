/** An authenticator in software: ES256 keys, an attestation of `none`, and a counter, as Web Authentication Level 3 has them. */

export interface Authenticator {
  /** Answers options for `navigator.credentials.create`, as the script of our pages writes it into the form. */
  create(options: string, twist?: Twist): Promise<string>;
  /** Answers options for `navigator.credentials.get`. */
  get(options: string, twist?: Twist): Promise<string>;
}

/** What is different from a good answer. */
export interface Twist {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  /** Otherwise present and verified. */
  readonly flags?: number;
  readonly counter?: number;
  /** Signs with a key that nobody registered. */
  readonly strangeKey?: boolean;
  /** Another attestation statement than none. */
  readonly attestation?: { readonly fmt: string; readonly certificate: Uint8Array };
}

interface Options {
  readonly challenge: string;
}

export async function openAuthenticator({ origin = 'http://localhost', counts = true } = {}): Promise<Authenticator> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const strange = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const id = crypto.getRandomValues(new Uint8Array(32));
  let uses = 0;

  const clientData = (type: string, options: string, twist: Twist): Uint8Array<ArrayBuffer> => {
    const { challenge } = JSON.parse(options) as Options;
    const { crossOrigin = false } = twist;
    const said = { type: twist.type ?? type, challenge: twist.challenge ?? challenge, origin: twist.origin ?? origin, crossOrigin };
    return utf8(JSON.stringify(said));
  };
  const authenticatorData = async (twist: Twist, flags: number, rest = new Uint8Array()): Promise<Uint8Array<ArrayBuffer>> => {
    const rpId = await sha256(utf8(twist.rpId ?? new URL(origin).hostname));
    if (counts) uses += 1;
    return joined(rpId, Uint8Array.of(twist.flags ?? flags), bigEndian(twist.counter ?? uses, 4), rest);
  };

  return {
    async create(options, twist = {}) {
      const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey);
      const credential = joined(new Uint8Array(16), bigEndian(id.length, 2), id, coseKey(fromBase64url(jwk.x), fromBase64url(jwk.y)));
      const authData = await authenticatorData(twist, present | verified | attested, credential);
      const { fmt, certificate } = twist.attestation ?? { fmt: 'none', certificate: null };
      const statement = certificate
        ? joined(Uint8Array.of(0xa1), cborText('x5c'), Uint8Array.of(0x81), cborBytes(certificate))
        : Uint8Array.of(0xa0);
      const object = joined(
        ...[Uint8Array.of(0xa3), cborText('fmt'), cborText(fmt), cborText('attStmt'), statement],
        ...[cborText('authData'), cborBytes(authData)],
      );
      return JSON.stringify({
        id: toBase64url(id),
        clientDataJSON: toBase64url(clientData('webauthn.create', options, twist)),
        attestationObject: toBase64url(object),
        transports: ['internal'],
      });
    },

    async get(options, twist = {}) {
      const said = clientData('webauthn.get', options, twist);
      const authData = await authenticatorData(twist, present | verified);
      const { privateKey } = twist.strangeKey ? strange : keys;
      const signed = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, joined(authData, await sha256(said)));
      return JSON.stringify({
        ...{ id: toBase64url(id), clientDataJSON: toBase64url(said), authenticatorData: toBase64url(authData) },
        signature: toBase64url(derSignature(new Uint8Array(signed))),
      });
    },
  };
}

/** Flags of authenticator data (§6.1). */
export const [present, verified, attested] = [0x01, 0x04, 0x40];

type Bytes = Uint8Array<ArrayBuffer>;
const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const toBase64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const fromBase64url = (text = ''): Bytes => new Uint8Array(Buffer.from(text, 'base64url'));
const joined = (...parts: readonly Uint8Array[]): Bytes => new Uint8Array(parts.flatMap((part) => [...part]));
const bigEndian = (value: number, length: number): Bytes =>
  Uint8Array.from({ length }, (_, at) => (value >>> (8 * (length - 1 - at))) & 255);

/** RFC 8949 §3: a text of fewer than 24 bytes, and a byte string. */
const cborText = (text: string): Bytes => joined(Uint8Array.of(0x60 | text.length), utf8(text));
const cborBytes = (bytes: Uint8Array): Bytes =>
  joined(
    bytes.length < 24
      ? Uint8Array.of(0x40 | bytes.length)
      : bytes.length < 256
        ? Uint8Array.of(0x58, bytes.length)
        : joined(Uint8Array.of(0x59), bigEndian(bytes.length, 2)),
    bytes,
  );

/** COSE_Key of P-256 (RFC 9053 §7.1): { 1: 2, 3: -7, -1: 1, -2: x, -3: y }. */
const coseKey = (x: Uint8Array, y: Uint8Array): Bytes =>
  joined(Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21), cborBytes(x), Uint8Array.of(0x22), cborBytes(y));

/** WebCrypto writes r ‖ s; authenticators write DER (RFC 3279 §2.2.3). */
function derSignature(raw: Uint8Array): Bytes {
  const number = (half: Uint8Array): Bytes => {
    const digits = half.slice(
      Math.min(
        half.findIndex((byte) => byte !== 0),
        half.length - 1,
      ),
    );
    const positive = (digits[0] ?? 0) > 127 ? joined(Uint8Array.of(0), digits) : digits;
    return joined(Uint8Array.of(0x02, positive.length), positive);
  };
  const both = joined(number(raw.slice(0, 32)), number(raw.slice(32)));
  return joined(Uint8Array.of(0x30, both.length), both);
}
