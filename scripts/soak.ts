import { parseArgs } from 'node:util';
import { connectPglite } from '../src/db/drivers/pglite.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import { embeddedOwner, migrateEmbedded } from '../src/embedded/migrate-embedded.ts';
import { fuzzCatalogue } from '../test/support/fuzz.ts';
import { type StopFigures, stopHard } from '../test/support/hard-stops.ts';
import { soakJudgement } from '../test/support/judgement-soak.ts';
import { stormKeys } from '../test/support/key-storm.ts';
import { type LedgerFigures, runLedger } from '../test/support/ledger-run.ts';
import { soakMoneyTogether } from '../test/support/money-soak.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { appUrl, createTemplate } from '../test/support/postgres-template.ts';
import { rowsOf } from '../test/support/postgres-world.ts';
import { soakRewards } from '../test/support/reward-books.ts';
import { openTestWorld, type TestWorld, type TestWorldOptions } from '../test/support/world.ts';

interface Part {
  /** What is counted, and how many of it unless the command line says otherwise. */
  readonly runs: number;
  readonly of: string;
  /** Answers the figures to be quoted. */
  readonly run: (runs: number, seed: number) => Promise<object>;
}

/** What the tests sample, at length. */
const parts: Readonly<Record<string, Part>> = {
  fuzz: {
    ...{ runs: 20_000, of: 'calls' },
    run: (runs, seed) =>
      onPglite({}, async (t) => {
        const figures = await fuzzCatalogue(t, runs, seed);
        if (t.reported.length > 0) throw new Error(`reported as bugs: ${t.reported.slice(0, 5).map(String).join('; ')}`);
        return figures;
      }),
  },
  properties: {
    ...{ runs: 5_000, of: 'sequences' },
    run: async (runs, seed) => ({ judgement: soakJudgement(runs, seed), rewards: soakRewards(2 * runs, seed) }),
  },
  ledger: { runs: 20_000, of: 'commands', run: ledger },
  stops: { runs: 10, of: 'seeds', run: stops },
  keys: { runs: 16_000, of: 'calls', run: storm },
  money: { runs: 10_000, of: 'runs', run: money },
};

/** A fresh world for every few thousand commands, so that time does not grow with the square of them. */
async function ledger(runs: number, seed: number): Promise<object> {
  const most = 2_500;
  const figures: LedgerFigures[] = [];
  for (let left = runs, at = seed; left > 0; left -= most, at += 1) {
    const options = { startAt: '2026-03-01T00:00:00Z', pause: async () => {} };
    figures.push(await onPglite(options, (t) => runLedger(t, Math.min(most, left), at, 500)));
  }
  const sum = (of: 'commands' | 'checks') => figures.reduce((total, each) => total + each[of], 0);
  const perSecond = Math.round(figures.reduce((total, each) => total + each.perSecond, 0) / figures.length);
  return { worlds: figures.length, commands: sum('commands'), checks: sum('checks'), perSecond, last: figures.at(-1) };
}

async function stops(runs: number, seed: number): Promise<object> {
  const figures: StopFigures[] = [];
  for (let at = seed; at < seed + runs; at++) figures.push(await stopHard(at, 2));
  const sum = (of: 'stops' | 'calls' | 'acknowledged' | 'unanswered' | 'committed' | 'rewards') =>
    figures.reduce((total, each) => total + each[of], 0);
  return {
    ...{ seeds: runs, stops: sum('stops'), calls: sum('calls'), acknowledged: sum('acknowledged') },
    ...{ unanswered: sum('unanswered'), committed: sum('committed'), rewards: sum('rewards') },
  };
}

async function storm(runs: number, seed: number): Promise<object> {
  const server = await startPostgres();
  try {
    const template = await createTemplate(server.adminUrl);
    const db = connectPostgres(appUrl(template), { max: 16 });
    const t = await openTestWorld({ db, atEnd: () => {} });
    const size = { writers: 16, keys: Math.ceil(runs / 32), calls: runs, seed };
    return await stormKeys(t, (text) => rowsOf(template.adminUrl, text), size).finally(() => db.close());
  } finally {
    await server.stop();
  }
}

/** A process that another one started for its share tells that one what it came to. */
async function money(runs: number, seed: number): Promise<object> {
  const figures = await soakMoneyTogether(runs, seed);
  process.send?.(figures);
  return figures;
}

async function onPglite<T>(options: TestWorldOptions, work: (t: TestWorld) => Promise<T>): Promise<T> {
  const db = await connectPglite({ prepare: migrateEmbedded, user: embeddedOwner });
  try {
    return await work(await openTestWorld({ ...options, db, atEnd: () => {} }));
  } finally {
    await db.close();
  }
}

/** `npm run soak -- [--runs <count>] [--seed 1] [part …]`; each part has a count of its own. Fails when any part does; what failed names its seed. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } }, allowPositionals: true });
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  const seed = Number(values.seed ?? Date.now() % 2_147_483_647);
  const unknown = positionals.filter((name) => parts[name] === undefined);
  if (unknown.length > 0 || (runs !== undefined && !(Number.isSafeInteger(runs) && runs >= 1)) || !Number.isSafeInteger(seed)) {
    console.error(`Usage: npm run soak -- [--runs <count>] [--seed <number>] [${Object.keys(parts).join(' | ')}]`);
    return 2;
  }
  let failed = 0;
  for (const [name, part] of Object.entries(parts).filter(([each]) => positionals.length === 0 || positionals.includes(each))) {
    const started = performance.now();
    const count = runs ?? part.runs;
    try {
      const figures = await part.run(count, seed);
      console.log(`${name}  ok  ${((performance.now() - started) / 1000).toFixed(1)} s  ${JSON.stringify(figures)}`);
    } catch (error) {
      failed += 1;
      console.error(`${name}  FAILED  seed ${seed}, ${count} ${part.of}\n${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
