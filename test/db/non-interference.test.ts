import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKey } from '../../src/admin/create-key.ts';
import { agentScopes, staffScopes } from '../../src/domain/scopes.ts';
import { sealAt } from '../support/seal.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type Sent, type TestWorld } from '../support/world.ts';

/**
 * Two tenants on one database, whose organizations have the same domain, whose prospects are the same and whose idempotency keys are:
 * whatever the second one does, the first is told exactly what it is told when there is nobody else.
 */
const actions = {
  provision: (caller, n) => caller.send('POST', '/v1/workspaces/provision', { body: { prospect: prospect(n), seed_rows: n }, retry: n }),
  record: (caller, n) => caller.send('POST', '/v1/referrals', { body: { prospect: prospect(n) }, retry: n + 3 }),
  token: (caller) => caller.send('POST', '/v1/referral-tokens', { body: { campaign: 'spring' } }),
  rows: (caller, n) => caller.send('POST', `/v1/workspaces/${caller.own('ws', n)}/data/account`, { body: { rows: [account(n)] } }),
  revoke: (caller, n) => caller.send('DELETE', `/v1/workspaces/${caller.own('ws', n)}`, {}),
  referral: (caller, n) => caller.send('GET', `/v1/referrals/${caller.own('ref', n)}`, {}),
  workspaces: (caller) => caller.send('GET', '/v1/workspaces?limit=3', {}),
  referrals: (caller) => caller.send('GET', '/v1/referrals?limit=3', {}),
  events: (caller) => caller.send('GET', '/v1/events?limit=50', { staff: true }),
  entries: (caller) => caller.send('GET', '/v1/ledger/entries?limit=50', { staff: true }),
  checkpoint: (caller) => caller.send('GET', '/v1/ledger/checkpoint', {}),
  seal: (caller) => caller.seal(),
  hook: (caller, n) =>
    caller.send('POST', '/v1/webhook-endpoints', { body: { url: `https://hooks.example/${n}`, types: ['*'] }, staff: true }),
  /** With what the other one has: its ids, its key. Only the second tenant does it. */
  pry: (caller, n) => caller.pry(n),
} as const satisfies Readonly<Record<string, (caller: Caller, n: number) => Promise<unknown>>>;

type Action = keyof typeof actions;
interface Step {
  readonly mine: readonly [Action, number] | null;
  readonly theirs: readonly [Action, number] | null;
}

interface Caller {
  readonly host: string;
  readonly key: string;
  own(prefix: string, n: number): string;
  send(method: string, path: string, options: { body?: unknown; retry?: number; staff?: boolean }): Promise<unknown>;
  seal(): Promise<unknown>;
  pry(n: number): Promise<unknown>;
}

const prospect = (n: number) => ({ name: `Prospect ${n}`, domain: `prospect-${n}.example` });
const account = (n: number) => ({ id: `00000000-0000-4000-8000-00000000000${n}`, name: 'Alder', created_at: '2026-01-02T03:04:05Z' });

async function callerAt(t: TestWorld, host: string, victim?: Caller): Promise<Caller> {
  const key = await t.key({ host, organization: { domain: 'acme-ops.example', name: 'Acme' }, scopes: agentScopes });
  const staff = await createKey(t.world.admin, { host, agentName: 'staff', scopes: [...agentScopes, ...staffScopes] });
  if (!staff.ok) throw new Error(staff.code);
  const seen: string[] = [];
  const told = (sent: Sent) => {
    seen.push(...idsIn(sent.text).filter((id) => !seen.includes(id)));
    return { status: sent.status, body: sent.body === undefined ? sent.text : plain(sent.text, seen) };
  };
  const caller: Caller = {
    host,
    key,
    own: (prefix, n) => seen.filter((id) => id.startsWith(`${prefix}_`)).at(-1 - n) ?? `${prefix}_00000000000000000000000000`,
    send: async (method, path, { body, retry, staff: asStaff }) =>
      told(
        await t.send(method, path, {
          host,
          key: asStaff ? staff.value.key : key,
          body,
          ...(retry === undefined ? {} : { idempotencyKey: `retried-${retry}` }),
        }),
      ),
    seal: async () => plain(JSON.stringify(await sealAt(t, host)), seen),
    pry: async (n) => {
      if (!victim) return null;
      const id = victim.own('ws', n);
      await caller.send('GET', `/v1/workspaces/${id}`, {});
      await caller.send('DELETE', `/v1/workspaces/${id}`, { staff: true });
      await t.send('POST', '/v1/referrals', { host, key: victim.key, body: { prospect: prospect(n) }, idempotencyKey: `retried-${n + 3}` });
      return null;
    },
  };
  return caller;
}

