import * as z from 'zod';
import type { KeyHolder } from '../../db/registration-queries.ts';
import { spentAssertion } from '../../domain/assertion.ts';
import { canonicalize, sha256Hex } from '../../domain/canonical.ts';
import { type Decision, type Given, together } from '../../domain/decision.ts';
import { keyThumbprint, type PublicKeyMembers } from '../../domain/public-jwk.ts';
import { newIdentity, newRegistration, type RegistrationRow } from '../../domain/registration.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import { unverifiedClaims } from '../../domain/unverified-claims.ts';
import type { Desk } from '../desk.ts';
import { defineWrite } from '../operation.ts';
import {
  asserted,
  assertion,
  cannotAssert,
  claimableUntil,
  clientName,
  type Registered,
  registered,
  showRegistered,
  statedOrganization,
} from './schemas.ts';

const member = z.string().min(1).max(1024);
const labels = {
  ...{ kid: z.string().max(256).optional(), alg: z.string().max(32).optional(), use: z.string().max(32).optional() },
  key_ops: z.array(z.string().max(32)).max(8).optional(),
};

/** A public key (RFC 7517): private members are unknown fields. Which keys can be used is for `Outside.proveClient` to judge. */
const publicJwk = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('OKP'), crv: member, x: member, ...labels }),
  z.strictObject({ kty: z.literal('EC'), crv: member, x: member, y: member, ...labels }),
  z.strictObject({ kty: z.literal('RSA'), n: member, e: member, ...labels }),
]);

interface Found {
  readonly thumbprint: string;
  readonly publicJwk: PublicKeyMembers;
  /** SHA-256, hex, of what makes the proof one of its kind. */
  readonly digest: string;
}

/** Whoever has a key is the same agent each time that it registers. */
export const registerIdentityKey = defineWrite({
  name: 'register_identity_key',
  title: 'Register with a key',
  summary: 'The identity of whoever holds a key',
  description: 'Makes an agent of tier key_bound for a key that is seen for the first time, and asserts the agent that it belongs to.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'registration' },
  input: z.strictObject({
    type: z.literal('anonymous'),
    client_name: clientName.optional(),
    organization: statedOrganization.optional(),
    jwk: publicJwk,
    proof: assertion.describe('A JWT signed with the key: iss and sub its RFC 7638 thumbprint, aud the origin, at most a minute long.'),
  }),
  output: registered,
  failures: [],
  sideEffect: 'reversible',
  keyed: false,
  inspect({ jwk, proof }): Result<Found> {
    const members = membersOf(jwk);
    const { jti, iat, exp } = unverifiedClaims(proof) ?? {};
    if (typeof jti !== 'string' || typeof iat !== 'number' || typeof exp !== 'number' || exp - iat > longestProofS) {
      return refuse('invalid_request', { detail: 'The proof needs jti, iat and exp, at most 60 seconds apart.' });
    }
    const thumbprint = keyThumbprint(members);
    return ok({ thumbprint, publicJwk: members, digest: sha256Hex(canonicalize(['registration', thumbprint, jti])) });
  },
  load: (queries, { found }) => ({
    holder: queries.registrationOfKey(found.thumbprint),
    spent: queries.spent('assertion', found.digest),
  }),
  async prove(_, { input, found, desk, now }, outside) {
    const { thumbprint, publicJwk: public_jwk } = found;
    const asked = { assertion: input.proof, clientId: thumbprint, keys: [{ thumbprint, public_jwk }], audiences: [desk.origin], now };
    const proven = await outside.proveClient(asked);
    if (!proven.ok) return refuse('invalid_request', { detail: 'The proof does not verify with the key, for this origin and now.' });
    invariant(proven.value.thumbprint === thumbprint, 'the one key that was given proved it');
    return proven;
  },
  decide({ holder, spent }, { input, found, proven, desk, now }, given): Result<Decision<Registered>> {
    if (!desk.canSign('assertions')) return cannotAssert();
    if (spent) return refuse('invalid_request', { detail: 'The proof was used before: sign a new one.' });
    const used = spentAssertion(found.digest, proven.expiresAt);
    if (holder) {
      const known = returning(holder, desk, now, given);
      return known.ok ? ok({ ...known.value, changes: together(known.value.changes, used) }) : known;
    }
    const newcomer = { clientName: input.client_name, organization: input.organization, key: found };
    const { registration, changes } = newIdentity(newcomer, desk.environment, given);
    const result: Registered = {
      ...{ registrationId: registration.registration_id, type: 'anonymous', tier: 'key_bound' },
      assertion: asserted({ agent_id: registration.agent_id, epoch: 1 }, desk, given),
      claimExpires: registration.claim_expires_at,
    };
    return ok({ changes: together(changes, { registrations: [registration] }, used), result });
  },
  view: (result, { desk }) => showRegistered(result, desk),
});

/** The same agent again. A registration that ran out unclaimed is followed by another, as long as the agent is alone. */
function returning({ agent, key_state, registration }: KeyHolder, desk: Desk, now: Date, given: Given): Result<Decision<Registered>> {
  if (key_state !== 'active' || agent.status !== 'active') return refuse('invalid_request', { detail: 'The key was revoked.' });
  const answer = ({ registration_id }: Pick<RegistrationRow, 'registration_id'>, claimExpires: string | null): Registered => ({
    ...{ registrationId: registration_id, type: 'anonymous', tier: agent.tier, claimExpires },
    assertion: asserted(agent, desk, given),
  });
  if (registration && (registration.state !== 'open' || claimableUntil(registration, now) !== null)) {
    return ok({ changes: {}, result: answer(registration, null) });
  }
  if (!agent.alone)
    return refuse('invalid_request', { detail: 'The key belongs to an agent of an organization: use it at the token endpoint.' });
  const next = newRegistration(agent.agent_id, desk.environment, given);
  return ok({ changes: { registrations: [next] }, result: answer(next, next.claim_expires_at) });
}

/** What says which key it is, and nothing else. */
function membersOf(jwk: z.output<typeof publicJwk>): PublicKeyMembers {
  switch (jwk.kty) {
    case 'OKP':
      return { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
    case 'EC':
      return { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y };
    case 'RSA':
      return { kty: jwk.kty, n: jwk.n, e: jwk.e };
  }
}

const longestProofS = 60;
