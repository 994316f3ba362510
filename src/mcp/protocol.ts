import {
  type CallToolResult,
  createMcpHandler,
  isLegacyRequest,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type Tool,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';

export type CallTool = (args: Readonly<Record<string, unknown>>) => Promise<CallToolResult>;

/** Never asked, since nothing is elicited; named so that no runtime falls back to a validator that generates code. */
const jsonSchemaValidator = new CfWorkerJsonSchemaValidator();

/** A server of these tools for one request: ten microseconds, and nothing of one caller is left for the next. */
export function toolServer(
  about: { readonly version: string; readonly instructions: string; readonly tools: () => readonly Tool[] },
  find: (name: string) => CallTool | undefined,
): Server {
  const server = new Server(
    { name: 'frontdesk', title: 'Frontdesk', version: about.version },
    {
      capabilities: { tools: {} },
      instructions: about.instructions,
      jsonSchemaValidator,
      cacheHints: { 'tools/list': { ttlMs: 300_000, cacheScope: 'public' }, 'server/discover': { ttlMs: 300_000, cacheScope: 'public' } },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: [...about.tools()] }));
  server.setRequestHandler('tools/call', ({ params }) => {
    const call = find(params.name);
    if (!call) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no such tool; tools/list names them.');
    return call(params.arguments ?? {});
  });
  return server;
}

/** Answers one message in the protocol era it speaks: 2026-07-28 (each request stands alone) or the ones with a handshake before it. */
export async function answerMessage(request: Request, message: unknown, serve: () => Server): Promise<Response> {
  if (await isLegacyRequest(request, message)) return answerLegacy(request, message, serve());
  // Without subscriptions: a tool list that never changes has nothing to tell, and a stream would hold the request open.
  return createMcpHandler(serve, { legacy: 'reject', maxSubscriptions: 0 }).fetch(request, { parsedBody: message });
}

/** Stateless and as JSON; the handler of the SDK would answer as an event stream. */
async function answerLegacy(request: Request, message: unknown, server: Server): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: message });
}
