import { type InnerList, type Item, isInnerList, parseDictionary, parseItem, serializeItem, Token } from 'structured-headers';
import { registrableDomain } from '../domain/prospect.ts';
import { type KeySource, publishedKeys } from './client-keys.ts';
import { findClientMetadata, isClientIdUrl, type MetadataRefusal, provenBy as provenByMetadata } from './client-metadata.ts';
import type { Documents } from './documents.ts';
import { accepted, type Verdict } from './verdict.ts';

/** Where a signer says that its keys are ("Signature-Agent" of draft-meunier-webbotauth-httpsig-protocol). A claim until it is resolved. */
export interface SignatureAgent {
  readonly type: AgentType;
  /** What is fetched; what a signer is known by. */
  readonly documentUrl: string;
  /** What a signature covers: the value of the header field, or of the covered member of it (RFC 9421 §2.1, §2.1.2). */
  readonly signed: string;
}

export type AgentType = (typeof agentTypes)[number];

/** What was found behind a Signature-Agent. */
export interface ResolvedAgent {
  readonly keys: KeySource;
  readonly name: string | null;
  /** The registrable domain that the document speaks for, or null. */
  readonly provesDomain: string | null;
}

/**
 * Reads the member that a signature covers: by its key where the signature names one, otherwise the member of the signature's own label,
 * or the only one there is. A bare string is the earlier form and means a directory. Null for what cannot be used.
 */
export function signatureAgentOf(headers: Headers, label: string, key: string | null): SignatureAgent | null {
  const field = headers.get('signature-agent');
  if (field === null || field.length > 4096) return null;
  const item = field.trimStart().startsWith('"') ? bareItem(field, key) : memberOf(field, label, key);
  if (item === null || isInnerList(item)) return null;
  const [value, parameters] = item;
  const given = parameters.get('type');
  const type =
    given === undefined ? 'directory' : given instanceof Token ? agentTypes.find((each) => each === given.toString()) : undefined;
  const documentUrl = typeof value === 'string' && type !== undefined ? documentUrlOf(type, value) : null;
  if (type === undefined || documentUrl === null) return null;
  return { type, documentUrl, signed: key === null ? field : serializeItem(item) };
}

/** Looks up what an agent published. A directory at a registrable domain's own origin speaks for that domain. */
export async function resolveAgent(
  { type, documentUrl }: Pick<SignatureAgent, 'type' | 'documentUrl'>,
  documents: Documents,
): Promise<Verdict<ResolvedAgent, MetadataRefusal>> {
  switch (type) {
    case 'directory':
      return accepted({ keys: publishedKeys(documents, 'key_directory', documentUrl), name: null, provesDomain: provenBy(documentUrl) });
    case 'jwks_uri':
      return accepted({ keys: publishedKeys(documents, 'client_keys', documentUrl), name: null, provesDomain: null });
    case 'cimd': {
      const metadata = await findClientMetadata(documentUrl, documents);
      if (!metadata.ok) return metadata;
      const { keys, name, proves } = metadata.value;
      return accepted({ keys, name, provesDomain: proves });
    }
  }
}

const agentTypes = ['directory', 'jwks_uri', 'cimd'] as const;

/** Where a host publishes the keys that its requests are signed with. */
export const directoryPath = '/.well-known/http-message-signatures-directory';

function bareItem(field: string, key: string | null): Item | null {
  // Only a dictionary has members to name.
  if (key !== null) return null;
  try {
    const [value] = parseItem(field);
    return [value, new Map()];
  } catch {
    return null;
  }
}

function memberOf(field: string, label: string, key: string | null): Item | InnerList | null {
  try {
    const members = parseDictionary(field);
    if (key !== null) return members.get(key) ?? null;
    const [only] = members.size === 1 ? members.values() : [];
    return members.get(label) ?? only ?? null;
  } catch {
    return null;
  }
}

/**
 * A directory stands at the well-known path of an origin, whatever else the value says. The others are the value itself, in the spelling
 * of the URL standard and without a query, so that nobody is known by two addresses.
 */
function documentUrlOf(type: AgentType, value: string): string | null {
  if (type !== 'directory') return isClientIdUrl(value) ? value : null;
  if (value.length > 512 || !URL.canParse(value)) return null;
  const { origin, protocol, pathname, search, hash, username, password } = new URL(value);
  const isOrigin = (pathname === '/' || pathname === directoryPath) && search + hash + username + password === '';
  return isOrigin && (protocol === 'https:' || protocol === 'http:') ? origin + directoryPath : null;
}

/** The registrable domain that this document would speak for, were the signature right. */
export function wouldProve({ type, documentUrl }: SignatureAgent): string | null {
  if (type === 'jwks_uri') return null;
  return type === 'cimd' ? provenByMetadata(documentUrl) : provenBy(documentUrl);
}

function provenBy(documentUrl: string): string | null {
  const domain = registrableDomain(new URL(documentUrl).hostname);
  return domain !== null && documentUrl === `https://${domain}${directoryPath}` ? domain : null;
}
