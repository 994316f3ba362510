import type { Stripe } from 'stripe';

export interface Totals {
  readonly subtotal: number;
  /** What each discount takes off, in their order. */
  readonly discounted: readonly number[];
  readonly totalExcludingTax: number;
  readonly tax: number;
  readonly total: number;
}

/** Sums up an invoice in minor units: discounts one after the other on what is discountable, then tax on the rest. */
export function totalsOf(
  lines: readonly { readonly amount: number; readonly discountable: boolean }[],
  coupons: readonly Stripe.Coupon[],
  taxPercent: number,
): Totals {
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0);
  let base = Math.max(
    0,
    lines.reduce((sum, { amount, discountable }) => sum + (discountable ? amount : 0), 0),
  );
  const discounted = coupons.map((coupon) => {
    const off = coupon.amount_off ?? Math.round((base * (coupon.percent_off ?? 0)) / 100);
    const taken = Math.min(base, off);
    base -= taken;
    return taken;
  });
  const totalExcludingTax = subtotal - discounted.reduce((sum, off) => sum + off, 0);
  const tax = totalExcludingTax > 0 ? Math.round((totalExcludingTax * taxPercent) / 100) : 0;
  return { subtotal, discounted, totalExcludingTax, tax, total: totalExcludingTax + tax };
}

/** Shares `amount` out in proportion to `weights`, to the cent; the last one takes what rounding leaves. */
export function shared(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let left = amount;
  return weights.map((weight, index) => {
    const share = index === weights.length - 1 ? left : whole === 0 ? 0 : Math.floor((amount * weight) / whole);
    left -= share;
    return share;
  });
}

/** Stripe's minimum charge of a currency; less than that is carried on the customer's balance (docs: "Minimum charge amounts"). */
export function minimumCharge(currency: string): number {
  return minimums[currency] ?? 0;
}
const minimums: Readonly<Record<string, number>> = {
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  jpy: 50,
  mxn: 1000,
  nok: 300,
  nzd: 50,
  pln: 200,
  sek: 300,
  sgd: 50,
  usd: 50,
};
