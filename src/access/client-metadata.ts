import * as z from 'zod';
import { registrableDomain } from '../domain/prospect.ts';
import { cleanText } from '../domain/untrusted-text.ts';
import { type KeySource, publishedKeys, readClientKeys } from './client-keys.ts';
import type { DocumentRefusal, Documents } from './documents.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** A client that is known by the address of its metadata document (draft-ietf-oauth-client-id-metadata-document). */
export interface ClientMetadata {
  readonly clientId: string;
  /** `client_name` made safe to show, at most 80 code points: still a stranger's word. Null where there is none. */
  readonly name: string | null;
  readonly keys: KeySource;
  /** The registrable domain that this document speaks for: only where it stands at the one path that we fixed. */
  readonly proves: string | null;
}

export type MetadataRefusal = DocumentRefusal | 'client_id_unusable' | 'metadata_malformed' | 'client_id_differs' | AuthRefusal;
type AuthRefusal = 'auth_method_forbidden' | 'secret_forbidden' | 'keys_missing' | 'keys_ambiguous' | 'jwks_uri_elsewhere';

/** Where an agent's metadata document proves its organization: at the registrable domain itself. */
export const agentDocumentPath = '/.well-known/frontdesk-agent.json';

/** Finds what a client published about itself at the address that is its id. */
export async function findClientMetadata(clientId: string, documents: Documents): Promise<Verdict<ClientMetadata, MetadataRefusal>> {
  if (!isClientIdUrl(clientId)) return rejected('client_id_unusable');
  const document = await documents.read('client_metadata', clientId);
  if (!document.ok) return document;
  const read = readMetadata(clientId, document.value.json);
  if (!read.ok) return read;
  return accepted({ clientId, name: read.value.name, keys: keysOf(clientId, documents), proves: provenBy(clientId) });
}

/**
 * Whether a client id is the address of a metadata document (§3 of the draft): https, a path, no user name, no fragment, no dot segments;
 * here also no query, at most 512 characters, and in the one spelling that the URL standard gives it, so that no client has two ids.
 * Plain http passes here and is for the guarded fetch to judge: it is right only where an operator vouches for the host.
 */
export function isClientIdUrl(text: string): boolean {
  if (text.length > 512 || !URL.canParse(text)) return false;
  const { href, protocol, pathname, search, hash, username, password } = new URL(text);
  const isPlain = search === '' && hash === '' && username === '' && password === '' && !text.includes('?') && !text.includes('#');
  return (protocol === 'https:' || protocol === 'http:') && pathname !== '/' && isPlain && href === text;
}

/** The domain that a document at this address proves, or null. */
export function provenBy(url: string): string | null {
  const domain = URL.canParse(url) ? registrableDomain(new URL(url).hostname) : null;
  return domain !== null && url === `https://${domain}${agentDocumentPath}` ? domain : null;
}

const metadataForm = z.object({
  client_id: z.string(),
  client_name: z.string().optional(),
  token_endpoint_auth_method: z.string().optional(),
  client_secret: z.unknown().optional(),
  jwks: z.unknown().optional(),
  jwks_uri: z.string().optional(),
});

type Metadata = { readonly name: string | null; readonly jwks: unknown; readonly jwksUri: string | null };

/** §4 of the draft: the document names its own address, and no secret is shared. */
function readMetadata(clientId: string, json: unknown): Verdict<Metadata, MetadataRefusal> {
  const form = metadataForm.safeParse(json);
  if (!form.success) return rejected('metadata_malformed');
  const { client_id, client_name, token_endpoint_auth_method = 'private_key_jwt', client_secret, jwks, jwks_uri } = form.data;
  if (client_id !== clientId) return rejected('client_id_differs');
  if (client_secret !== undefined) return rejected('secret_forbidden');
  if (token_endpoint_auth_method !== 'private_key_jwt') return rejected('auth_method_forbidden');
  // RFC 7591 §2: the two must not both be present.
  if (jwks !== undefined && jwks_uri !== undefined) return rejected('keys_ambiguous');
  if (jwks === undefined && jwks_uri === undefined) return rejected('keys_missing');
  if (jwks_uri !== undefined && !isSameOrigin(jwks_uri, clientId)) return rejected('jwks_uri_elsewhere');
  return accepted({ name: cleanText(client_name ?? '', 80) || null, jwks, jwksUri: jwks_uri ?? null });
}

/** Keys may stand in the document itself, so that looking for a new one means reading the document again. */
function keysOf(clientId: string, documents: Documents): KeySource {
  return async (reload) => {
    const document = await (reload ? documents.reload('client_metadata', clientId) : documents.read('client_metadata', clientId));
    if (!document.ok) return document;
    const read = readMetadata(clientId, document.value.json);
    if (!read.ok) return rejected('keys_malformed');
    const { jwks, jwksUri } = read.value;
    return jwksUri === null ? readClientKeys(jwks) : publishedKeys(documents, 'client_keys', jwksUri)(reload);
  };
}

function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).origin === new URL(other).origin;
}
