import * as z from 'zod';
import type { ReferralFilter } from '../../db/referral-queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { prospectKey } from '../../domain/prospect.ts';
import { referralStatuses } from '../../domain/referral-state.ts';
import { sightOf } from '../../domain/visibility.ts';
import { agentId } from '../agents/schemas.ts';
import { closeCursor, openCursor } from '../cursor.ts';
import type { Desk } from '../desk.ts';
import { organizationId } from '../vocabulary.ts';
import { campaign } from './schemas.ts';

const oneOf = referralStatuses.join('|');
/** RFC 3339 §5.6, `full-date`. */
const day = z.iso.date().regex(/^2\d{3}-/);

/** What referrals are looked for by: all of it optional, all of it at once. */
export const referralFilterInput = {
  status: z
    .string()
    .max(120)
    .regex(new RegExp(`^(${oneOf})(,(${oneOf}))*$`))
    .optional()
    .describe('One status or several, with commas between them.'),
  organization_id: organizationId.optional(),
  agent_id: agentId.optional(),
  campaign: campaign.optional(),
  from: day.optional().describe('Created on this day or later, in UTC.'),
  to: day.optional().describe('Created on this day or earlier, in UTC.'),
  q: z
    .string()
    .max(253)
    .optional()
    .describe(
      'Exactly one thing: the id of a referral or of its workspace, or the domain of its prospect, where the reader sees whose it is. Anything else finds nothing.',
    ),
  sort: z.enum(['-created', 'created']).optional().describe('By time of creation: newest first, unless told otherwise, or oldest first.'),
} as const;

const filterInput = z.object(referralFilterInput);
export type ReferralFilterInput = z.output<typeof filterInput>;

/** The filter as it is asked, with the prospect's domain as its fingerprint. */
export function referralFilter(asked: ReferralFilterInput, derive: Desk['derive']): ReferralFilter {
  const { status, organization_id, agent_id, campaign, from, to, q = '' } = asked;
  const wanted = status?.split(',');
  return {
    statuses: referralStatuses.filter((one) => wanted?.includes(one) ?? true),
    organizationId: organization_id ?? null,
    agentId: agent_id ?? null,
    campaign: campaign ?? null,
    from: from === undefined ? null : new Date(`${from}T00:00:00Z`),
    to: to === undefined ? null : new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000),
    about: q.trim() === '' ? null : aboutOf(q.trim(), derive),
  };
}

/** Of what was found, what the reader may have found so: whoever sees companies masked does not learn which they are by asking for them. */
export const findable = <Row>(rows: readonly Row[], { about }: Pick<ReferralFilter, 'about'>, principal: Principal): readonly Row[] =>
  about?.kind === 'fingerprint' && sightOf(principal).prospects === 'masked' ? [] : rows;

function aboutOf(q: string, derive: Desk['derive']): NonNullable<ReferralFilter['about']> {
  const kind = /^(ref|ws)_[0-7][0-9a-hjkmnp-tv-z]{25}$/.exec(q)?.[1];
  if (kind !== undefined) return { kind: kind === 'ref' ? 'referral' : 'workspace', value: q };
  const key = prospectKey(q.replace(/^https?:\/\//i, '').replace(/\/.*$/, ''), derive);
  // What is neither an id nor a domain is that of nothing.
  return key.ok ? { kind: 'fingerprint', value: key.value.fingerprint } : { kind: 'referral', value: '' };
}

/** Cursors of lists in order of time: the last row's time and id. A list has one for each filter and order. */
export const timeCursor = (list: string) => ({
  close: (desk: Desk, asked: object, { created_at, referral_id }: { readonly created_at: string; readonly referral_id: string }): string =>
    closeCursor(desk, list, boundTo(asked), `${Date.parse(created_at)}-${referral_id}`),
  open: (desk: Desk, asked: { readonly cursor?: string | undefined }) => {
    const opened = openCursor(desk, list, boundTo(asked), asked.cursor);
    if (!opened.ok) return opened;
    const [at, id = ''] = opened.value?.split('-') ?? [];
    return { ok: true as const, value: at === undefined ? null : { at: new Date(Number(at)), id } };
  },
});

/** All that was asked for but where and how much: a list may be read in pages of any size. */
function boundTo(asked: object): object {
  return Object.fromEntries(Object.entries(asked).filter(([name, value]) => name !== 'cursor' && name !== 'limit' && value !== undefined));
}
