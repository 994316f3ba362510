import { parseArgs } from 'node:util';
import { connectPglite } from '../src/db/drivers/pglite.ts';
import { embeddedOwner, migrateEmbedded } from '../src/embedded/migrate-embedded.ts';
import { fuzzCatalogue } from '../test/support/fuzz.ts';
import { openTestWorld } from '../test/support/world.ts';

/** What the tests sample, at length. Each part takes a count and a seed, and answers the figures to be quoted. */
const parts: Readonly<Record<string, (runs: number, seed: number) => Promise<object>>> = {
  fuzz: async (runs, seed) => {
    const db = await connectPglite({ prepare: migrateEmbedded, user: embeddedOwner });
    try {
      const t = await openTestWorld({ db, atEnd: () => {} });
      const figures = await fuzzCatalogue(t, runs, seed);
      if (t.reported.length > 0) throw new Error(`reported as bugs: ${t.reported.slice(0, 5).map(String).join('; ')}`);
      return figures;
    } finally {
      await db.close();
    }
  },
};

/** `npm run soak -- [--runs 20000] [--seed 1] [part …]`. Fails when any part does; what failed names its seed. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } }, allowPositionals: true });
  const runs = Number(values.runs ?? 20_000);
  const seed = Number(values.seed ?? Date.now() % 2_147_483_647);
  const unknown = positionals.filter((name) => parts[name] === undefined);
  if (unknown.length > 0 || !Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
    console.error(`Usage: npm run soak -- [--runs <count>] [--seed <number>] [${Object.keys(parts).join(' | ')}]`);
    return 2;
  }
  let failed = 0;
  for (const [name, run] of Object.entries(parts).filter(([part]) => positionals.length === 0 || positionals.includes(part))) {
    const started = performance.now();
    try {
      const figures = await run(runs, seed);
      console.log(`${name}  ok  ${((performance.now() - started) / 1000).toFixed(1)} s  ${JSON.stringify(figures)}`);
    } catch (error) {
      failed += 1;
      console.error(`${name}  FAILED  seed ${seed}, ${runs} runs\n${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
