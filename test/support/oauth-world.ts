/** A desk whose authorization server reaches a pretended outside world, and clients with keys and metadata documents of their own. */
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { type OutsideHosts, pretendOutsideHosts } from './outside-hosts.ts';
import { openTestWorld, type Sent, type TestWorld, type TestWorldOptions } from './world.ts';

export interface OAuthWorld {
  readonly t: TestWorld;
  readonly hosts: OutsideHosts;
  /** Posts a form, each time from another network unless `from` says otherwise. */
  readonly post: (path: string, form: Form, options?: PostOptions) => Promise<Sent>;
  /** Asks the token endpoint. */
  readonly ask: (form: Form, options?: PostOptions) => Promise<Sent>;
  /** A new client with an Ed25519 key; its document stands at `url`, which is of a new domain unless it is given. */
  readonly client: (url?: string, more?: object) => Promise<OAuthClient>;
  /** The access token that a client gets, with whatever else it asks for. */
  readonly tokenOf: (client: OAuthClient, form?: Form) => Promise<string>;
}

/** Of a JWT; one that is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>;
export type Form = Readonly<Record<string, string | readonly string[] | undefined>>;
export interface PostOptions {
  readonly headers?: Record<string, string>;
  readonly from?: string;
  readonly host?: string;
}

export interface OAuthClient {
  readonly id: string;
  readonly domain: string;
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
  /** What authenticates it: fresh, for the issuer, for a minute. Claims that are undefined are left out. */
  readonly assertion: (claims?: Claims, header?: Partial<JWTHeaderParameters>) => Promise<string>;
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const agentDocument = '/.well-known/frontdesk-agent.json';

export async function openOAuthWorld(options: TestWorldOptions = {}): Promise<OAuthWorld> {
  const hosts = pretendOutsideHosts();
  const t = await openTestWorld({ fetchOutside: hosts.fetch, ...options });
  const post: OAuthWorld['post'] = (path, form, { headers = {}, from = freshNetwork(), host } = {}) => {
    const body = new URLSearchParams(Object.entries(form).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each])));
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return t.send('POST', path, {
      ...{ from, idempotencyKey: null, body: body.toString() },
      headers: { ...type, ...headers },
      ...(host === undefined ? {} : { host }),
    });
  };
  const ask: OAuthWorld['ask'] = (form, given) => post('/oauth/token', form, given);

  async function client(url?: string, more: object = {}): Promise<OAuthClient> {
    const id = url ?? `https://${freshDomainName()}${agentDocument}`;
    const made = await clientOf(id, () => t.world.deps.now());
    hosts.publish(id, { client_id: id, client_name: 'An agent', jwks: { keys: [made.publicJwk] }, ...more });
    return made;
  }
  return {
    ...{ t, hosts, post, ask, client },
    async tokenOf(of, form = {}) {
      const { status, body } = await ask({ ...(await credentialsOf(of)), ...form });
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body.access_token;
    },
  };
}

/** A client with a key of its own that nothing was published of. */
export async function clientOf(id: string, now: () => Date, issuer = 'http://localhost'): Promise<OAuthClient> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)]);
  return {
    ...{ id, privateKey, privateJwk, publicJwk },
    domain: URL.canParse(id) ? new URL(id).hostname : '',
    assertion(claims = {}, header = {}) {
      const at = Math.floor(now().getTime() / 1000);
      const usual = { iss: id, sub: id, aud: issuer, iat: at, exp: at + 60, jti: crypto.randomUUID() };
      return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'EdDSA', ...header }).sign(privateKey);
    },
  };
}

/** A `client_credentials` request by an assertion of the client. */
export async function credentialsOf(client: OAuthClient, claims: Claims = {}, header: Partial<JWTHeaderParameters> = {}) {
  const client_assertion = await client.assertion(claims, header);
  return { grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion };
}

/** What a token says, unverified. */
export function claimsIn(jwt: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

let domains = 0;
export const freshDomainName = (): string => `agents-${++domains}-${crypto.randomUUID().slice(0, 8)}.example`;
let networks = 0;
/** An address in a /24 that no call came from yet. */
export const freshNetwork = (): string => `10.${Math.floor(++networks / 250) + 1}.${networks % 250}.7`;
