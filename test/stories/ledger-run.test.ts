import { expect, it } from 'vitest';
import { runLedger } from '../support/ledger-run.ts';
import { openTestWorld } from '../support/world.ts';

it('whatever comes in whatever order: every answer, state and balance is what the oracle says, and every invariant holds', {
  timeout: 120_000,
}, async () => {
  const t = await openTestWorld({ startAt: '2026-03-01T00:00:00Z', pause: async () => {} });
  const { commands, checks } = await runLedger(t, 600, 20_260_301);
  expect(commands).toBeGreaterThanOrEqual(600);
  expect(checks).toBeGreaterThan(1);
});
