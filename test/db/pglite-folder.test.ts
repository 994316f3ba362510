import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { connectPglite } from '../../src/db/drivers/pglite.ts';

test('a killed process loses no acknowledged batch, and the folder dumps and loads', async () => {
  const root = await mkdtemp(join(tmpdir(), 'frontdesk-pglite-'));
  const dataDir = join(root, 'data');
  const writer = spawn(process.execPath, ['--import', 'tsx', new URL('../support/pglite-writer.ts', import.meta.url).pathname, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let acknowledged = 0;
    for await (const line of createInterface({ input: writer.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === 50) writer.kill('SIGKILL');
    }
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
    expect(writer.signalCode).toBe('SIGKILL');

    const db = await connectPglite({ dataDir });
    const { rows } = await db.raw.query<{ found: number }>('select count(*)::int as found from tick where n <= $1', [acknowledged]);
    expect(acknowledged).toBeGreaterThanOrEqual(50);
    expect(rows).toEqual([{ found: acknowledged }]);

    const copy = await connectPglite({ loadDataDir: await db.raw.dumpDataDir('none'), user: 'frontdesk_writer' });
    await copy.batch({ role: 'writer' }, [
      { name: 'tick', text: 'insert into tick values ($1)', values: [1_000_000], read: () => undefined },
    ]);
    await Promise.all([db.close(), copy.close()]);
  } finally {
    writer.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
  }
});
