import { paysOut } from '../domain/program.ts';
import type { VendorConfig } from '../domain/vendor.ts';
import { translators } from '../effects/stripe/events/translators.ts';
import type { EndpointWanted } from '../effects/stripe/setup/webhook-endpoint.ts';

/** Where Stripe tells a tenant what happened, below the tenant's origin (`routes/stripe-webhook.ts` answers there). */
export const webhookPath = '/v1/webhooks/stripe';

/**
 * The webhook endpoints that a tenant has to have at its account: one for the account itself and, where rewards are paid to connected
 * accounts, one for those. Their types are those that something is made of.
 */
export function endpointsWanted(
  { tenant, origin, config }: { readonly tenant: string; readonly origin: string; readonly config: VendorConfig },
  { secrets, rotate = false }: { readonly secrets: readonly string[]; readonly rotate?: boolean },
): readonly EndpointWanted[] {
  const shared = { tenant, url: `${origin}${webhookPath}`, secrets, rotate };
  const ofAccount = { ...shared, scope: 'account', types: typesToldOf.filter((type) => !aboutPayees.test(type)) } as const;
  if (!paysOut(config.program)) return [ofAccount];
  return [ofAccount, { ...shared, scope: 'connect', types: typesToldOf.filter((type) => aboutPayees.test(type)) }];
}

/** The kinds in which rewards of a program are handed over, each once. */
export function kindsOf({ program }: VendorConfig): readonly string[] {
  return [...new Set(program.reward.rules.map(({ kind }) => kind))];
}

const typesToldOf = Object.keys(translators).sort();
const aboutPayees = /^(?:account|capability|payout)\./;
