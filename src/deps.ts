import { typeidUnboxed } from 'typeid-js';
import packageJson from '../package.json' with { type: 'json' };
import { addressKey, callerAddress, clientIp } from './access/address.ts';
import { deskOfTenant } from './access/desk-of-tenant.ts';
import { openDesks } from './access/desks.ts';
import type { GuardedFetch } from './access/guarded-fetch.ts';
import { normaliseHost, normaliseLocalHost } from './access/host.ts';
import { outboundTarget } from './access/outbound-url.ts';
import { vouchedFor } from './access/vouched.ts';
import type { AdminDeps } from './admin/admin-deps.ts';
import { checkHealth } from './admin/doctor.ts';
import { expireDue } from './admin/expire.ts';
import { runAudit } from './admin/isolation/audit.ts';
import { reissueCapabilities } from './admin/reissue-capabilities.ts';
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
import { expireReferrals } from './effects/referrals/expire-referrals.ts';
import { holdByKey } from './effects/referrals/hold-by-key.ts';
import { judge } from './effects/referrals/judge.ts';
import { lapseDisputes } from './effects/referrals/lapse-disputes.ts';
import { releaseDue } from './effects/referrals/release-rewards.ts';
import { sealDue } from './effects/seal/seal-due.ts';
import { sealTenant } from './effects/seal/seal-tenant.ts';
import type { PaymentHands } from './effects/stripe/hands.ts';
import { atEachDue } from './effects/tenant-rounds.ts';
import { showEvent } from './operations/events/schemas.ts';
import { pauseBefore } from './operations/pause.ts';
import type { Deps } from './operations/perform.ts';
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
  readonly pause?: (attempt: number) => Promise<void>;
  /** How addresses that come from outside are called. Without it nothing is. */
  readonly fetchOutside?: GuardedFetch;
  /** What is done at the payment provider. Without it such work waits for a process that has it. */
  readonly payments?: PaymentHands;
  /** What may be private or plain http, as `host:port`. */
  readonly outboundAllow?: readonly string[];
  /** Whether what a commit left to be done is done soon after the answer; otherwise by schedules only. */
  readonly kicks?: boolean;
  readonly report?: (error: unknown, requestId: string) => void;
}

/** The composition root: the only place where concrete things meet. Web-standard code; the entries bring the database driver. */
export function createWorld(parts: Parts): World & { readonly admin: AdminDeps } {
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
    parts.report ?? ((error, requestId) => console.error(JSON.stringify({ level: 'error', request_id: requestId, error: String(error) })));
  const kicks = openKicks({ work: (tenant) => hands.workFor(tenant), now, report });
  const remembered = kicking(memory(db), parts.kicks ? kicks.ask : () => undefined);
  const hashKey = addressKey(masterKey);
  const newId = (prefix: string): string => typeidUnboxed(prefix);
  const admin: AdminDeps = { db, memory: remembered, masterKey, environment, now, newId };
  const deps: Deps = {
    memory: remembered,
    queries,
    desks,
    now,
    pause: parts.pause ?? pauseBefore,
    given: (desk, at) => ({ now: at, newId, random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)), derive: desk.derive }),
  };
  const hands = handsOf({ ...deps, db, report, deskOf: deskOfTenant({ db, desks }) }, parts.fetchOutside ?? callNobody, parts.payments);
  return {
    admin,
    deps,
    version: packageJson.version,
    release: { commit: parts.release.commit ?? null, region: parts.release.region ?? null },
    addressOf: (request, socketAddress) => callerAddress(clientIp(request.headers, socketAddress, parts.trustedProxyHops), hashKey),
    cronSecret: parts.cronSecret ?? null,
    schedules: {
      ...hands.schedules,
      qualify: hands.qualify,
      audit: () => runAudit(admin, now()),
      expire: async () => ({
        referrals: await hands.expireReferrals(),
        disputes: await hands.lapseDisputes(),
        ...(await expireDue(admin, now())),
        capabilities: await reissueCapabilities(admin),
      }),
    },
    afterwards: kicks.run,
    health: () => checkHealth({ db, masterKey, migrations }),
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
}

/**
 * What acts after a commit. A round that works tenant by tenant on what a request left (sealing, for one) stands in `rounds`, in order, so
 * that a later one finds what an earlier one made; what only time brings stands in `schedules` alone.
 */
function handsOf(deps: Omit<OutboxDeps, 'performers'>, fetchOutside: GuardedFetch, payments?: PaymentHands) {
  const performers: Performers = {
    [deliveryKind]: { where: 'outside', perform: webhookDelivery(fetchOutside) },
    'prospect.judge': { where: 'inside', perform: judge },
    'signing_key.revoked': { where: 'inside', perform: holdByKey },
    'audit.report': { where: 'inside', perform: reportAudit },
    ...payments?.performers,
  };
  const outbox: OutboxDeps = { ...deps, performers, without: payments ? [] : ['stripe.'] };
  const rounds: readonly ((tenant: string) => Promise<object>)[] = [
    (tenant) => sealTenant(deps, tenant),
    (tenant) => drain(outbox, { tenant }),
  ];
  return {
    schedules: { seal: () => sealDue(deps), drain: () => drain(outbox) },
    expireReferrals: () => atEachDue(deps, 'expire', expireReferrals),
    lapseDisputes: () => atEachDue(deps, 'expire', lapseDisputes),
    qualify: () => releaseDue(deps),
    async workFor(tenant: string): Promise<void> {
      for (const round of rounds) await round(tenant);
    },
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

const callNobody: GuardedFetch = async () => ({ ok: false, reason: 'address_forbidden' });

function liveSource(db: Db): FeedSource {
  const reader = eventReader(db);
  return {
    newest: reader.newest,
    after: async (tenant, sequence, limit) =>
      (await reader.after(tenant, sequence, limit)).map((row) => ({ organizationId: row.organization_id, event: showEvent(row) })),
  };
}
