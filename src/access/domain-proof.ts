import * as z from 'zod';
import { challengeFile, challengeRecord, type ProofMethod, type Seen } from '../domain/domain-proof.ts';
import { registrableDomain } from '../domain/prospect.ts';
import { textQuery, textsIn } from './dns-message.ts';
import { type Documents, isOutage } from './documents.ts';
import { resolveAgent, type SignatureAgent } from './signature-agent.ts';

/**
 * Looks for the proof that somebody controls a registrable domain. Either a token of ours that is published there, in DNS
 * (draft-ietf-dnsop-domain-verification-techniques §6) or in a file at the domain itself, never from memory. Or a document with keys at the
 * address that speaks for the domain, at most a minute old. `domain` is in ASCII; below or above a registrable domain nothing is proven.
 * `expected`: the token as we gave it out, or the address of the document.
 */
export async function lookUpDomainProof({ domain, method, expected }: ProofWanted, deps: ProofDeps): Promise<Seen> {
  if (registrableDomain(domain) !== domain) return 'absent';
  switch (method) {
    case 'dns_txt':
      return inDns(domain, expected, deps);
    case 'well_known':
      return inFile(domain, expected, deps.documents);
    case 'metadata_document':
      return inKeys(domain, { type: 'cimd', documentUrl: expected }, deps.documents);
    case 'signature_directory':
      return inKeys(domain, { type: 'directory', documentUrl: expected }, deps.documents);
  }
}

export interface ProofWanted {
  readonly domain: string;
  readonly method: ProofMethod;
  readonly expected: string;
}

export interface ProofDeps {
  readonly documents: Documents;
  /** Reaches the resolvers, whom the operator chose; no rule for addresses of strangers applies to them. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** DNS over HTTPS (RFC 8484). All of them have to show the proof; two of different operators make a lie of one harmless. */
  readonly resolverUrls: readonly [string, ...string[]];
}

async function inDns(domain: string, expected: string, { fetch, resolverUrls }: ProofDeps): Promise<Seen> {
  const { name } = challengeRecord(domain, expected);
  const shown = await Promise.all(
    [...new Set(resolverUrls)].map(async (url) => {
      const texts = await textsAt(url, name, fetch);
      return texts === null ? null : texts.some((text) => holdsToken(text, expected));
    }),
  );
  if (shown.includes(null)) return 'unreachable';
  if (shown.every(Boolean)) return 'proven';
  return shown.some(Boolean) ? 'disagree' : 'absent';
}

/** §6.1.2 of the draft: pairs separated by spaces, the token first, keys in any case; or nothing but the token. */
function holdsToken(text: string, expected: string): boolean {
  const [first = ''] = text.split(' ');
  const [key = '', ...value] = first.split('=');
  return text === expected || (key.toLowerCase() === 'token' && value.join('=') === expected);
}

async function textsAt(resolverUrl: string, name: string, fetch: ProofDeps['fetch']): Promise<readonly string[] | null> {
  const query = textQuery(name);
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([ask(resolverUrl, query, fetch, end.signal), expiry]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

async function ask(url: string, query: Uint8Array<ArrayBuffer>, fetch: ProofDeps['fetch'], signal: AbortSignal) {
  const headers = { accept: dnsType, 'content-type': dnsType };
  const answer = await fetch(url, { method: 'POST', headers, body: query, redirect: 'manual', signal });
  const type = (answer.headers.get('content-type')?.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (answer.status !== 200 || type !== dnsType) return null;
  return textsIn(new Uint8Array(await answer.arrayBuffer()), query);
}

const dnsType = 'application/dns-message';
const timeoutMs = 5000;

const organizationFile = z.object({ challenges: z.array(z.string().max(255)).max(100) });

/** What the domain answers without this file is an answer: it is not there. */
async function inFile(domain: string, expected: string, documents: Documents): Promise<Seen> {
  const document = await documents.readNow('domain_proof', challengeFile(domain, expected).url);
  if (document.ok) {
    const file = organizationFile.safeParse(document.value.json);
    return file.success && file.data.challenges.includes(expected) ? 'proven' : 'absent';
  }
  return isOutage(document.reason) ? 'unreachable' : 'absent';
}

/** Whether the document still speaks for the domain and still names a key: whose, the next token or signature shows. */
async function inKeys(domain: string, agent: Pick<SignatureAgent, 'type' | 'documentUrl'>, documents: Documents): Promise<Seen> {
  const anew: Documents = { ...documents, read: documents.reload };
  const resolved = await resolveAgent(agent, anew);
  if (!resolved.ok) return isOutage(resolved.reason) ? 'unreachable' : 'absent';
  if (resolved.value.provesDomain !== domain) return 'absent';
  const keys = await resolved.value.keys(false);
  if (keys.ok) return 'proven';
  return isOutage(keys.reason) ? 'unreachable' : 'absent';
}
