/** What stands in for Stripe in the embedded default: it survives a restart, and its clock is everybody's. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStripe } from '../../src/effects/stripe/client.ts';
import { startLoop } from '../../src/node-loop.ts';
import { type StripeStandIn, startStripeStandIn } from '../../src/node-stripe-stand-in.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontdesk-stand-in-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const month = 30 * 86_400;
const stripe = (standIn: StripeStandIn) => openStripe({ secretKey: 'sk_test_standin0' }, standIn.access);
async function control(standIn: StripeStandIn, command: string, body: object, token = standIn.controlToken): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${standIn.url}/_control/${command}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.status;
}

it('keeps its objects and the time that was added, and tells whoever waits that time has passed', async () => {
  const path = join(folder, 'kept.json');
  const first = await startStripeStandIn(path);
  const { id } = await stripe(first).customers.create({ email: 'billing@acme.example' });
  const jumped = new Promise<void>((resolve) => first.onJump(resolve));
  const before = first.now().getTime();
  expect(await control(first, 'advance', { seconds: month })).toBe(200);
  const after = first.now().getTime();
  expect(after - before).toBeGreaterThanOrEqual(month * 1000);
  expect(after - before).toBeLessThan(month * 1000 + 60_000);
  await jumped;
  await first.close();

  const second = await startStripeStandIn(path);
  expect(second.now().getTime()).toBeGreaterThanOrEqual(after);
  expect(await stripe(second).customers.retrieve(id)).toMatchObject({ id, email: 'billing@acme.example' });
  await second.close();
});

it('writes a jump of its clock down at once, so that no kill turns it back', async () => {
  const path = join(folder, 'jump.json');
  const first = await startStripeStandIn(path);
  await control(first, 'advance', { seconds: month });
  const at = first.now();
  while (!(await readFile(path, 'utf8').catch(() => '')).includes(`"offsetSeconds":${month}`)) await new Promise(setImmediate);
  // As after a kill: nothing is closed, and another one begins from the file.
  const second = await startStripeStandIn(path);
  expect(second.now().getTime()).toBeGreaterThanOrEqual(at.getTime());
  await Promise.all([first.close(), second.close()]);
});

it('takes commands from who knows its token only', async () => {
  const standIn = await startStripeStandIn(join(folder, 'token.json'));
  expect(await control(standIn, 'advance', { seconds: 1 }, 'wrong')).toBe(401);
  await standIn.close();
});

it('refuses a damaged file by its name', async () => {
  const path = join(folder, 'damaged.json');
  await writeFile(path, '{"seed":');
  await expect(startStripeStandIn(path)).rejects.toThrow(`${path} is damaged`);
});

it('wakes every schedule but the daily ones when the clock jumps, and once more where a round was under way', async () => {
  const rounds: Record<string, number> = { qualify: 0, audit: 0 };
  const landed: (() => void)[] = [];
  const round = (name: string) => () => {
    rounds[name] = (rounds[name] ?? 0) + 1;
    return new Promise<object>((resolve) => landed.push(() => resolve({})));
  };
  const loop = startLoop({
    schedules: { qualify: round('qualify'), audit: round('audit') },
    afterwards: () => null,
    report: (error) => {
      throw error;
    },
  });
  loop.wake();
  loop.wake();
  loop.wake();
  expect(rounds).toEqual({ qualify: 1, audit: 0 });
  landed.shift()?.();
  await new Promise(setImmediate);
  expect(rounds).toEqual({ qualify: 2, audit: 0 });
  landed.shift()?.();
  await loop.stop();
  loop.wake();
  expect(rounds).toEqual({ qualify: 2, audit: 0 });
});
