import { isJsonContentType } from '@modelcontextprotocol/server';
import { rpcError } from './answers.ts';

export type Read = { readonly ok: true; readonly message: unknown } | { readonly ok: false; readonly response: Response };

/** Reads one JSON-RPC message of at most `limit` bytes. Batches are refused: they left the protocol with revision 2025-06-18. */
export async function readMessage(request: Request, limit: number): Promise<Read> {
  if (!isJsonContentType(request.headers.get('content-type'))) return no(415, -32000, 'Send Content-Type: application/json.');
  const bytes = await readBytes(request, limit);
  if (bytes === 'too_large') return no(413, -32000, `The body may have at most ${limit} bytes.`);
  const message = parse(bytes);
  if (message === undefined) return no(400, -32700, 'The body is not JSON in UTF-8.');
  if (Array.isArray(message)) return no(400, -32600, 'Send one message per request; batches are not supported.');
  return { ok: true, message };
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array | 'too_large'> {
  const declared = request.headers.get('content-length');
  if (Number(declared) > limit) return 'too_large';
  if (declared !== null) {
    const all = new Uint8Array(await request.arrayBuffer());
    return all.byteLength > limit ? 'too_large' : all;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    length += next.value.byteLength;
    if (length > limit) {
      void reader?.cancel();
      return 'too_large';
    }
    chunks.push(next.value);
  }
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** `undefined` for what is not JSON: no JSON text means that. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function no(status: number, code: number, message: string): Read {
  return { ok: false, response: rpcError(status, code, message) };
}
