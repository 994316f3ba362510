import { ok, type Result, refuse } from '../domain/result.ts';
import { readBytes } from './read-bytes.ts';

/**
 * A posted form: `application/x-www-form-urlencoded` and nothing else, so that what a page of another site can send as text or JSON is
 * never read as one.
 */
export async function readForm(
  request: Request,
): Promise<Result<URLSearchParams, 'media.unsupported' | 'body.too_large' | 'request.malformed'>> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get('Content-Type') ?? '')) return refuse('media.unsupported');
  const bytes = await readBytes(request, maxFormBytes);
  if (bytes === null) return refuse('body.too_large', { detail: `At most ${maxFormBytes} bytes.` });
  try {
    return bytes === undefined ? refuse('request.malformed') : ok(new URLSearchParams(utf8.decode(bytes)));
  } catch {
    return refuse('request.malformed');
  }
}

const maxFormBytes = 16_384;
const utf8 = new TextDecoder('utf-8', { fatal: true });
