import type { AdminDeps } from './admin/admin-deps.ts';
import { expireDue } from './admin/expire.ts';
import { runAudit } from './admin/isolation/audit.ts';
import { reissueCapabilities } from './admin/reissue-capabilities.ts';
import { createCore, type Parts } from './core.ts';
import { drain } from './effects/outbox.ts';
import { reconcileDue } from './effects/reconcile-due.ts';
import { expireReferrals } from './effects/referrals/expire-referrals.ts';
import { lapseDisputes } from './effects/referrals/lapse-disputes.ts';
import { releaseDue } from './effects/referrals/release-rewards.ts';
import { sealDue } from './effects/seal/seal-due.ts';
import { atEachDue } from './effects/tenant-rounds.ts';
import type { World } from './routes/world.ts';

/** The composition root of a process that also does what time brings. Web-standard code; the entries bring the database driver. */
export function createWorld(parts: Parts): World & { readonly admin: AdminDeps } {
  const { world, rounds, outbox } = createCore(parts);
  const { admin } = world;
  return {
    ...world,
    schedules: {
      seal: () => sealDue(rounds),
      drain: () => drain(outbox),
      qualify: () => releaseDue(rounds),
      reconcile: () => reconcileDue(rounds, parts.payments),
      audit: () => runAudit(admin, admin.now()),
      expire: async () => ({
        referrals: await atEachDue(rounds, 'expire', expireReferrals),
        disputes: await atEachDue(rounds, 'expire', lapseDisputes),
        ...(await expireDue(admin, admin.now())),
        capabilities: await reissueCapabilities(admin),
      }),
    },
  };
}
