import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Desk } from './desk.ts';
import { expect, fail, granted } from './expectations.ts';
import type { Narrator, Say } from './narrator.ts';

/**
 * An agent that nobody registered: it has a key, and a document at an address of its own that says so. One call gets it a token, the
 * second a workspace and a referral in its own name. Safe to repeat: each time it is another agent, and its workspace ends within the hour.
 */
export async function keyStory(desk: Desk, origin: string, { step, skip }: Narrator): Promise<void> {
  if (!['localhost', '127.0.0.1'].includes(new URL(origin).hostname)) {
    return skip('Come with a key of its own', 'the document of this demo is served on this machine, where that server cannot read it');
  }
  const agent = await step('Make a key, and publish who holds it', publish);
  try {
    const token = await step('Call 1: get a token with it', (say) => getToken(agent, origin, desk.door, say));
    await step('Call 2: provision in its own name', (say) => provisionAs(desk, token, say));
  } finally {
    agent.server.close();
  }
}

interface Agent {
  /** Address of its metadata document: its client id. */
  readonly clientId: string;
  readonly privateKey: CryptoKey;
  readonly kid: string;
  readonly server: Server;
}

/** The document of draft-ietf-oauth-client-id-metadata-document, served from this process. */
async function publish(say: Say): Promise<Agent> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519');
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' };
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ client_id: clientId, client_name: 'Calder scout', jwks: { keys: [jwk] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clientId = `http://127.0.0.1:${(server.address() as AddressInfo).port}/agents/scout.json`;
  say('client id', clientId);
  say('key', `Ed25519, kid ${kid}`);
  return { clientId, privateKey, kid, server };
}

/** OAuth 2.1: client credentials with an assertion that the agent signed itself (RFC 7523 §2.2). */
async function getToken({ clientId, privateKey, kid }: Agent, origin: string, door: Desk['door'], say: Say): Promise<string> {
  const metadata = await readJson(await fetch(`${origin}/.well-known/oauth-authorization-server`));
  const { issuer, token_endpoint } = metadata;
  expect(typeof issuer === 'string' && typeof token_endpoint === 'string', 'The authorization server does not say where tokens are got.');
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(privateKey);
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    resource: door === 'MCP' ? `${issuer}/mcp` : issuer,
    scope: 'workspaces:provision workspaces:write referrals:create',
  });
  const answer = await readJson(await fetch(token_endpoint, { method: 'POST', body }));
  const { access_token, expires_in, scope } = answer;
  expect(typeof access_token === 'string', `No token was given: ${JSON.stringify(answer)}`);
  say('token', `${access_token.slice(0, 12)}${'•'.repeat(8)}, good for ${expires_in} s`);
  say('scopes', String(scope));
  return access_token;
}

async function provisionAs(desk: Desk, token: string, say: Say): Promise<void> {
  const prospect = { name: 'Calder Instruments', domain: 'calder-instruments.example' };
  const asked = { idempotency_key: randomUUID(), prospect, ttl_hours: 1 };
  const { body } = granted(await desk.call('provision_workspace', asked, { key: token }), 'Provisioning with a token');
  const { workspace, referral, attribution } = body;
  expect(workspace, 'There is no workspace.');
  expect(attribution.outcome === 'attributed' && referral, `Nobody was credited: ${attribution.outcome}.`);
  say('workspace', workspace.id);
  say('referral', `${referral.id} ${referral.status}`);
  say('credited', `${referral.organization_id}, which this key made: its rewards wait until it proves a domain`);
}

async function readJson(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const answer: unknown = await response.json().catch(() => null);
  return typeof answer === 'object' && answer !== null ? { ...answer } : fail(`${response.url} did not answer JSON.`);
}
