import { expect, it } from 'vitest';
import { byTheirClock, dpopByTheirClock } from '../../src/access/their-clock.ts';
import { refuse } from '../../src/domain/result.ts';
import type { Outside, ProveDpop } from '../../src/operations/outside.ts';

const month = 30 * 86_400_000;
const now = new Date('2026-06-01T00:00:00Z');
const theirs = new Date(now.getTime() - month);
const inAMinute = (at: Date) => new Date(at.getTime() + 60_000);

it('what is signed is judged by the clock of who signed it, and remembered by ours', async () => {
  const prove: ProveDpop = async ({ now: at }) => ({
    ok: true,
    value: { thumbprint: 'k', jti: at.toISOString(), expiresAt: inAMinute(at) },
  });
  const proven = await dpopByTheirClock(prove, () => month)({ proof: '', method: 'GET', url: '', now });
  expect(proven).toEqual({ ok: true, value: { thumbprint: 'k', jti: theirs.toISOString(), expiresAt: inAMinute(now) } });
});

it('what does not prove stays refused', async () => {
  const no = async () => refuse('auth.invalid');
  const outside: Outside = { proveClient: no, proveIssued: no, proveRequest: no };
  const asked = { assertion: '', clientId: '', keys: null, audiences: [], now };
  expect(await byTheirClock(outside, () => month).proveClient(asked)).toEqual({ ok: false, code: 'auth.invalid' });
});
