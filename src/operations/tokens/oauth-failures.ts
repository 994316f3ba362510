import type { Refusal } from '../../domain/result.ts';

/**
 * What endpoints of OAuth refuse with, in its own words (RFC 6749 §5.2, RFC 8707 §2, RFC 9449 §5, RFC 8628 §3.5), and with which status.
 * Descriptions are constants: nothing of a caller is repeated in them.
 */
export const oauthFailures = {
  invalid_request: { status: 400, description: 'A parameter is missing, malformed, repeated or does not go with the others.' },
  invalid_client: { status: 401, description: 'The client is not known, or what it showed does not prove that it is that client.' },
  invalid_grant: { status: 400, description: 'The assertion is not valid: malformed, expired, used before, or not for this server.' },
  unauthorized_client: { status: 400, description: 'This client gets no access token: it uses its key as it is.' },
  unsupported_grant_type: { status: 400, description: 'This grant type is not offered; grant_types_supported of the metadata names them.' },
  invalid_scope: { status: 400, description: 'None of the scopes can be granted to this client.' },
  invalid_target: { status: 400, description: 'The resource is none of this server: it is the origin, or the origin with /mcp.' },
  invalid_dpop_proof: { status: 400, description: 'The DPoP proof is not valid, or was used before.' },
  authorization_pending: { status: 400, description: 'Nobody has approved it yet: ask again after the interval.' },
  slow_down: { status: 400, description: 'Asked too often: wait five seconds longer each time.' },
  expired_token: { status: 400, description: 'It has expired: begin again.' },
  unsupported_response_type: { status: 400, description: 'Agents ask for themselves, at the token endpoint: nobody is sent here.' },
  access_denied: { status: 400, description: 'It was refused.' },
  temporarily_unavailable: { status: 503, description: 'Wait as long as Retry-After says and ask again.' },
  server_error: { status: 500, description: 'Something went wrong on our side.' },
} as const satisfies Record<string, { readonly status: number; readonly description: string }>;

export type OAuthCode = keyof typeof oauthFailures;

export interface OAuthFailure {
  readonly status: number;
  readonly error: OAuthCode;
  readonly description: string;
  readonly retryAfterS: number | null;
}

/** A refusal as an endpoint of OAuth tells it; one of the pipeline in the word of OAuth that is nearest. */
export function oauthFailureOf(refusal: Refusal): OAuthFailure {
  const retryAfterS = refusal.retryAfterS ?? null;
  const { code } = refusal;
  if (isOAuthCode(code)) return { ...said(code), description: refusal.detail ?? oauthFailures[code].description, retryAfterS };
  switch (code) {
    case 'request.invalid':
    case 'request.malformed':
      return { ...said('invalid_request'), retryAfterS };
    // Without a credential there is nothing else that a call could have used up before.
    case 'auth.invalid':
      return { ...said('invalid_dpop_proof'), retryAfterS };
    case 'rate.limited':
      return { ...said('temporarily_unavailable'), status: 429, retryAfterS };
    case 'ledger.busy':
    case 'upstream.unavailable':
      return { ...said('temporarily_unavailable'), retryAfterS: retryAfterS ?? 1 };
    default:
      return { ...said('server_error'), retryAfterS };
  }
}

function said(error: OAuthCode): Pick<OAuthFailure, 'error' | 'status' | 'description'> {
  return { error, ...oauthFailures[error] };
}

function isOAuthCode(code: string): code is OAuthCode {
  return Object.hasOwn(oauthFailures, code);
}
