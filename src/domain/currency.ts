/**
 * Active ISO 4217 currencies, lower case, and the number of digits of their minor unit. Funds, metals and test codes are left out:
 * nobody can be billed in them.
 */
const TWO_DIGITS =
  'aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf cny cop crc cup cve czk dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gtq gyd hkd hnl htg huf idr ils inr irr jmd kes kgs khr kpw kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt top try ttd twd tzs uah usd uyu uzs ves wst xcd xcg yer zar zmw zwg';
const NO_DIGITS = 'bif clp djf gnf isk jpy kmf krw pyg rwf ugx vnd vuv xaf xof xpf';
const THREE_DIGITS = 'bhd iqd jod kwd lyd omr tnd';

const digits: ReadonlyMap<string, 0 | 2 | 3> = new Map([
  ...NO_DIGITS.split(' ').map((code) => [code, 0] as const),
  ...TWO_DIGITS.split(' ').map((code) => [code, 2] as const),
  ...THREE_DIGITS.split(' ').map((code) => [code, 3] as const),
]);

/** Stripe counts these in another unit than ISO 4217 does (https://docs.stripe.com/currencies, special cases). */
const UNIT_DIFFERS_AT_STRIPE: ReadonlySet<string> = new Set(['isk', 'mga', 'ugx']);

/** Digits of the minor unit of a lower-case ISO 4217 code: 2 for `usd`, 0 for `jpy`, 3 for `kwd`; undefined if it is not a currency. */
export function minorUnitDigits(code: string): 0 | 2 | 3 | undefined {
  return digits.get(code);
}

/**
 * Why `amountMinor` of `currency` cannot be fulfilled exactly through Stripe, or null when it can: `unit_differs` (the same integer
 * would mean another amount there), `last_digit` (three-digit currencies must end in 0, https://docs.stripe.com/currencies).
 */
export function settlementProblem(amountMinor: number, currency: string): 'unit_differs' | 'last_digit' | null {
  if (UNIT_DIFFERS_AT_STRIPE.has(currency)) return 'unit_differs';
  if (minorUnitDigits(currency) === 3 && amountMinor % 10 !== 0) return 'last_digit';
  return null;
}
