import { typeidUnboxed } from 'typeid-js';
import packageJson from '../package.json' with { type: 'json' };
import { addressKey, callerAddress, clientIp } from './access/address.ts';
import { deskOfTenant } from './access/desk-of-tenant.ts';
import { openDesks } from './access/desks.ts';
import { proveDpop } from './access/dpop.ts';
import type { GuardedFetch } from './access/guarded-fetch.ts';
import { normaliseHost, normaliseLocalHost } from './access/host.ts';
import { outboundTarget } from './access/outbound-url.ts';
import { redact } from './access/redact.ts';
import { byTheirClock, dpopByTheirClock } from './access/their-clock.ts';
import { vouchedFor } from './access/vouched.ts';
import type { AdminDeps } from './admin/admin-deps.ts';
import { checkHealth } from './admin/doctor.ts';
import type { Db } from './db/batch.ts';
import { eventReader } from './db/event-reader.ts';
import { type Memory, memory } from './db/memory.ts';
import journal from './db/migrations/meta/_journal.json' with { type: 'json' };
import { queries } from './db/queries.ts';
import type { Changes } from './domain/decision.ts';
import { deliveryKind } from './domain/webhook.ts';
import { reportAudit } from './effects/audit-report.ts';
import type { Performers } from './effects/effect.ts';
import { openKicks } from './effects/kicks.ts';
import { webhookDelivery } from './effects/notify/webhook.ts';
import { drain, type OutboxDeps } from './effects/outbox.ts';
import { holdByKey } from './effects/referrals/hold-by-key.ts';
import { judge } from './effects/referrals/judge.ts';
import { sealTenant } from './effects/seal/seal-tenant.ts';
import type { PaymentHands } from './effects/stripe/hands.ts';
import type { RoundDeps } from './effects/tenant-rounds.ts';
import type { IdentityHands } from './identity-hands.ts';
import { showEvent } from './operations/events/schemas.ts';
import { pauseBefore } from './operations/pause.ts';
import type { Deps } from './operations/perform.ts';
import type { Provider } from './operations/provider.ts';
import { type FeedSource, openFeed } from './routes/feed.ts';
import type { World } from './routes/world.ts';

/** Names of the migrations that this release needs. */
const migrations = journal.entries.map(({ tag }) => tag);

export interface Parts {
  readonly db: Db;
  readonly masterKey: Uint8Array;
  readonly mode: 'embedded' | 'postgres';
  readonly cronSecret: string | undefined;
  readonly trustedProxyHops: number;
  readonly release: { readonly region: string | undefined; readonly commit: string | undefined };
  /** How long a live stream lasts at most; 240 seconds unless said otherwise. */
  readonly streamSeconds?: number;
  readonly now?: () => Date;
  /** By how many milliseconds that is ahead of everybody else's clock, where a demo may let time pass. */
  readonly aheadMs?: () => number;
  readonly pause?: (attempt: number) => Promise<void>;
  /** Makes ids; of the system's time unless given. */
  readonly newId?: (prefix: string) => string;
  /** How addresses that come from outside are called. Without it nothing is. */
  readonly fetchOutside?: GuardedFetch;
  /** What finds out who somebody is. Without it such work waits for a process that has it. */
  readonly identity?: (given: { readonly fetchOutside: GuardedFetch; readonly now: () => Date }) => IdentityHands;
  /** What is done at the payment provider. Without it such work waits for a process that has it. */
  readonly payments?: PaymentHands;
  /** Whom operations ask that record nothing; that of `payments` unless given. */
  readonly provider?: Provider;
  /** What may be private or plain http, as `host:port`. */
  readonly outboundAllow?: readonly string[];
  /** Whether what a commit left to be done is done soon after the answer; otherwise by schedules only. */
  readonly kicks?: boolean;
  readonly report?: (error: unknown, requestId: string) => void;
}

/** What a process is made of that acts after its own commits and runs no schedules. */
export interface Core {
  readonly world: Omit<World, 'schedules'> & { readonly admin: AdminDeps };
  /** What schedules stand on. */
  readonly rounds: RoundDeps;
  readonly outbox: OutboxDeps;
}

