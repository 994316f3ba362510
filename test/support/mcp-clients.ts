import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export type Fetch = (request: Request) => Promise<Response>;

/** What both official clients can do, in one shape. */
export interface McpClient {
  readonly instructions: string | undefined;
  readonly serverName: string | undefined;
  /** As negotiated with the server. */
  readonly protocolVersion: string | undefined;
  tools(): Promise<readonly McpTool[]>;
  call(name: string, args?: Record<string, unknown>): Promise<McpResult>;
  close(): Promise<void>;
}

export interface McpTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

export interface McpResult {
  readonly text: string;
  readonly structured: unknown;
  readonly isError: boolean;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
}

export interface McpConnection {
  readonly url: string;
  readonly fetch: Fetch;
  readonly headers?: Record<string, string>;
}

/** Connects an official client of either era. Both validate every `structuredContent` against the tool's output schema. */
export const connectMcp = { legacy: connectLegacy, modern: connectModern } as const;

/** `@modelcontextprotocol/sdk`: revisions up to 2025-11-25, with the handshake. */
async function connectLegacy(connection: McpConnection): Promise<McpClient> {
  const client = new LegacyClient({ name: 'legacy-test', version: '1' });
  const transport = new LegacyTransport(new URL(connection.url), transportOptions(connection));
  // The transport types its optional session id as `string | undefined`, which `exactOptionalPropertyTypes` tells apart.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    protocolVersion: transport.protocolVersion,
    tools: async () => (await client.listTools()).tools,
    call: async (name, args = {}) => resultOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

/** `@modelcontextprotocol/client`, held to revision 2026-07-28: no handshake, every request stands alone. */
async function connectModern(connection: McpConnection): Promise<McpClient> {
  const client = new ModernClient({ name: 'modern-test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(connection.url), transportOptions(connection)));
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    protocolVersion: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools,
    call: async (name, args = {}) => resultOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

function transportOptions({ fetch, headers = {} }: McpConnection) {
  return { fetch: (url: string | URL, init?: RequestInit) => fetch(new Request(url, init)), requestInit: { headers } };
}

function resultOf(result: Readonly<Record<string, unknown>>): McpResult {
  const content = Array.isArray(result.content) ? result.content : [];
  return {
    text: content.map(({ text }: { text?: string }) => text ?? '').join(''),
    structured: result.structuredContent,
    isError: result.isError === true,
    meta: typeof result._meta === 'object' && result._meta !== null ? { ...result._meta } : undefined,
  };
}
