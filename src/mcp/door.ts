import { refuse } from '../domain/result.ts';
import type { Call } from '../operations/call.ts';
import type { Desk } from '../operations/desk.ts';
import type { Operation } from '../operations/operation.ts';
import type { Deps } from '../operations/perform.ts';
import { problemOf } from '../operations/problem.ts';
import { type Denial, denialResponse, problemResponse, rpcError } from './answers.ts';
import { callTool } from './call-tool.ts';
import { instructionsFor } from './instructions.ts';
import { isWelcomeOrigin } from './origin.ts';
import { answerMessage, toolServer } from './protocol.ts';
import { readMessage } from './read-message.ts';
import { toolsOf } from './tools.ts';

export interface McpDoorOptions {
  /** Those with `mcp: true` become tools, in this order. */
  readonly operations: readonly Operation[];
  readonly deps: Deps;
  /** Version of this deployment, shown to clients. */
  readonly version: string;
  /** Told of a broken invariant; the caller sees `internal` and the request id. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

const maxBodyBytes = 256 * 1024;
const path = '/mcp';

/**
 * The MCP door: stateless Streamable HTTP, protocol revisions 2026-07-28 and 2024-10-07 to 2025-11-25, answers always JSON.
 * Failures of a tool are its result (`isError`, the problem document as text); only 401 (`auth.*`) and 403 (`scope.missing`) are
 * HTTP statuses with `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1). What the protocol itself forbids is a JSON-RPC error.
 * `call`: what is known of the caller; an idempotency key in it is ignored, since over MCP it is an argument. Make the door once.
 */
export function mcpDoor(options: McpDoorOptions): (request: Request, call: Call) => Promise<Response> {
  const { deps, onBug, version } = options;
  const operations = new Map(options.operations.filter(({ mcp }) => mcp).map((operation) => [operation.name, operation]));
  const instructions = instructionsFor([...operations.keys()]);
  const tools = once(() => toolsOf(options.operations));

  return async (request, caller) => {
    const call = withoutKey(caller);
    const url = new URL(request.url);
    const desk = await deps.desks.find(call.host);
    if (!desk)
      return problemResponse(problemOf(refuse('tenant.unknown'), { origin: url.origin, requestId: call.requestId, instance: path }));
    if (request.method !== 'POST') return notAllowed(desk, call);
    if (!isWelcomeOrigin(request.headers.get('origin'), url, desk.origin)) return rpcError(403, -32000, 'Origin not allowed.');

    const read = await readMessage(request, maxBodyBytes);
    if (!read.ok) return read.response;
    const exchange: { denial?: Denial } = {};
    const response = await answerMessage(request, read.message, () =>
      toolServer({ version, instructions, tools }, (name) => {
        const operation = operations.get(name);
        if (!operation) return undefined;
        return async (args) => {
          const answer = await callTool(operation, { deps, call, desk, path, onBug }, args);
          if (answer.denial) exchange.denial = answer.denial;
          return answer.result;
        };
      }),
    );
    return exchange.denial ? denialResponse(exchange.denial) : response;
  };
}

function notAllowed(desk: Desk, { requestId }: Call): Response {
  return problemResponse(problemOf(refuse('method.not_allowed'), { origin: desk.origin, requestId, instance: path }), { Allow: 'POST' });
}

function withoutKey({ idempotencyKey: _, ...call }: Call): Call {
  return call;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
