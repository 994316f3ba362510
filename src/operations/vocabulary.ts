import * as z from 'zod';

/** Wire schemas that several operations share. Plain objects and patterns only, so that OpenAPI and MCP show the same. */

/** TypeID: prefix, underscore, 26 characters of base32 UUIDv7. */
export const id = (prefix: string, of: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`))
    .describe(`Id of ${of}: \`${prefix}_\` and 26 characters.`);

export const workspaceId = id('ws', 'a workspace, as given by provision_workspace');
export const referralId = id('ref', 'a referral, as given by record_referral or provision_workspace');
export const organizationId = id('org', 'an organization');

export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .describe('RFC 3339, UTC, milliseconds.');
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, lower-case hex.');
export const slug = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

/** A page of a list, as every list takes it. Query strings carry text, MCP carries numbers: both are read. */
export const pageInput = {
  limit: z
    .union([z.int().min(1).max(100), z.string().regex(/^([1-9]|[1-9][0-9]|100)$/)])
    .optional()
    .describe('How many, 1 to 100. Default 25.'),
  cursor: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9_.-]+$/)
    .optional()
    .describe('next_cursor of the page before. Bound to the same filter.'),
};
export const limitOf = (limit: number | string | undefined): number => (limit === undefined ? 25 : Number(limit));

export const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  });

/** A list's wire form from rows of which one more than `limit` was loaded. */
export function pageOf<Row, Item>(rows: readonly Row[], limit: number, item: (row: Row) => Item, cursor: (row: Row) => string) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit;
  return {
    object: 'list' as const,
    data: shown.map(item),
    has_more: hasMore,
    next_cursor: hasMore && last !== undefined ? cursor(last) : null,
  };
}

export const terms = z
  .strictObject({ program_id: id('prg', 'a program'), version: z.int(), sha256, url: z.string() })
  .describe('The program version this is bound to; its bytes never change.')
  .meta({ id: 'Terms' });

export const nextActions = z
  .array(z.strictObject({ operation: z.string(), method: z.string(), url: z.string(), why: z.string() }).meta({ id: 'NextAction' }))
  .describe('What usually comes next.');

export const hostname = z
  .string()
  .min(3)
  .max(253)
  .regex(
    /^(?=.{3,253}$)([A-Za-z0-9\u00a1-\uffff]([A-Za-z0-9\u00a1-\uffff-]{0,61}[A-Za-z0-9\u00a1-\uffff])?\.)+[A-Za-z\u00a1-\uffff][A-Za-z0-9\u00a1-\uffff-]{0,61}[A-Za-z0-9\u00a1-\uffff]$/,
  );

export const returnUrl = z
  .string()
  .max(2048)
  .regex(/^https:\/\/[!-~]+$/)
  .describe("Where the provider's page leads back to: https, at a host of the vendor's own. Its own pages, if left out.");

export const prospect = z
  .strictObject({
    name: z.string().min(1).max(120).describe("The prospect company's name."),
    domain: hostname.describe("The prospect's own web domain; subdomains count as their registrable domain."),
    contact_email: z.email().max(254).optional().describe('Somebody at the prospect who should hear of it.'),
  })
  .describe('The company this is for.')
  .meta({ id: 'Prospect' });

/** Agentic Commerce Protocol `affiliate_attribution`, as proposed 2025-12-17: what of it we read. The rest is taken as it comes, and never echoed. */
const affiliateAttribution = z
  .looseObject({
    provider: z.string().max(253),
    token: z.string().max(4096).optional(),
    expires_at: z.string().max(64).optional(),
  })
  .describe('Agentic Commerce Protocol shape. Its token may be one of our referral tokens.');

export const attributionInput = z
  .strictObject({
    referral_token: z.string().max(4096).optional().describe('A referral token of this vendor: credits the organization it names.'),
    referral_code: z.string().max(64).optional().describe('The eight-character code of a referral token.'),
    affiliate_attribution: affiliateAttribution.optional(),
    attribution: z
      .record(z.string().max(64), z.string().max(1024))
      .optional()
      .describe('Universal Commerce Protocol attribution map. referral_token, referral_code, ref or fd_touch in it may be ours.'),
  })
  .describe('Who sent this prospect, when it is not the caller alone. An invalid token or code is refused; other shapes never block.')
  .meta({ id: 'AttributionInput' });

export const attributionOutcome = z
  .strictObject({
    outcome: z.enum(['attributed', 'existing_referral', 'unattributed', 'own_organization', 'self_referral', 'ignored']),
    rule: z.string().describe('The rule that decided.'),
  })
  .meta({ id: 'AttributionOutcome' });
