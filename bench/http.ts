import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

export interface Target {
  readonly origin: string;
  /** CPU time so far, in µs. */
  cpuUs(): Promise<number>;
  stop(): void;
}

/** A server in a process of its own, so that its CPU time is its own. */
export async function startTarget(file: string, env: Record<string, string> = {}): Promise<Target> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: ['--import', 'tsx'], env: { ...process.env, ...env } });
  const { port } = await message<{ port: number }>(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    async cpuUs() {
      child.send('cpu');
      return (await message<{ cpuUs: number }>(child)).cpuUs;
    },
    stop: () => void child.kill(),
  };
}

async function message<T>(child: ChildProcess): Promise<T> {
  const [value] = await once(child, 'message');
  return value as T;
}

export interface Request {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly expect: number;
}

/** CPU per request in µs of two servers under the same load, round by round in turn, after a warm-up: medians, and of the ratio too. */
export async function compareCpu(desk: Target, bare: Target, request: Request, { amount = 4000, rounds = 5 } = {}) {
  await cpuPerRequest(desk, request, amount);
  await cpuPerRequest(bare, request, amount);
  const pairs: { desk: number; bare: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push({ desk: await cpuPerRequest(desk, request, amount), bare: await cpuPerRequest(bare, request, amount) });
  }
  const of = (value: (pair: { desk: number; bare: number }) => number) => median(pairs.map(value));
  return { desk: of(({ desk }) => desk), bare: of(({ bare }) => bare), ratio: of((pair) => pair.desk / pair.bare) };
}

async function cpuPerRequest(target: Target, request: Request, amount: number): Promise<number> {
  const before = await target.cpuUs();
  await load(target, request, amount);
  return ((await target.cpuUs()) - before) / amount;
}

/** Sends `amount` requests over 20 connections and insists on the expected status. */
async function load(target: Target, request: Request, amount: number): Promise<void> {
  const result = await autocannon({
    url: target.origin + request.path,
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    ...(request.body === undefined ? {} : { body: request.body }),
    connections: 20,
    amount,
  });
  const counts = result as unknown as { statusCodeStats?: Record<string, { count: number }> };
  const seen = counts.statusCodeStats?.[String(request.expect)]?.count ?? 0;
  if (seen !== amount)
    throw new Error(`${request.path}: ${seen} of ${amount} answers were ${request.expect}: ${JSON.stringify(counts.statusCodeStats)}`);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
