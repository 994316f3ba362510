import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { sealStripeConnection } from '../src/access/stripe-connection.ts';
import { connectPostgres } from '../src/db/drivers/postgres.ts';
import type { Figure } from './figure.ts';
import { median, startTarget, type Target } from './http.ts';
import { applyBenchVendor, createBenchDatabase, openBenchWorld } from './tenant.ts';

const clients = 50;
const perRound = 3000;
const rounds = 5;
const secret = 'whsec_bench';
const host = 'stripe.example';

/** How long Stripe waits until a webhook is accepted: signature, storage and answer, against the signature alone. */
export async function webhookRows(): Promise<Figure[]> {
  const { server, scratch } = await createBenchDatabase();
  const db = connectPostgres(scratch.ownerUrl);
  try {
    await connectTenant(db);
    const desk = await startTarget('./servers/webhook-desk.ts', { BENCH_DATABASE_URL: scratch.ownerUrl });
    const bare = await startTarget('./servers/webhook-bare.ts', { BENCH_WEBHOOK_SECRET: secret });
    await accept(desk, 500, 0);
    await accept(bare, 500, 0);
    const compared = async (everyMs: number) => {
      const pairs: Pair[] = [];
      for (let round = 0; round < rounds; round++)
        pairs.push({ desk: await accept(desk, perRound, everyMs), bare: await accept(bare, perRound, everyMs) });
      return pairs;
    };
    const figures = [row('ten a second each', await compared(100)), row('one after the other', await compared(0))];
    desk.stop();
    bare.stop();
    return figures;
  } finally {
    await db.close();
    await server.stop();
  }
}

interface Pair {
  readonly desk: Waited;
  readonly bare: Waited;
}

function row(pace: string, pairs: readonly Pair[]): Figure {
  const of = (value: (pair: Pair) => number) => median(pairs.map(value));
  const [p99, p50, bare] = [of(({ desk }) => desk.p99), of(({ desk }) => desk.p50), of((pair) => pair.bare.p99)];
  const ratio = of((pair) => pair.desk.p99 / pair.bare.p99);
  const perSecond = of(({ desk }) => desk.perSecond);
  const cpu = [of(({ desk }) => desk.cpuUs), of((pair) => pair.bare.cpuUs)].map((us) => us.toFixed(0));
  return {
    what: `webhook of Stripe accepted, ${clients} clients, ${pace}: p99, and against verifying alone`,
    measured: `${p99.toFixed(1)} ms, ${ratio.toFixed(1)}× (bare ${bare.toFixed(1)} ms; p50 ${p50.toFixed(1)} ms, ${perSecond.toFixed(0)}/s; CPU ${cpu.join(' and ')} µs)`,
    reach: '< 50 ms',
    aim: '< 25 ms',
  };
}

async function connectTenant(db: ReturnType<typeof connectPostgres>): Promise<void> {
  const world = openBenchWorld(db);
  const { tenant, memory } = await applyBenchVendor(world, host, 0);
  const connection = { accountId: 'acct_bench', livemode: false, secretKey: 'sk_test_bench', webhookSecrets: [secret] };
  const { masterKey } = world.admin;
  const stripe_account = await sealStripeConnection(connection, { tenant, masterKey, at: new Date() });
  if ((await memory.commit(tenant, { stripe_account })) !== 'done') throw new Error('the tenant was not connected');
}

interface Waited {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** CPU time of the server a webhook, in µs. */
  readonly cpuUs: number;
}

let events = 0;

/**
 * Sends `amount` events, each another one, over as many connections as there are clients. A client sends its next when it is answered, and
 * no sooner than `everyMs` after it sent the one before.
 */
async function accept(target: Target, amount: number, everyMs: number): Promise<Waited> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const messages = Array.from({ length: amount }, message);
  const waited: number[] = [];
  const next = messages.values();
  const cpu = await target.cpuUs();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      // Spread over the interval, as strangers are.
      await pause((client * everyMs) / clients);
      for (const one of next) {
        const took = await deliver(target, agent, one);
        waited.push(took);
        await pause(everyMs - took);
      }
    }),
  );
  const perSecond = amount / ((performance.now() - started) / 1000);
  agent.destroy();
  const sorted = waited.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), perSecond, cpuUs: ((await target.cpuUs()) - cpu) / amount };
}

const pause = (ms: number): Promise<void> => (ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms)));

interface Message {
  readonly body: string;
  readonly signature: string;
}

/** An event of the size that those of invoices have, some six kilobytes. */
function message(): Message {
  const id = String(events++).padStart(12, '0');
  const created = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({
    ...{ id: `evt_${id}`, object: 'event', api_version: '2026-10-28.endive', created, livemode: false, pending_webhooks: 1, request: null },
    ...{ type: 'invoice.paid', data: { object: { id: `in_${id}`, object: 'invoice', description: 'x'.repeat(6000) } } },
  });
  return { body, signature: `t=${created},v1=${createHmac('sha256', secret).update(`${created}.${body}`).digest('hex')}` };
}

function deliver({ origin }: Target, agent: Agent, { body, signature }: Message): Promise<number> {
  const headers = {
    Host: host,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Stripe-Signature': signature,
  };
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}/v1/webhooks/stripe`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - started);
        else reject(new Error(`a webhook was answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