const idForm = /\b[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{26}\b/g;
const idsIn = (text: string): readonly string[] => text.match(idForm) ?? [];

/** Ids by the order in which they were first told; times and whatever else is made by chance by a mark. */
function plain(text: string, seen: readonly string[]): unknown {
  const known = (value: string) =>
    value.replace(idForm, (id) => `${id.slice(0, id.indexOf('_'))}#${seen.indexOf(id)}`).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');
  const isByChance = (value: string) => /[\w+/=-]{20,}/.test(value);
  return JSON.parse(text, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    const form = known(value);
    const isShortCode = name === 'user_code' || (name === 'code' && !value.includes('.'));
    return isShortCode || isByChance(form) ? 'by chance' : form;
  });
}

/** What the first tenant is told, step by step, and what it has at the end. */
async function run(steps: readonly Step[], withOther: boolean): Promise<readonly unknown[]> {
  const closers: (() => Promise<void>)[] = [];
  const t = await openTestWorld({ atEnd: (close) => void closers.push(close) });
  const me = await callerAt(t, demoHost);
  const other = await callerAt(t, otherHost, me);
  const told: unknown[] = [];
  for (const { mine, theirs } of steps) {
    const [answer] = await Promise.all([
      mine === null ? null : actions[mine[0]](me, mine[1]),
      theirs === null || !withOther ? null : actions[theirs[0]](other, theirs[1]),
    ]);
    told.push([mine, answer]);
  }
  told.push(await me.seal(), await books(t));
  for (const close of closers) await close();
  return told;
}

/** Every number that the database gave the first tenant. */
async function books(t: TestWorld): Promise<unknown> {
  const rows = await sql(
    t,
    `select jsonb_build_object(
      'counters', (select jsonb_agg(jsonb_build_array(c.name, c.value) order by c.name, c.value) from frontdesk.counters c),
      'events', (select jsonb_agg(jsonb_build_array(e.sequence, e.type) order by e.sequence, e.type) from frontdesk.events e),
      'blocks', (select jsonb_agg(jsonb_build_array(b.number, b.leaf_count, b.leaves_total) order by b.number) from frontdesk.blocks b),
      'nodes', (select jsonb_agg(jsonb_build_array(n.level, n.index) order by n.level, n.index) from frontdesk.tree_nodes n),
      'ledger', (select jsonb_agg(e.kind order by l.block, l.index) from frontdesk.leaves l join frontdesk.ledger_events e on e.event_id = l.event_id),
      'outbox', (select jsonb_agg(jsonb_build_array(o.kind, o.state) order by o.kind, o.state) from frontdesk.outbox o),
      'answers', (select count(*) from frontdesk.idempotency), 'prospects', (select count(*) from frontdesk.prospects)) as books`,
  );
  return rows[0]?.books;
}

const action = (names: readonly Action[]) => fc.tuple(fc.constantFrom(...names), fc.nat(2));
const named = Object.keys(actions) as Action[];
const step = fc.record({
  mine: fc.option(action(named.filter((name) => name !== 'pry'))),
  theirs: fc.option(action(named), { freq: 8 }),
});

test('whatever one tenant does, another is told the same as if it were alone', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
      const [together, alone] = [await run(steps, true), await run(steps, false)];
      expect(together).toEqual(alone);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});
