import type { Challenge } from '../domain/challenge.ts';
import type { Refusal } from '../domain/result.ts';
import { type Failure, type FailureCode, failures } from './failures.ts';

/** An RFC 9457 problem document with this API's extension members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly code: string;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly advice: string;
  readonly errors?: readonly { pointer: string; code: string; message: string }[];
  readonly retry_after_s?: number;
  readonly required_scope?: string;
  readonly next_actions?: readonly { operation: string; method: string; url: string; why: string }[];
  readonly challenge?: Challenge;
}

/** The problem document of a refusal. A code that is not in the table is a bug and shows as `internal`. */
export function problemOf(refusal: Refusal, context: { origin: string; requestId: string; instance?: string }): Problem {
  const code: FailureCode = isFailureCode(refusal.code) ? refusal.code : 'internal';
  const failure: Failure = failures[code];
  return {
    type: `${context.origin}/docs/failures/${code}`,
    title: failure.title,
    status: failure.status,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    ...(context.instance === undefined ? {} : { instance: context.instance }),
    code,
    request_id: context.requestId,
    retryable: failure.retryable,
    advice: failure.advice,
    ...(refusal.issues?.length ? { errors: refusal.issues } : {}),
    ...(refusal.retryAfterS === undefined ? {} : { retry_after_s: refusal.retryAfterS }),
    ...(refusal.requiredScope === undefined ? {} : { required_scope: refusal.requiredScope }),
    ...(refusal.nextActions?.length ? { next_actions: refusal.nextActions } : {}),
    ...(refusal.challenge === undefined ? {} : { challenge: refusal.challenge }),
  };
}

/**
 * The challenge of a 401 or 403 (RFC 6750 §3, RFC 9728 §5.1): where the protected resource is described, and the scope that is enough.
 * Where it is the proof of possession that is missing or wrong, the scheme is DPoP (RFC 9449 §7.1). A caller without a credential is told no
 * error code. `resource`: path suffix of its metadata document.
 */
export function challengeOf(
  refusal: Pick<Refusal, 'code' | 'requiredScope' | 'heldScopes' | 'possession'>,
  origin: string,
  resource = '',
): string {
  const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource${resource}"`;
  if (refusal.possession !== undefined) return `DPoP ${metadata}, error="${refusal.possession}", algs="${proofAlgorithms}"`;
  const error = refusal.code === 'auth.invalid' ? 'invalid_token' : refusal.code === 'scope.missing' ? 'insufficient_scope' : null;
  const parts = [
    metadata,
    ...(error === null ? [] : [`error="${error}"`]),
    ...(refusal.requiredScope === undefined ? [] : [`scope="${[...(refusal.heldScopes ?? []), refusal.requiredScope].join(' ')}"`]),
  ];
  return `Bearer ${parts.join(', ')}`;
}

/** What proofs of possession may be signed with; the metadata of the token endpoint names the same. */
const proofAlgorithms = 'EdDSA Ed25519 ES256 RS256 PS256';

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(failures, code);
}
