import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalize } from '../domain/canonical.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Desk } from './desk.ts';

/**
 * Opaque cursors: the last id shown, and a keyed hash that binds it to tenant, operation and filter. A cursor of another list, or one
 * that was tampered with, is refused rather than misread.
 */
export function closeCursor(desk: Desk, list: string, filter: object, lastId: string): string {
  return `${lastId}.${mark(desk, list, filter, lastId)}`;
}

/** The id after which a page starts; null for the first page. */
export function openCursor(desk: Desk, list: string, filter: object, cursor: string | undefined): Result<string | null, 'request.invalid'> {
  if (cursor === undefined) return ok(null);
  const [lastId = '', given = ''] = cursor.split('.');
  if (given === mark(desk, list, filter, lastId)) return ok(lastId);
  return refuse('request.invalid', {
    issues: [{ pointer: '/cursor', code: 'cursor', message: 'Not a cursor of this list with this filter. Start again without one.' }],
  });
}

function mark(desk: Desk, list: string, filter: object, lastId: string): string {
  return bytesToHex(desk.derive('cursor', canonicalize([list, filter, lastId]), 1).slice(0, 12));
}
