import { longestLine } from './export-lines.ts';

/** The lines of a stream of UTF-8 bytes, without their newlines. A line that is too long is cut a little above the limit, and is the last. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  for await (const chunk of chunks) {
    const text = pending + decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      yield text.slice(start, end);
      start = end + 1;
    }
    pending = text.slice(start);
    if (pending.length > longestLine) break;
  }
  pending += decoder.decode();
  if (pending !== '') yield pending.slice(0, longestLine + 1);
}
