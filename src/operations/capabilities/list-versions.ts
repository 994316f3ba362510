import * as z from 'zod';
import type { PublishedRow } from '../../db/publication-queries.ts';
import { differences } from '../../domain/document-difference.ts';
import { ok, refuse } from '../../domain/result.ts';
import { isStaff } from '../../domain/visibility.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import { defineRead } from '../operation.ts';
import { instant, listOf, pageInput } from '../vocabulary.ts';

/** Of one version. */
const mostChanges = 200;

const difference = z
  .strictObject({
    pointer: z.string().describe('RFC 6901, into this version; of what was removed, into the one before.'),
    kind: z.enum(['added', 'removed', 'changed']),
    item: z.string().nullable().describe('The id of the item of a list that it is in.'),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .meta({ id: 'Difference' });

const version = z
  .strictObject({
    version: z.int(),
    document_id: z.string(),
    etag: z.string(),
    issued_at: instant,
    bytes: z.int().describe('How long the document is, in UTF-8.'),
    changes: z
      .array(difference)
      .nullable()
      .describe(`What it says otherwise than the version before, at most ${mostChanges}; null of the first that is known.`),
  })
  .meta({ id: 'CapabilitiesVersion' });

/** How many versions a page has: each is compared whole. */
const pageSize = 10;

export const listCapabilitiesVersions = defineRead({
  name: 'list_capabilities_versions',
  title: 'List versions of the capabilities',
  summary: 'What the capabilities said before, and what changed',
  description:
    'The versions of the capabilities document, newest first, each with its difference to the version before. A document that was only ' +
    'signed again is no new version. For the vendor’s own people. Read what holds now with get_capabilities.',
  rest: { method: 'get', path: '/v1/capabilities/versions', status: 200 },
  mcp: false,
  access: { scope: 'referrals:read' },
  input: z.strictObject({ cursor: pageInput.cursor }),
  output: listOf(version),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  inspect: ({ cursor }, desk) => openCursor(desk, 'capabilities_versions', {}, cursor),
  load: (queries, { found }) => ({
    // The one after the page is what its last one is compared with.
    rows: queries.publishedCapabilities({ before: found === null ? null : Number(found), limit: pageSize + 1 }),
  }),
  view({ rows }, { desk, principal }) {
    if (!isStaff(principal)) return refuse('resource.not_found');
    const shown = rows.slice(0, pageSize);
    const hasMore = rows.length > pageSize;
    return ok({
      object: 'list' as const,
      data: shown.map((row, at) => showVersion(row, rows[at + 1] ?? null)),
      has_more: hasMore,
      next_cursor: hasMore ? closeCursor(desk, 'capabilities_versions', {}, String(shown.at(-1)?.version)) : null,
    });
  },
});

function showVersion({ version: number, body, etag, issued_at }: PublishedRow, before: PublishedRow | null): z.input<typeof version> {
  const { document_id, said } = readDocument(body);
  return {
    version: number,
    document_id,
    etag,
    issued_at,
    bytes: new TextEncoder().encode(body).length,
    changes: before === null ? null : [...differences(readDocument(before.body).said, said, mostChanges)],
  };
}

/** What a document says, without the marks of one issue of it. */
function readDocument(body: string): { readonly document_id: string; readonly said: object } {
  const {
    document_id,
    issued_at: _issued,
    valid_until: _until,
    signatures: _signatures,
    ...said
  }: Readonly<Record<string, unknown>> = JSON.parse(body);
  return { document_id: typeof document_id === 'string' ? document_id : '', said };
}
