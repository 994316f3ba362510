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
  };
}

/**
 * The challenge of a 401 or 403 (RFC 6750 §3, RFC 9728 §5.1): where the protected resource is described, and the scope that is enough.
 * A caller without a credential is told no error code. `resource`: path suffix of its metadata document.
 */
export function challengeOf(refusal: Pick<Refusal, 'code' | 'requiredScope'>, origin: string, resource = ''): string {
  const error = refusal.code === 'auth.invalid' ? 'invalid_token' : refusal.code === 'scope.missing' ? 'insufficient_scope' : null;
  const parts = [
    `resource_metadata="${origin}/.well-known/oauth-protected-resource${resource}"`,
    ...(error === null ? [] : [`error="${error}"`]),
    ...(refusal.requiredScope === undefined ? [] : [`scope="${refusal.requiredScope}"`]),
  ];
  return `Bearer ${parts.join(', ')}`;
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(failures, code);
}
