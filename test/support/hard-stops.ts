/** A real Postgres that is stopped hard under eight writers, again and again: what was acknowledged is there, nothing is there by half. */
import { setTimeout as pause } from 'node:timers/promises';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { type EventVendor, openEventVendor, reportOf } from './event-vendor.ts';
import { brokenInvariants, type See } from './ledger-invariants.ts';
import { randomOf, runProgram } from './ledger-scene.ts';
import { startPostgres } from './postgres.ts';
import { appUrl, createTemplate } from './postgres-template.ts';
import { rowsOf } from './postgres-world.ts';
import { openTestWorld, type Sent, type TestWorld } from './world.ts';

export interface StopFigures {
  readonly seed: number;
  readonly stops: number;
  readonly calls: number;
  readonly acknowledged: number;
  /** Calls that got no answer, or the answer that the ledger is busy. All of them were asked again. */
  readonly unanswered: number;
  /** Of those, how many had been committed all the same. */
  readonly committed: number;
  readonly rewards: number;
}

interface Asked {
  readonly path: string;
  readonly key: string;
  readonly body: object;
  readonly idempotencyKey: string;
  answer: Sent | null;
}

const writers = 8;
/** What is earned can be paid at once, and no cap ends it. */
const program = { ...runProgram, hold_days: 0, reward: { ...runProgram.reward, caps: [] } };

/**
 * Stops the server `stops` times at random moments. Rejects when something acknowledged is gone, an invariant is broken after a restart,
 * or a call cannot be completed by a retry under its key; the message holds the seed.
 */
