import { invariant } from '../domain/result.ts';
import type { Row, Statement, Value } from './batch.ts';

/** A query of at most one row. Its columns are what `T` says: the database suite prepares every query against the real schema. */
export function one<T>(name: string, text: string, values: readonly Value[]): Statement<T | null> {
  return {
    name,
    text,
    values,
    read: (rows) => {
      invariant(rows.length <= 1, `${name} answers at most one row`);
      return (rows[0] as (Row & T) | undefined) ?? null;
    },
  };
}

export function many<T>(name: string, text: string, values: readonly Value[]): Statement<readonly T[]> {
  return { name, text, values, read: (rows) => rows as readonly (Row & T)[] };
}

/** What the policies compare with, as they write it. */
export function context(name: 'reach' | 'organizations' | 'workspace'): string {
  return `(select nullif(current_setting('frontdesk.${name}', true), ''))`;
}

/**
 * A list asks for each reach by itself: the policy, which names them all in one condition, decides what may be seen but cannot be
 * looked up in an index, and would read the whole tenant for a page of one organization.
 */
export function reaches(kind: 'tenant' | 'organizations' | 'workspace'): string {
  return `${context('reach')} = '${kind}'`;
}

/** A row per organization in reach: each is a range of its own index, in the order of a page. */
export const reachedOrganizations = `(
  select distinct id from unnest(string_to_array(${context('organizations')}, ',')) id where ${reaches('organizations')}) o`;

/** Sort before and after every id, so that a page is one range of an index. */
export const first = '';
export const last = '~';
