import * as z from 'zod';
import type { ClientAsked, ClientFacts } from '../../db/agent-queries.ts';
import { spentAssertion } from '../../domain/assertion.ts';
import type { Given } from '../../domain/decision.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import { defineWrite } from '../operation.ts';
import type { ProvenClient } from '../outside.ts';
import { type AssertedClient, assertedClient, proveAsserted, tokenEndpoint } from './asserted-client.ts';
import { type ClientForm, clientForm, shownBy } from './form.ts';
import { admitKey, askedByKey, granteeOf } from './known-client.ts';
import type { Where } from './presented.ts';

/** Whose token it is, by the epoch that it was issued in; null: none of ours, or dead anyway. */
interface Revoked {
  readonly agentId: string;
  readonly epoch: number;
}

/** How the client showed who it is, ready to be looked up; `nothing`: an agent that registered itself without any key can show none. */
type Client =
  | { readonly by: 'assertion'; readonly client: AssertedClient; readonly asked: ClientAsked }
  | { readonly by: 'secret'; readonly clientId: string; readonly asked: ClientAsked }
  | { readonly by: 'nothing'; readonly clientId: string | null; readonly asked: ClientAsked };

/**
 * The revocation endpoint (RFC 7009). A token that is the client's own is dead at once, and with it every other token and identity
 * assertion that its agent holds: they share an epoch. A token that is nobody's is none of the caller's business: 200 all the same.
 */
export const revokeToken = defineWrite({
  name: 'revoke_token',
  title: 'Revoke an access token',
  summary: 'End the tokens of an agent',
  description: 'Ends an access token, and every other token of the same agent, at once.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'token' },
  input: z.strictObject({
    ...clientForm,
    token: z.string().max(16_384),
    token_type_hint: z.string().max(100).nullable().default(null),
  }),
  output: z.strictObject({}),
  failures: ['upstream.unavailable'],
  sideEffect: 'irreversible',
  keyed: false,

  async inspect({ token, ...form }, desk, now) {
    const revoked = await readRevoked(token, { desk, now });
    const client = readClient(form, revoked);
    return client.ok ? ok({ client: client.value, revoked }) : client;
  },
  load: (queries, { found, now }) => ({ facts: queries.clientFacts(found.client.asked, now) }),

  async prove({ facts }, { found, desk, now }, outside): Promise<Result<ProvenClient | null, 'invalid_client'>> {
    if (found.client.by !== 'assertion') return ok(null);
    const endpoints = [`${desk.origin}/oauth/revoke`, tokenEndpoint(desk.origin)];
    return proveAsserted(found.client.client, facts, outside, { desk, now }, endpoints);
  },

  decide({ facts }, { found, proven }, given) {
    const { client, revoked } = found;
    const admitted = admit(client, facts, proven, given);
    if (!admitted.ok) return admitted;
    const { grantee, changes } = admitted.value;
    const isOwn = revoked !== null && grantee?.agentId === revoked.agentId && grantee.epoch === revoked.epoch;
    if (!grantee || !isOwn) return ok({ changes, result: {}, ...(Object.keys(changes).length === 0 ? nothingWritten : {}) });
    const next = {
      ...{ agent_id: grantee.agentId, organization_id: grantee.organizationId },
      ...({ epoch: grantee.epoch + 1, status: 'active', revoked_at: null } as const),
    };
    return ok({ changes: { ...changes, changed_agents: [next] }, result: {} });
  },
  view: () => ({}),
});

const nothingWritten = { dry: true } as const;

async function readRevoked(token: string, { desk, now }: Where): Promise<Revoked | null> {
  return (
    (await desk.verifyAccessToken(token, '', now)) ??
    (await desk.verifyAccessToken(token, '/mcp', now)) ??
    (await desk.verifyAssertion(token, now))
  );
}

function readClient(form: ClientForm, revoked: Revoked | null): Result<Client, 'invalid_client' | 'invalid_request'> {
  const shown = shownBy(form);
  if (!shown.ok) return shown;
  const clientId = form.client_id;
  switch (shown.value?.by) {
    case 'assertion': {
      const client = assertedClient(shown.value.asserted, clientId);
      return client.ok ? ok({ by: 'assertion', client: client.value, asked: client.value.asked }) : client;
    }
    case 'secret': {
      const asked = askedByKey(clientId, shown.value.secret);
      return asked.ok && clientId !== null ? ok({ by: 'secret', clientId, asked: asked.value }) : refuse('invalid_client');
    }
    default:
      return ok({ by: 'nothing', clientId, asked: { client_id: revoked?.agentId ?? null, key_hash: null, domain: null, spent: null } });
  }
}

function admit(client: Client, facts: ClientFacts, proven: ProvenClient | null, given: Given) {
  switch (client.by) {
    case 'assertion':
      invariant(proven !== null, 'an assertion was proven');
      return admitClient(client.client, facts.client, proven);
    case 'secret':
      // A key that no agent came from has no tokens.
      return facts.api_key?.agent === null ? ok(nobody) : admitKey(facts, client.clientId, given);
    case 'nothing': {
      const agent = facts.client;
      if (agent === null) return ok(nobody);
      const isMeant = client.clientId === null || client.clientId === agent.agent_id;
      return agent.kind === 'anonymous' && isMeant ? ok({ grantee: granteeOf(agent), changes: {} }) : refuse('invalid_client');
    }
  }
}

/** The agent of an assertion that was proven, which is used up. Nobody becomes one by ending what they never had. */
function admitClient({ asked }: AssertedClient, client: ClientFacts['client'], { expiresAt }: ProvenClient) {
  invariant(asked.spent !== null, 'an assertion is spent');
  const grantee = client && granteeOf(client);
  return client === null || grantee ? ok({ grantee, changes: spentAssertion(asked.spent, expiresAt) }) : refuse('invalid_client');
}

const nobody = { grantee: null, changes: {} } as const;
