import type { ProgramTerms } from './program.ts';
import type { ReferralState } from './referral-state.ts';
import type { Issue } from './result.ts';
import type { VendorConfig } from './vendor.ts';

/** What the terms promise the referred side on its own subscription; null: nothing. */
export interface RefereeDiscount {
  readonly rule: string;
  readonly percentBps: number;
  readonly months: number | null;
}

/** The discount that a subscription starts with, while the referral behind it can still come to something. */
export function refereeDiscount(referral: { readonly state: ReferralState; readonly terms: ProgramTerms } | null): RefereeDiscount | null {
  if (referral === null || !['pending', 'qualified', 'rewarded'].includes(referral.state)) return null;
  for (const rule of referral.terms.reward.rules) {
    if (rule.model === 'discount' && rule.side === 'referee') return { rule: rule.id, percentBps: rule.percent_bps, months: rule.months };
  }
  return null;
}

/** The coupon that gives a referral's discount at its checkout: one each, so that it is redeemed once, whichever of the checkouts is paid. */
export const checkoutCouponId = (referralId: string): string => `fd-referee-${referralId}`;

/** The issue of a tier that the vendor does not sell at a fixed price. */
export function tierIssues({ pricing }: Pick<VendorConfig, 'pricing'>, tier: string): readonly Issue[] {
  const sold = pricing.tiers.find(({ id }) => id === tier);
  if (sold === undefined) return [{ pointer: '/tier', code: 'reference', message: 'No tier of the vendor has this id.' }];
  if (sold.model !== 'custom') return [];
  return [{ pointer: '/tier', code: 'reference', message: 'This tier is not sold at a fixed price: ask the vendor.' }];
}

/** The issues of addresses to be led back to, by field: only the vendor's own hosts are, over https. Fields that were left out have none. */
export function returnIssues(
  vendor: Pick<VendorConfig, 'landing_url' | 'signup_url' | 'hosts'>,
  asked: Readonly<Record<string, string | undefined>>,
): readonly Issue[] {
  const hosts = new Set([new URL(vendor.landing_url).host, new URL(vendor.signup_url).host, ...vendor.hosts]);
  return Object.entries(asked).flatMap(([field, address]) =>
    address === undefined || isOwn(address, hosts)
      ? []
      : [{ pointer: `/${field}`, code: 'host', message: 'Only https addresses at the vendor’s own hosts are led back to.' }],
  );
}

function isOwn(address: string, hosts: ReadonlySet<string>): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host, username, password } = new URL(address);
  return protocol === 'https:' && username === '' && password === '' && hosts.has(host);
}
