import * as z from 'zod';
import { accessToken, accessTokenSeconds, audienceOf, audienceWithin, grantScopes } from '../../domain/grant.ts';
import { invariant, ok, refuse } from '../../domain/result.ts';
import { defineWrite, type Loads } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { tokenForm } from './form.ts';
import { grants } from './grants.ts';
import { type OAuthCode, oauthFailures } from './oauth-failures.ts';

interface Result {
  readonly error: OAuthCode | null;
  readonly scope: string;
  readonly bound: boolean;
  /** An identity assertion that goes along, to be signed again for the answer. */
  readonly assertion: { readonly kid: string; readonly claims: Readonly<Record<string, unknown>>; readonly expires_at: string } | null;
}

/**
 * The token endpoint (RFC 6749 §3.2): what a caller presents is looked up, proven, and exchanged for an access token, in two round trips.
 * A client that is seen for the first time becomes an agent in the commit that spends its assertion, so that of two calls with one
 * assertion one wins. Refused in the words of OAuth; see `oauth-failures.ts`.
 */
export const issueToken = defineWrite({
  name: 'issue_token',
  title: 'Issue an access token',
  summary: 'Exchange a proof of identity for an access token',
  description: 'Exchanges what a client presents for an access token of ten minutes.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'token' },
  input: tokenForm,
  output: z.union([
    z.strictObject({
      access_token: z.string(),
      token_type: z.enum(['Bearer', 'DPoP']),
      expires_in: z.int(),
      scope: z.string(),
      identity_assertion: z.string().optional(),
      assertion_expires: instant.optional(),
    }),
    // Not yet: RFC 8628 §3.5.
    z.strictObject({ error: z.enum(Object.keys(oauthFailures)) }),
  ]),
  failures: ['upstream.unavailable'],
  sideEffect: 'irreversible',
  keyed: false,

  async inspect(form, desk, now) {
    const audience = audienceOf(form.resource, desk.origin);
    if (!audience.ok) return audience;
    const grant = Object.hasOwn(grants, form.grant_type) ? grants[form.grant_type] : undefined;
    if (grant === undefined) return refuse('unsupported_grant_type');
    // A desk of an older release has no key for tokens until its vendor file is applied again.
    if (!desk.canSign('access_tokens')) return refuse('temporarily_unavailable', { retryAfterS: 3600 });
    const presented = await grant(form, { desk, now });
    return presented.ok ? ok({ presented: presented.value }) : presented;
  },
  load: (queries, { found }): Loads => found.presented.load(queries),
  prove: (facts, { found }, outside) => found.presented.prove(facts, outside),

  decide(facts, { input, desk, found, proven }, given) {
    const admission = found.presented.admit(facts, proven, given);
    if (!admission.ok) return admission;
    if (!admission.value.admitted) {
      const { error, changes } = admission.value;
      const result: Result = { error, scope: '', bound: false, assertion: null };
      return ok({ changes, result, ...(Object.keys(changes).length === 0 ? nothingWritten : {}) });
    }
    const { grantee, most, keyId, resource = null, changes, assertion } = admission.value;
    const audience = audienceWithin(input.resource, resource, desk.origin);
    if (!audience.ok) return audience;
    const scopes = grantScopes(input.scope, grantee.tier, most);
    if (!scopes.ok) return scopes;
    const granted = { scopes: scopes.value, audience: audience.value, keyId, jkt: input.dpop_jkt };
    const result: Result = {
      error: null,
      scope: scopes.value.join(' '),
      bound: input.dpop_jkt !== null,
      assertion: assertion ? { kid: desk.signingKid('assertions'), claims: assertion.claims, expires_at: assertion.expiresAt } : null,
    };
    return ok({
      sign: { token: accessToken(desk, grantee, granted, given) },
      finish: ({ token = '' }: { readonly token?: string }) => ({
        changes,
        result,
        shown: token,
        ...(Object.keys(changes).length === 0 ? nothingWritten : {}),
      }),
    });
  },

  async view({ error, scope, bound, assertion }, { desk }, _replay, shown) {
    if (error !== null) return { error };
    invariant(shown !== undefined, 'a token was signed');
    const identity = assertion && (await desk.signAgain('assertions', assertion.claims, assertion.kid));
    return {
      access_token: shown,
      token_type: bound ? ('DPoP' as const) : ('Bearer' as const),
      expires_in: accessTokenSeconds,
      scope,
      ...(identity && assertion ? { identity_assertion: identity, assertion_expires: assertion.expires_at } : {}),
    };
  },
});

const nothingWritten = { dry: true } as const;
