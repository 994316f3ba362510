import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { GuardedFetch } from './access/guarded-fetch.ts';
import { vouchedFor } from './access/vouched.ts';
import { adminCommands } from './admin/commands.ts';
import type { Config, EmbeddedConfig, PostgresConfig } from './config.ts';
import { connectPglite } from './db/drivers/pglite.ts';
import { connectPostgres } from './db/drivers/postgres.ts';
import { createWorld } from './deps.ts';
import { openDataFolder } from './embedded/data-folder.ts';
import { embeddedOwner, migrateEmbedded } from './embedded/migrate-embedded.ts';
import { seedDemo } from './embedded/seed-demo.ts';
import { nodeGuardedFetch } from './node-guarded-fetch.ts';

export interface OpenedWorld {
  readonly world: ReturnType<typeof createWorld>;
  readonly commands: ReturnType<typeof adminCommands>;
  /** Called once the server listens. Answers what the operator should read. */
  announce(origin: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens what this process serves or administers: the embedded database in its folder, or the Postgres that DATABASE_URL names. */
export function openWorld(config: Config): Promise<OpenedWorld> {
  return config.mode === 'embedded' ? openEmbedded(config) : openPostgres(config);
}

async function openEmbedded(config: EmbeddedConfig): Promise<OpenedWorld> {
  const folder = await openDataFolder(config.dataDir);
  try {
    const masterKey = config.masterKey ?? (await folder.readOrMakeMasterKey());
    const db = await connectPglite({
      dataDir: folder.databasePath,
      prepare: migrateEmbedded,
      user: embeddedOwner,
    });
    const world = createWorld({ ...config, db, masterKey, fetchOutside: fetchFromHere(config), kicks: true });
    let origin = config.publicOrigin ?? `http://localhost:${config.port}`;
    const commands = adminCommands(world.admin, world.health, () => origin);
    return {
      world,
      commands,
      async announce(listening) {
        origin = listening;
        const demo = await seedDemo(world.admin, folder.path, await readVendorFile(config.vendorFile), origin);
        await folder.writeDemo(demo);
        folder.setHandlers(commands);
        return welcome(listening, folder.path, demo.organizations[0]?.api_key ?? '');
      },
      async close() {
        await folder.finishCommands();
        await db.close();
        await folder.close();
      },
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function openPostgres(config: PostgresConfig): Promise<OpenedWorld> {
  const db = connectPostgres(config.databaseUrl, { pooled: config.databasePooled });
  const world = createWorld({ ...config, db, fetchOutside: fetchFromHere(config), kicks: true });
  const commands = adminCommands(world.admin, world.health, () => config.publicOrigin);
  return {
    world,
    commands,
    async announce(origin) {
      const { ok, checks } = await world.health();
      const troubles = checks.filter((check) => !check.ok).map(({ name, detail }) => `  ${name}: ${detail}`);
      return `Frontdesk listens at ${origin}\n${ok ? 'Ready.' : `Not ready:\n${troubles.join('\n')}`}`;
    },
    close: () => db.close(),
  };
}

/** In the embedded default receivers on this machine are called as well, so that webhooks can be tried. */
function fetchFromHere({ mode, outboundAllow }: Config): GuardedFetch {
  const vouched = { allow: outboundAllow, local: mode === 'embedded' };
  return (request) => nodeGuardedFetch({ allow: vouchedFor(request.url, vouched) })(request);
}

/** A vendor file as JSON, with a sentence for the two ways in which it can fail to be one. */
export async function readVendorFile(path: string): Promise<unknown> {
  if (!existsSync(path)) throw new Error(`There is no vendor file at ${path}. Set FRONTDESK_VENDOR_FILE, or name the file.`);
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${path} is not JSON.`, { cause });
  }
}

function welcome(origin: string, folder: string, key: string): string {
  const uuid = '$(node -p "crypto.randomUUID()")';
  return `
Frontdesk is open at ${origin}

  API      ${origin}/v1/capabilities
  MCP      ${origin}/mcp
  Docs     ${origin}/docs
  Keys     ${folder}/demo.json

Three calls to copy:

  curl -s ${origin}/v1/capabilities

  curl -s ${origin}/v1/workspaces/provision -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: ${uuid}" -H 'Authorization: Bearer ${key}' \\
    -d '{"prospect":{"name":"Northwind Freight","domain":"northwind-freight.example"}}'

  curl -s ${origin}/v1/referrals -H 'Authorization: Bearer ${key}'

The whole story:  npm run demo      over MCP:  npm run demo -- --mcp
`;
}
