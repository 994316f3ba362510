import type { Settlement } from '../effect.ts';
import { ask, unanswered } from './answer.ts';
import type { Told } from './translator.ts';

export type Reread<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly settlement: Settlement };

/** What an event is about, as Stripe shows it now. What is there no longer has nothing to tell. */
export async function reread<T extends { readonly object: string }>(
  { objectId }: Told,
  object: T['object'],
  retrieve: (id: string) => Promise<T>,
): Promise<Reread<T>> {
  if (objectId === null) return { ok: false, settlement: { kind: 'done', note: 'object_unnamed' } };
  const answer = await ask(object, () => retrieve(objectId));
  if (answer.kind === 'ok') return { ok: true, value: answer.value };
  if (answer.kind === 'missing') return { ok: false, settlement: { kind: 'done', note: 'object_gone' } };
  return { ok: false, settlement: unanswered(answer) };
}

/** The id of what Stripe shows as an id or, expanded, whole. */
export function idOf(shown: string | { readonly id: string } | null | undefined): string | null {
  if (shown === null || shown === undefined) return null;
  return typeof shown === 'string' ? shown : shown.id;
}
