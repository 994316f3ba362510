import type { World } from './routes/world.ts';

/** Sealing and draining are looked at every second: it costs one small query while nothing is due. The audit takes its time once a day. */
const everyMs: Readonly<Record<string, number>> = { seal: 1_000, drain: 1_000, audit: 86_400_000 };
const otherwiseMs = 30_000;
/** How long the end of a process waits for what is under way. Whatever is cut off then comes again. */
const patienceMs = 20_000;

/** Runs the schedules of a process that stays. A schedule never runs beside itself here; beside another process's it may. */
export function startLoop({ schedules, afterwards, report }: Pick<World, 'schedules' | 'afterwards' | 'report'>): Loop {
  const underway = new Map<string, Promise<void>>();
  const again = new Set<string>();
  let stopped = false;
  const begin = (name: string, run: () => Promise<object>): void => {
    if (stopped || underway.has(name)) return;
    const landed = run()
      .then(() => undefined)
      .catch((error: unknown) => report(error, `loop:${name}`))
      .finally(() => {
        underway.delete(name);
        if (again.delete(name)) begin(name, run);
      });
    underway.set(name, landed);
  };
  const rounds = Object.entries(schedules).map(([name, run]) => ({ name, run, ms: everyMs[name] ?? otherwiseMs }));
  const timers = rounds.map(({ name, run, ms }) => setInterval(() => begin(name, run), ms));
  return {
    wake() {
      for (const { name, run, ms } of rounds) {
        if (ms > otherwiseMs) continue;
        if (underway.has(name)) again.add(name);
        else begin(name, run);
      }
    },
    async stop() {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      let waiting: ReturnType<typeof setTimeout> | undefined;
      const enough = new Promise<void>((resolve) => {
        waiting = setTimeout(resolve, patienceMs);
      });
      await Promise.race([Promise.all([...underway.values(), afterwards()]), enough]);
      clearTimeout(waiting);
    },
  };
}

export interface Loop {
  /** The clock jumped: every schedule but the daily ones runs now, and once more where one was under way. */
  wake(): void;
  /** No further round begins; settles when those under way are through, or after twenty seconds. */
  stop(): Promise<void>;
}
