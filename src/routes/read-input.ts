import { type Issue, ok, type Result, refuse } from '../domain/result.ts';
import { jsonPointer } from '../domain/schema-issues.ts';
import { readBytes } from './read-bytes.ts';

/** Largest body of the API, in bytes. */
export const maxBodyBytes = 262_144;

/** The flat input of an operation over HTTP: path and body, or path and query. A bare array in the body stands for the field `list`. */
export async function readInput(
  request: Request,
  path: Readonly<Record<string, string>>,
  list?: string,
): Promise<Result<Record<string, unknown>>> {
  const given = request.method === 'GET' || request.method === 'HEAD' ? readQuery(request) : await readBody(request, list);
  if (!given.ok) return given;
  const doubled = Object.keys(path).filter((name) => Object.hasOwn(given.value, name));
  if (doubled.length > 0)
    return invalid(doubled.map((name) => ({ pointer: jsonPointer([name]), code: 'unknown_field', message: 'This is said by the path.' })));
  return ok({ ...given.value, ...path });
}

/** A JSON object, read with a limit whatever Content-Length says. No body at all counts as an empty object. */
async function readBody(request: Request, list: string | undefined): Promise<Result<Record<string, unknown>>> {
  const text = await readText(request);
  if (text === null) return tooLarge;
  if (text === undefined) return refuse('request.malformed');
  if (text === '') return ok({});
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(request.headers.get('Content-Type') ?? '')) return refuse('media.unsupported');
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && list !== undefined) return ok({ [list]: value });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return invalid([{ pointer: '', code: 'type', message: 'Expected a JSON object.' }]);
    }
    return ok(Object.fromEntries(Object.entries(value)));
  } catch {
    return refuse('request.malformed');
  }
}

const tooLarge = refuse('body.too_large', { detail: `At most ${maxBodyBytes} bytes.` });

/** The body as text; null when larger than allowed, undefined when it broke off or is not UTF-8. */
async function readText(request: Request): Promise<string | null | undefined> {
  const bytes = await readBytes(request, maxBodyBytes);
  if (!bytes) return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `?a=b` and `?a[b]=c`. A name that comes twice is refused rather than guessed at. */
function readQuery(request: Request): Result<Record<string, unknown>> {
  const at = request.url.indexOf('?');
  if (at === -1) return ok({});
  const flat: Record<string, unknown> = {};
  const nested: Record<string, Record<string, string>> = {};
  const issues: Issue[] = [];
  for (const [name, value] of new URLSearchParams(request.url.slice(at + 1))) {
    const inner = /^([a-z_]{1,64})\[([^\]]{1,64})\]$/.exec(name);
    const group = inner?.[1] ?? '';
    if (inner && !Object.hasOwn(nested, group)) nested[group] = {};
    const [into, key] = inner ? [nested[group] ?? {}, inner[2] ?? ''] : [flat, name];
    if (Object.hasOwn(into, key)) issues.push({ pointer: jsonPointer([name]), code: 'repeated', message: 'Given more than once.' });
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return issues.length > 0 ? invalid(issues.slice(0, 50)) : ok({ ...nested, ...flat });
}

const invalid = (issues: readonly Issue[]) => refuse('request.invalid', { issues });
