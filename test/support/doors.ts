/** Calls an operation of the catalogue at a door, and holds every answer against what the operation declares. */
import type { Operation } from '../../src/operations/operation.ts';
import { offenceOf } from './contract.ts';
import type { SendOptions, Sent, TestWorld } from './world.ts';

export type DoorName = 'rest' | 'mcp';

export interface CallOptions extends Omit<SendOptions, 'body'> {
  /** Sent as it is instead of the JSON of the input; REST only. */
  readonly raw?: string;
  /** JSON text that goes where the input holds `literalMark`: what no JavaScript value is written as. */
  readonly literal?: string;
}

export const literalMark = 'a literal stands here';

/** What a door answered, in one shape. */
export interface Called {
  readonly ok: boolean;
  /** Of HTTP; over MCP 200 for most failures. */
  readonly status: number;
  readonly headers: Headers;
  /** The answer or the problem document, as text. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  readonly body: any;
  readonly replayed: boolean;
}

type Input = Readonly<Record<string, unknown>>;

/** One call. Rejects when the answer is neither a declared failure in the form of a problem document nor an answer that fits its schema. */
export async function callAt(door: DoorName, t: TestWorld, operation: Operation, input: Input, options: CallOptions = {}): Promise<Called> {
  const called = door === 'rest' ? await overRest(t, operation, input, options) : await overMcp(t, operation, input, options);
  const offence = offenceOf(door, operation, called);
  if (offence !== null) throw new Error(`the answer of ${operation.name} over ${door} ${offence}\n${called.text.slice(0, 600)}`);
  return called;
}

export const doorsOf = ({ rest, mcp }: Operation): readonly DoorName[] => [
  ...(rest ? ['rest' as const] : []),
  ...(mcp ? ['mcp' as const] : []),
];

export const isKeyed = ({ kind, keyed }: Operation): boolean => kind === 'write' && keyed !== false;

/** A problem document without what differs from request to request and from door to door. */
export function problemOnly({ body }: Called): Record<string, unknown> {
  const { request_id: _, instance: __, ...problem } = body;
  return problem;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  /** Absent where everything is said by the address. */
  readonly body?: Record<string, unknown>;
}

/** The HTTP request of an input: path and query, or path and body. */
export function requestOf({ name, rest }: Operation, input: Input): Request {
  if (!rest) throw new Error(`${name} has no REST door`);
  const inPath = new Set<string>();
  const path = rest.path.replace(/\{(\w+)\}/g, (_, field: string) => {
    inPath.add(field);
    return encoded(input[field]);
  });
  const others = Object.entries(input).filter(([field]) => !inPath.has(field));
  const method = rest.method.toUpperCase();
  if (rest.method === 'get') return { method, path: others.length === 0 ? path : `${path}?${others.map(asQuery).join('&')}` };
  return others.length === 0 && rest.method === 'delete' ? { method, path } : { method, path, body: Object.fromEntries(others) };
}

/** One `tools/call` of the handshake era, as JSON-RPC. */
export function toolCall(name: string, args: unknown) {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
}

export const mcpHeaders = { Accept: 'application/json, text/event-stream' };

async function overRest(t: TestWorld, operation: Operation, input: Input, { raw, literal, ...options }: CallOptions): Promise<Called> {
  const { method, path, body } = requestOf(operation, input);
  const text = raw ?? (body ? written(body, literal) : undefined);
  const sent = await t.send(method, path, { ...options, ...(text === undefined ? {} : { body: text }) });
  return { ...sent, ok: sent.status < 300, replayed: sent.headers.get('Idempotency-Replayed') === 'true' };
}

async function overMcp(t: TestWorld, operation: Operation, input: Input, options: CallOptions): Promise<Called> {
  const { idempotencyKey, headers, raw: _, literal, ...others } = options;
  const keyed = isKeyed(operation) && idempotencyKey !== null;
  const args = { ...input, ...(keyed ? { idempotency_key: idempotencyKey ?? crypto.randomUUID() } : {}) };
  const body = written(toolCall(operation.name, args), literal);
  const sent = await t.send('POST', '/mcp', { ...others, idempotencyKey: null, headers: { ...mcpHeaders, ...headers }, body });
  return answerOf(sent);
}

function written(value: object, literal: string | undefined): string {
  const text = JSON.stringify(value);
  return literal === undefined ? text : text.replace(JSON.stringify(literalMark), () => literal);
}

/** What a `tools/call` answered; a JSON-RPC error or a problem of HTTP stands for itself. */
export function answerOf(sent: Sent): Called {
  const result = sent.body?.result;
  if (sent.status !== 200 || result === undefined) return { ...sent, ok: false, replayed: false };
  const text: string = result.content[0].text;
  const ok = result.isError !== true;
  if (ok && JSON.stringify(result.structuredContent) !== JSON.stringify(JSON.parse(text))) throw new Error('text and structure differ');
  return { ...sent, ok, text, body: JSON.parse(text), replayed: result._meta?.['frontdesk/idempotency_replayed'] === true };
}

function asQuery([name, value]: readonly [string, unknown]): string {
  if (Array.isArray(value)) return value.map((item) => `${name}=${encoded(item)}`).join('&');
  if (typeof value !== 'object' || value === null) return `${encoded(name)}=${encoded(value)}`;
  return Object.entries(value)
    .map(([key, inner]) => `${name}[${encoded(key)}]=${encoded(inner)}`)
    .join('&');
}

/** Half a surrogate pair has no form in UTF-8: it goes as the three bytes that a careless encoder writes. */
function encoded(value: unknown): string {
  return encodeURIComponent(addressText(value).replace(/\p{Surrogate}/gu, '\0lone\0')).replaceAll('%00lone%00', '%ED%A0%80');
}

/** What stands in an address for a value. */
export function addressText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
