import type { Route } from '../http/routes.ts';
import { catalog } from './catalog.ts';
import { checkout } from './checkout.ts';
import { connect } from './connect.ts';
import { creditGrants } from './credit-grants.ts';
import { creditNotes } from './credit-notes.ts';
import { customerBalances } from './customer-balances.ts';
import { customers } from './customers.ts';
import { entitlements } from './entitlements.ts';
import { events } from './events.ts';
import { invoiceItems } from './invoice-items.ts';
import { invoices } from './invoices.ts';
import { payments } from './payments.ts';
import { promotions } from './promotions.ts';
import { refunds } from './refunds.ts';
import { subscriptionItems } from './subscription-items.ts';
import { subscriptions } from './subscriptions.ts';

/** Every call that the simulator does. Everything else is refused. */
export const routes: readonly Route[] = [
  customers,
  customerBalances,
  catalog,
  promotions,
  subscriptions,
  subscriptionItems,
  checkout,
  invoices,
  invoiceItems,
  payments,
  refunds,
  creditNotes,
  creditGrants,
  entitlements,
  connect,
  events,
].flat();
