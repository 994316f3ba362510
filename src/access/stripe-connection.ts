import type { PaymentChanges } from '../domain/payment-changes.ts';
import { invariant } from '../domain/result.ts';
import type { StripeConnection } from '../operations/desk.ts';
import { seal, unseal } from './seal.ts';

/** A tenant's account at Stripe as `frontdesk.open_desk` answers it. */
export interface StripeAccountRow {
  readonly account_id: string;
  readonly livemode: boolean;
  readonly sealed: string;
}

const kid = 'stripe';

/** Opens what `sealStripeConnection` sealed. Rejects with `SealError` where it was sealed under another master key, or was damaged. */
export async function openStripeConnection(row: StripeAccountRow, tenant: string, masterKey: Uint8Array): Promise<StripeConnection> {
  const opened: unknown = JSON.parse(new TextDecoder().decode(await unseal(row.sealed, masterKey, { tenant, kid })));
  invariant(isSecrets(opened), 'the sealed connection has the form in which it was sealed');
  return { accountId: row.account_id, livemode: row.livemode, secretKey: opened.secret_key, webhookSecrets: opened.webhook_secrets };
}

/** The row that keeps a connection. */
export async function sealStripeConnection(
  connection: StripeConnection,
  owner: { readonly tenant: string; readonly masterKey: Uint8Array; readonly at: Date },
): Promise<NonNullable<PaymentChanges['stripe_account']>> {
  const secrets = JSON.stringify({ secret_key: connection.secretKey, webhook_secrets: connection.webhookSecrets });
  const sealed = await seal(new TextEncoder().encode(secrets), owner.masterKey, { tenant: owner.tenant, kid });
  return { account_id: connection.accountId, livemode: connection.livemode, sealed, at: owner.at.toISOString() };
}

function isSecrets(value: unknown): value is { secret_key: string; webhook_secrets: readonly string[] } {
  if (typeof value !== 'object' || value === null || !('secret_key' in value) || !('webhook_secrets' in value)) return false;
  const { secret_key, webhook_secrets } = value;
  return typeof secret_key === 'string' && Array.isArray(webhook_secrets) && webhook_secrets.every((one) => typeof one === 'string');
}
