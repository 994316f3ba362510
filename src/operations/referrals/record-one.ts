import * as z from 'zod';
import type { CreditFound } from '../../db/queries.ts';
import type { Principal } from '../../domain/actor.ts';
import { attribute } from '../../domain/attribution.ts';
import { type Changes, type Given, type ToSign, together } from '../../domain/decision.ts';
import { ok, type Result } from '../../domain/result.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import type { Desk } from '../desk.ts';
import { attributionInput, attributionOutcome, prospect } from '../vocabulary.ts';
import {
  creditOf,
  type KnownProspect,
  knownProspect,
  type OpenReferral,
  openReferral,
  type Presented,
  presentedToken,
  redeemed,
} from './present-attribution.ts';
import { receipt, referralView } from './schemas.ts';

/** A declaration that an organization brought a prospect, alone or in a batch. */
export const declaration = {
  prospect,
  attribution: attributionInput.optional(),
  note: z.string().max(280).optional().describe('For people who read the ledger. Shown to them as untrusted text.'),
};

export const recorded = {
  referral: referralView.nullable(),
  receipt: receipt.nullable(),
  attribution: attributionOutcome,
};

/** What is committed: the answer itself; nothing in it is secret. */
export interface Recorded {
  readonly referral: z.input<typeof referralView> | null;
  readonly receipt: string | null;
  readonly attribution: z.input<typeof attributionOutcome>;
}

/** What recording one prospect comes to. */
export interface Recording {
  /** Claims of the receipt to be signed; null when none is given, or one was given before. */
  readonly toSign: ToSign | null;
  readonly prospect: KnownProspect | null;
  /** The referral that is open now; its receipt is not known before it is signed. */
  readonly open: OpenReferral | null;
  readonly finish: (signed: string) => { readonly changes: Changes; readonly result: Recorded };
}

/** Records one prospect. `earlier`: what a batch knows of the same prospect or referral already, beyond what was loaded. */
export function recordOne(
  what: {
    readonly asked: { readonly prospect: z.output<typeof prospect>; readonly note?: string | undefined };
    readonly found: Presented;
    readonly facts: CreditFound;
    readonly principal: Principal;
    readonly desk: Desk;
    readonly earlier?: { readonly prospect: KnownProspect | null; readonly open: (organizationId: string) => OpenReferral | null };
  },
  given: Given,
): Result<Recording, 'attribution.token_invalid'> {
  const { asked, found, facts, principal, desk, earlier } = what;
  const token = presentedToken(found, facts.token);
  if (!token.ok) return token;
  const attribution = attribute({ principal, token: token.value, unusable: found.unusable, prospectDomain: found.prospect.domain });
  if (attribution.outcome !== 'attributed') {
    return ok({
      toSign: null,
      prospect: null,
      open: null,
      finish: () => ({ changes: {}, result: { referral: null, receipt: null, attribution } }),
    });
  }
  const prospect = earlier?.prospect ?? knownProspect(facts.prospect_id, found.prospect, given);
  const open = earlier?.open(attribution.organizationId) ?? (facts.open && openReferral(facts.open, desk));
  const particulars = {
    prospect: { name: cleanText(asked.prospect.name, 120), domain: cleanText(asked.prospect.domain, 253) },
    note: asked.note === undefined ? null : cleanText(asked.note, 280),
  };
  const redeemedToken = redeemed(principal, found, token.value);
  const credited = creditOf(
    { attribution, prospect, open, workspaceId: null, via: 'record', particulars, redeemed: redeemedToken },
    desk,
    given,
  );
  const isRedeemed = redeemedToken !== null;
  const agentId = open ? open.agentId : attribution.agentId;
  const campaign = open ? open.campaign : (attribution.token?.campaign ?? null);
  return ok({
    toSign: credited.toSign,
    prospect,
    open: open
      ? { ...open, evidenced: open.evidenced || isRedeemed }
      : { summary: credited.referral, agentId, campaign, receipt: '', evidenced: isRedeemed, state: 'pending' },
    finish: (signed) => ({
      changes: together(earlier?.prospect ? {} : prospect.changes, credited.changes(signed)),
      result: {
        referral: { ...credited.referral, agent_id: agentId, campaign, untrusted: particulars },
        receipt: signed,
        attribution: { outcome: credited.outcome, rule: attribution.rule },
      },
    }),
  });
}
