/** A finite number as its shortest decimal: `units × 10^exponent`. Exact arithmetic where floating point would surprise. */
export interface Decimal {
  readonly units: bigint;
  readonly exponent: number;
}

export function toDecimal(value: number): Decimal {
  const parts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]+))?$/.exec(String(value));
  if (parts === null) return { units: 0n, exponent: 0 };
  const fraction = parts[3] ?? '';
  return { units: BigInt(`${parts[1]}${parts[2]}${fraction}`), exponent: Number(parts[4] ?? 0) - fraction.length };
}

/** Is the value a whole multiple of the step, both read as the decimals that they print as? (0.3 is a multiple of 0.1.) */
export function isMultipleOf(value: number, step: number): boolean {
  const [left, right] = [toDecimal(value), toDecimal(step)];
  const exponent = Math.min(left.exponent, right.exponent);
  const scaledStep = right.units * 10n ** BigInt(right.exponent - exponent);
  return scaledStep !== 0n && (left.units * 10n ** BigInt(left.exponent - exponent)) % scaledStep === 0n;
}

/** `count × step` without rounding noise. `count` is a safe integer. */
export function multiply(step: Decimal, count: number): number {
  return Number(`${step.units * BigInt(count)}e${step.exponent}`);
}
