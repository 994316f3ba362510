import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { GuardedFetch } from './access/guarded-fetch.ts';
import { signInAt } from './access/oidc.ts';
import { openPasskeys } from './access/passkeys.ts';
import { vouchedFor } from './access/vouched.ts';
import { adminCommands } from './admin/commands.ts';
import type { Config, EmbeddedConfig, PostgresConfig } from './config.ts';
import { connectPglite, type PgliteDb } from './db/drivers/pglite.ts';
import { connectPostgres } from './db/drivers/postgres.ts';
import { createWorld } from './deps.ts';
import { openInbox } from './effects/mail/inbox.ts';
import type { StripeAccess } from './effects/stripe/client.ts';
import { stripeHands } from './effects/stripe/hands.ts';
import { type DataFolder, openDataFolder } from './embedded/data-folder.ts';
import { embeddedOwner, migrateEmbedded } from './embedded/migrate-embedded.ts';
import { replaceFile } from './embedded/private-file.ts';
import { type Demo, readDemo, seedDemo } from './embedded/seed-demo.ts';
import { connectOwnAccount, seedPayments } from './embedded/seed-payments.ts';
import { begin, finish, isUnused } from './embedded/unfinished.ts';
import { identityFrom } from './identity-hands.ts';
import { playDemoHistory } from './node-demo-history.ts';
import { nodeGuardedFetch } from './node-guarded-fetch.ts';
import { startStripeStandIn } from './node-stripe-stand-in.ts';

export interface OpenedWorld {
  readonly world: ReturnType<typeof createWorld>;
  readonly commands: ReturnType<typeof adminCommands>;
  /** Called once the server listens. Answers what the operator should read. */
  announce(origin: string): Promise<string>;
  /** Calls back whenever somebody has let time pass; never where the clock is the system's. */
  onJump(run: () => void): void;
  close(): Promise<void>;
}

/**
 * Opens what this process serves or administers: the embedded database in its folder, or the Postgres that DATABASE_URL names.
 * `serves`: a folder that nobody has used yet is given the demo's history first, where the configuration wants it.
 */
export function openWorld(config: Config, { serves = false } = {}): Promise<OpenedWorld> {
  return config.mode === 'embedded' ? openEmbedded(config, serves && config.demo === 'history') : openPostgres(config);
}

