import { secretHash } from '../../domain/secret.ts';
import type { NamedAtStripe } from '../../domain/stripe-report.ts';
import type { Desk } from '../../operations/desk.ts';

type Metadata = Readonly<Record<string, string>> | null;

/** What vendors and we write on objects at Stripe (https://docs.stripe.com/metadata). */
export const metadataNames = {
  tenant: 'frontdesk_tenant',
  organization: 'frontdesk_organization',
  /** The id of a referral, a referral token, or its code. */
  referral: 'frontdesk_referral',
  workspace: 'frontdesk_workspace',
  /** Of a coupon of ours: the rule of the terms that promised its discount. */
  rule: 'frontdesk_rule',
} as const;

/** Whether the metadata is meant for this tenant: two may share an account. */
export function isFor({ tenant }: Pick<Desk, 'tenant'>, metadata: Metadata): boolean {
  const meant = metadata?.[metadataNames.tenant];
  return meant === undefined || meant === tenant;
}

/** Whether the metadata names this tenant, so that it was made by us or for us: where a stranger has a say in the rest. */
export function isFrom({ tenant }: Pick<Desk, 'tenant'>, metadata: Metadata): boolean {
  return metadata?.[metadataNames.tenant] === tenant;
}

/** The organization that is named in the form of its id. */
export function organizationIn(metadata: Metadata): string | null {
  return wellFormed('org', metadata?.[metadataNames.organization]);
}

/** What is named of the prospect; null: nothing. A token counts if it was live at `at`. `reference`: a workspace named beside the metadata. */
export async function prospectIn(
  metadata: Metadata,
  desk: Pick<Desk, 'verifyReferralToken'>,
  at: Date,
  reference: string | null = null,
): Promise<NamedAtStripe | null> {
  const referral = metadata?.[metadataNames.referral];
  const referralId = wellFormed('ref', referral);
  const isCode = referral !== undefined && codeForm.test(referral);
  const token = referral === undefined || referralId !== null || isCode ? null : await desk.verifyReferralToken(referral, at);
  const named: NamedAtStripe = {
    workspaceId: wellFormed('ws', metadata?.[metadataNames.workspace]) ?? wellFormed('ws', reference),
    referralId,
    tokenId: token?.jti ?? null,
    codeHash: isCode ? secretHash(`code:${referral}`) : null,
  };
  return Object.values(named).every((name) => name === null) ? null : named;
}

const codeForm = /^[0-9A-Za-z]{8}$/;

function wellFormed(prefix: string, text: string | null | undefined): string | null {
  return text?.startsWith(`${prefix}_`) && /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text.slice(prefix.length + 1)) ? text : null;
}
