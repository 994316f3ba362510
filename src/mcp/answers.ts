import type { Problem } from '../operations/problem.ts';

/** A tool call that HTTP itself must refuse, so that OAuth clients act on it. */
export interface Denial {
  readonly problem: Problem;
  /** WWW-Authenticate. */
  readonly challenge: string;
}

/** 401 or 403 with its challenge. */
export function denialResponse({ problem, challenge }: Denial): Response {
  return problemResponse(problem, { 'WWW-Authenticate': challenge });
}

export function problemResponse(problem: Problem, headers: Record<string, string> = {}): Response {
  return Response.json(problem, { status: problem.status, headers: { ...headers, 'Content-Type': 'application/problem+json' } });
}

/** A JSON-RPC 2.0 error (§5.1) for a message whose id is not known. */
export function rpcError(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
