/** The self-host entry as a process of its own over a data folder that outlives it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a new folder begins with. */
type Demo = 'plain' | 'history';

export interface EmbeddedServer {
  readonly origin: string;
  /** SIGKILL: nothing is flushed, closed or said. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the server on a port and waits until it says that it listens. Rejects with what it said when it ends instead. */
export async function startEmbedded(folder: string, port: number, demo: Demo = 'plain'): Promise<EmbeddedServer> {
  const child = spawnInFolder(folder, { port, demo }, 'src/node.ts');
  const ended = once(child, 'exit');
  let said = '';
  const origin = await new Promise<string>((listening, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const found = /is open at (http:\S+)/.exec(said)?.[1];
        if (found !== undefined) listening(found);
      });
    }
    ended.then(() => failed(new Error(said)), failed);
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  // However the test ends, the process does too.
  process.once('exit', () => child.kill('SIGKILL'));
  return { origin, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}

/** Runs a script over the folder to its end. */
export async function runInFolder(
  folder: string,
  script: string,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnInFolder(folder, { port: 0, demo: 'plain' }, script, ...args);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  await once(child, 'close');
  return { code: child.exitCode, ...said };
}

function spawnInFolder(folder: string, { port, demo }: { readonly port: number; readonly demo: Demo }, script: string, ...args: string[]) {
  return spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    // Nothing but what every process needs: the embedded default, whatever is set around the tests.
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' },
      ...{ PORT: String(port), FRONTDESK_DATA_DIR: folder, FRONTDESK_DEMO: demo },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
