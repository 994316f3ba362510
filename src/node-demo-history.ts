import { fromUUIDBytes } from 'typeid-js';
import type { GuardedFetch } from './access/guarded-fetch.ts';
import { applyVendor } from './admin/apply-vendor.ts';
import { createKey } from './admin/create-key.ts';
import { createApp } from './app.ts';
import type { Db } from './db/batch.ts';
import { createWorld } from './deps.ts';
import type { Scene } from './effects/effect.ts';
import { stripeHands } from './effects/stripe/hands.ts';
import type { Act } from './embedded/history/acts.ts';
import { castAgents } from './embedded/history/cast.ts';
import { days, vendorIn } from './embedded/history/eras.ts';
import { historySeed, planHistory } from './embedded/history/plan.ts';
import { play } from './embedded/history/play.ts';
import type { Stage } from './embedded/history/stage.ts';
import { type Demo, explain, seedDemo } from './embedded/seed-demo.ts';
import { seedPayments } from './embedded/seed-payments.ts';
import { readAssets } from './node-assets.ts';
import { type DemoOutside, openDemoOutside } from './node-demo-outside.ts';
import { type PastStandIn, startStripeInThePast } from './node-stripe-stand-in.ts';

export interface HistoryWanted {
  /** Empty, but migrated. */
  readonly db: Db;
  readonly masterKey: Uint8Array;
  /** The vendor file, as parsed JSON. */
  readonly vendor: unknown;
  /** Where the server is going to listen. */
  readonly origin: string;
}

export interface PlayedHistory {
  /** With the keys of the organizations, made on the first day. */
  readonly demo: Demo;
  /** What stands in for Stripe goes on from there. */
  readonly stripeSnapshot: string;
  /** A sentence for a terminal. */
  readonly summary: string;
}

const host = 'localhost';
const dayMs = 86_400_000;

/**
 * Makes up a hundred and twenty days that end today, by playing them through the doors of the server on a clock in the past: what is in
 * the database afterwards was decided, sealed and settled as everything else is. Nothing of it is due any more.
 */
export async function playDemoHistory({ db, masterKey, vendor, origin }: HistoryWanted): Promise<PlayedHistory> {
  const ends = new Date();
  const today = new Date(ends.getTime() - (ends.getTime() % dayMs));
  const begins = new Date(today.getTime() - (days - 1) * dayMs);
  // It brings webhooks into an app that is made with its clock.
  let app: { readonly fetch: (request: Request, bindings: object) => Response | Promise<Response> } | null = null;
  const fetchHere = async (request: Request): Promise<Response> => {
    if (app === null) throw new Error('nobody listens yet');
    return app.fetch(request, { incoming: { socket: { remoteAddress: '192.0.2.20' } } });
  };
  const past = await startStripeInThePast(begins, async (url, headers, body) => {
    const answer = await fetchHere(new Request(url, { method: 'POST', headers: { ...headers, Host: new URL(url).host }, body }));
    return answer.status;
  });
  try {
    const hands = stripeHands(past.access);
    const outside = openDemoOutside();
    const world = createWorld({
      ...{ db, masterKey, mode: 'embedded', cronSecret: undefined, trustedProxyHops: 0, release: { region: undefined, commit: undefined } },
      ...{ now: past.now, newId: idsOf(past.now), payments: hands, fetchOutside: receivers, pause: async () => undefined },
      identity: outside.identity,
      report: (error) => {
        throw error;
      },
    });
    app = createApp({ ...world, assets: readAssets() });
    const demo = await seedDemo(world.admin, null, vendorIn('pilot', vendor), origin, null);
    await seedPayments(world.admin, past.access, origin);
    const stage = stageOf(world, { past, hands, origin, db, fetchHere, outside });
    const acts = planHistory(historySeed, today.getUTCDay());
    await play({ acts, vendor, keys: demo.organizations, eventsKey: demo.events_key, begins, ends }, stage);
    await comeToPresent(world, { past, hands, db });
    return { demo, stripeSnapshot: past.snapshot(), summary: summaryOf(acts) };
  } finally {
    await past.stop();
  }
}

function summaryOf(acts: readonly Act[]): string {
  const referrals = acts.reduce((sum, act) => sum + (act.kind === 'record' ? act.prospects.length : act.kind === 'provision' ? 1 : 0), 0);
  return `The demo begins with ${days} days of invented history: ${referrals} referrals of ${castAgents.length} agents.`;
}

type World = ReturnType<typeof createWorld>;

interface Behind {
  readonly past: PastStandIn;
  readonly hands: ReturnType<typeof stripeHands>;
  readonly db: Db;
}

