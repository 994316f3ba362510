/** The body of a request; null when it is larger than `most` bytes, whatever Content-Length says, undefined when it broke off. */
export async function readBytes(request: Request, most: number): Promise<Uint8Array<ArrayBuffer> | null | undefined> {
  const announced = request.headers.get('Content-Length');
  if (Number(announced ?? 0) > most) return null;
  // Whoever announces a length sends no more; read at once, which costs a fraction of a stream.
  if (announced === null) return readStream(request, most);
  try {
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.byteLength > most ? null : bytes;
  } catch {
    return undefined;
  }
}

async function readStream({ body }: Request, most: number): Promise<Uint8Array<ArrayBuffer> | null | undefined> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (const reader = body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return joined(chunks, size);
      size += value.byteLength;
      if (size > most) {
        await reader.cancel();
        return null;
      }
      chunks.push(value);
    }
  } catch {
    return undefined;
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
