import type { Changes, Given } from './decision.ts';
import { base62, secretHash } from './secret.ts';
import { stageEffect } from './stage.ts';
import type { StagedEffect } from './work-changes.ts';

export type LinkPurpose = 'sign_in' | 'invitation' | 'bootstrap';

/** How long links last, in seconds. */
export const linkSeconds = { sign_in: 900, invitation: 7 * 86_400, bootstrap: 86_400 } as const satisfies Record<LinkPurpose, number>;

/** A link by which a person signs in once. `browserHash`: SHA-256 in hex of the nonce of the one browser that may use it. */
export function makeLink(
  { personId, purpose, browserHash = null }: { personId: string; purpose: LinkPurpose; browserHash?: string | null },
  given: Pick<Given, 'now' | 'newId' | 'derive'>,
): { readonly changes: Required<Pick<Changes, 'sign_in_links'>>; readonly linkId: string; readonly token: string } {
  const linkId = given.newId('lnk');
  const token = linkToken(given.derive, linkId);
  const expiresAt = new Date(given.now.getTime() + linkSeconds[purpose] * 1000);
  return {
    linkId,
    token,
    changes: {
      sign_in_links: [
        {
          ...{ link_id: linkId, token_hash: secretHash(token), person_id: personId, purpose, browser_hash: browserHash },
          ...{ created_at: given.now.toISOString(), expires_at: expiresAt.toISOString() },
        },
      ],
    },
  };
}

/** The 256 bits in the address of a link, as 43 base62 characters. Derived, so that a mail can be written without storing them. */
export function linkToken(derive: Given['derive'], linkId: string): string {
  return base62(derive('sign-in-link', linkId, 1), 43);
}

/** Where a link leads. */
export function linkUrl(origin: string, token: string): string {
  return `${origin}/login/${token}`;
}

/** Mails that the desk writes; their texts are constants (`effects/mail/letters.ts`). */
export type MailKind = 'sign_in' | 'invitation';

/** What `mail.send` is staged with: ids only, so that nothing of a letter lies in a table. */
export interface MailPayload {
  readonly mail: MailKind;
  readonly person_id: string;
  readonly link_id: string;
}

export const mailKind = 'mail.send';

/** Sends a link to its person, one mail after the other. */
export function mailEffect(payload: MailPayload, given: Pick<Given, 'now' | 'newId'>): StagedEffect {
  return stageEffect(given, { kind: mailKind, aggregate: `mail:${payload.person_id}`, destination: 'mail', payload });
}
