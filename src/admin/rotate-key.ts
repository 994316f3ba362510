import { type Algorithm, algorithmsOf, type KeyRow, type Purpose, purposes } from '../access/signing-key.ts';
import { type Issue, invariant, ok, type Result, refuse } from '../domain/result.ts';
import type { AdminDeps } from './admin-deps.ts';
import { type ChangeRefusal, changeKeys } from './change-keys.ts';

export interface RotationWanted {
  /** Any host of the tenant, as stored. */
  readonly host: string;
  readonly purpose: string;
  /** Otherwise the purpose's first. */
  readonly algorithm?: string;
}

export interface KeyRotated {
  readonly tenant: string;
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  /** The key that signs from now on. */
  readonly kid: string;
  /** Those that signed until now: they go on verifying, and signing again what they signed. */
  readonly retired: readonly string[];
  readonly revision: number;
}

/**
 * Puts a new signing key in the place of the current one, which is retired: what it signed keeps verifying, and its public half stays
 * published. Where there was none, one is made. Refuses `request.invalid` for an unknown purpose, or an algorithm that it does not have.
 */
export async function rotateKey(deps: AdminDeps, wanted: RotationWanted): Promise<Result<KeyRotated, ChangeRefusal | 'request.invalid'>> {
  const kind = kindOf(wanted);
  if (!kind.ok) return kind;
  const { purpose, algorithm } = kind.value;
  const isMeant = (key: { purpose: string; algorithm: string }) => key.purpose === purpose && key.algorithm === algorithm;
  const current = (keys: readonly KeyRow[]) => keys.filter((key) => isMeant(key) && key.state === 'active').map(({ kid }) => kid);
  const changed = await changeKeys<never>(deps, wanted.host, (keys) =>
    ok({ states: current(keys).map((kid) => ({ kid, state: 'retired' })) }),
  );
  if (!changed.ok) return changed;
  const { tenant, revision, before, made } = changed.value;
  const successor = made.find(isMeant);
  invariant(successor && revision !== null, 'where the last active key of a kind retires, another one is made');
  return ok({ tenant, purpose, algorithm, kid: successor.kid, retired: current(before), revision });
}

function kindOf({ purpose, algorithm }: RotationWanted): Result<{ purpose: Purpose; algorithm: Algorithm }, 'request.invalid'> {
  const issue = (pointer: string, choice: readonly string[]): Issue => ({
    pointer,
    code: 'value',
    message: `One of: ${choice.join(', ')}.`,
  });
  const known = purposes.find((each) => each === purpose);
  if (known === undefined) return refuse('request.invalid', { issues: [issue('/purpose', purposes)] });
  const choice = algorithmsOf[known];
  const chosen = algorithm === undefined ? choice[0] : choice.find((each) => each === algorithm);
  if (chosen === undefined) return refuse('request.invalid', { issues: [issue('/algorithm', choice)] });
  return ok({ purpose: known, algorithm: chosen });
}
