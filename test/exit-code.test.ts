import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('a run that has Postgres loaded keeps the exit code of its failures', () => {
  const support = new URL('./support/postgres.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(support)}).then((support) => support.embeddedPostgres()).then(() => { process.exitCode = 3; });`;
  const cwd = fileURLToPath(new URL('../', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--eval', script], { cwd, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
});
