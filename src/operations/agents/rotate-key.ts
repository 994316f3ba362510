import * as z from 'zod';
import { mayRotate, ownAgent, rotateKey } from '../../domain/agent.ts';
import { assertionDigest, saidOf, spentAssertion } from '../../domain/assertion.ts';
import { together } from '../../domain/decision.ts';
import { keyThumbprint } from '../../domain/public-jwk.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import { instant } from '../vocabulary.ts';
import { agentId, thumbprint } from './schemas.ts';

const base64url = z
  .string()
  .max(683)
  .regex(/^[A-Za-z0-9_-]+$/);
/** Only what says which key it is: the door of registration takes a whole JWK, with the same members in it. */
const publicJwk = z
  .discriminatedUnion('kty', [
    z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url }),
    z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: base64url, y: base64url }),
    z.strictObject({ kty: z.literal('RSA'), n: base64url, e: z.literal('AQAB') }),
  ])
  .describe('The new public key (RFC 7517): kty, crv, x and y, or n and e; no other members, never a private one.');

export const rotateAgentKey = defineWrite({
  name: 'rotate_agent_key',
  title: 'Rotate an agent key',
  summary: 'An agent gives itself another key; the old one overlaps',
  description:
    'Puts another key in the place of the one with which you, the agent, sign in. Call it with a token that you got with the old key; proof is ' +
    'an assertion as for /oauth/token, signed by the new key. The old key stays good for overlap_hours (24 unless you say otherwise); with 0 ' +
    'it is dead at once, and so is every token got until now.',
  rest: { method: 'post', path: '/v1/agents/{agent_id}/rotate-key', status: 200 },
  mcp: false,
  access: { scope: 'agents:manage' },
  input: z.strictObject({
    agent_id: agentId,
    jwk: publicJwk,
    proof: z
      .string()
      .max(8192)
      .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      .describe(
        'A JWT signed by the new key: iss and sub the agent id, aud this origin, jti, exp at most five minutes ahead. Good for this alone.',
      ),
    overlap_hours: z.int().min(0).max(72).optional().describe('How long the old key stays good. Default 24; 0: not at all.'),
  }),
  output: z
    .strictObject({
      id: agentId,
      thumbprint,
      retired_until: instant.nullable().describe('Until when the old key is good; null: it is not, or there was none.'),
    })
    .meta({ id: 'RotatedAgentKey' }),
  failures: ['resource.not_found', 'state.forbidden', 'resource.conflict'],
  sideEffect: 'irreversible',
  /** The proof has the form of what signs in: it is used up as that, so that the new key does not sign in by it. */
  inspect({ proof }): Result<{ readonly jti: string; readonly digest: string }> {
    const said = saidOf(proof);
    return said === null ? unproven() : ok({ jti: said.jti, digest: assertionDigest(said) });
  },
  load: (queries, { input, found }) => ({
    agent: queries.heldAgent(input.agent_id),
    known: queries.agentKeyKnown(keyThumbprint(input.jwk)),
    spent: queries.spent('assertion', found.digest),
  }),
  async prove({ agent, known, spent }, { input, principal, desk, now }, outside) {
    const own = ownAgent(agent, principal);
    if (!own.ok) return own;
    const may = mayRotate(own.value, principal);
    if (!may.ok) return may;
    // Whoever repeats what was done is told that the key is in use already.
    if (spent !== null && known === null) return unproven();
    const keys = [{ thumbprint: keyThumbprint(input.jwk), public_jwk: input.jwk }];
    const proven = await outside.proveClient({
      ...{ assertion: input.proof, clientId: input.agent_id, keys, audiences: [desk.origin], now },
    });
    return proven.ok ? ok({ agent: may.value, ...proven.value }) : unproven();
  },
  decide({ known }, { input, found, proven }, { now }) {
    invariant(proven.jti === found.jti, 'what was verified is what was looked up');
    if (known !== null) return refuse('resource.conflict', { detail: 'This key is or was in use here: make another one.' });
    const key = { thumbprint: keyThumbprint(input.jwk), publicJwk: input.jwk };
    const { changes, retiredUntil } = rotateKey(proven.agent, key, { now, overlapHours: input.overlap_hours ?? 24 });
    const { agent_id } = proven.agent;
    return ok({
      subjectId: agent_id,
      changes: together(changes, spentAssertion(found.digest, proven.expiresAt)),
      result: { id: agent_id, thumbprint: key.thumbprint, retired_until: retiredUntil },
    });
  },
  view: (result) => result,
});

const unproven = () => refuse('request.invalid', { issues: [notProven] });

const notProven = {
  pointer: '/proof',
  code: 'proof',
  message: 'Not an unused assertion of this agent that the new key signed for this origin and that is in time.',
};
