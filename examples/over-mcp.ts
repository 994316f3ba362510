import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Answer, Answers, Desk, OperationName, Refused } from './desk.ts';

/**
 * The desk over MCP (Streamable HTTP), with the official client. A connection carries one credential in its headers, so there is one
 * for each that is used. Having listed the tools, the client checks every answer against the tool's output schema.
 */
export function overMcp(url: string): Desk {
  const clients = new Map<string | undefined, Client>();
  return {
    door: 'MCP',
    async call(name, args = {}, { key } = {}) {
      const client = clients.get(key) ?? (await connect(url, key));
      clients.set(key, client);
      return client.callTool({ name, arguments: { ...args } }).then(read<Answers[typeof name]>, denied);
    },
    async close() {
      for (const client of clients.values()) await client.close();
    },
  };
}

async function connect(url: string, key: string | undefined): Promise<Client> {
  const client = new Client({ name: 'agent-story', version: '1.0.0' });
  const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  // The SDK declares its optional session id as `string | undefined`, which `exactOptionalPropertyTypes` tells apart.
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  await client.listTools();
  return client;
}

/** A refusal is a result too: `isError`, with the problem document as text. */
function read<T extends Answers[OperationName]>(result: Awaited<ReturnType<Client['callTool']>>): Answer<T> {
  const [first] = Array.isArray(result.content) ? result.content : [];
  if (first?.type !== 'text') throw new Error('The tool answered without text.');
  const { text } = first;
  if (result.isError) return { ok: false, problem: JSON.parse(text) };
  return {
    ok: true,
    body: JSON.parse(text),
    text,
    etag: null,
    replayed: result._meta?.['frontdesk/idempotency_replayed'] === true,
  };
}

/** A credential that is missing, wrong or too weak is told by HTTP, so the client throws. Its message ends with the problem document. */
function denied(error: unknown): Refused {
  if (!(error instanceof StreamableHTTPError) || (error.code !== 401 && error.code !== 403)) throw error;
  return { ok: false, problem: JSON.parse(error.message.slice(error.message.indexOf('{'))) };
}
