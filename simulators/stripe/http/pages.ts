import type { Stripe } from 'stripe';
import { missing } from '../failure.ts';
import { type Input, integer, text } from './parameters.ts';

/** The parameters of every list (docs: "Pagination"). */
export const pageParameters = { limit: integer({ min: 1, max: 100 }), starting_after: text(), ending_before: text() };

/** One page of `objects`, which come oldest first and go newest first, ten unless told. */
export function page<T extends { readonly id: string }>(
  objects: readonly T[],
  { limit = 10, starting_after: after, ending_before: before }: Input<typeof pageParameters>,
  url: string,
): Stripe.ApiList<T> {
  const all = objects.toReversed();
  const at = (id: string, param: string): number => {
    const index = all.findIndex((object) => object.id === id);
    if (index < 0) throw missing('object', id, param, 400);
    return index;
  };
  if (before !== undefined) {
    const end = at(before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: all.slice(start, end), has_more: start > 0, url };
  }
  const start = after === undefined ? 0 : at(after, 'starting_after') + 1;
  return { object: 'list', data: all.slice(start, start + limit), has_more: start + limit < all.length, url };
}

/** A list inside an object, whole. */
export function inlineList<T>(data: T[], url: string): Stripe.ApiList<T> {
  return { object: 'list', data, has_more: false, url };
}
