import type { Answer, Granted, Problem } from './desk.ts';

/** Something was not as it has to be. The message is a sentence for people. */
export class Disappointment extends Error {
  override readonly name = 'Disappointment';
}

/** @throws Disappointment with this sentence unless the condition holds. */
export function expect(condition: unknown, sentence: string): asserts condition {
  if (!condition) fail(sentence);
}

/** @throws Disappointment with this sentence. */
export function fail(sentence: string): never {
  throw new Disappointment(sentence);
}

/** The answer, which must not be a refusal. @throws Disappointment that says what was refused, and why. */
export function granted<T>(answer: Answer<T>, what: string): Granted<T> {
  if (answer.ok) return answer;
  const { status, code, title, detail, errors = [] } = answer.problem;
  const issues = errors.map(({ pointer, message }) => ` ${pointer}: ${message}`).join('');
  fail(`${what} was refused: ${status} ${code}, ${detail ?? title}${issues}`);
}

/** The refusal, which must be this one. @throws Disappointment otherwise. */
export function refused(answer: Answer<unknown>, status: number, code: string, what: string): Problem {
  expect(!answer.ok, `${what} was accepted instead of being refused with ${status} ${code}.`);
  const { problem } = answer;
  expect(
    problem.status === status && problem.code === code,
    `${what} was refused with ${problem.status} ${problem.code} instead of ${status} ${code}.`,
  );
  return problem;
}

/** Waits for a promise that must reject. @throws Disappointment when it does not. */
export async function rejects(promise: Promise<unknown>, sentence: string): Promise<void> {
  const outcome = await promise.then(
    () => 'fulfilled',
    () => 'rejected',
  );
  expect(outcome === 'rejected', sentence);
}
