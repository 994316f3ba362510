import * as z from 'zod';
import { ok, type Refusal, refuse, Unavailable } from '../domain/result.ts';
import type { Call } from '../operations/call.ts';
import type { Operation } from '../operations/operation.ts';
import { type Outcome, perform } from '../operations/perform.ts';
import { problemOf } from '../operations/problem.ts';
import { headersOf, render } from './respond.ts';
import { tableOf, tableType, wantsTable } from './table.ts';
import type { World } from './world.ts';

/**
 * A paged read as one answer of JSON lines (application/x-ndjson): every item of every page, page by page, each page a call of the
 * operation that counts against the caller's limit and waits for it. Nothing is read before it is asked for. A refusal of the first page
 * is a problem document as everywhere; a later one ends the answer with a line that says which, and with which cursor to go on. Where the
 * caller would rather have a table and there is one, the answer is that, and a later refusal breaks it off.
 * @param saved where the address says which of the two it is: as that, under this file name (RFC 6266)
 */
export function renderLines(
  request: Request,
  call: Call,
  operation: Operation,
  world: World,
  input: Readonly<Record<string, unknown>>,
  first: Outcome,
  saved?: Saved,
): Response {
  const page = first.ok ? readPage(first.output) : null;
  if (page === null) return render(request, call.requestId, first);
  const isTable = saved ? saved.as === 'table' : wantsTable(request);
  const header = operation.rest?.table && isTable ? membersOf(operation.rest.lines) : null;
  const type = header === null ? linesType : `${tableType}; charset=utf-8`;
  const headers = headersOf(call.requestId, { 'Content-Type': type, 'Cache-Control': 'private, no-store', ...(saved && kept(saved)) });
  // What a cookie opened is for the page that asked, and no other site's.
  if (saved) delete headers['Access-Control-Allow-Origin'];
  const next = (cursor: string) => pageAfter(operation, world, { ...call, continued: true }, { ...input, cursor });
  const instance = new URL(request.url).pathname;
  const about = { origin: first.desk?.origin ?? new URL(request.url).origin, requestId: call.requestId, instance };
  const lastLine = (refusal: Refusal, cursor: string) => ({ line: 'error', problem: problemOf(refusal, about), cursor });
  return new Response(streamOf(page, { next, lastLine, header }, { now: () => world.deps.now().getTime(), ...world.live }), { headers });
}

const kept = ({ name }: Saved) => ({
  'Content-Disposition': `attachment; filename="${name}"`,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Robots-Tag': 'noindex',
});

export interface Saved {
  readonly as: 'table' | 'lines';
  /** Letters, digits, hyphens and full stops. */
  readonly name: string;
}

export const linesType = 'application/x-ndjson';

interface Page {
  readonly data: readonly unknown[];
  readonly next_cursor: string | null;
}

interface Clock {
  readonly now: () => number;
  readonly later: (ms: number, run: () => Promise<void>) => () => void;
  /** How long the answer may take. */
  readonly lifetimeMs: number;
}

interface Pages {
  readonly next: (cursor: string) => Promise<Page | Refusal>;
  readonly lastLine: (refusal: Refusal, cursor: string) => object;
  /** The columns of a table; null: lines of JSON. */
  readonly header: readonly string[] | null;
}

function streamOf(first: Page, { next, lastLine, header }: Pages, clock: Clock): ReadableStream<Uint8Array> {
  const endsAt = clock.now() + clock.lifetimeMs;
  let page: Page | null = first;
  let isBegun = false;
  let callOff = () => {};
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      callOff = clock.later(ms, async () => resolve());
    });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (page === null) return controller.close();
        const { data, next_cursor: cursor } = page;
        controller.enqueue(header === null ? encode(data) : utf8.encode(tableOf(data, header, !isBegun)));
        isBegun = true;
        if (cursor === null) return controller.close();
        page = null;
        for (;;) {
          const answer: Page | Refusal = clock.now() < endsAt ? await next(cursor) : refuse('ledger.busy', { retryAfterS: 1 });
          if ('data' in answer) {
            page = answer;
            return;
          }
          const waitMs = answer.code === 'rate.limited' ? (answer.retryAfterS ?? 1) * 1000 : Number.POSITIVE_INFINITY;
          if (clock.now() + waitMs >= endsAt) {
            // A table has no place for it, and must not pass for whole.
            if (header !== null) return controller.error(new Error(answer.code));
            controller.enqueue(encode([lastLine(answer, cursor)]));
            return controller.close();
          }
          await rest(waitMs);
        }
      },
      cancel: () => callOff(),
    },
    { highWaterMark: 0 },
  );
}

/** The page after; a bug is told to the operator and is `internal` to the caller. Never rejects. */
async function pageAfter(operation: Operation, world: World, call: Call, input: Record<string, unknown>): Promise<Page | Refusal> {
  try {
    const outcome = await perform(operation, world.deps, call, ok(input));
    return outcome.ok ? (readPage(outcome.output) ?? refuse('internal')) : outcome.refusal;
  } catch (error) {
    if (error instanceof Unavailable) return refuse('ledger.busy', { retryAfterS: 1 });
    world.report(error, call.requestId);
    return refuse('internal');
  }
}

function readPage(output: unknown): Page | null {
  if (typeof output !== 'object' || output === null || !('data' in output && 'next_cursor' in output)) return null;
  const { data, next_cursor } = output;
  return Array.isArray(data) && (next_cursor === null || typeof next_cursor === 'string') ? { data, next_cursor } : null;
}

/** The names of an item's members, in the order of its schema. */
function membersOf(item: z.ZodType | undefined): readonly string[] {
  return item instanceof z.ZodObject ? Object.keys(item.shape) : [];
}

const utf8 = new TextEncoder();
const encode = (lines: readonly unknown[]): Uint8Array => utf8.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
