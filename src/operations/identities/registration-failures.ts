import type { Refusal } from '../../domain/result.ts';

/**
 * What registration and its claim refuse with, in the words of auth.md v0.7.0, and with which status. Descriptions are constants: nothing
 * of a caller is repeated in them.
 */
export const registrationFailures = {
  invalid_request: {
    status: 400,
    description: 'A field is missing, unknown or malformed, or what was shown as a proof proves nothing. The fields are in /auth.md.',
  },
  issuer_not_enabled: { status: 400, description: 'Assertions of this issuer are not believed here.' },
  interaction_required: {
    status: 401,
    description: 'Nobody here is known by this assertion yet: a person has to link the agent with a user code.',
  },
  invalid_claim_token: { status: 400, description: 'The claim token is not known.' },
  claim_expired: { status: 410, description: 'The registration can no longer be claimed: register again.' },
  claimed_or_in_flight: {
    status: 409,
    description: 'The registration was claimed already: collect the new credentials at the token endpoint.',
  },
  rate_limited: { status: 429, description: 'Too many requests: wait as long as Retry-After says.' },
  not_found: { status: 404, description: 'No vendor is served at this host.' },
  temporarily_unavailable: { status: 503, description: 'Wait as long as Retry-After says and ask again.' },
  server_error: { status: 500, description: 'Something went wrong on our side.' },
} as const satisfies Record<string, { readonly status: number; readonly description: string }>;

export type RegistrationCode = keyof typeof registrationFailures;

export interface RegistrationFailure {
  readonly status: number;
  readonly error: RegistrationCode;
  readonly description: string;
  /** In seconds. */
  readonly retryAfterS: number | null;
}

/** A refusal as these endpoints tell it; one of the pipeline in the word that is nearest. */
export function registrationFailureOf(refusal: Refusal): RegistrationFailure {
  const error = wordFor(refusal.code);
  const { status, description } = registrationFailures[error];
  return {
    ...{ error, status },
    description: isOurs(refusal.code) ? (refusal.detail ?? description) : description,
    retryAfterS: refusal.retryAfterS ?? (status === 503 ? 1 : null),
  };
}

function wordFor(code: string): RegistrationCode {
  if (isOurs(code)) return code;
  switch (code) {
    case 'request.invalid':
    case 'request.malformed':
    case 'media.unsupported':
    case 'body.too_large':
    // No credential is looked at: what was not valid is a proof in the body. The last two are words of the token endpoint for the same.
    case 'auth.invalid':
    case 'invalid_grant':
    case 'invalid_client':
      return 'invalid_request';
    case 'rate.limited':
    case 'quota.exhausted':
      return 'rate_limited';
    case 'tenant.unknown':
      return 'not_found';
    case 'ledger.busy':
    case 'upstream.unavailable':
      return 'temporarily_unavailable';
    default:
      return 'server_error';
  }
}

function isOurs(code: string): code is RegistrationCode {
  return Object.hasOwn(registrationFailures, code);
}