async function openEmbedded(config: EmbeddedConfig, wantsHistory: boolean): Promise<OpenedWorld> {
  const folder = await openDataFolder(config.dataDir);
  const opened: (() => Promise<void>)[] = [() => folder.close()];
  const close = async () => {
    for (const end of opened.toReversed()) await end();
  };
  try {
    const beginsWithHistory = (await isUnused(folder)) && wantsHistory;
    const masterKey = config.masterKey ?? (await folder.readOrMakeMasterKey());
    if (beginsWithHistory) await begin(folder);
    const db = await connectPglite({ dataDir: folder.databasePath, prepare: migrateEmbedded, user: embeddedOwner });
    opened.push(() => db.close());
    if (beginsWithHistory) await makeUpHistory(config, folder, { db, masterKey });
    const standIn = config.stripe === undefined ? await startStripeStandIn(folder.stripePath) : null;
    if (standIn) opened.push(standIn.close);
    const access: StripeAccess = standIn?.access ?? {};
    const clock = standIn ? { now: standIn.now, aheadMs: () => standIn.now().getTime() - Date.now() } : {};
    const { fetchOutside, fetchDocuments } = fetchesFromHere(config);
    const world = createWorld({
      ...{ ...config, ...clock, db, masterKey, fetchOutside, payments: stripeHands(access), kicks: true },
      identity: identityFrom(
        { ...config, fetchOutside },
        {
          ...(config.resend ? {} : { mail: openInbox(console.log).transport }),
          ...{ fetchDocuments, signIn: signInAt({ oidc: config.oidc, masterKey, fetchOutside }), passkeys: openPasskeys(masterKey) },
        },
      ),
    });
    let origin = originOf(config);
    const commands = adminCommands(world.admin, world.health, () => origin, { access, development: true });
    return {
      world,
      commands,
      onJump: (run) => standIn?.onJump(run),
      async announce(listening) {
        origin = listening;
        const demo = await seedDemo(world.admin, await readDemo(folder.path), await readVendorFile(config.vendorFile), origin, standIn);
        if (config.stripe) await connectOwnAccount(world.admin, config.stripe);
        else await seedPayments(world.admin, access, origin);
        await standIn?.save();
        await folder.writeDemo(demo);
        folder.setHandlers(commands);
        return welcome(listening, folder.path, demo, standIn?.url);
      },
      async close() {
        await folder.finishCommands();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where a server of this configuration is reached, as far as its port is known. */
function originOf({ publicOrigin, host, port }: Config): string {
  return publicOrigin ?? `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`;
}

async function makeUpHistory(
  config: EmbeddedConfig,
  folder: DataFolder,
  { db, masterKey }: { readonly db: PgliteDb; readonly masterKey: Uint8Array },
): Promise<void> {
  const began = performance.now();
  const vendor = await readVendorFile(config.vendorFile);
  const { demo, stripeSnapshot, summary } = await playDemoHistory({ db, masterKey, vendor, origin: originOf(config) });
  await replaceFile(folder.stripePath, stripeSnapshot);
  await folder.writeDemo(demo);
  await finish(folder);
  console.log(`${summary} It took ${((performance.now() - began) / 1000).toFixed(1)} s, once; FRONTDESK_DEMO=plain begins without.`);
}

async function openPostgres(config: PostgresConfig): Promise<OpenedWorld> {
  const db = connectPostgres(config.databaseUrl, { pooled: config.databasePooled });
  const { fetchOutside, fetchDocuments } = fetchesFromHere(config);
  const world = createWorld({
    ...{ ...config, db, fetchOutside, payments: stripeHands(), kicks: true },
    identity: identityFrom(
      { ...config, fetchOutside },
      { fetchDocuments, signIn: signInAt({ ...config, fetchOutside }), passkeys: openPasskeys(config.masterKey) },
    ),
  });
  const commands = adminCommands(world.admin, world.health, () => config.publicOrigin, {
    development: config.environment === 'development',
  });
  return {
    world,
    commands,
    onJump: () => undefined,
    async announce(origin) {
      const { ok, checks } = await world.health();
      const troubles = checks.filter((check) => !check.ok).map(({ name, detail }) => `  ${name}: ${detail}`);
      return `Frontdesk listens at ${origin}\n${ok ? 'Ready.' : `Not ready:\n${troubles.join('\n')}`}`;
    },
    close: () => db.close(),
  };
}

/**
 * In the embedded default receivers on this machine are called as well, so that webhooks can be tried: whoever names one has a credential.
 * The address of a document anybody may name, so that those are looked for on this machine only while nobody else reaches the server.
 */
export function fetchesFromHere(config: Config): { readonly fetchOutside: GuardedFetch; readonly fetchDocuments: GuardedFetch } {
  const reaching = (local: boolean): GuardedFetch => {
    return (request) => nodeGuardedFetch({ allow: vouchedFor(request.url, { allow: config.outboundAllow, local }) })(request);
  };
  const isEmbedded = config.mode === 'embedded';
  return { fetchOutside: reaching(isEmbedded), fetchDocuments: reaching(isEmbedded && isForThisMachine(config)) };
}

function isForThisMachine({ environment, publicOrigin, host }: Config): boolean {
  return environment === 'development' && publicOrigin === undefined && ['127.0.0.1', '::1', 'localhost'].includes(host);
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

function welcome(origin: string, folder: string, demo: Demo, stripe: string | undefined): string {
  const key = demo.organizations[0]?.api_key ?? '';
  const uuid = '$(node -p "crypto.randomUUID()")';
  return `
Frontdesk is open at ${origin}

  API      ${origin}/v1/capabilities
  MCP      ${origin}/mcp
  Docs     ${origin}/docs
  Keys     ${folder}/demo.json
  Sign in  ${demo.ledger_login_url}   (as the operator, once; mail is printed here)
  Stripe   ${stripe === undefined ? 'your own test account' : `${stripe}, a stand-in: no money moves`}

Three calls to copy:

  curl -s ${origin}/v1/capabilities

  curl -s ${origin}/v1/workspaces/provision -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: ${uuid}" -H 'Authorization: Bearer ${key}' \\
    -d '{"prospect":{"name":"Northwind Freight","domain":"northwind-freight.example"}}'

  curl -s ${origin}/v1/referrals -H 'Authorization: Bearer ${key}'

The whole story:  npm run demo      over MCP:  npm run demo -- --mcp
`;
}
