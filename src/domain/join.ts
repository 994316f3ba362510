import { isNewcomer, type Tier } from './actor.ts';
import { type Changes, type Given, together } from './decision.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { ledgerEvent } from './ledger.ts';
import { type Moving, moveAgent } from './move-agent.ts';
import { ok, type Result, refuse } from './result.ts';

/** An agent asks to belong to an organization, as it is stored and written. */
export type JoinRequest = NonNullable<IdentityChanges['join_requests']>[number];

/** What decides whether a request is kept. */
export interface JoinGround {
  /** The organization that has the domain; null: there is none. */
  readonly organizationId: string | null;
  /** How many requests wait for its answer. */
  readonly open: number;
  /** The agent's own request that waits, whomever it asks. */
  readonly earlier: JoinRequest | null;
}

/** Everything that decides what may become of a request. */
export interface JoinFile extends Pick<Moving, 'workspaces' | 'api_keys'> {
  readonly request: JoinRequest;
  readonly agent: Moving['agent'] & { readonly status: string; readonly organization_id: string | null };
  /** Of the organization that the agent belongs to now. */
  readonly tier: Tier;
  readonly domain: string | null;
}

/** A request as the database writes it inside JSON: times in UTC with milliseconds again. */
export function readJoin(stored: JoinRequest): JoinRequest {
  const { requested_at, decided_at } = stored;
  return {
    ...stored,
    ...{ requested_at: new Date(requested_at).toISOString(), decided_at: decided_at === null ? null : new Date(decided_at).toISOString() },
  };
}

/** Requests that wait at one organization at most; what comes then is not kept, and nobody is told. */
export const mostOpenJoins = 100;

/**
 * Asks whoever has a domain. What is answered is the same whether anybody has: an id, made either way. A new request takes the place of the
 * agent's earlier one.
 */
export function requestJoin(
  ground: JoinGround,
  asking: { readonly agentId: string; readonly organizationId: string | null },
  given: Given,
): { readonly joinId: string; readonly changes: Changes } {
  const at = given.now.toISOString();
  const joinId = given.newId('jrq');
  const { organizationId, earlier } = ground;
  const replaced = earlier ? [decided(earlier, 'refused', asking.agentId, at)] : [];
  const isKept = organizationId !== null && organizationId !== asking.organizationId && ground.open < mostOpenJoins;
  const request: readonly JoinRequest[] = isKept
    ? [
        {
          ...{ join_id: joinId, organization_id: organizationId, agent_id: asking.agentId, state: 'open', version: 1 },
          ...{ requested_at: at, decided_at: null, decided_by: null },
        },
      ]
    : [];
  const join_requests = [...replaced, ...request];
  return { joinId, changes: join_requests.length > 0 ? { join_requests } : {} };
}

/** Whether an agent may ask at all: one that has proven whose it is belongs there. */
export const mayAsk = (tier: Tier, domain: string | null): boolean => isNewcomer(tier) && domain === null;

/**
 * The organization's answer. Approved, the agent moves with its keys and workspaces. `state.forbidden`: it is decided already, or the agent
 * was revoked or proved meanwhile whose it is.
 */
export function decideJoin(
  file: JoinFile,
  answer: { readonly approve: boolean; readonly by: string; readonly tenant: string; readonly activeLimit: number },
  given: Given,
): Result<{ readonly request: JoinRequest; readonly changes: Changes }, 'state.forbidden' | 'quota.exhausted'> {
  const { request: open, agent } = file;
  if (open.state !== 'open') return refuse('state.forbidden', { detail: 'It is decided already.' });
  const request = decided(open, answer.approve ? 'approved' : 'refused', answer.by, given.now.toISOString());
  if (!answer.approve) return ok({ request, changes: { join_requests: [request] } });
  if (agent.status !== 'active' || !mayAsk(file.tier, file.domain)) return elsewhere;
  const organizationId = open.organization_id;
  const joined = ledgerEvent(given, answer.tenant, {
    ...{ kind: 'agent.joined', subjectId: agent.agent_id, organizationId },
    facts: { agent: agent.agent_id, from: agent.organization_id, request: open.join_id, actor: answer.by },
  });
  const moved = moveAgent({ ...file, organizationId, activeLimit: answer.activeLimit }, given);
  if (!moved.ok) return moved;
  return ok({ request, changes: together({ join_requests: [request], ledger_events: [joined] }, moved.value) });
}

const decided = (request: JoinRequest, state: 'approved' | 'refused', by: string, at: string): JoinRequest => ({
  ...{ ...request, state, version: request.version + 1, decided_at: at, decided_by: by },
});

const elsewhere = refuse('state.forbidden', { detail: 'The agent was revoked, or proved meanwhile that it belongs to somebody else.' });
