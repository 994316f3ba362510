import type { CallToolResult } from '@modelcontextprotocol/server';
import { invariant, ok, type Refusal, refuse, Unavailable } from '../domain/result.ts';
import type { Call } from '../operations/call.ts';
import type { Desk } from '../operations/desk.ts';
import type { Operation } from '../operations/operation.ts';
import { type Deps, type Outcome, perform } from '../operations/perform.ts';
import { challengeOf, type Problem, problemOf } from '../operations/problem.ts';
import type { Denial } from './answers.ts';
import { takeDoorArguments } from './door-arguments.ts';

/** Where a tool is called. */
export interface Scene {
  readonly deps: Deps;
  readonly call: Call;
  readonly desk: Desk;
  /** Path of the door, named in problems. */
  readonly path: string;
  readonly onBug: (error: unknown, requestId: string) => void;
}

/** Calls the operation behind a tool. Never rejects: a bug is reported and answered as `internal`. */
export async function callTool(
  operation: Operation,
  scene: Scene,
  args: Readonly<Record<string, unknown>>,
): Promise<{ readonly result: CallToolResult; readonly denial?: Denial }> {
  const { call, input } = takeDoorArguments(operation, scene.call, args);
  const outcome = await survive(operation, scene, call, input);
  if (outcome.ok) return { result: outcome.result };
  const { refusal } = outcome;
  const origin = (outcome.desk ?? scene.desk).origin;
  const problem = problemOf(refusal, { origin, requestId: call.requestId, instance: scene.path });
  return {
    result: failed(problem),
    ...(isDenial(refusal) ? { denial: { problem, challenge: challengeOf(refusal, origin, scene.path) } } : {}),
  };
}

type Answer =
  | { readonly ok: true; readonly result: CallToolResult }
  | { readonly ok: false; readonly desk: Desk | null; readonly refusal: Refusal };

async function survive(operation: Operation, scene: Scene, call: Call, input: unknown): Promise<Answer> {
  try {
    const outcome = await perform(operation, scene.deps, call, ok(input));
    return outcome.ok ? { ok: true, result: succeeded(outcome) } : { ok: false, desk: outcome.desk, refusal: outcome.refusal };
  } catch (error) {
    if (error instanceof Unavailable) return { ok: false, desk: null, refusal: refuse('ledger.busy', { retryAfterS: 1 }) };
    scene.onBug(error, call.requestId);
    return { ok: false, desk: null, refusal: refuse('internal') };
  }
}

/** The answer as structured content and, for clients that read only text, the same JSON as text. A document is its own bytes. */
function succeeded({ output, published, replayed }: Extract<Outcome, { ok: true }>): CallToolResult {
  invariant(isRecord(output), 'a tool answers an object');
  const text = published?.contentType.includes('json') ? published.body : JSON.stringify(output);
  return {
    content: [{ type: 'text', text }],
    structuredContent: output,
    ...(replayed ? { _meta: { 'frontdesk/idempotency_replayed': true } } : {}),
  };
}

/** Without structured content: a 1.x client refuses an error whose structured content does not match the output schema. */
function failed(problem: Problem): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(problem) }], isError: true };
}

function isDenial({ code }: Refusal): boolean {
  return code === 'auth.required' || code === 'auth.invalid' || code === 'scope.missing';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
