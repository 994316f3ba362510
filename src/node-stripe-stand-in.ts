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
  const { startStripeSimulator } = await loadSimulator();
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

/** The same in the past, for who makes up a history: its clock stands still until it is moved. */
export interface PastStandIn {
  readonly access: StripeAccess;
  readonly now: () => Date;
  /** Lets time pass until then; what is due at Stripe happens, and nobody is told by itself. */
  goTo(at: Date): Promise<void>;
  /** Brings the webhooks that matter, and loses the others. */
  tell(matters: (told: ToldOf) => boolean): Promise<void>;
  /** Comes to the present and forgets what was told: from here on its clock is the system's. */
  comeToPresent(): Promise<void>;
  /** What it knows, for `startStripeStandIn`. */
  readonly snapshot: () => string;
  stop(): Promise<void>;
}

/** An event, as far as it says whether it matters. */
export interface ToldOf {
  readonly type: string;
  readonly customer: string | null;
  readonly status: string | null;
}

/** @param deliver brings a webhook and answers the HTTP status */
export async function startStripeInThePast(
  begins: Date,
  deliver: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>,
): Promise<PastStandIn> {
  const { startStripeSimulator } = await loadSimulator();
  const start = Math.floor(begins.getTime() / 1000);
  let simulator = await startStripeSimulator({ seed: randomInt(2 ** 31), now: () => start, deliver });
  simulator.webhooks.pause();
  let at = begins.getTime();
  let latest = 0;
  let isPast = true;
  return {
    access: { fetch: (input, init) => simulator.fetch(input, init) },
    now() {
      // Each look is a millisecond later than the one before, so that what happens in a row is in a row.
      latest = Math.max(latest + 1, isPast ? at : Date.now());
      return new Date(latest);
    },
    async goTo(then) {
      at = Math.max(at, latest, then.getTime());
      const seconds = Math.floor(at / 1000) - simulator.now();
      if (seconds > 0) await simulator.advance(seconds);
    },
    async tell(matters) {
      const pending = new Map(simulator.webhooks.pending().map(({ event, type }) => [event, type]));
      const told = new Map(simulator.webhooks.events().map((event) => [event.id, event.data.object]));
      for (const [event, type] of pending) {
        const object: object = told.get(event) ?? {};
        if (matters({ type, ...aboutOf(object) })) await simulator.webhooks.deliver({ event });
        else simulator.webhooks.drop({ event });
      }
    },
    async comeToPresent() {
      isPast = false;
      await simulator.advance(Math.max(0, Math.floor(Date.now() / 1000) - simulator.now()));
      const snapshot = inThePresent(simulator.snapshot());
      await simulator.stop();
      simulator = await startStripeSimulator({ snapshot, deliver });
      simulator.webhooks.pause();
    },
    snapshot: () => simulator.snapshot(),
    stop: () => simulator.stop(),
  };
}

/** Objects stay; events were told, and what was under way to be told is over. */
function inThePresent(snapshot: string): string {
  const state: { readonly objects: object; readonly jobs: readonly { readonly kind: string }[] } = JSON.parse(snapshot);
  return JSON.stringify({
    ...state,
    offsetSeconds: 0,
    objects: { ...state.objects, events: {} },
    ...{ deliveries: {}, answers: {} },
    jobs: state.jobs.filter(({ kind }) => kind !== 'webhook.attempt'),
  });
}

const aboutOf = (object: { readonly customer?: unknown; readonly status?: unknown }) => ({
  customer: typeof object.customer === 'string' ? object.customer : null,
  status: typeof object.status === 'string' ? object.status : null,
});

/** Loaded only when it is needed: neither the platform nor a server with an account at Stripe ever has it in memory. */
const loadSimulator = async () => await import('../simulators/stripe/server.ts');

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
