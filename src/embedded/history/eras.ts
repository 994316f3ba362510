/** The programs that the vendor had before the one of its file: what of the file was different, and from which day on. */
export const eras = { pilot: 0, share: 40, current: 85 } as const;
export type Era = keyof typeof eras;

/** Days in all; the last one is today. */
export const days = 120;

/** The vendor file as it was in an era. Everything but these terms of the program is that of the file, its caps as well. */
export function vendorIn(era: Era, vendor: unknown): unknown {
  if (era === 'current' || !isRecord(vendor) || !isRecord(vendor.program) || !isRecord(vendor.program.reward)) return vendor;
  const { rule, ...terms } = before[era];
  return { ...vendor, program: { ...vendor.program, ...terms, reward: { ...vendor.program.reward, rules: [rule] } } };
}

const before = {
  pilot: {
    rule: { id: 'pilot-bounty', side: 'referrer', model: 'flat', kind: 'external', amount_minor: 4000, currency: 'usd' },
    qualification: [{ id: 'signed-up', kind: 'event_received', event_type: 'signup.completed', count: 1 }],
    hold_days: 7,
    referral_ttl_days: 45,
    disclosure: 'LedgerBridge pays USD 40.00 to the organization behind this agent when you sign up.',
  },
  share: {
    rule: {
      ...{ id: 'first-payment-share', side: 'referrer', model: 'percent', kind: 'stripe_balance_credit', percent_bps: 1000 },
      ...{ currency: null, cap_minor: null },
    },
    qualification: [
      { id: 'workspace-claimed', kind: 'workspace_claimed' },
      { id: 'first-invoice-paid', kind: 'invoice_paid', count: 1, min_amount_minor: null, currency: null },
    ],
    hold_days: 14,
    referral_ttl_days: 45,
    disclosure: 'LedgerBridge credits a tenth of your first payment to the organization behind this agent.',
  },
} as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
