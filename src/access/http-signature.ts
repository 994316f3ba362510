import { importJWK } from 'jose';
import { isInnerList } from 'structured-headers';
import * as z from 'zod';
import type { SignedRequest } from '../operations/outside.ts';
import { type ClientKey, findClientKey, type KeysRefusal } from './client-keys.ts';
import type { MetadataRefusal } from './client-metadata.ts';
import type { Documents } from './documents.ts';
import { resolveAgent } from './signature-agent.ts';
import { type BaseRefusal, dictionaryOf, readSignature } from './signature-base.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** Who signed a request. The nonce has to be spent once per key until `expiresAt`. */
export interface RequestSigner {
  /** Where the keys are published: what this signer is known by. */
  readonly documentUrl: string;
  readonly thumbprint: string;
  readonly nonce: string;
  readonly expiresAt: Date;
  /** What the signer calls itself, at most 80 code points; null where its document has no name. */
  readonly name: string | null;
  /** The registrable domain whose own document holds the key, or null: then the key proves only itself. */
  readonly provesDomain: string | null;
}

export type SignatureRefusal =
  | BaseRefusal
  | KeysRefusal
  | MetadataRefusal
  | 'parameters_unusable'
  | 'created_in_future'
  | 'too_old'
  | 'expired'
  | 'lives_too_long'
  | 'digest_malformed'
  | 'digest_differs'
  | 'key_unknown'
  | 'signature_invalid';

/**
 * Verifies a signed request (RFC 9421 §3.2) in the profile of Web Bot Auth (draft-meunier-webbotauth-httpsig-protocol), stricter than that:
 * method, host, path, query, body and Signature-Agent are covered, the signature lives five minutes at most, and it carries a nonce.
 * Everything that needs no key is judged before anything is fetched. Never throws for what a stranger sends.
 */
export async function verifySignedRequest(
  request: SignedRequest,
  { now, documents }: { readonly now: Date; readonly documents: Documents },
): Promise<Verdict<RequestSigner, SignatureRefusal>> {
  const read = readSignature(request);
  if (!read.ok) return read;
  const { signature, base, agent } = read.value;
  const parameters = parametersForm.safeParse(Object.fromEntries(read.value.parameters));
  if (!parameters.success) return rejected('parameters_unusable');
  const { created, expires, nonce, keyid } = parameters.data;
  const untimely = judgeWindow(created, expires, now.getTime() / 1000);
  if (untimely !== null) return rejected(untimely);
  const digest = await judgeDigest(request);
  if (digest !== null) return rejected(digest);

  const resolved = await resolveAgent(agent, documents);
  if (!resolved.ok) return resolved;
  const { keys, name, provesDomain } = resolved.value;
  const key = await findClientKey(keys, { kid: keyid, alg: 'Ed25519' });
  if (!key.ok) return key;
  // A document may call its keys what it likes; a signer is known by the thumbprint.
  if (key.value.thumbprint !== keyid) return rejected('key_unknown');
  if (!(await isSignedBy(key.value, signature, base))) return rejected('signature_invalid');
  const expiresAt = new Date(expires * 1000);
  return accepted({ documentUrl: agent.documentUrl, thumbprint: keyid, nonce, expiresAt, name, provesDomain });
}

/** Does a request say that it is signed? Of a signature without Signature-Input nobody can tell what it is over (RFC 9421 §4). */
export function isSigned(headers: Headers): boolean {
  return headers.has('signature-input');
}

const skewS = 5;
const longestLifeS = 300;

const time = z.int().min(0).max(253_402_300_799);

/** RFC 9421 §2.3; `alg` may be left out, since the key decides. */
const parametersForm = z.object({
  created: time,
  expires: time,
  nonce: z.string().min(1).max(128),
  keyid: z.string().regex(/^[\w-]{43}$/),
  tag: z.literal('web-bot-auth'),
  alg: z.literal('ed25519').optional(),
});

function judgeWindow(created: number, expires: number, at: number): 'created_in_future' | 'too_old' | 'expired' | 'lives_too_long' | null {
  if (created > at + skewS) return 'created_in_future';
  if (at - created > longestLifeS) return 'too_old';
  if (expires <= at) return 'expired';
  return expires - created > longestLifeS ? 'lives_too_long' : null;
}

/** Content-Digest (RFC 9530 §2) over the bytes of the body: every digest that we know has to agree, and there has to be one. */
async function judgeDigest({ headers, body }: SignedRequest): Promise<'digest_malformed' | 'digest_differs' | null> {
  const digests = dictionaryOf(headers.get('content-digest') ?? '');
  const known = [...(digests ?? [])].flatMap(([name, item]) => {
    const algorithm = digestAlgorithms.get(name);
    return algorithm === undefined || isInnerList(item) ? [] : [{ algorithm, value: item[0] }];
  });
  if (known.length === 0) return 'digest_malformed';
  for (const { algorithm, value } of known) {
    if (!(value instanceof ArrayBuffer)) return 'digest_malformed';
    if (!isSame(new Uint8Array(value), new Uint8Array(await crypto.subtle.digest(algorithm, body)))) return 'digest_differs';
  }
  return null;
}

const digestAlgorithms: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'SHA-256'],
  ['sha-512', 'SHA-512'],
]);

/** Neither side is a secret. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

async function isSignedBy({ jwk }: ClientKey, signature: Uint8Array<ArrayBuffer>, base: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const key = await importJWK({ ...jwk }, 'Ed25519');
    return !(key instanceof Uint8Array) && (await crypto.subtle.verify('Ed25519', key, signature, base));
  } catch {
    return false;
  }
}
