import { describe, expect, it } from 'vitest';
import { openKicks } from '../../src/effects/kicks.ts';

function opened(work: (tenant: string) => Promise<unknown>) {
  const reported: unknown[] = [];
  let at = 0;
  const kicks = openKicks({ work, now: () => new Date(at), report: (error) => void reported.push(error) });
  const advance = (ms: number): void => {
    at += ms;
  };
  return { kicks, reported, advance };
}

describe('kicks', () => {
  it('work for each tenant once, however often it was asked for', async () => {
    const worked: string[] = [];
    const { kicks } = opened(async (tenant) => worked.push(tenant));
    for (const tenant of ['a', 'b', 'a']) kicks.ask(tenant);
    await kicks.run();
    expect(worked).toEqual(['a', 'b']);
    expect(kicks.run()).toBeNull();
  });

  it('work once more for what was asked for meanwhile', async () => {
    const worked: string[] = [];
    const { kicks } = opened(async (tenant) => {
      if (worked.push(tenant) === 1) kicks.ask('a');
    });
    kicks.ask('a');
    await kicks.run();
    expect(worked).toEqual(['a', 'a']);
  });

  it('report what fails, and go on with the others', async () => {
    const worked: string[] = [];
    const { kicks, reported } = opened(async (tenant) => {
      worked.push(tenant);
      if (tenant === 'a') throw new Error('broken');
    });
    kicks.ask('a');
    kicks.ask('b');
    await kicks.run();
    expect([worked, reported]).toMatchObject([['a', 'b'], [{ message: 'broken' }]]);
  });

  it('that hang are no longer waited for after a minute', async () => {
    const worked: string[] = [];
    const { kicks, advance } = opened((tenant) => (worked.push(tenant) === 1 ? new Promise(() => {}) : Promise.resolve()));
    kicks.ask('a');
    const hanging = kicks.run();
    kicks.ask('b');
    expect(kicks.run()).toBe(hanging);
    advance(60_000);
    await kicks.run();
    expect(worked).toEqual(['a', 'b']);
  });
});
