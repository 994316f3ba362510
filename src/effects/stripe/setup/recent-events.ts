import type Stripe from 'stripe';
import { type Answer, ask } from '../answer.ts';

/** An event of the account that an endpoint with these types is told of. */
export interface RecentEvent {
  readonly eventId: string;
  readonly createdAt: Date;
}

/** The newest events of these types that were made between the two moments, the newest first; ten at most. Stripe takes twenty types. */
export async function recentEvents(
  stripe: Stripe,
  types: readonly string[],
  span: { readonly from: Date; readonly to: Date },
): Promise<Answer<readonly RecentEvent[]>> {
  const created = { gte: seconds(span.from), lte: seconds(span.to) };
  const found: RecentEvent[] = [];
  for (let at = 0; at < types.length; at += mostTypes) {
    const page = await ask('list', () => stripe.events.list({ types: types.slice(at, at + mostTypes), created, limit: 10 }));
    if (page.kind !== 'ok') return page;
    found.push(...page.value.data.map(({ id, created: made }) => ({ eventId: id, createdAt: new Date(made * 1000) })));
  }
  return { kind: 'ok', value: found.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()).slice(0, 10) };
}

const mostTypes = 20;
const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
