import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/operations/catalogue.ts';
import { type FailureCode, failures } from '../../src/operations/failures.ts';
import { failuresOf, type Operation } from '../../src/operations/operation.ts';
import { callAt, type DoorName, doorsOf } from '../support/doors.ts';
import { stageFor } from '../support/examples.ts';
import { type FaultyWorld, openFaultyWorld } from '../support/faulty-world.ts';
import { mishaps } from '../support/mishaps.ts';

let world: FaultyWorld;
beforeAll(async () => {
  world = await openFaultyWorld();
});

/** What no operation can meet yet, and why. */
const undeclared: Partial<Record<FailureCode, string>> = {
  'method.not_allowed': 'a path, not an operation, refuses a method',
};

async function meet(door: DoorName, operation: Operation, code: FailureCode) {
  const mishap = mishaps[code];
  if (!mishap) throw new Error(`test/support/mishaps.ts does not say how ${code} happens`);
  const { t, cold, during } = world;
  const { input, options, fault, ...attempt } = await mishap.provoke(operation, await stageFor(operation, t));
  const call = () => callAt(door, attempt.cold ? cold : t, operation, input, options);
  return fault ? during(fault, call) : call();
}

describe.each(catalogue.map((operation) => [operation.name, operation] as const))('%s', (_, operation) => {
  const cases = failuresOf(operation).flatMap((code) =>
    (mishaps[code]?.doors ?? ['rest']).filter((door) => doorsOf(operation).includes(door)).map((door) => [code, door] as const),
  );

  it.each(cases)('%s happens, over %s', async (code, door) => {
    const answer = await meet(door, operation, code);
    expect(answer.body).toMatchObject({ code, status: failures[code].status });
    expect(answer.text).not.toContain('a secret detail');
    const { retry_after_s: seconds } = answer.body;
    expect(typeof seconds).toBe(['rate.limited', 'ledger.busy', 'upstream.unavailable'].includes(code) ? 'number' : 'undefined');
    if (door === 'rest') expect(answer.headers.get('Retry-After')).toBe(seconds === undefined ? null : String(seconds));
  });
});

describe('the table of failures', () => {
  it('holds nothing but what an operation declares and what is listed here with its reason', () => {
    const declared = new Set<string>(catalogue.flatMap(failuresOf));
    expect(Object.keys(failures).filter((code) => !declared.has(code))).toEqual(Object.keys(undeclared).sort(inTableOrder));
  });
});

const order = Object.keys(failures);
const inTableOrder = (a: string, b: string) => order.indexOf(a) - order.indexOf(b);

afterAll(() => {
  // Only what the test broke on purpose is reported as a bug.
  for (const error of [...world.t.reported, ...world.cold.reported]) expect(String(error)).toBe('Error: a secret detail');
});