/** Where concrete things meet. Web-standard code; the entries bring the database driver. `deps.ts` adds the schedules. */
export function createCore(parts: Parts): Core {
  const { db, masterKey } = parts;
  const now = parts.now ?? (() => new Date());
  const environment = parts.mode === 'embedded' ? 'dev' : 'live';
  const vouched = { allow: parts.outboundAllow ?? [], local: parts.mode === 'embedded' };
  const desks = openDesks({
    db,
    masterKey,
    environment,
    now,
    mayReach: (url) => typeof outboundTarget(url, vouchedFor(url, vouched)) === 'object',
    normaliseHost: parts.mode === 'embedded' ? normaliseLocalHost : normaliseHost,
  });
  const report: World['report'] =
    parts.report ??
    ((error, requestId) => console.error(JSON.stringify({ level: 'error', request_id: requestId, error: redact(String(error)) })));
  const kicks = openKicks({ work: (tenant) => workFor(tenant), now, report });
  const remembered = kicking(memory(db), parts.kicks ? kicks.ask : () => undefined);
  const hashKey = addressKey(masterKey);
  const newId = parts.newId ?? ((prefix: string): string => typeidUnboxed(prefix));
  const admin: AdminDeps = { db, memory: remembered, masterKey, environment, now, newId };
  const provider = parts.provider ?? parts.payments?.provider;
  const { fetchOutside = callNobody } = parts;
  const identity = parts.identity?.({ fetchOutside, now });
  const aheadMs = parts.aheadMs ?? (() => 0);
  const deps: Deps = {
    ...(provider === undefined ? {} : { provider }),
    ...(identity === undefined ? {} : { outside: byTheirClock(identity.outside, aheadMs) }),
    proveDpop: dpopByTheirClock(proveDpop, aheadMs),
    memory: remembered,
    queries,
    desks,
    now,
    pause: parts.pause ?? pauseBefore,
    given: (desk, at) => ({ now: at, newId, random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)), derive: desk.derive }),
  };
  const rounds: RoundDeps = { ...deps, db, report, deskOf: deskOfTenant({ db, desks }) };
  const performers = performersOf(fetchOutside, identity, parts.payments);
  const without = [...(parts.payments ? [] : kindsOfPayments), ...(identity ? [] : kindsOfIdentity)];
  const outbox: OutboxDeps = { ...rounds, performers, without };
  // In order, so that a later one finds what an earlier one made.
  const works: readonly ((tenant: string) => Promise<object>)[] = [
    (tenant) => sealTenant(rounds, tenant),
    (tenant) => drain(outbox, { tenant }),
  ];
  const workFor = async (tenant: string): Promise<void> => {
    for (const work of works) await work(tenant);
  };
  const world: Core['world'] = {
    admin,
    deps,
    version: packageJson.version,
    release: { commit: parts.release.commit ?? null, region: parts.release.region ?? null },
    addressOf: (request, socketAddress) => callerAddress(clientIp(request.headers, socketAddress, parts.trustedProxyHops), hashKey),
    cronSecret: parts.cronSecret ?? null,
    afterwards: kicks.run,
    health: () => checkHealth({ db, masterKey, migrations }),
    payments: parts.payments ?? null,
    live: {
      feed: openFeed(
        liveSource(db),
        () => now().getTime(),
        (error) => report(error, 'live:feed'),
      ),
      places: { perCaller: 20, inAll: 1000 },
      lifetimeMs: (parts.streamSeconds ?? 240) * 1000,
      later(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    report,
  };
  return { world, rounds, outbox };
}

/** What acts after a commit, by the kind of the effect. */
function performersOf(fetchOutside: GuardedFetch, identity?: IdentityHands, payments?: PaymentHands): Performers {
  return {
    [deliveryKind]: { where: 'outside', perform: webhookDelivery(fetchOutside) },
    'prospect.judge': { where: 'inside', perform: judge },
    'signing_key.revoked': { where: 'inside', perform: holdByKey },
    'audit.report': { where: 'inside', perform: reportAudit },
    ...identity?.performers,
    ...payments?.performers,
  };
}

/** Tells of every commit that left something to be done. */
function kicking(inner: Memory, ask: (tenant: string) => void): Memory {
  return {
    ...inner,
    async commit(tenant, changes) {
      const written = await inner.commit(tenant, changes);
      if (written === 'done' && leavesWork.some((part) => changes[part] !== undefined)) ask(tenant);
      return written;
    },
  };
}

const leavesWork = ['effects', 'revived_effects', 'ledger_events', 'events'] as const satisfies readonly (keyof Changes)[];

/** What the kinds of effects begin with that payments lead to, and nothing else. */
const kindsOfPayments = ['stripe.', 'rewards.'];

/** What the kinds of effects begin with that lead to finding out who somebody is. */
const kindsOfIdentity = ['mail.', 'organization.domain.'];

const callNobody: GuardedFetch = async () => ({ ok: false, reason: 'address_forbidden' });

function liveSource(db: Db): FeedSource {
  const reader = eventReader(db);
  return {
    newest: reader.newest,
    after: async (tenant, sequence, limit) =>
      (await reader.after(tenant, sequence, limit)).map((row) => ({ organizationId: row.organization_id, event: showEvent(row) })),
  };
}
