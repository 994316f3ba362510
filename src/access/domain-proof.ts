import * as z from 'zod';
import { registrableDomain } from '../domain/prospect.ts';
import { textQuery, textsIn } from './dns-message.ts';
import { type Documents, isOutage } from './documents.ts';

/** `disagree`: one resolver shows the proof and the other does not. `unreachable`: somebody who has to be asked did not answer. */
export type DomainProof = 'proven' | 'absent' | 'disagree' | 'unreachable';

export type ProofMethod = 'dns_txt' | 'well_known_file';

/**
 * Looks for the proof that somebody controls a registrable domain: a token of ours that is published there, either in DNS
 * (draft-ietf-dnsop-domain-verification-techniques §6) or in a file at the domain itself. Never from memory. `domain` is in ASCII; below or
 * above a registrable domain nothing is proven. `expected` is the token as we gave it out.
 */
export async function lookUpDomainProof({ domain, method, expected }: ProofWanted, deps: ProofDeps): Promise<DomainProof> {
  if (registrableDomain(domain) !== domain) return 'absent';
  return method === 'dns_txt' ? inDns(domain, expected, deps) : inFile(domain, expected, deps.documents);
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

/** The name of the TXT record, and a text that it may have. */
export function challengeRecord(domain: string, token: string): { readonly name: string; readonly value: string } {
  return { name: `_frontdesk-challenge.${domain}`, value: `token=${token}` };
}

/** Where the file stands; its `challenges` hold the tokens of everybody who asked. */
export function organizationFileUrl(domain: string): string {
  return `https://${domain}/.well-known/frontdesk-organization.json`;
}

async function inDns(domain: string, expected: string, { fetch, resolverUrls }: ProofDeps): Promise<DomainProof> {
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
async function inFile(domain: string, expected: string, documents: Documents): Promise<DomainProof> {
  const document = await documents.readNow('domain_proof', organizationFileUrl(domain));
  if (document.ok) {
    const file = organizationFile.safeParse(document.value.json);
    return file.success && file.data.challenges.includes(expected) ? 'proven' : 'absent';
  }
  return isOutage(document.reason) ? 'unreachable' : 'absent';
}
