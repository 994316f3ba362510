import type { Scope } from '../domain/actor.ts';
import type { Problem } from '../operations/problem.ts';

/** A tool call that HTTP itself must refuse, so that OAuth clients act on it. */
export interface Denial {
  readonly problem: Problem;
  /** The scope that would have been enough. */
  readonly scope: Scope | null;
}

/** 401 or 403 with its challenge (RFC 6750 §3): a caller without a credential is told no error code, only what is needed. */
export function denialResponse({ problem, scope }: Denial, resourceMetadata: string): Response {
  const error = problem.code === 'auth.invalid' ? 'invalid_token' : problem.code === 'scope.missing' ? 'insufficient_scope' : null;
  const challenge = [
    `resource_metadata="${resourceMetadata}"`,
    ...(error === null ? [] : [`error="${error}"`]),
    ...(scope === null ? [] : [`scope="${scope}"`]),
  ].join(', ');
  return problemResponse(problem, { 'WWW-Authenticate': `Bearer ${challenge}` });
}

export function problemResponse(problem: Problem, headers: Record<string, string> = {}): Response {
  return Response.json(problem, { status: problem.status, headers: { ...headers, 'Content-Type': 'application/problem+json' } });
}

/** A JSON-RPC 2.0 error (§5.1) for a message whose id is not known. */
export function rpcError(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
