import type Stripe from 'stripe';
import { type Answer, ask } from '../answer.ts';

/** The account that a key opens, and what Stripe's clock showed when it answered. */
export interface OpenedAccount {
  readonly accountId: string;
  /** Of the header `Date` (RFC 9110 §6.6.1), whole seconds; null where there was none. */
  readonly answeredAt: Date | null;
}

export async function readAccount(stripe: Stripe): Promise<Answer<OpenedAccount>> {
  const answer = await ask('account', () => stripe.accounts.retrieveCurrent());
  if (answer.kind !== 'ok') return answer;
  const { id, lastResponse } = answer.value;
  const date = Date.parse(headerOf(lastResponse.headers, 'date') ?? '');
  return { kind: 'ok', value: { accountId: id, answeredAt: Number.isNaN(date) ? null : new Date(date) } };
}

/** The package's types promise a record; over `fetch` it hands on what that gave. */
function headerOf(headers: unknown, name: string): string | null {
  if (headers instanceof Headers) return headers.get(name);
  if (typeof headers !== 'object' || headers === null) return null;
  const value = new Map<string, unknown>(Object.entries(headers)).get(name);
  return typeof value === 'string' ? value : null;
}

/** What a key says of itself by its form; null for what is no secret key of Stripe's. */
export function formOfKey(key: string): { readonly livemode: boolean; readonly restricted: boolean } | null {
  const [, kind, mode] = /^(sk|rk)_(test|live)_[0-9A-Za-z_]{8,250}$/.exec(key) ?? [];
  return kind === undefined ? null : { livemode: mode === 'live', restricted: kind === 'rk' };
}