function stageOf(
  world: World,
  behind: Behind & {
    readonly origin: string;
    readonly fetchHere: (request: Request) => Promise<Response>;
    readonly outside: DemoOutside;
  },
): Stage {
  const { past, origin, fetchHere, outside } = behind;
  return {
    now: past.now,
    goTo: past.goTo,
    stripe: past.access,
    async call(method, path, key, body) {
      const headers = {
        ...{ Host: new URL(origin).host, 'Content-Type': 'application/json' },
        ...(method === 'GET' ? {} : { 'Idempotency-Key': crypto.randomUUID() }),
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
      };
      const answer = await fetchHere(new Request(`${origin}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }));
      const text = await answer.text();
      if (answer.status >= 400) throw new Error(`The history could not be played: ${method} ${path} answered ${answer.status} ${text}`);
      return text.startsWith('{') ? JSON.parse(text) : null;
    },
    async makeKey(wanted) {
      const made = await createKey(world.admin, { host, ...wanted });
      if (!made.ok) throw new Error(`The history could not be played:\n${explain(made)}`);
      return made.value;
    },
    verifyAsInvited: (email, wanted) => outside.verifyAsInvited({ fetch: fetchHere, origin, deps: world.deps }, email, wanted),
    publish: outside.publish,
    async apply(vendor) {
      const applied = await applyVendor(world.admin, { raw: vendor, origin, hosts: [host] });
      if (!applied.ok) throw new Error(`The history could not be played:\n${explain(applied)}`);
    },
    async round(name) {
      if (name === 'reconcile') await compare(world, behind);
      else await roundOf(world, name);
    },
    // Of customers it matters what they paid and what went back; drafts matter where rewards can still be credited to them.
    hearStripe: () =>
      past.tell(
        ({ type, status }) => type === 'invoice.paid' || type === 'refund.created' || (type === 'invoice.created' && status === 'draft'),
      ),
  };
}

async function roundOf({ schedules }: World, name: string): Promise<void> {
  await schedules[name]?.();
}

/** What the schedule `reconcile` writes down of the ledger and Stripe. Events are told here, none is lost. */
async function compare(world: World, { db, hands }: Behind): Promise<void> {
  const scene = await sceneOf(world, db);
  const reconciled = await hands.reconcile(scene);
  if (reconciled) await world.deps.memory.commit(scene.desk.tenant, reconciled.changes);
}

/** A day of Stripe's events is compared at a time, and thirty days are listed. */
const listedDays = 32;

async function comeToPresent(world: World, behind: Behind): Promise<void> {
  const { past, hands, db } = behind;
  await past.comeToPresent();
  for (let n = 0; n < listedDays; n++) {
    const scene = await sceneOf(world, db);
    const compared = await hands.findLostEvents(scene, (changes) => world.deps.memory.commit(scene.desk.tenant, changes));
    if (compared?.ok && compared.isComplete) break;
  }
  for (const name of ['qualify', 'expire', 'drain', 'seal', 'drain', 'seal', 'drain']) await roundOf(world, name);
  await compare(world, behind);
  // Last, so that all of the ledger is verified.
  await roundOf(world, 'audit');
}

async function sceneOf({ deps }: World, db: Db): Promise<Scene> {
  const desk = await deps.desks.find(host);
  if (desk === null) throw new Error('the vendor is applied before anything is compared');
  const now = deps.now();
  return {
    desk,
    now,
    given: deps.given(desk, now),
    consult: (statements) => db.batch({ role: 'writer', tenant: desk.tenant }, statements),
  };
}

/** Who is told by webhooks: the vendor's own systems answer, one partner's is down. */
const receivers: GuardedFetch = async ({ url }) => {
  const status = new URL(url).hostname === 'crm.brightpath.example' ? 503 : 204;
  return { ok: true, status, headers: new Headers(), body: new Uint8Array() };
};

/** UUID version 7 (RFC 9562 §5.7) of the clock's time; those of one millisecond follow each other. */
function idsOf(now: () => Date): (prefix: string) => string {
  let last = 0;
  let sequence = 0;
  return (prefix) => {
    const at = now().getTime();
    sequence = at === last ? sequence + 1 : 0;
    last = at;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const view = new DataView(bytes.buffer);
    view.setUint16(0, Math.floor(at / 2 ** 32));
    view.setUint32(2, at % 2 ** 32);
    view.setUint16(6, 0x7000 | (sequence & 0xfff));
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
    return fromUUIDBytes(prefix, bytes);
  };
}
