/**
 * Every failure a caller can meet: one code, one status, one title, one sentence of advice addressed to an agent.
 * Titles and advice are constants; nothing that a caller supplied is ever repeated in them.
 */
export interface Failure {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503;
  readonly title: string;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  readonly advice: string;
}

export const failures = {
  'request.malformed': {
    status: 400,
    title: 'The request could not be read',
    retryable: false,
    advice: 'Send well-formed JSON in UTF-8 with Content-Type application/json.',
  },
  'request.invalid': {
    status: 400,
    title: 'The request does not match its schema',
    retryable: false,
    advice: 'Fix every entry of errors; each pointer names the field. The schema is at /openapi.json.',
  },
  'idempotency.key_missing': {
    status: 400,
    title: 'An idempotency key is required',
    retryable: false,
    advice:
      'Send a new UUID per intent: the header Idempotency-Key over REST, the argument idempotency_key over MCP. Repeat it only to retry the same intent.',
  },
  'idempotency.key_weak': {
    status: 400,
    title: 'The idempotency key is too weak',
    retryable: false,
    advice: 'Without a credential the key must have at least 22 characters of randomness (128 bits); use a UUID.',
  },
  'auth.required': {
    status: 401,
    title: 'This needs a credential',
    retryable: false,
    advice: 'Send Authorization: Bearer with an API key or a workspace key. Over MCP a workspace tool also takes workspace_key.',
  },
  'auth.invalid': {
    status: 401,
    title: 'The credential is not valid',
    retryable: false,
    advice: 'The key is unknown, expired, rotated or revoked. Use the current one, or ask your principal for a new one.',
  },
  'challenge.required': {
    status: 401,
    title: 'A challenge must be solved first',
    retryable: true,
    advice: 'Solve the challenge and send the answer as Challenge-Response (MCP: challenge_response).',
  },
  'scope.missing': {
    status: 403,
    title: 'The credential lacks a scope',
    retryable: false,
    advice: 'Ask your principal for a credential with the scope named in required_scope.',
  },
  'resource.not_found': {
    status: 404,
    title: 'There is no such resource',
    retryable: false,
    advice: 'Check the id and that your credential belongs to its owner. Foreign and missing resources look the same.',
  },
  'tenant.unknown': {
    status: 404,
    title: 'No vendor is served at this host',
    retryable: false,
    advice: 'Use the origin that the vendor publishes in its capabilities document.',
  },
  'method.not_allowed': {
    status: 405,
    title: 'The method is not allowed here',
    retryable: false,
    advice: 'Use a method named in the Allow header.',
  },
  'resource.conflict': {
    status: 409,
    title: 'The resource is in the way of this request',
    retryable: false,
    advice: 'Read the resource again and decide anew.',
  },
  'state.forbidden': {
    status: 409,
    title: 'The resource is in a state that does not allow this',
    retryable: false,
    advice: 'Read the resource: its status says what is possible now.',
  },
  'terms.changed': {
    status: 409,
    title: 'The program terms have changed',
    retryable: false,
    advice: 'Read the current terms, show their disclosure to your principal, and send the new sha256.',
  },
  'workspace.gone': {
    status: 410,
    title: 'The workspace is gone',
    retryable: false,
    advice: 'It expired or was revoked. Provision a new one; referrals are not affected.',
  },
  'body.too_large': {
    status: 413,
    title: 'The body is too large',
    retryable: false,
    advice: 'Stay below the size given in detail; send rows in several calls.',
  },
  'media.unsupported': {
    status: 415,
    title: 'The content type is not supported',
    retryable: false,
    advice: 'Send Content-Type: application/json.',
  },
  'idempotency.mismatch': {
    status: 422,
    title: 'The idempotency key was used for another request',
    retryable: false,
    advice: 'Use a new key for a new intent; repeat a key only with the very same input.',
  },
  'schema.unsupported': {
    status: 422,
    title: 'The data schema cannot be used',
    retryable: false,
    advice: 'Change the schema at the pointers in errors. Try again with dry_run to see the mapping without creating anything.',
  },
  'attribution.token_invalid': {
    status: 422,
    title: 'The referral token or code is not valid',
    retryable: false,
    advice: 'It is malformed, expired, revoked or of another vendor. Get a new one, or leave it out: nobody is then credited by it.',
  },
  'rate.limited': {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    advice: 'Wait retry_after_s seconds, then repeat the same request with the same idempotency key.',
  },
  'quota.exhausted': {
    status: 429,
    title: 'A quota is used up',
    retryable: false,
    advice: 'Revoke what you no longer need or wait until it expires; a credential raises the quota.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    retryable: true,
    advice: 'Repeat the request with the same idempotency key; if it persists, report the request_id.',
  },
  'ledger.busy': {
    status: 503,
    title: 'The ledger is busy',
    retryable: true,
    advice: 'Wait retry_after_s seconds and repeat the request with the same idempotency key; nothing is recorded twice.',
  },
  'upstream.unavailable': {
    status: 503,
    title: 'A system behind this one does not answer',
    retryable: true,
    advice: 'Wait retry_after_s seconds and repeat the request with the same idempotency key.',
  },
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof failures;
