import type { World } from './routes/world.ts';

/** Sealing and draining are looked at every second: it costs one small query while nothing is due. The audit takes its time once a day. */
const everyMs: Readonly<Record<string, number>> = { seal: 1_000, drain: 1_000, audit: 86_400_000 };
const otherwiseMs = 30_000;
/** How long the end of a process waits for what is under way. Whatever is cut off then comes again. */
const patienceMs = 20_000;

/** Runs the schedules of a process that stays. A schedule never runs beside itself here; beside another process's it may. */
export function startLoop({ schedules, afterwards, report }: Pick<World, 'schedules' | 'afterwards' | 'report'>): Loop {
  const underway = new Map<string, Promise<void>>();
  const timers = Object.entries(schedules).map(([name, run]) =>
    setInterval(() => {
      if (underway.has(name)) return;
      const landed = run()
        .then(() => undefined)
        .catch((error: unknown) => report(error, `loop:${name}`))
        .finally(() => underway.delete(name));
      underway.set(name, landed);
    }, everyMs[name] ?? otherwiseMs),
  );
  return {
    async stop() {
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
  /** No further round begins; settles when those under way are through, or after twenty seconds. */
  stop(): Promise<void>;
}
