import type { Result } from '../domain/result.ts';
import type { Desk } from './desk.ts';

/**
 * The payment provider, for operations that ask it something and record nothing here (`defineAsk`). What it answers comes back to us by
 * its webhooks. `intent`: an idempotency key of the caller's in our own form. The provider answers the same intent again as it did
 * before, for at least a day; asked for something else under it, it refuses with `idempotency.mismatch`.
 */
export interface Provider {
  openCheckout(desk: Desk, wanted: CheckoutWanted, intent: string): Promise<Result<Answered<Checkout>, ProviderFailure>>;
  openOnboarding(desk: Desk, wanted: OnboardingWanted, intent: string): Promise<Result<Answered<Onboarding>, ProviderFailure>>;
}

/** `upstream.unavailable`: not connected, or no answer; `state.forbidden`: understood and refused. */
export type ProviderFailure = 'upstream.unavailable' | 'idempotency.mismatch' | 'state.forbidden';

export interface Answered<T> {
  readonly value: T;
  /** Whether it is the answer of an earlier time. */
  readonly replayed: boolean;
}

/** A page where the prospect's human subscribes to a tier. */
export interface CheckoutWanted {
  readonly workspaceId: string;
  readonly referralId: string | null;
  readonly tier: string;
  /** What the terms promise the referred side. */
  readonly discount: { readonly rule: string; readonly percentBps: number; readonly months: number | null } | null;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface Checkout {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: Date;
}

/** A page where somebody of the organization says who is paid, and where to. */
export interface OnboardingWanted {
  readonly organizationId: string;
  /** The connected account that the organization has; null: one is made. */
  readonly accountId: string | null;
  readonly returnUrl: string;
  readonly refreshUrl: string;
}

export interface Onboarding {
  readonly url: string;
  readonly expiresAt: Date;
}
