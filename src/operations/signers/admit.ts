import * as z from 'zod';
import { membershipByDocument, newAgent } from '../../domain/new-agent.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import type { SignedRequest } from '../outside.ts';
import { instant } from '../vocabulary.ts';

/**
 * Admits whoever signed a request itself (RFC 9421): verified with the keys at the address that the request names, and made an agent when it
 * is seen for the first time. The nonce is spent by the operation that the request is for, which goes on as this agent.
 */
export const admitSigner = defineWrite({
  name: 'admit_signer',
  title: 'Admit a signer',
  summary: 'Who signed this request',
  description: 'Verifies a signed request and answers which agent it is of.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'token' },
  input: z.strictObject({
    request: z.custom<SignedRequest>(),
    /** Where the request says that its keys are: who it says it is. */
    document_url: z.string().max(512),
    /** The domain that such a document would prove. */
    domain: z.string().max(253).nullable(),
  }),
  output: z.strictObject({ agent_id: z.string(), thumbprint: z.string(), nonce: z.string(), expires_at: instant }),
  failures: ['upstream.unavailable'],
  sideEffect: 'reversible',
  keyed: false,

  load: (queries, { input: { document_url, domain }, now }) => ({
    facts: queries.clientFacts({ client_id: document_url, key_hash: null, domain, spent: null }, now),
  }),
  prove: async ({ facts }, { input, now }, outside) =>
    facts.client?.status === 'revoked' ? refuse('auth.invalid') : outside.proveRequest(input.request, now),

  decide({ facts: { client, holder } }, { input, proven: signer }, given) {
    const { documentUrl, thumbprint, nonce, domain, name } = signer;
    // What was looked up is what the request says of itself; what was verified has to be the same.
    if (documentUrl !== input.document_url || domain !== input.domain) return refuse('auth.invalid');
    const result = { thumbprint, nonce, expires_at: signer.expiresAt.toISOString() };
    if (client) return ok({ changes: {}, dry: true, result: { ...result, agent_id: client.agent_id } });
    const hostname = new URL(documentUrl).hostname;
    const method = signer.isDirectory ? 'signature_directory' : 'metadata_document';
    const organization = membershipByDocument({ method, url: documentUrl }, domain, holder);
    const made = newAgent({ kind: 'document', clientId: documentUrl, name: name ?? hostname, organization }, given);
    return ok({ changes: made.changes, result: { ...result, agent_id: made.grantee.agentId } });
  },
  view: (result) => result,
});
