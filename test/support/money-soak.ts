/** Many seeded runs of money under faults, in worlds that do not grow, on as many processors as there are. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { connectPglite } from '../../src/db/drivers/pglite.ts';
import { embeddedOwner, migrateEmbedded } from '../../src/embedded/migrate-embedded.ts';
import { type MoneyFigures, runMoney } from './money-run.ts';
import { brokenMoneyInvariants, openMoneyWorld } from './money-world.ts';

/** Organizations that share a desk, a clock and its workers. */
const runsAtOnce = 24;
/** Of one database: what is asked of whole tables stays fast. */
const runsOfWorld = 10 * runsAtOnce;

export type MoneySoak = MoneyFigures & { readonly invariantChecks: number };

/** Rejects at the first thing that does not hold, with the seeds of the runs that were under way and what each did. */
export async function soakMoney(runs: number, seed: number): Promise<MoneySoak> {
  const database = await connectPglite({ prepare: migrateEmbedded });
  const image = await database.raw.dumpDataDir('none');
  await database.close();
  const figures: MoneySoak[] = [];
  for (let done = 0; done < runs; done += runsOfWorld) {
    figures.push(await inOneWorld(image, Math.min(runsOfWorld, runs - done), seed + done));
    if (process.send !== undefined) process.stderr.write('.');
  }
  return summed(figures);
}

async function inOneWorld(image: Blob, runs: number, seed: number): Promise<MoneySoak> {
  const db = await connectPglite({ loadDataDir: image, user: embeddedOwner });
  try {
    const world = await openMoneyWorld(db, () => {});
    const figures: MoneySoak[] = [];
    for (let done = 0; done < runs; done += runsAtOnce) {
      const came = await runMoney(world, db, seed + done, Math.min(runsAtOnce, runs - done));
      figures.push({ ...came, invariantChecks: 0 });
    }
    const broken = await brokenMoneyInvariants(world);
    if (broken.length > 0) throw new Error(`money, a world of runs ${seed} to ${seed + runs - 1}:\n${broken.join('\n')}`);
    return { ...summed(figures), invariantChecks: 1 };
  } finally {
    await db.close();
  }
}

/** The same, shared among processes of this script, which is called with the same part. */
export async function soakMoneyTogether(runs: number, seed: number): Promise<MoneySoak> {
  const processes = process.send === undefined ? Math.min(availableParallelism(), Math.ceil(runs / runsOfWorld)) : 1;
  if (processes === 1) return soakMoney(runs, seed);
  const worlds = Math.ceil(runs / runsOfWorld / processes);
  const children: ChildProcess[] = [];
  const shares = Array.from({ length: processes }, (_, n) => {
    const [from, most] = [n * worlds * runsOfWorld, worlds * runsOfWorld];
    const share = ['money', '--runs', String(Math.min(most, runs - from)), '--seed', String(seed + from)];
    const child = fork(process.argv[1] ?? '', share, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.push(child);
    return new Promise<MoneySoak>((resolve, reject) => {
      let figures: MoneySoak | undefined;
      child.on('message', (message) => {
        if (isFigures(message)) figures = message;
      });
      child.on('exit', (code) => (code === 0 && figures ? resolve(figures) : reject(new Error(`a process ended with ${code}: see above`))));
    });
  });
  try {
    return summed(await Promise.all(shares));
  } finally {
    for (const child of children) child.kill();
  }
}

const isFigures = (message: unknown): message is MoneySoak => typeof message === 'object' && message !== null && 'credits' in message;

function summed(figures: readonly MoneySoak[]): MoneySoak {
  const sum = (of: Exclude<keyof MoneySoak, 'faults'>) => figures.reduce((total, each) => total + each[of], 0);
  const faults: Record<string, number> = {};
  for (const each of figures) for (const [kind, count] of Object.entries(each.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    ...{ runs: sum('runs'), invariantChecks: sum('invariantChecks'), credits: sum('credits'), takenBack: sum('takenBack') },
    ...{
      stranded: sum('stranded'),
      overdrawn: sum('overdrawn'),
      deaths: sum('deaths'),
      webhooks: sum('webhooks'),
      lost: sum('lost'),
      faults,
    },
  };
}
