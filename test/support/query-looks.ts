/** What the test of queries is told of one: with what it is asked, by whom, what it answers and how much it may look at. */
import type { Statement } from '../../src/db/batch.ts';
import type { Queries } from '../../src/db/queries.ts';

export type Role = 'reader' | 'writer';
export const roles = ['reader', 'writer'] as const;
type RowOf<K extends keyof Queries> =
  ReturnType<Queries[K]> extends Statement<infer T> ? (NonNullable<T> extends readonly (infer R)[] ? R : NonNullable<T>) : never;

/** How a column is declared in TypeScript decides which types it may have in Postgres. */
type TypeOf<V> = unknown extends V
  ? 'jsonb'
  : NonNullable<V> extends string
    ? 'text' | 'timestamptz'
    : NonNullable<V> extends bigint
      ? 'int8'
      : NonNullable<V> extends number
        ? 'int4'
        : NonNullable<V> extends boolean
          ? 'bool'
          : NonNullable<V> extends readonly string[]
            ? 'text[]' | 'jsonb'
            : 'jsonb';
/** The compiler compares these lists with the row types, the test with what Postgres answers. */
type ColumnsOf<K extends keyof Queries> = { readonly [C in keyof RowOf<K>]-?: TypeOf<RowOf<K>[C]> };

export interface Look<K extends keyof Queries> {
  readonly ask: ReturnType<Queries[K]>;
  /** Whose loads ask it. */
  readonly by: readonly Role[];
  readonly columns: ColumnsOf<K>;
  /** How many rows it may look at in the big tenant, whoever asks. */
  readonly looksAt: number;
}
