import { LineSplitter } from '../../src/domain/verification/line-splitter.ts';

/** The lines of a stream of UTF-8 bytes, without their newlines. A line that is too long is cut a little above the limit, and is the last. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    yield* splitter.take(decoder.decode(chunk, { stream: true }));
    if (splitter.isOver) break;
  }
  yield* splitter.take(decoder.decode());
  yield* splitter.end();
}
