import type { ProofMethod, Seen } from '../domain/domain-proof.ts';
import { lookUpDomainProof, type ProofDeps } from './domain-proof.ts';

/** DNS over HTTPS (RFC 8484): all of `urls` are asked, and all have to show a proof. */
export interface Resolvers {
  readonly fetch: ProofDeps['fetch'];
  readonly urls: ProofDeps['resolverUrls'];
}

/** The resolvers that an operator named, asked by the runtime's own `fetch`: they are the operator's, not a stranger's. */
export const resolversOf = ({ dnsUrl, dnsSecondUrl }: { readonly dnsUrl: string; readonly dnsSecondUrl: string }): Resolvers => ({
  fetch: (url, init) => fetch(url, init),
  urls: [dnsUrl, dnsSecondUrl],
});

/** Looks for what proves the domain of an organization. Without resolvers nothing can be said of DNS. Never rejects. */
export function lookInDomains(
  documents: ProofDeps['documents'],
  resolvers?: Resolvers,
): (wanted: { readonly domain: string; readonly method: ProofMethod; readonly token: string }) => Promise<Seen> {
  return async ({ domain, method, token }) => {
    if (method === 'dns_txt' && resolvers === undefined) return 'unreachable';
    const { fetch, urls } = resolvers ?? nobody;
    return lookUpDomainProof({ domain, method, expected: token }, { documents, fetch, resolverUrls: urls });
  };
}

const nobody: Resolvers = {
  fetch: async () => {
    throw new TypeError('no resolver');
  },
  urls: [''],
};
