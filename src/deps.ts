import { typeidUnboxed } from 'typeid-js';
import packageJson from '../package.json' with { type: 'json' };
import { addressKey, callerAddress, clientIp } from './access/address.ts';
import { openDesks } from './access/desks.ts';
import { normaliseHost, normaliseLocalHost } from './access/host.ts';
import type { AdminDeps } from './admin/admin-deps.ts';
import { checkHealth } from './admin/doctor.ts';
import { expireDue } from './admin/expire.ts';
import { reissueCapabilities } from './admin/reissue-capabilities.ts';
import type { Db } from './db/batch.ts';
import { memory } from './db/memory.ts';
import journal from './db/migrations/meta/_journal.json' with { type: 'json' };
import { queries } from './db/queries.ts';
import { pauseBefore } from './operations/pause.ts';
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
  readonly now?: () => Date;
  readonly pause?: (attempt: number) => Promise<void>;
  readonly report?: (error: unknown, requestId: string) => void;
}

/** The composition root: the only place where concrete things meet. Web-standard code; the entries bring the database driver. */
export function createWorld(parts: Parts): World & { readonly admin: AdminDeps } {
  const { db, masterKey } = parts;
  const now = parts.now ?? (() => new Date());
  const environment = parts.mode === 'embedded' ? 'dev' : 'live';
  const desks = openDesks({
    db,
    masterKey,
    environment,
    now,
    normaliseHost: parts.mode === 'embedded' ? normaliseLocalHost : normaliseHost,
  });
  const remembered = memory(db);
  const hashKey = addressKey(masterKey);
  const newId = (prefix: string): string => typeidUnboxed(prefix);
  const admin: AdminDeps = { db, memory: remembered, masterKey, environment, now, newId };
  return {
    admin,
    deps: {
      memory: remembered,
      queries,
      desks,
      now,
      pause: parts.pause ?? pauseBefore,
      given: (desk, at) => ({ now: at, newId, random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)), derive: desk.derive }),
    },
    version: packageJson.version,
    release: { commit: parts.release.commit ?? null, region: parts.release.region ?? null },
    addressOf: (request, socketAddress) => callerAddress(clientIp(request.headers, socketAddress, parts.trustedProxyHops), hashKey),
    cronSecret: parts.cronSecret ?? null,
    schedules: { expire: async () => ({ ...(await expireDue(admin, now())), capabilities: await reissueCapabilities(admin) }) },
    health: () => checkHealth({ db, masterKey, migrations }),
    report:
      parts.report ??
      ((error, requestId) => console.error(JSON.stringify({ level: 'error', request_id: requestId, error: String(error) }))),
  };
}
