import * as z from 'zod';
import type { StandingRow } from '../../db/credential-queries.ts';
import { type Principal, roles, tiers } from '../../domain/actor.ts';
import { limitsOf } from '../../domain/limits-of.ts';
import { readObstacle } from '../../domain/obstacle.ts';
import { paysOut } from '../../domain/program.ts';
import { ok } from '../../domain/result.ts';
import { nextSteps } from '../../domain/tier-steps.ts';
import { type RateLimit, rateLimits } from '../../domain/vendor.ts';
import { agentKind } from '../agents/schemas.ts';
import type { Desk } from '../desk.ts';
import { defineRead } from '../operation.ts';
import { organizationId } from '../vocabulary.ts';

const status = z
  .strictObject({
    kind: z.enum(['agent', 'back_end', 'workspace', 'person']),
    agent: z.strictObject({ id: z.string(), kind: agentKind.nullable(), client_id: z.string().nullable() }).nullable(),
    organization: z
      .strictObject({
        id: organizationId,
        domain: z.string().nullable().describe('Null: none is proven.'),
        tier: z.enum(tiers),
        frozen: z.boolean().describe('Nothing is paid out to it: somebody else proved its domain as well.'),
      })
      .nullable(),
    tier: z.enum(tiers),
    scopes: z.array(z.string()),
    limits: z.array(z.strictObject({ name: z.string(), q: z.int(), w: z.int() })).describe('q calls at once, refilled within w seconds.'),
    next_tier: z
      .strictObject({
        tier: z.enum(tiers),
        steps: z.array(z.strictObject({ code: z.string(), detail: z.string(), operation: z.string().nullable() })),
      })
      .nullable(),
    payout: z.strictObject({ ready: z.boolean(), because: z.string().nullable().describe('Why nothing can be paid out now.') }).nullable(),
    person: z.strictObject({ role: z.enum(roles), organization_ids: z.array(organizationId) }).nullable(),
  })
  .meta({ id: 'Status' });

export const getMyStatus = defineRead({
  name: 'get_my_status',
  title: 'Get my status',
  summary: 'Who you are here, what you may do, and what is missing',
  description: 'Who you are to this vendor: tier, scopes, limits, whether you can be paid out, and the steps to the next tier.',
  rest: { method: 'get', path: '/v1/me', status: 200 },
  mcp: true,
  access: { scope: null },
  input: z.strictObject({}),
  output: status,
  failures: [],
  sideEffect: 'none',
  load: (queries) => ({ standings: queries.standings(), agent: queries.callingAgent() }),
  view({ standings, agent }, { principal, desk, now }) {
    const organization = standings.find(({ organization_id }) => organization_id === principal.organizationId) ?? null;
    return ok({
      kind: kindOf(principal),
      agent: principal.agentId === null ? null : { id: principal.agentId, kind: agent?.kind ?? null, client_id: agent?.client_id ?? null },
      organization: organization && showOrganization(organization),
      tier: principal.tier,
      scopes: [...principal.scopes],
      limits: limitsNow(principal, desk),
      next_tier: organization && stepsOf(principal, organization, desk),
      payout: organization && payoutOf(organization, now),
      person: principal.person ? { role: principal.person.role, organization_ids: [...principal.person.organizationIds] } : null,
    });
  },
});

type Answer = z.input<typeof status>;

function kindOf({ kind }: Principal): Answer['kind'] {
  return kind === 'backend' ? 'back_end' : kind === 'person' || kind === 'workspace' ? kind : 'agent';
}

function showOrganization({ organization_id, domain, tier, frozen_at }: StandingRow): Answer['organization'] {
  return { id: organization_id, domain, tier, frozen: frozen_at !== null };
}

function limitsNow(principal: Principal, desk: Desk): Answer['limits'] {
  const policies: Readonly<Record<string, RateLimit | undefined>> = { ...rateLimits(desk.vendor) };
  return limitsOf(principal).flatMap((name) => {
    const policy = policies[name];
    return policy === undefined ? [] : [{ name, q: policy.q, w: policy.w }];
  });
}

/** By the caller's own tier: an agent that is known by nothing has less than its organization. */
function stepsOf({ tier }: Principal, { domain, frozen_at, has_pending_proof }: StandingRow, desk: Desk): Answer['next_tier'] {
  const next = nextSteps({
    ...{ tier, domain, isDisputed: frozen_at !== null, hasPendingProof: has_pending_proof },
    paysOut: paysOut(desk.vendor.program),
  });
  return next && { tier: next.tier, steps: next.steps.map((step) => ({ ...step })) };
}

function payoutOf({ payees, frozen_at }: StandingRow, now: Date): NonNullable<Answer['payout']> {
  const no = (because: string) => ({ ready: false, because });
  if (frozen_at !== null) return no('domain_disputed');
  if (payees.length === 0) return no('no_payee');
  const reasons = payees.map(({ obstacle, frozen_until }) =>
    frozen_until !== null && Date.parse(frozen_until) > now.getTime() ? 'organization_frozen' : readObstacle(obstacle),
  );
  return reasons.includes(null) ? { ready: true, because: null } : no(reasons[0] ?? 'no_payee');
}
