/** A payment provider that only pretends: it knows its earlier answers by their intent, and has everything that it is asked for. */
import { ok, type Result, refuse } from '../../src/domain/result.ts';
import type { Answered, Provider, ProviderFailure } from '../../src/operations/provider.ts';

export interface PretendedProvider extends Provider {
  /** How the next call of an intent that was not answered yet is refused. */
  readonly refuseNext: (code: ProviderFailure) => void;
}

export function pretendedProvider(now: () => Date): PretendedProvider {
  const answers = new Map<string, { readonly asked: string; readonly value: unknown }>();
  let refusal: ProviderFailure | undefined;

  async function answer<T>(intent: string, wanted: object, make: () => T): Promise<Result<Answered<T>, ProviderFailure>> {
    const asked = JSON.stringify(wanted);
    const earlier = answers.get(intent);
    if (earlier) return earlier.asked === asked ? ok({ value: earlier.value as T, replayed: true }) : refuse('idempotency.mismatch');
    const code = refusal;
    refusal = undefined;
    if (code !== undefined) return refuse(code, code === 'upstream.unavailable' ? { retryAfterS: 5 } : {});
    const value = make();
    answers.set(intent, { asked, value });
    return ok({ value, replayed: false });
  }
  const inMinutes = (minutes: number) => new Date(now().getTime() + minutes * 60_000);
  return {
    refuseNext: (code) => {
      refusal = code;
    },
    openCheckout: (_, wanted, intent) =>
      answer(intent, wanted, () => {
        const id = `cs_test_${answers.size + 1}`;
        return { id, url: `https://checkout.example/${id}`, expiresAt: inMinutes(1440) };
      }),
    openOnboarding: (_, wanted, intent) =>
      answer(intent, wanted, () => ({ url: `https://connect.example/${answers.size + 1}`, expiresAt: inMinutes(5) })),
  };
}
