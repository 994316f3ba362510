import * as z from 'zod';
import type { HoldRow } from '../../db/dispute-queries.ts';
import { id, instant, referralId } from '../vocabulary.ts';

export const holdId = id('hld', 'a hold, as given by open_referral_hold or list_referral_holds');

export const holdView = z
  .strictObject({
    id: holdId,
    referral_id: referralId,
    kind: z.enum(['risk', 'dispute', 'payment_dispute', 'review']),
    cause: z.string().describe('What it hangs on: a dispute, `key:` and a key, `person:` and the reason.'),
    opened_at: instant,
    status: z.enum(['open', 'closed']),
  })
  .meta({ id: 'Hold' });

export const showHold = (row: Omit<HoldRow, 'organization_id'>): z.input<typeof holdView> => ({
  ...{ id: row.hold_id, referral_id: row.referral_id, kind: row.kind, cause: row.cause, opened_at: row.opened_at },
  status: row.closed_at === null ? 'open' : 'closed',
});