export async function stopHard(seed: number, stops: number): Promise<StopFigures> {
  const server = await startPostgres();
  const ends: (() => Promise<unknown>)[] = [() => server.stop()];
  try {
    const template = await createTemplate(server.adminUrl);
    const t = await openTestWorld({ db: connectPostgres(appUrl(template), { max: writers }), atEnd: (close) => void ends.unshift(close) });
    const play = new Stops(t, await openEventVendor(t, program), seed);
    return await play.run(server, stops, (text) => rowsOf(template.adminUrl, text));
  } catch (error) {
    throw new Error(`hard stops, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    for (const end of ends) await end();
  }
}

interface Server {
  crash(): Promise<void>;
  restart(): Promise<void>;
}

class Stops {
  private readonly random: () => number;
  private readonly asked: Asked[] = [];
  private ending = false;

  constructor(
    private readonly t: TestWorld,
    private readonly vendor: EventVendor,
    private readonly seed: number,
  ) {
    this.random = randomOf(seed);
  }

  async run(server: Server, stops: number, see: See): Promise<StopFigures> {
    const keys = await Promise.all([1, 2, 3, 4].map((n) => this.vendor.organization(`partner-${n}.example`)));
    let [unanswered, committed] = [0, 0];
    for (let stop = 0; stop < stops; stop++) {
      this.ending = false;
      const [before, begun] = [this.asked.length, performance.now()];
      const writing = Promise.allSettled(
        Array.from({ length: writers }, (_, n) => this.write(`${stop}-${n}`, keys[n % keys.length] ?? '', n)),
      );
      while (this.asked.filter(({ answer }) => answer !== null).length < before + 60) {
        // What a writer throws is seen after the stop.
        if (performance.now() - begun > 30_000) throw new Error('nothing is answered');
        await pause(2);
      }
      await pause(this.random() * 200);
      await server.crash();
      this.ending = true;
      for (const each of await writing) if (each.status === 'rejected') throw each.reason;
      await server.restart();
      const open = this.asked.filter(({ answer }) => answer === null || answer.status === 503);
      unanswered += open.length;
      await this.kept(see);
      await this.inOrder(see);
      for (const each of open) committed += (await this.again(each)) ? 1 : 0;
    }
    await this.quiesce();
    await this.inOrder(see, this.t.world.deps.now());
    const [earned] = await see<{ n: number }>('select count(*)::int as n from frontdesk.rewards');
    const acknowledged = this.asked.filter(({ answer }) => answer && answer.status < 300).length;
    return { seed: this.seed, stops, calls: this.asked.length, acknowledged, unanswered, committed, rewards: earned?.n ?? 0 };
  }

  /** One writer: it records, has somebody report, works off what is left, and settles what is earned. Schedules may fail as they like. */
  private async write(name: string, key: string, n: number): Promise<void> {
    const { schedules } = this.t.world;
    const quietly = (work: Promise<object> | undefined) => work?.catch(() => undefined);
    for (let i = 0; !this.ending; i++) {
      // Nobody's rate limit is in the way.
      this.t.advance(1000);
      const prospect = { name: 'P', domain: `prospect-${n < 4 ? name : `${name.split('-')[0]}-shared`}-${i}.example` };
      const recorded = await this.ask('/v1/referrals', key, { prospect });
      const referral = recorded?.body?.referral?.id;
      if (!referral) continue;
      await this.ask('/v1/events', this.vendor.backEnd, {
        events: [reportOf(`signup-${name}-${i}`, 'signup.completed', { referral_id: referral }, this.t.world.deps.now())],
      });
      await quietly(schedules.drain?.());
      if (i % 3 === 0) await quietly(schedules.seal?.());
      await quietly(schedules.qualify?.());
      await this.settle(key, `${name}-${i}`);
    }
  }

  private async settle(key: string, name: string): Promise<void> {
    const { host } = this.vendor;
    const listed = await this.t.send('GET', '/v1/rewards?status=fulfilling&limit=2', { host, key }).catch(() => null);
    for (const { id } of listed?.body?.data ?? []) {
      await this.ask(`/v1/rewards/${id}/confirm`, this.vendor.backEnd, {
        reference: `bank-${name}-${id}`,
        outcome: this.random() < 0.8 ? 'paid' : 'failed',
      });
      if (this.random() < 0.3) await this.ask(`/v1/rewards/${id}/reverse`, this.vendor.backEnd, { amount_minor: 500, reason: 'refund' });
    }
  }

  private async ask(path: string, key: string, body: object): Promise<Sent | null> {
    const one: Asked = { path, key, body, idempotencyKey: crypto.randomUUID(), answer: null };
    this.asked.push(one);
    await this.send(one);
    return one.answer;
  }

  private async send(one: Asked): Promise<void> {
    const { path, key, body, idempotencyKey } = one;
    one.answer = await this.t.send('POST', path, { host: this.vendor.host, key, body, idempotencyKey }).catch(() => null);
    const { answer } = one;
    if (answer && answer.status >= 300 && ![409, 429, 503].includes(answer.status))
      throw new Error(`${path}: ${answer.text} ${String(this.t.reported[0])}`);
  }

  /** Everything that was answered is there, as it was answered. */
  private async kept(see: See): Promise<void> {
    const keyed = await see<{ key: string; subject: string | null }>('select key, subject_id as subject from frontdesk.idempotency');
    const reported = new Set((await see<{ id: string }>('select report_id as id from frontdesk.reports')).map(({ id }) => id));
    const subjects = new Map(keyed.map(({ key, subject }) => [key, subject]));
    for (const { path, answer, body, idempotencyKey } of this.asked) {
      if (!answer || answer.status >= 300) continue;
      const isKept =
        path === '/v1/events'
          ? 'events' in body && Array.isArray(body.events) && body.events.every(({ id }) => reported.has(String(id)))
          : subjects.get(idempotencyKey) === (answer.body.referral?.id ?? answer.body.id);
      if (!isKept) throw new Error(`acknowledged and gone: ${path} ${idempotencyKey}`);
    }
  }

  /** Asks again under the same key until it is answered; whether it had been committed before. */
  private async again(one: Asked): Promise<boolean> {
    for (let attempt = 0; attempt < 20; attempt++) {
      await this.send(one);
      const { answer } = one;
      if (answer && answer.status !== 503) {
        const repeated = answer.body?.data?.[0]?.outcome === 'duplicate';
        return repeated || answer.headers.get('Idempotency-Replayed') === 'true';
      }
    }
    throw new Error(`never answered: ${one.path}`);
  }

  private async inOrder(see: See, quietAt?: Date): Promise<void> {
    const broken = await brokenInvariants(see, quietAt);
    if (broken.length > 0) throw new Error(broken.slice(0, 8).join('\n'));
    const bug = this.t.reported[0];
    if (bug) throw new Error(`reported as a bug: ${String(bug)}`);
  }

  private async quiesce(): Promise<void> {
    // Leases of workers that were cut off end after a minute.
    for (let round = 0; round < 3; round++) {
      this.t.advance(2 * 3_600_000);
      await this.t.settle();
      await this.t.world.schedules.qualify?.();
    }
    await this.t.settle();
  }
}
