import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, makeLedger, signer, textOf } from './made-ledger.ts';

const keys = [signer(), signer()] as const;
const ledger = makeLedger([3, 1, 4, 2], { keys, isForeign: (number) => number === 5 });
const published = keys.map(({ jwk }) => jwk);

describe('npm run ledger:verify', () => {
  let folder: string;
  const written = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const run = (...args: readonly string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, ['--import', 'tsx', 'scripts/ledger-verify.ts', ...args], (failure, stdout, stderr) => {
        resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out: stdout + stderr });
      });
    });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-verify-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('ends with 0 and says what was verified', async () => {
    const path = await written('export.ndjson', textOf(ledger.export()));
    const jwks = await written('jwks.json', JSON.stringify({ keys: published }));
    const receipt = await written('receipt.json', JSON.stringify(ledger.receiptAnswer(6)));
    const checkpoint = await written('checkpoint', ledger.note(2));
    const { code, out } = await run(path, '--keys', jwks, '--receipt', receipt, '--checkpoint', checkpoint);
    expect(out).toMatch(/^verified +the ledger of ten_/);
    expect(out).toMatch(/^leaves +10: 9 with their body, 1 as hashes/m);
    expect(out).toMatch(/^history +continues the outside checkpoints of size 2, 4$/m);
    expect(out).toContain(`${idOf('led', 6)} is leaf 2 of block 2 and says the same`);
    expect(code).toBe(0);
  });

  it('says plainly when the keys are the export’s own', async () => {
    const { code, out } = await run(await written('own.ndjson', textOf(ledger.export())));
    expect([code, out.includes('from the export itself')]).toEqual([0, true]);
  });

  it('ends with 1 and names what is broken', async () => {
    const { code, out } = await run(
      await written('broken.ndjson', textOf(ledger.export()).replace(`ref_${'6'.padStart(26, '0')}`, idOf('ref', 7))),
    );
    expect(out).toMatch(/^BROKEN +body\.edited: /);
    expect(out).toContain(`line 11, block 2, leaf 2, entry ${idOf('led', 6)}`);
    expect(code).toBe(1);
  });

  it('verifies a receipt without an export, and ends with 2 without its keys', async () => {
    const receipt = await written('alone.json', JSON.stringify(ledger.receiptAnswer(6)));
    const jwks = await written('keys.json', JSON.stringify({ keys: published }));
    const [withKeys, without] = await Promise.all([run('--receipt', receipt, '--keys', jwks), run('--receipt', receipt)]);
    expect(withKeys.out).toMatch(/^sealed +leaf 2 of block 2, under the signed checkpoint of size 4$/m);
    expect([withKeys.code, without.code]).toEqual([0, 2]);
  });
});
