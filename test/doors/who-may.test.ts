import { beforeAll, describe, expect, it } from 'vitest';
import { tiers } from '../../src/domain/actor.ts';
import { ok } from '../../src/domain/result.ts';
import { agentScopes } from '../../src/domain/scopes.ts';
import type { Credential } from '../../src/operations/call.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { perform } from '../../src/operations/perform.ts';
import { type Caller, callers, whoMay } from '../../src/operations/who-may.ts';
import { madeAgent, madePerson } from '../support/agents.ts';
import { callAt } from '../support/doors.ts';
import { exampleOf, freshAddress, freshWorkspace, type Input, staffStage, stageFor, stageOf } from '../support/examples.ts';
import { missingIds } from '../support/mishaps.ts';
import { contentsOf } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

/** Calls an operation as one of the callers of the table, and answers the code of the refusal, or null. */
type Attempt = (operation: Operation, input: Input) => Promise<string | null>;

let t: TestWorld;
const as = new Map<Caller, Attempt>();
/** An operator who used a passkey just now. */
let steppedUp: Attempt;

beforeAll(async () => {
  t = await openTestWorld();
  const acme = await stageOf(t);
  as.set('none', overRest(null));
  // Each tier with a token that names every scope there is: what counts is what the tier may have.
  for (const tier of tiers) {
    const agent = await madeAgent(t, { tier, ...(tier === 'anonymous' && { kind: 'anonymous' }) });
    as.set(tier, overRest(await agent.token()));
  }
  as.set('api_key', overRest(await t.key({ scopes: agentScopes, organization: { domain: 'every-scope.example' } })));
  as.set('back_end', overRest((await staffStage(t)).key));
  as.set('workspace_key', overRest((await freshWorkspace(acme)).key));
  const own = await madeAgent(t);
  for (const role of ['operator', 'channel_manager', 'partner', 'auditor'] as const) {
    const organizationIds = role === 'partner' || role === 'channel_manager' ? [own.organizationId] : [];
    as.set(role, byPage(await madePerson(t, role, { organizationIds })));
  }
  steppedUp = byPage(await madePerson(t, 'operator', { steppedUp: true }));
});

function overRest(key: string | null): Attempt {
  return async (operation, input) => {
    // An address of its own for each call: what strangers share is not what is looked at here.
    const answer = await callAt('rest', t, operation, input, { key, from: freshAddress() });
    return answer.ok ? null : answer.body.code;
  };
}

/** What a page performs for the person who is signed in. */
function byPage(credential: Credential): Attempt {
  return async (operation, input) => {
    const call = { host: demoHost, credential, address: '', network: '', resource: '' as const, requestId: crypto.randomUUID() };
    const outcome = await perform(operation, t.world.deps, { ...call, idempotencyKey: crypto.randomUUID() }, ok(input));
    return outcome.ok ? null : outcome.refusal.code;
  };
}

const attempt = (caller: Caller): Attempt => as.get(caller) ?? never(caller);
const never = (caller: Caller): never => {
  throw new Error(`nobody calls as ${caller}`);
};

const refusals = ['auth.required', 'auth.invalid', 'scope.missing', 'challenge.required'];
const turnedAway = (caller: Caller): string => (caller === 'none' ? 'auth.required' : 'scope.missing');

/** Past the door, and no further: names nothing that is there, and holds a field that no schema knows. */
function idle(operation: Operation): Input {
  const inPath = [...(operation.rest?.path ?? '').matchAll(/\{(\w+)\}/g)].map(([, field = '']) => [field, 'nothing']);
  return { ...Object.fromEntries(inPath), ...missingIds(operation), no_such_field: 1 };
}

describe.each(catalogue.map((operation) => [operation.name, operation] as const))('%s', (_, operation) => {
  const among = (...kinds: readonly string[]) => callers.filter((caller) => kinds.includes(whoMay(operation, caller)));

  it('is open to whom the table says, and turns everybody else away without an effect', async () => {
    for (const caller of among('yes', 'own')) {
      const code = await attempt(caller)(operation, idle(operation));
      expect([caller, code !== null && refusals.includes(code) ? code : 'past the door']).toEqual([caller, 'past the door']);
    }
    // What writes is called as it should be, so that nothing but the door keeps it from being done.
    const isWrite = operation.kind === 'write' && among('no', 'step_up').length > 0;
    const input = isWrite ? await exampleOf(operation).input(await stageFor(operation, t)) : idle(operation);
    const before = isWrite ? await contentsOf(t) : {};
    for (const caller of among('no')) expect([caller, await attempt(caller)(operation, input)]).toEqual([caller, turnedAway(caller)]);
    for (const caller of among('step_up'))
      expect([caller, await attempt(caller)(operation, input)]).toEqual([caller, 'challenge.required']);
    expect(isWrite ? await contentsOf(t) : {}).toEqual(before);
    if (among('step_up').includes('operator')) expect(refusals).not.toContain(await steppedUp(operation, idle(operation)));
  });
});

describe('the table', () => {
  it('gives no agent a scope that moves money, whatever its tier, its key or its token asks for', () => {
    const ofStaff = catalogue.filter(
      ({ access }) =>
        access !== 'public' &&
        /^(payouts|policy|keys|partners|events:write|ledger:re)/.test(access.scope ?? '') &&
        access.scope !== 'ledger:read',
    );
    expect(ofStaff.length).toBeGreaterThan(5);
    const agents = callers.filter((caller) => !['back_end', 'operator', 'auditor'].includes(caller));
    for (const operation of ofStaff)
      for (const caller of agents) expect([operation.name, caller, whoMay(operation, caller)]).toEqual([operation.name, caller, 'no']);
  });

  it('lets an auditor change nothing', () => {
    const open = catalogue.filter(
      (operation) => operation.kind === 'write' && operation.access !== 'public' && !operation.access.anonymous,
    );
    expect(open.filter((operation) => whoMay(operation, 'auditor') !== 'no').map(({ name }) => name)).toEqual([]);
  });
});
