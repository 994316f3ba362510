import * as oauth from 'oauth4webapi';
import * as z from 'zod';
import { invariant, ok, type Refusal, refuse } from '../domain/result.ts';
import { normaliseEmail, providerSeconds } from '../domain/sign-in.ts';
import type { SignInPlace, SignInProvider } from '../operations/sign-in-provider.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { seal, unseal } from './seal.ts';

export interface OidcSettings {
  /** As the provider's metadata and ID tokens name it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * One provider of identities, found by its issuer (OpenID Connect Discovery 1.0 §4). Code flow with PKCE S256 (RFC 7636), state, nonce and,
 * where the provider says so, its issuer in the answer (RFC 9207). ID tokens must be signed with a key that the provider publishes. Every
 * request goes through the guarded fetch.
 */
export function openIdProvider({ settings, masterKey, fetchOutside }: OidcDeps): SignInProvider {
  const reach = { [oauth.customFetch]: fetchThrough(fetchOutside), [oauth.allowInsecureRequests]: settings.issuer.startsWith('http:') };
  const metadata = rememberedFor(metadataMs, () => discover(settings.issuer, reach));
  const clientAt = (now: Date): oauth.Client => ({
    client_id: settings.clientId,
    // The library reads the system's clock; here everything goes by one.
    [oauth.clockSkew]: Math.round((now.getTime() - Date.now()) / 1000),
    [oauth.clockTolerance]: 30,
  });

  return {
    async begin({ tenant, origin, now }) {
      try {
        const as = await metadata(now);
        if (as.authorization_endpoint === undefined) return unavailable;
        const kept = {
          state: oauth.generateRandomState(),
          nonce: oauth.generateRandomNonce(),
          verifier: oauth.generateRandomCodeVerifier(),
        };
        const location = new URL(as.authorization_endpoint);
        const query = {
          ...{ response_type: 'code', client_id: settings.clientId, redirect_uri: callbackOf(origin), scope: 'openid email' },
          ...{ state: kept.state, nonce: kept.nonce, code_challenge_method: 'S256' },
          code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
        };
        for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value);
        const until = Math.floor(now.getTime() / 1000) + providerSeconds;
        const text = new TextEncoder().encode(JSON.stringify({ ...kept, until }));
        return ok({ location: location.href, kept: await seal(text, masterKey, owner(tenant)) });
      } catch {
        return unavailable;
      }
    },

    async finish({ tenant, origin, now, answer, kept }) {
      try {
        const mine = await opened(kept, masterKey, tenant, now);
        if (mine === null) return notProven;
        const at: At = { as: await metadata(now), client: clientAt(now), secret: settings.clientSecret, reach };
        const { claims, accessToken } = await redeem(at, { answer, mine, redirectUri: callbackOf(origin) });
        if (claims.sub.length > longestSubject) return notProven;
        const { email, email_verified } = await addressOf(at, claims, accessToken);
        const verified = email_verified === true && typeof email === 'string' ? normaliseEmail(email) : null;
        return ok({ issuer: claims.iss, subject: claims.sub, email: verified });
      } catch (error) {
        return error instanceof Unreachable ? unavailable : notProven;
      }
    },
  };
}

/** The provider that an installation names; undefined where it names none, or nothing is fetched from here. */
export function signInAt(parts: {
  readonly oidc?: OidcSettings | undefined;
  readonly masterKey: Uint8Array;
  readonly fetchOutside?: GuardedFetch;
}): SignInProvider | undefined {
  const { oidc: settings, masterKey, fetchOutside } = parts;
  return settings && fetchOutside && openIdProvider({ settings, masterKey, fetchOutside });
}

export interface OidcDeps {
  readonly settings: OidcSettings;
  readonly masterKey: Uint8Array;
  readonly fetchOutside: GuardedFetch;
}

/** Where the provider sends the browser back to; registered there. */
export function callbackOf(origin: string): string {
  return `${origin}/login/oidc/callback`;
}

const unavailable: Refusal<'upstream.unavailable'> = refuse('upstream.unavailable', { retryAfterS: 30 });
const notProven: Refusal<'auth.invalid'> = refuse('auth.invalid');
const metadataMs = 600_000;
const failedMs = 30_000;
const patienceMs = 10_000;
const longestSubject = 255;

