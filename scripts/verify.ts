import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm run verify` looks at, one after the other: tool and arguments. None needs the network. */
const checks: readonly { readonly name: string; readonly command: readonly [string, ...string[]] }[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['biome', 'ci', '--colors=off', '.'] },
  { name: 'architecture', command: ['vitest', 'run', 'test/architecture.test.ts'] },
  { name: 'emitted files', command: ['tsx', 'scripts/emit.ts', '--check'] },
  { name: 'document links', command: ['tsx', 'scripts/check-doc-links.ts'] },
];

/** Runs all checks, even after one has failed, and shows the output of those that did. */
async function main(): Promise<number> {
  let failed = 0;
  for (const { name, command } of checks) {
    const begun = performance.now();
    const { ok, output } = await run(command);
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s`);
    if (ok) continue;
    failed += 1;
    console.log(`\n${output.trim()}\n`);
  }
  return failed === 0 ? 0 : 1;
}

function run([tool, ...args]: readonly [string, ...string[]]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules', '.bin', tool), args, { cwd: root, shell: process.platform === 'win32' });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => resolve({ ok: false, output: `${tool} cannot be started: ${error.message}` }));
    child.once('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

const root = fileURLToPath(new URL('../', import.meta.url));

process.exitCode = await main();
