/** A database of its own for a benchmark, worlds and vendors on it, and decisions that are made before the clock starts. */
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { applyVendor } from '../src/admin/apply-vendor.ts';
import { createKey } from '../src/admin/create-key.ts';
import { createApp } from '../src/app.ts';
import type { Db } from '../src/db/batch.ts';
import type { Memory } from '../src/db/memory.ts';
import { migrate, overPg } from '../src/db/migrate.ts';
import { createWorld } from '../src/deps.ts';
import { migrationsFolder } from '../src/embedded/migrate-embedded.ts';
import { createDatabase, startPostgres } from '../test/support/postgres.ts';

export type BenchWorld = ReturnType<typeof createWorld>;

export interface BenchTenant {
  readonly world: BenchWorld;
  readonly memory: Memory;
  readonly tenant: string;
  readonly host: string;
  /** One key of each partner. */
  readonly keys: readonly string[];
}

/** A server with fsync on and one migrated database; `prepare` may add to it as the owner. */
export async function createBenchDatabase(prepare: (owner: Client) => Promise<void> = async () => {}) {
  const server = await startPostgres();
  const scratch = await createDatabase(server.adminUrl, {
    prepare: async (ownerUrl) => {
      const client = new Client({ connectionString: ownerUrl });
      await client.connect();
      await migrate(overPg(client), migrationsFolder);
      await prepare(client);
      await client.end();
    },
  });
  return { server, scratch };
}

export function openBenchWorld(db: Db): BenchWorld {
  return createWorld({
    db,
    masterKey: new Uint8Array(32).fill(9),
    mode: 'embedded',
    cronSecret: undefined,
    trustedProxyHops: 0,
    release: { region: undefined, commit: undefined },
  });
}

/** The demo vendor at a host, with limits that no benchmark reaches, and partners with keys. */
export async function applyBenchVendor(world: BenchWorld, host: string, partners = 50): Promise<BenchTenant> {
  const raw = JSON.parse(await readFile(new URL('../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
  raw.program.max_open_declared_per_organization = 100_000;
  raw.provisioning.api_key = { burst: 100_000, per_second: 10_000, active_workspaces: 100_000 };
  raw.provisioning.anonymous = { burst: 100_000, per_hour: 100_000, active_workspaces: 100_000 };
  raw.provisioning.strangers = { burst: 100_000, per_hour: 100_000 };
  const applied = await applyVendor(world.admin, { raw, origin: `https://${host}`, hosts: [host] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
  const keys: string[] = [];
  for (let i = 0; i < partners; i++) {
    const created = await createKey(world.admin, { host, organization: { domain: `partner-${i}.example` }, agentName: 'bench' });
    if (!created.ok) throw new Error(JSON.stringify(created));
    keys.push(created.value.key);
  }
  return { world, memory: world.deps.memory, tenant: applied.value.tenant, host, keys };
}

let domains = 0;

/** Decisions of record_referral about new prospects, or of its batch with `each` of them, withheld from the database. */
export async function decideReferrals({ world, keys, host, tenant }: BenchTenant, amount: number, each = 1) {
  const decided: { tenant: string; changes: Parameters<Memory['commit']>[1] }[] = [];
  const memory: Memory = {
    ...world.deps.memory,
    async commit(_tenant, changes) {
      decided.push({ tenant, changes });
      return 'done';
    },
  };
  const app = createApp({ ...world, deps: { ...world.deps, memory } });
  for (let i = 0; i < amount; i++) {
    const referrals = Array.from({ length: each }, () => ({ prospect: { name: 'P', domain: `prospect-${domains++}.example` } }));
    const response = await app.fetch(
      new Request(`http://${host}/v1/referrals${each > 1 ? '/batch' : ''}`, {
        method: 'POST',
        headers: {
          ...{ Host: host, Authorization: `Bearer ${keys[i % keys.length]}`, 'Content-Type': 'application/json' },
          'Idempotency-Key': crypto.randomUUID(),
        },
        body: JSON.stringify(each > 1 ? { referrals } : referrals[0]),
      }),
    );
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  }
  return decided;
}