type Reach = { readonly [oauth.customFetch]: CustomFetch; readonly [oauth.allowInsecureRequests]: boolean };
type CustomFetch = (url: string, init: { method: string; headers: Record<string, string>; body?: unknown }) => Promise<Response>;

async function discover(issuer: string, reach: Reach): Promise<oauth.AuthorizationServer> {
  const address = new URL(issuer);
  return oauth.processDiscoveryResponse(address, await oauth.discoveryRequest(address, { algorithm: 'oidc', ...reach }));
}

interface At {
  readonly as: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly secret: string;
  readonly reach: Reach;
}

/** The code for an ID token, every claim and the signature of which were checked (OpenID Connect Core 1.0 §3.1.3.7). Throws otherwise. */
async function redeem(
  { as, client, secret, reach }: At,
  { answer, mine, redirectUri }: { answer: string; mine: Kept; redirectUri: string },
): Promise<{ readonly claims: oauth.IDToken; readonly accessToken: string }> {
  const parameters = oauth.validateAuthResponse(as, client, new URLSearchParams(answer), mine.state);
  const by = authenticationAt(as, secret);
  const response = await oauth.authorizationCodeGrantRequest(as, client, by, parameters, redirectUri, mine.verifier, reach);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: mine.nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(as, response, reach);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  invariant(claims !== undefined, 'an ID token was required');
  return { claims, accessToken: tokens.access_token };
}

/** Some providers say the address in the ID token, the others when they are asked (OpenID Connect Core 1.0 §5.3). */
async function addressOf({ as, client, reach }: At, claims: oauth.IDToken, accessToken: string): Promise<Claims> {
  if (claims.email !== undefined || as.userinfo_endpoint === undefined) return claims;
  const told = await oauth.userInfoRequest(as, client, accessToken, reach);
  return oauth.processUserInfoResponse(as, client, claims.sub, told);
}

type Claims = { readonly [name: string]: unknown };

/** RFC 8414 §2: where nothing is said, `client_secret_basic`. */
function authenticationAt({ token_endpoint_auth_methods_supported: methods }: oauth.AuthorizationServer, secret: string): oauth.ClientAuth {
  return methods === undefined || methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(secret)
    : oauth.ClientSecretPost(secret);
}

/** The provider could not be asked, which says nothing about who is here. */
class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

function fetchThrough(fetchOutside: GuardedFetch): CustomFetch {
  return async (url, { method, headers, body }) => {
    const answer = await fetchOutside({
      ...{ url, headers, method: method === 'POST' ? 'POST' : 'GET', maxBytes: 262_144, timeoutMs: 8000 },
      ...(body === undefined || body === null ? {} : { body: String(body) }),
    });
    if (!answer.ok) throw new Unreachable(answer.reason);
    if (answer.status >= 500) throw new Unreachable(`http_${answer.status}`);
    const { status, headers: told } = answer;
    return new Response(answer.body.length === 0 ? null : new Uint8Array(answer.body), { status, headers: told });
  };
}

const keptForm = z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string(), until: z.int() });
type Kept = z.output<typeof keptForm>;

/** What the browser was given, when it is ours, whole and timely. */
async function opened(sealed: string, masterKey: Uint8Array, tenant: string, now: Date): Promise<Kept | null> {
  const bytes = await unseal(sealed, masterKey, owner(tenant)).catch(() => null);
  if (bytes === null) return null;
  const mine = keptForm.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return mine.until * 1000 > now.getTime() ? mine : null;
}

const owner = (tenant: string) => ({ tenant, kid: 'sign-in at a provider' });

/**
 * What was made last, while it is fresh by the clock of whoever asks; that it failed, for 30 seconds. One is made at a time; one that takes
 * too long is no longer waited for: an edge instance may have been frozen in it.
 */
function rememberedFor<T>(ms: number, make: () => Promise<T>): (now: SignInPlace['now']) => Promise<T> {
  let last: { readonly value: Promise<T>; readonly at: number; freshMs: number } | undefined;
  return (now) => {
    const at = now.getTime();
    if (last !== undefined && at - last.at < last.freshMs) return last.value;
    const one = { value: make(), at, freshMs: patienceMs };
    one.value.then(
      () => (one.freshMs = ms),
      () => (one.freshMs = failedMs),
    );
    last = one;
    return one.value;
  };
}
