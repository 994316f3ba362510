import type Stripe from 'stripe';
import { type Answer, ask } from './answer.ts';

/**
 * Looks through a list of Stripe's, newest first, for the one that is meant; null: it is not there. Objects from before `since` are not
 * looked at, with an hour to spare for clocks that differ. What is too long to be looked through is told as `later`: nobody knows.
 */
export async function lookFor<T extends { readonly id: string; readonly created: number }>(
  list: (page: { limit: number; starting_after?: string }) => Promise<Stripe.ApiList<T>>,
  since: string,
  isIt: (one: T) => boolean,
): Promise<Answer<T | null>> {
  const oldest = Date.parse(since) / 1000 - 3600;
  let after: string | undefined;
  for (let pages = 0; pages < mostPages; pages++) {
    const answer = await ask<Stripe.ApiList<T>>('list', () =>
      list({ limit: 100, ...(after === undefined ? {} : { starting_after: after }) }),
    );
    if (answer.kind !== 'ok') return answer;
    const { data, has_more } = answer.value;
    const found = data.find(isIt);
    const last = data.at(-1);
    if (found !== undefined) return { kind: 'ok', value: found };
    if (!has_more || last === undefined || last.created < oldest) return { kind: 'ok', value: null };
    after = last.id;
  }
  return { kind: 'later', error: 'stripe_list_too_long', afterS: 3600, unknown: true };
}

const mostPages = 20;
