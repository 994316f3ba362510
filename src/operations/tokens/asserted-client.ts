import type { ClientAsked, ClientFacts } from '../../db/agent-queries.ts';
import { assertionDigest, spentAssertion } from '../../domain/assertion.ts';
import type { Changes, Given } from '../../domain/decision.ts';
import type { Grantee } from '../../domain/grant.ts';
import { membershipByDocument, newAgent } from '../../domain/new-agent.ts';
import { registrableDomain } from '../../domain/prospect.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import { agentScopes } from '../../domain/scopes.ts';
import type { Outside, ProvenClient } from '../outside.ts';
import type { Asserted } from './form.ts';
import { granteeOf } from './known-client.ts';
import type { Where } from './presented.ts';

/** A client that asserts itself with a JWT of its own (RFC 7523 §3), as it says. */
export interface AssertedClient {
  readonly jwt: string;
  readonly clientId: string;
  readonly asked: ClientAsked;
}

/** Refuses what is no assertion of a client about itself, or not of the client that the form names. */
export function assertedClient({ jwt, said }: Asserted, clientId: string | null): Result<AssertedClient, 'invalid_client'> {
  if (said === null || said.issuer !== said.subject || (clientId !== null && clientId !== said.issuer)) return refuse('invalid_client');
  const { issuer } = said;
  const asked = { client_id: issuer, key_hash: null, domain: isAgentId(issuer) ? null : domainOf(issuer), spent: assertionDigest(said) };
  return ok({ jwt, clientId: issuer, asked });
}

/** Verifies it with the keys that the agent registered, or with those of the document that its client id is the address of. */
export async function proveAsserted(
  { jwt, clientId, asked }: AssertedClient,
  { client, spent }: ClientFacts,
  outside: Outside,
  { desk, now }: Where,
  endpoints: readonly string[] = [tokenEndpoint(desk.origin)],
): Promise<Result<ProvenClient, 'invalid_client'>> {
  // What was used, is of nobody, or of somebody revoked needs no look at anything outside.
  if (spent || client?.status === 'revoked' || (client === null && isAgentId(clientId))) return refuse('invalid_client');
  const isRegistered = client !== null && client.kind !== 'document';
  if (isRegistered && client.keys.length === 0) return refuse('invalid_client');
  const keys = isRegistered ? client.keys : null;
  const proven = await outside.proveClient({ assertion: jwt, clientId, keys, audiences: [desk.origin, ...endpoints], now });
  if (!proven.ok) return refuse('invalid_client', proven.detail === undefined ? {} : { detail: proven.detail });
  invariant(assertionDigest({ issuer: clientId, jti: proven.value.jti }) === asked.spent, 'what was verified is what was looked up');
  return proven;
}

/** The agent that proved itself, made on its first call. The assertion is spent in the same commit. */
export function admitAsserted(
  { asked }: AssertedClient,
  { client, holder }: ClientFacts,
  { clientId, document, expiresAt }: ProvenClient,
  given: Given,
): Result<{ readonly grantee: Grantee; readonly most: readonly string[] | null; readonly changes: Changes }, 'invalid_client'> {
  invariant(asked.spent !== null, 'an assertion is spent');
  const used = spentAssertion(asked.spent, expiresAt);
  if (client !== null) {
    const grantee = granteeOf(client, clientId);
    const most = client.kind === 'document' && client.is_frozen ? whileDisputed : null;
    return grantee ? ok({ grantee, most, changes: used }) : refuse('invalid_client');
  }
  if (document === null) return refuse('invalid_client');
  const organization = membershipByDocument({ method: 'metadata_document', url: clientId }, document.domain, holder);
  const made = newAgent({ kind: 'document', clientId, name: document.name, organization }, given);
  return ok({ grantee: made.grantee, most: null, changes: { ...made.changes, ...used } });
}

export const tokenEndpoint = (origin: string): string => `${origin}/oauth/token`;

/** Who controls the address of a document is what is disputed: until it is decided, it changes nothing about who belongs to the organization. */
const whileDisputed = agentScopes.filter((scope) => !['agents:manage', 'organizations:verify', 'webhooks:manage'].includes(scope));

const isAgentId = (clientId: string): boolean => clientId.startsWith('agt_');
const domainOf = (url: string): string | null => (URL.canParse(url) ? registrableDomain(new URL(url).hostname) : null);
