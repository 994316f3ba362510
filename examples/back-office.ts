import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Disappointment, fail } from './expectations.ts';

/** What the vendor's own people and machines do in the story: its back end calls, and what happens at its account at Stripe. */
export interface BackOffice {
  /** Calls the API with the back end's key, or with another one. The answer's JSON, or a disappointment when it is refused. */
  call<T>(method: 'GET' | 'POST', path: string, body?: object, key?: string): Promise<T>;
  /** A command to what stands in for Stripe (`simulators/stripe/README.md`). */
  atStripe<T>(command: string, body?: object): Promise<T>;
  /** A call to Stripe's own API there. Lists and parameters as Stripe takes them. */
  stripe<T>(method: 'GET' | 'POST', path: string, parameters?: Readonly<Record<string, string>>): Promise<T>;
  /** Asks until it is so, for twenty seconds at most. */
  until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean, sentence: string): Promise<T>;
}

export interface BackOfficeKeys {
  readonly origin: string;
  /** Key of the vendor's back end. */
  readonly eventsKey: string;
  readonly simulatorUrl: string;
  readonly simulatorToken: string;
}

export function openBackOffice({ origin, eventsKey, simulatorUrl, simulatorToken }: BackOfficeKeys): BackOffice {
  const office: BackOffice = {
    async call(method, path, body, key = eventsKey) {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Idempotency-Key': `"${randomUUID()}"` };
      return read(`${method} ${path}`, new URL(path, origin), { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    },
    async atStripe<T>(command: string, body: object = {}) {
      const headers = { Authorization: `Bearer ${simulatorToken}`, 'Content-Type': 'application/json' };
      const url = new URL(`/_control/${command}`, simulatorUrl);
      const { result } = await read<{ result: T }>(command, url, { method: 'POST', headers, body: JSON.stringify(body) });
      return result;
    },
    async stripe(method, path, parameters = {}) {
      const url = new URL(path, simulatorUrl);
      const form = new URLSearchParams(parameters);
      if (method === 'GET') url.search = form.toString();
      const headers = { Authorization: 'Bearer sk_test_standin0', 'Stripe-Version': '2026-10-28.endive' };
      return read(`${method} ${path}`, url, { method, headers, ...(method === 'POST' ? { body: form } : {}) });
    },
    async until(ask, isSo, sentence) {
      const end = performance.now() + patienceMs;
      for (;;) {
        const answer = await ask();
        if (isSo(answer)) return answer;
        if (performance.now() > end) return fail(`${sentence} Last answer: ${JSON.stringify(answer).slice(0, 600)}`);
        await pause(100);
      }
    },
  };
  return office;
}

const patienceMs = 20_000;

async function read<T>(what: string, url: URL, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) });
  const text = await response.text();
  if (!response.ok) throw new Disappointment(`${what} was refused: ${response.status} ${text.slice(0, 600)}`);
  return JSON.parse(text);
}
