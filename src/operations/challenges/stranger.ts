import { type Challenged, inputSha256, makeChallenge, solvedChallenge } from '../../domain/challenge.ts';
import type { Given } from '../../domain/decision.ts';
import { type Refusal, refuse } from '../../domain/result.ts';
import type { Call, Spend } from '../call.ts';
import type { Desk } from '../desk.ts';
import { isChallenged, type Operation } from '../operation.ts';

/** How a call of somebody without a credential stands to challenges. */
export interface Stranger {
  /** It brings an answer, and that is no answer to a challenge for this call. */
  readonly failed: boolean;
  /** What an answer that is right uses up. */
  readonly spend: readonly Spend[];
  /** Asks for proof of work: for this very call, by how busy the caller's network is. */
  readonly challenge: (load: number, given: Given, retryAfterS?: number) => Refusal<'challenge.required'>;
}

/** Null where no challenge is of use: who has a credential is counted by it, and input that cannot be read is told of later. */
export function strangerOf(operation: Operation, call: Call, input: unknown, desk: Desk, now: Date): Stranger | null {
  if (call.credential.kind !== 'none' || !isChallenged(operation)) return null;
  const answer = call.challengeResponse;
  // The hash of a large input is not made for the many who are let in without it.
  const asked = (): Challenged => ({ operation: operation.name, inputSha256: inputSha256(input) });
  const solved = answer === undefined ? null : solvedChallenge(answer, asked(), { now, derive: desk.derive });
  return {
    failed: answer !== undefined && solved === null,
    spend: solved ? [{ kind: 'challenge', ...solved }] : [],
    challenge: (load, given, retryAfterS) =>
      refuse('challenge.required', {
        detail: 'Find a whole number such that SHA-256 of "<challenge>.<number>" begins with so many zero bits; send that text.',
        challenge: makeChallenge(asked(), load, given),
        ...(retryAfterS === undefined ? {} : { retryAfterS }),
      }),
  };
}
