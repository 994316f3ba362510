import { balancesOf } from '../billing/balance.ts';
import { select, type World } from '../world.ts';

/** What Stripe's side of the books says, for assertions. Minor units; a negative balance is a credit. */
export interface Summary {
  readonly now: number;
  readonly balances: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly balanceTransactions: readonly {
    readonly id: string;
    readonly customer: string;
    readonly amount: number;
    readonly currency: string;
    readonly type: string;
    readonly invoice: string | null;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
  /** Ids of everything money went into, under the value of the metadata key that was asked for. */
  readonly byMetadata: Readonly<Record<string, readonly string[]>>;
  readonly invoices: Readonly<
    Record<string, { readonly status: string; readonly total: number; readonly due: number; readonly paid: number }>
  >;
  readonly platform: { readonly available: Readonly<Record<string, number>> };
  /** How many objects there are of each kind. */
  readonly counts: Readonly<Record<string, number>>;
}

export function summarized(world: World, metadataKey?: string): Summary {
  const { objects, platform } = world.state;
  const customers = Object.keys(objects.customers);
  const balancesBy = (id: string) => Object.fromEntries(balancesOf(world, id).map(({ currency, amount }) => [currency, amount]));
  return {
    now: world.now(),
    balances: Object.fromEntries(customers.map((id) => [id, balancesBy(id)])),
    balanceTransactions: select(world, 'balance_transactions', () => true).map((one) => ({
      id: one.id,
      customer: one.customer,
      amount: one.amount,
      currency: one.currency,
      type: one.type,
      invoice: one.invoice,
      metadata: one.metadata ?? {},
    })),
    byMetadata: metadataKey === undefined ? {} : byMetadata(world, metadataKey),
    invoices: Object.fromEntries(
      Object.values(objects.invoices).map((one) => [
        one.id,
        { status: one.status, total: one.total, due: one.amount_due, paid: one.amount_paid },
      ]),
    ),
    platform: { available: { ...platform.available } },
    counts: Object.fromEntries(Object.entries(objects).map(([table, rows]) => [table, Object.keys(rows).length])),
  };
}

function byMetadata(world: World, key: string): Record<string, string[]> {
  const { balance_transactions, credit_grants, transfers, transfer_reversals, refunds } = world.state.objects;
  const found: Record<string, string[]> = {};
  for (const table of [balance_transactions, credit_grants, transfers, transfer_reversals, refunds]) {
    for (const { id, metadata } of Object.values(table)) {
      const value = metadata?.[key];
      if (value !== undefined) found[value] = [...(found[value] ?? []), id];
    }
  }
  return found;
}
