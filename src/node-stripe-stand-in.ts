import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { redact } from './access/redact.ts';
import type { StripeAccess } from './effects/stripe/client.ts';
import { hasCode, replaceFile } from './embedded/private-file.ts';

/** What stands in for Stripe in the embedded default, and the clock that it shares with everything here. */
export interface StripeStandIn {
  readonly access: StripeAccess;
  /** Where its control API answers `POST /_control/{command}`, with the token as bearer. */
  readonly url: string;
  readonly controlToken: string;
  /** The system's time and what was added to it there; it never goes back while this process runs. */
  readonly now: () => Date;
  /** Calls back whenever somebody has let time pass. */
  onJump(run: () => void): void;
  /** Keeps what it knows, now. It does so by itself a second after a change, and at its end. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the simulator on a free port of this machine, from what `path` holds of an earlier run.
 * @throws Error when the file is no snapshot.
 */
export async function startStripeStandIn(path: string): Promise<StripeStandIn> {
  // Loaded only here: neither the platform nor a server with an account at Stripe ever has it in memory.
  const { startStripeSimulator } = await import('../simulators/stripe/server.ts');
  const kept = await readSnapshot(path);
  const simulator = await startStripeSimulator(kept === undefined ? { seed: randomInt(2 ** 31) } : { snapshot: kept });
  let written = kept;
  let writing: Promise<void> = Promise.resolve();
  const save = (): Promise<void> => {
    writing = writing.then(async () => {
      const snapshot = simulator.snapshot();
      if (snapshot === written) return;
      await replaceFile(path, snapshot);
      written = snapshot;
    });
    return writing;
  };

  const listeners: (() => void)[] = [];
  const clock = sharedClock(simulator.now, () => {
    for (const run of listeners) run();
    // What was written under the new time must never be met by the old one.
    void save().catch(complain);
  });
  const timer = setInterval(() => {
    clock();
    void save().catch(complain);
  }, 1000);
  return {
    access: simulator.clientOptions,
    url: simulator.url,
    controlToken: simulator.controlToken,
    now: clock,
    onJump: (run) => void listeners.push(run),
    save,
    async close() {
      clearInterval(timer);
      await simulator.stop();
      await save();
    },
  };
}

/** Milliseconds over a clock of whole seconds: the system's, as far ahead as the other one is. */
function sharedClock(seconds: () => number, jumped: () => void): () => Date {
  let offset = seconds() - Math.floor(Date.now() / 1000);
  let latest = 0;
  return () => {
    const at = Date.now();
    const ahead = seconds() - Math.floor(at / 1000);
    // One second is the boundary between two readings of the same clock.
    if (Math.abs(ahead - offset) > 1) {
      offset = ahead;
      setImmediate(jumped);
    }
    latest = Math.max(latest, at + offset * 1000);
    return new Date(latest);
  };
}

async function readSnapshot(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${path} is damaged. Restore it from a backup, or start over with another data folder.`, { cause: error });
  }
}

const complain = (error: unknown): void => console.error(redact(inspect(error)));
