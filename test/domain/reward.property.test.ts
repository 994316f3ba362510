import { expect, it } from 'vitest';
import { soakRewards } from '../support/reward-books.ts';

it('whatever happens to rewards: entries balance, state and money agree, nobody is paid more than what is earned and owed', () => {
  const { runs, steps } = soakRewards(2_000, 20_260_301);
  expect(runs).toBe(2_000);
  expect(steps).toBeGreaterThan(4_000);
});
