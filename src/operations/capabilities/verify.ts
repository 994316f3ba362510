import * as z from 'zod';
import { CapabilitiesDocument, capabilitiesSigningInput } from '../../domain/capabilities.ts';
import { ok } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import { defineRead } from '../operation.ts';
import { instant } from '../vocabulary.ts';

const verified = z
  .strictObject({
    document_id: z.string(),
    etag: z.string(),
    bytes: z.int().describe('How long the document is, in UTF-8.'),
    issued_at: instant,
    valid_until: instant,
    signatures: z.array(
      z.strictObject({
        key_id: z.string().nullable(),
        algorithm: z.string().nullable(),
        result: z.enum(['valid', 'invalid', 'unknown_key']).describe('By the public keys at /.well-known/jwks.json.'),
      }),
    ),
  })
  .meta({ id: 'VerifiedCapabilities' });

export const verifyCapabilities = defineRead({
  name: 'verify_capabilities',
  title: 'Verify the capabilities',
  summary: 'Whether the published document is signed as it says',
  description:
    'Verifies the signatures of the capabilities document that is served now against the public keys that are served now, as an agent would. ' +
    'An agent does so itself: see get_capabilities.',
  rest: { method: 'get', path: '/v1/capabilities/verification', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input: z.strictObject({}),
  output: verified,
  failures: [],
  sideEffect: 'none',
  inspect: async (_, desk) => ok(await verificationOf(desk)),
  view: (_facts, { found }) => ok(found),
});

async function verificationOf({ capabilities, jwks }: Desk): Promise<z.input<typeof verified>> {
  const { body, etag } = capabilities;
  const document = CapabilitiesDocument.parse(JSON.parse(body));
  const payload = base64url(capabilitiesSigningInput(document));
  return {
    document_id: document.document_id,
    etag,
    bytes: new TextEncoder().encode(body).length,
    issued_at: document.issued_at,
    valid_until: document.valid_until,
    signatures: await Promise.all(document.signatures.map((one) => judge(one, payload, keysOf(jwks.value)))),
  };
}

async function judge(
  { protected: header, signature }: { readonly protected: string; readonly signature: string },
  payload: string,
  keys: readonly Key[],
): Promise<z.input<typeof verified>['signatures'][number]> {
  const stated = headerForm.safeParse(JSON.parse(new TextDecoder().decode(bytesOf(header))));
  if (!stated.success) return { key_id: null, algorithm: null, result: 'invalid' };
  const { kid, alg } = stated.data;
  const key = keys.find((one) => one.kid === kid && one.alg === alg);
  if (key === undefined) return { key_id: kid, algorithm: alg, result: 'unknown_key' };
  const { imported, used } = algorithms[alg];
  const publicKey = await crypto.subtle.importKey(
    'jwk',
    { kty: key.kty, crv: key.crv, x: key.x, ...(key.y && { y: key.y }) },
    imported,
    false,
    ['verify'],
  );
  // RFC 7515 §5.2, with the payload detached (appendix F).
  const isGood = await crypto.subtle.verify(used, publicKey, bytesOf(signature), new TextEncoder().encode(`${header}.${payload}`));
  return { key_id: kid, algorithm: alg, result: isGood ? 'valid' : 'invalid' };
}

const headerForm = z.object({ kid: z.string().max(200), alg: z.enum(['EdDSA', 'ES256']) });
const keyForm = z.object({
  ...{ kid: z.string(), alg: z.string(), kty: z.string(), crv: z.string(), x: z.string(), y: z.string().optional() },
});
type Key = z.output<typeof keyForm>;

/** RFC 8037 and RFC 7518 §3.4, as WebCrypto names them. */
const algorithms = {
  EdDSA: { imported: { name: 'Ed25519' }, used: { name: 'Ed25519' } },
  ES256: { imported: { name: 'ECDSA', namedCurve: 'P-256' }, used: { name: 'ECDSA', hash: 'SHA-256' } },
} as const;

function keysOf(jwks: unknown): readonly Key[] {
  const read = z.object({ keys: z.array(z.unknown()) }).safeParse(jwks);
  return read.success ? read.data.keys.flatMap((key) => keyForm.safeParse(key).data ?? []) : [];
}

const base64url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
