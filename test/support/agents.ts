/** Agents, keys and people who were not let in by any door: made where a test needs one in a certain standing. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Role, Tier } from '../../src/domain/actor.ts';
import { keyThumbprint } from '../../src/domain/public-jwk.ts';
import { agentScopes, staffScopes } from '../../src/domain/scopes.ts';
import { formatSecret, secretHash } from '../../src/domain/secret.ts';
import { commitAt, sceneAt } from './qualify.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface MadeAgent {
  readonly agentId: string;
  readonly organizationId: string;
  readonly key: AgentKeyPair;
  /** An access token of ours for the API and MCP, with these scopes; all there are, unless said otherwise. For ten minutes. */
  readonly token: (scopes?: readonly string[], seconds?: number) => Promise<string>;
}

export interface AgentKeyPair {
  readonly jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
  readonly thumbprint: string;
  /** An assertion as for the token endpoint, fresh, for a minute. */
  readonly assertion: (agentId: string, claims?: Readonly<Record<string, unknown>>) => Promise<string>;
}

interface Wanted {
  readonly host?: string;
  readonly tier?: Tier;
  readonly kind?: 'registered' | 'document' | 'anonymous' | 'attested';
  /** Whom it belongs to; otherwise an organization of its own. */
  readonly organizationId?: string;
  readonly name?: string;
  readonly organizationName?: string;
}

/** An agent with a key, in an organization of its own unless one is given. */
export async function madeAgent(t: TestWorld, wanted: Wanted = {}): Promise<MadeAgent> {
  const {
    host = demoHost,
    tier = 'domain_verified',
    kind = 'registered',
    name = 'An agent',
    organizationName = 'An organization',
  } = wanted;
  const { given } = await sceneAt(t, host);
  const organizationId = wanted.organizationId ?? given.newId('org');
  const agentId = given.newId('agt');
  const key = await keyPair(t, host);
  const created_at = given.now.toISOString();
  const agent = { agent_id: agentId, organization_id: organizationId };
  await commitAt(t, host, {
    ...(wanted.organizationId === undefined && {
      organizations: [{ organization_id: organizationId, name: organizationName, domain: null, tier, created_at }],
    }),
    agents: [{ ...agent, name, kind, ...(kind === 'document' && { client_id: `https://${agentId}.example/agent.json` }), created_at }],
    agent_keys: [{ ...agent, thumbprint: key.thumbprint, public_jwk: key.jwk, created_at }],
  });
  const token = (scopes: readonly string[] = [...agentScopes, ...staffScopes], seconds = 600) =>
    tokenFor(t, host, { agentId, organizationId, tier }, scopes, seconds);
  return { agentId, organizationId, key, token };
}

/** A new Ed25519 key that signs assertions for the vendor at `host`. */
export async function keyPair(t: TestWorld, host = demoHost): Promise<AgentKeyPair> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
  const assertion: AgentKeyPair['assertion'] = async (agentId, claims = {}) => {
    const { desk, now } = await sceneAt(t, host);
    const iat = Math.floor(now.getTime() / 1000);
    const usual = { iss: agentId, sub: agentId, aud: desk.origin, iat, exp: iat + 60, jti: crypto.randomUUID() };
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
  };
  return { jwk, thumbprint: keyThumbprint(jwk), assertion };
}

async function tokenFor(
  t: TestWorld,
  host: string,
  { agentId, organizationId, tier }: { agentId: string; organizationId: string; tier: Tier },
  scopes: readonly string[],
  seconds: number,
): Promise<string> {
  const { desk, now, given } = await sceneAt(t, host);
  const iat = Math.floor(now.getTime() / 1000);
  const { tenant: tid, origin } = desk;
  return desk.sign('access_tokens', {
    ...{ iss: origin, aud: [origin, `${origin}/mcp`], sub: agentId, client_id: agentId, tid, org: organizationId, tier },
    ...{ scope: scopes.join(' '), jti: given.newId('tok'), iat, exp: iat + seconds, epoch: 1 },
  });
}

/** The session of a person of this role, as a page calls with it. */
export async function madePerson(
  t: TestWorld,
  role: Role,
  { organizationIds = [], steppedUp = false }: { readonly organizationIds?: readonly string[]; readonly steppedUp?: boolean } = {},
): Promise<{ readonly kind: 'session'; readonly hash: string }> {
  const { given, desk } = await sceneAt(t, demoHost);
  const person_id = given.newId('psn');
  const [at, hash] = [given.now.toISOString(), secretHash(formatSecret('ses', desk.environment, given.random(32)))];
  const none = { name: null, oidc_issuer: null, oidc_subject: null };
  await commitAt(t, demoHost, {
    people: [{ ...none, person_id, email: `${person_id}@people.example`, role, state: 'active', version: 1, created_at: at }],
    memberships: organizationIds.map((organization_id) => ({ person_id, organization_id, granted_by: person_id, granted_at: at })),
  });
  const expires_at = new Date(given.now.getTime() + 3_600_000).toISOString();
  await commitAt(t, demoHost, {
    sessions: [{ session_hash: hash, person_id, created_at: at, expires_at, stepped_up_at: steppedUp ? at : null }],
  });
  return { kind: 'session', hash };
}
