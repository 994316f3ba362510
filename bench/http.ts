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

/** Median CPU per request in µs over `rounds` rounds of `amount` requests on 20 connections, after a warm-up. */
export async function cpuPerRequest(target: Target, request: Request, { amount = 4000, rounds = 5 } = {}): Promise<number> {
  await load(target, request, amount);
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = await target.cpuUs();
    await load(target, request, amount);
    costs.push(((await target.cpuUs()) - before) / amount);
  }
  return median(costs);
}

/** Sends `amount` requests and insists on the expected status. Answers latencies in ms. */
export async function load(target: Target, request: Request, amount: number, connections = 20) {
  const result = await autocannon({
    url: target.origin + request.path,
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    ...(request.body === undefined ? {} : { body: request.body }),
    connections,
    amount,
    idReplacement: true,
  });
  const counts = result as unknown as { statusCodeStats?: Record<string, { count: number }> };
  const seen = counts.statusCodeStats?.[String(request.expect)]?.count ?? 0;
  if (seen !== amount)
    throw new Error(`${request.path}: ${seen} of ${amount} answers were ${request.expect}: ${JSON.stringify(counts.statusCodeStats)}`);
  return result.latency;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
