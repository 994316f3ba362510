import { expect, it } from 'vitest';
import { soakJudgement } from '../support/judgement-soak.ts';

it('whatever is decided about a prospect, in whatever order: the tables take it, and one organization at most is credited', () => {
  const { commands, decided } = soakJudgement(300, 20_260_301);
  expect(commands).toBeGreaterThan(5_000);
  expect(decided).toBeGreaterThan(100);
});
