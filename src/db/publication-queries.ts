import { many } from './query.ts';

/** What was published, and what it was verified by. */
export const publicationQueries = {
  /** Capabilities as they were published, newest first: a row for each that said something else than the one before. */
  publishedCapabilities: (page: { before: number | null; limit: number }) =>
    many<PublishedRow>(
      'published_documents.page',
      `select p.version, p.body, p.etag, p.issued_at from frontdesk.published_documents p
       where p.kind = 'capabilities' and p.version < coalesce($1::int, 2147483647) order by p.version desc limit $2`,
      [page.before, page.limit],
    ),

  /** The last verifications of the ledger, newest first. */
  verifications: (limit: number) =>
    many<VerificationRow>(
      'verifications.latest',
      `select v.verification_id, v.ran_at, v.from_block, v.to_block, v.leaves, v.ok, v.finding
       from frontdesk.verifications v order by v.verification_id desc limit $1`,
      [limit],
    ),
} as const;

export interface PublishedRow {
  readonly version: number;
  readonly body: string;
  readonly etag: string;
  readonly issued_at: string;
}

export interface VerificationRow {
  readonly verification_id: string;
  readonly ran_at: string;
  /** The first and the last block that were looked at. */
  readonly from_block: number;
  readonly to_block: number;
  readonly leaves: number;
  readonly ok: boolean;
  /** Where the first broken thing is; null where all is whole. */
  readonly finding: { readonly code: string; readonly block: number; readonly index: number | null; readonly entry: string | null } | null;
}
