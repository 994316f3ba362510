/** Server-sent events as bytes (WHATWG HTML §9.2.5). No field can hold a line break: data is JSON, the rest is ours. */

/** One event, or with `retry` alone the pause before a reconnection, in milliseconds. */
export function frame(fields: {
  readonly id?: number;
  readonly event?: string;
  readonly data?: object;
  readonly retry?: number;
}): Uint8Array {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}\n`);
  return utf8.encode(`${lines.join('')}\n`);
}

/** A piece of a page, on one line. It has no type, so that it is put in place as it comes. */
export const htmlFrame = (id: number, html: string): Uint8Array => utf8.encode(`id: ${id}\ndata: ${html.replace(/[\r\n]+/g, ' ')}\n\n`);

/** A line that readers ignore. */
export const comment = (text: string): Uint8Array => utf8.encode(`: ${text}\n\n`);

/** As many of the first as fit into `bytes`, at least one, as one chunk. */
export function joined(chunks: readonly Uint8Array[], bytes: number): { chunk: Uint8Array; rest: Uint8Array[] } {
  let [count, size] = [0, 0];
  for (const { byteLength } of chunks) {
    if (count > 0 && size + byteLength > bytes) break;
    count += 1;
    size += byteLength;
  }
  const chunk = new Uint8Array(size);
  let at = 0;
  for (const each of chunks.slice(0, count)) {
    chunk.set(each, at);
    at += each.byteLength;
  }
  return { chunk, rest: chunks.slice(count) };
}

const utf8 = new TextEncoder();
