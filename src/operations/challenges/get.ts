import * as z from 'zod';
import { makeHardestChallenge } from '../../domain/challenge.ts';
import { ok } from '../../domain/result.ts';
import { defineRead } from '../operation.ts';
import { instant, sha256, slug } from '../vocabulary.ts';

export const getChallenge = defineRead({
  name: 'get_challenge',
  title: 'Get a challenge',
  summary: 'Proof of work to solve before it is asked for',
  description:
    'Hands out the challenge that a call without a credential has to solve when too many strangers come at once. Not needed before: a call ' +
    'that needs one is told so and given it, and an easier one. It is for one call, expires after five minutes and is good once. The answer ' +
    'is the header Challenge-Response of that call (MCP: challenge_response).',
  rest: { method: 'get', path: '/v1/challenge', status: 200 },
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'challenge' },
  input: z.strictObject({
    operation: slug.describe('The operationId of the call.'),
    input_sha256: sha256.describe(
      'SHA-256 of the canonical JSON (RFC 8785) of what the call is asked: its body, and what its path and query say as further members.',
    ),
  }),
  output: z
    .strictObject({
      alg: z.literal('sha-256'),
      bits: z.int().describe('How many zero bits the hash begins with.'),
      challenge: z.string().describe('Append a dot and a whole number in decimal: the answer is what then hashes to so many zero bits.'),
      expires_at: instant,
    })
    .meta({ id: 'Challenge' }),
  failures: [],
  sideEffect: 'none',
  view: (_, { input }, given) => ok(makeHardestChallenge({ operation: input.operation, inputSha256: input.input_sha256 }, given)),
});
