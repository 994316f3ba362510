/**
 * A provider of identities without a network: discovery, authorization, token, keys and userinfo of OpenID Connect Core 1.0, spoken over a
 * guarded fetch. A test changes what it says by `told`.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type GuardedFetch, guard, type Inbound, type Outbound } from '../../src/access/guarded-fetch.ts';

export interface OidcProvider {
  readonly issuer: string;
  readonly settings: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string };
  readonly fetch: GuardedFetch;
  /** The person signs in there: answers the query with which the browser is sent back. */
  authorize(location: string): string;
  /** What the next ID tokens say otherwise than they should; undefined takes a claim away. */
  told: { claims?: Record<string, unknown>; key?: CryptoKey; down?: boolean };
  /** Who signs in. */
  subject: { sub: string; email?: string; email_verified?: boolean };
  /** Where it says the address only when it is asked. */
  userinfo: { email: string; email_verified: boolean } | null;
  /** How often it was asked for anything. */
  asked: number;
  /** How often a code was redeemed or tried to be. */
  redeemed: number;
}

export async function openOidcProvider(now: () => Date, issuer = 'https://id.example'): Promise<OidcProvider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig' };
  const kid = await calculateJwkThumbprint(jwk);
  const settings = { issuer, clientId: 'desk', clientSecret: 'a secret of the desk' };
  const codes = new Map<string, URLSearchParams>();

  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
  };

  async function redeem(body: URLSearchParams, authorization: string): Promise<[number, object]> {
    provider.redeemed += 1;
    const asked = codes.get(body.get('code') ?? '');
    codes.delete(body.get('code') ?? '');
    const verifier = new TextEncoder().encode(body.get('code_verifier') ?? '');
    const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', verifier)).toString('base64url');
    const basic = `Basic ${btoa(`${settings.clientId}:${encodeURIComponent(settings.clientSecret).replaceAll('%20', '+')}`)}`;
    if (authorization !== basic) return [401, { error: 'invalid_client' }];
    if (!asked || asked.get('code_challenge') !== challenge || asked.get('redirect_uri') !== body.get('redirect_uri')) {
      return [400, { error: 'invalid_grant' }];
    }
    const at = Math.floor(now().getTime() / 1000);
    const usual = { iss: issuer, aud: settings.clientId, iat: at, exp: at + 300, nonce: asked.get('nonce'), ...provider.subject };
    const claims = JSON.parse(JSON.stringify({ ...usual, ...provider.told.claims }));
    const id_token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(provider.told.key ?? privateKey);
    return [200, { access_token: 'for userinfo', token_type: 'Bearer', expires_in: 300, id_token }];
  }

  async function answer({ url, method, headers, body }: Outbound): Promise<[number, object]> {
    switch (`${method} ${url.pathname}`) {
      case 'GET /.well-known/openid-configuration':
        return [200, metadata];
      case 'GET /keys':
        return [200, { keys: [{ ...jwk, kid }] }];
      case 'POST /token':
        return redeem(new URLSearchParams(body), headers.get('authorization') ?? '');
      case 'GET /userinfo':
        return headers.get('authorization') === 'Bearer for userinfo'
          ? [200, { sub: provider.subject.sub, ...provider.userinfo }]
          : [401, {}];
      default:
        return [404, {}];
    }
  }

  const provider: OidcProvider = {
    issuer,
    settings,
    told: {},
    subject: { sub: 'subject-1', email: 'ada@example.com', email_verified: true },
    userinfo: null,
    asked: 0,
    redeemed: 0,
    fetch: guard([], {
      resolve: async () => ['93.184.216.34'],
      async send(outbound): Promise<Inbound> {
        provider.asked += 1;
        if (provider.told.down || outbound.url.origin !== issuer) throw new Error('no answer');
        const [status, json] = await answer(outbound);
        return {
          status,
          headers: new Headers({ 'content-type': 'application/json' }),
          chunks: chunksOf(JSON.stringify(json)),
          encoded: false,
        };
      },
    }),
    authorize(location) {
      const asked = new URL(location).searchParams;
      if (asked.get('response_type') !== 'code' || asked.get('code_challenge_method') !== 'S256')
        throw new Error('not a code flow with PKCE');
      const code = crypto.randomUUID();
      codes.set(code, asked);
      return new URLSearchParams({ code, state: asked.get('state') ?? '', iss: issuer }).toString();
    },
  };
  return provider;
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
