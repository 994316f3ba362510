import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What the server of the embedded default writes into `demo.json`, as far as scripts need it. */
export interface DemoFile {
  readonly api_url: string;
  readonly mcp_url: string;
  readonly organizations: readonly { readonly domain: string; readonly api_key: string }[];
  readonly events_key?: string;
  readonly stripe_simulator_url?: string | null;
  readonly stripe_simulator_token?: string | null;
}

export interface RunningServer {
  /** Its data folder. */
  readonly folder: string;
  readonly demo: DemoFile;
  /** Stops the server and removes its data folder. May be called more than once. */
  stop(): Promise<void>;
}

/** The server that runs over this data folder; null when there is none that is ready. */
export async function findServer(folder: string): Promise<DemoFile | null> {
  const demo = readDemoFile(folder);
  return demo !== null && (await isReady(demo.api_url)) ? demo : null;
}

/** `demo.json` of this folder; null when there is none that can be read. */
export function readDemoFile(folder: string): DemoFile | null {
  const path = join(folder, 'demo.json');
  if (!existsSync(path)) return null;
  try {
    const demo: Partial<DemoFile> = JSON.parse(readFileSync(path, 'utf8'));
    const { api_url, mcp_url, organizations } = demo;
    return api_url !== undefined && mcp_url !== undefined && Array.isArray(organizations)
      ? { ...demo, api_url, mcp_url, organizations }
      : null;
  } catch {
    // Half written: the server is still starting.
    return null;
  }
}

/** Whether a server answers `/readyz` under this origin with 200, within two seconds. */
export async function isReady(origin: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', origin), { signal: AbortSignal.timeout(2000) });
    const { status } = await response.json();
    return response.ok && status === 'ready';
  } catch {
    return false;
  }
}

/**
 * Starts a server as `npm start` does, with a temporary data folder and a free port, and waits until it is ready. Rejects with what the
 * server said when it ends early or takes more than `patienceMs`.
 */
export async function startServer(patienceMs = 60_000): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'frontdesk-demo-'));
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/node.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, ...embedded, FRONTDESK_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += String(error);
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  // However this process ends, nothing is left behind.
  const abandon = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const interrupt = () => stop().finally(() => process.exit(130));
  process.once('exit', abandon).once('SIGINT', interrupt).once('SIGTERM', interrupt);

  const stop = async () => {
    if (!hasEnded()) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
    process.off('exit', abandon).off('SIGINT', interrupt).off('SIGTERM', interrupt);
    rmSync(folder, { recursive: true, force: true });
  };

  for (const deadline = Date.now() + patienceMs; Date.now() < deadline && !hasEnded(); await Promise.race([pause(100), ended])) {
    const demo = await findServer(folder);
    if (demo) return { folder, demo, stop };
  }
  const why = hasEnded() ? 'The server ended before it was ready.' : `The server was not ready after ${patienceMs / 1000} s.`;
  await stop();
  throw new Error(`${why}${said === '' ? '' : `\n${said.trim()}`}`);
}

/** The embedded default, whatever the environment says; empty counts as absent. */
const embedded = {
  PORT: '0',
  HOST: '',
  PUBLIC_ORIGIN: '',
  FRONTDESK_ENV: '',
  DATABASE_URL: '',
  DATABASE_OWNER_URL: '',
  FRONTDESK_MASTER_KEY: '',
  // The story brings all that it needs.
  FRONTDESK_DEMO: 'plain',
  CRON_SECRET: '',
  VERCEL: '',
};
