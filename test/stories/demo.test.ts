import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../scripts/demo-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
}, 90_000);
afterAll(() => server?.stop(), 30_000);

it('plays the whole story over REST', { timeout: 90_000 }, async () => {
  const { code, stdout, stderr } = await demo();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Proven over REST in .+, 24 steps: /m);
});

it('plays the whole story over MCP, and finds the referral of the first time', { timeout: 90_000 }, async () => {
  const { code, stdout, stderr } = await demo('--mcp');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Proven over MCP in .+, 23 steps: /m);
});

it('ends with a sentence and a failure when no server is where it is sent', { timeout: 90_000 }, async () => {
  const { code, stderr } = await demo('--url', 'http://127.0.0.1:9');
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'No server is ready at http://127.0.0.1:9.\n' });
});

/** Runs the script as `npm run demo` does, beside the server of these tests. */
async function demo(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, FRONTDESK_DATA_DIR: server.folder, NO_COLOR: '1' };
  const child = execFile(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', ...args], { env });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (text) => {
    said.stdout += text;
  });
  child.stderr?.on('data', (text) => {
    said.stderr += text;
  });
  await once(child, 'close');
  return { code: child.exitCode, ...said };
}
