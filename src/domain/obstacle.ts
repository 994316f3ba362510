/** Why a reward cannot be sent although nothing holds it. What brings it about is at the provider; what ends it, too. */
export const obstacles = [
  'customer_currency_differs',
  'customer_deleted',
  'no_subscription',
  'feature_not_sold',
  'account_not_ready',
  'platform_funds_missing',
  'provider_refused',
] as const;
export type Obstacle = (typeof obstacles)[number];

/** An obstacle as it is stored. A word that a newer release wrote is told as the provider's refusal. */
export function readObstacle(stored: string | null): Obstacle | null {
  if (stored === null) return null;
  return obstacles.find((known) => known === stored) ?? 'provider_refused';
}
