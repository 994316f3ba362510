import { attemptPayment, payOutOfBand } from '../billing/payment.ts';
import { closeDispute, failRefund, openDispute } from '../billing/refunds.ts';
import { completeCheckout } from '../resources/checkout.ts';
import { finishOnboarding } from '../resources/connect.ts';
import { known, type World } from '../world.ts';

/** Who plays the payers, the banks and the account holders. Amounts in minor units; an unknown id throws. */
export interface Hand {
  readonly setCard: (customer: string, card: 'works' | 'declines') => void;
  /** Somebody pays an open invoice, by card or elsewhere. */
  readonly payInvoice: (invoice: string, by?: 'card' | 'out_of_band') => void;
  readonly failRefund: (refund: string) => void;
  readonly openDispute: (charge: string, wish?: { readonly amount?: number; readonly reason?: string }) => string;
  readonly winDispute: (dispute: string) => void;
  readonly loseDispute: (dispute: string) => void;
  /** The payer fills in the page of a session and pays. */
  readonly completeCheckout: (
    session: string,
    by?: { readonly email?: string; readonly name?: string; readonly promotionCode?: string },
  ) => { readonly customer: string; readonly subscription: string; readonly invoice: string };
  readonly finishOnboarding: (account: string) => void;
  readonly setPlatformBalance: (currency: string, available: number) => void;
  /** A connected account paid out what it had: a reversal finds only `left`. */
  readonly setAccountBalance: (account: string, currency: string, left: number) => void;
  /** Usage consumed some of a credit grant. */
  readonly useGrant: (grant: string, amount: number) => void;
  /** What a key may do, as `customers:write`, `events:read`, `*:read`. */
  readonly setPermissions: (key: string, permissions: readonly string[]) => void;
}

/** `kick` starts what the webhooks of a happening need. */
export function createHand(world: World, kick: () => void): Hand {
  const { state } = world;
  const act = <T>(work: () => T): T => {
    const result = work();
    kick();
    return result;
  };
  return {
    setCard: (customer, card) => {
      known(world, 'customers', customer);
      if (card === 'declines') state.declining[customer] = true;
      else delete state.declining[customer];
    },
    payInvoice: (id, by = 'card') =>
      act(() => {
        const invoice = known(world, 'invoices', id);
        if (by === 'card') attemptPayment(world, invoice);
        else payOutOfBand(world, invoice);
      }),
    failRefund: (id) => act(() => void failRefund(world, known(world, 'refunds', id))),
    openDispute: (charge, wish) => act(() => openDispute(world, known(world, 'charges', charge), wish).id),
    winDispute: (id) => act(() => void closeDispute(world, known(world, 'disputes', id), 'won')),
    loseDispute: (id) => act(() => void closeDispute(world, known(world, 'disputes', id), 'lost')),
    completeCheckout: (id, by) =>
      act(() => {
        const { customer, subscription, invoice } = completeCheckout(world, id, by);
        return { customer: customer ?? '', subscription: subscription ?? '', invoice: invoice ?? '' };
      }),
    finishOnboarding: (account) => act(() => void finishOnboarding(world, account)),
    setPlatformBalance: (currency, available) => {
      state.platform.available[currency] = available;
    },
    setAccountBalance: (account, currency, left) => {
      state.held[`${account}|${currency}`] = left;
    },
    useGrant: (grant, amount) => {
      state.grantsUsed[known(world, 'credit_grants', grant).id] = (state.grantsUsed[grant] ?? 0) + amount;
    },
    setPermissions: (key, permissions) => {
      state.permissions[key] = permissions;
    },
  };
}
