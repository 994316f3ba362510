/**
 * `npm run stripe:setup -- [--host desk.example.com] [--live] [--rotate] [--import-customers]`: connects a tenant to its account at Stripe.
 * The key comes from STRIPE_SECRET_KEY, from a pipe, or is asked for; never from the command line, where others could see it.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { inWords, type StripeConnected } from '../src/admin/connect-stripe.ts';
import type { PageImported } from '../src/admin/import-customers.ts';
import type { Result } from '../src/domain/result.ts';
import { permissionsFor } from '../src/effects/stripe/setup/permissions.ts';
import { explain } from '../src/embedded/seed-demo.ts';
import { configOfShell, exitOn, runAdmin } from './admin.ts';
import { hostOfShell } from './host-of-shell.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string' },
      live: { type: 'boolean' },
      rotate: { type: 'boolean' },
      permissions: { type: 'boolean' },
      'import-customers': { type: 'boolean' },
      after: { type: 'string' },
    },
  });
  if (values.permissions) return listPermissions();
  const config = configOfShell();
  const host = values.host ?? hostOfShell(config);
  const secretKey = config.stripe?.secretKey ?? (await askForKey());
  const connected = (await runAdmin('stripe.connect', {
    ...{ host, secretKey, live: values.live ?? false, rotate: values.rotate ?? false },
    ...(config.stripe?.webhookSecret === undefined ? {} : { webhookSecret: config.stripe.webhookSecret }),
  })) as Result<StripeConnected>;
  if (!connected.ok) throw new Error(`Nothing was connected.\n${explain(connected)}`);
  tell(connected.value);
  if (values['import-customers']) await importAll(host, values.after ?? null);
  console.log(`\nNow look at every link of the chain: npm run doctor -- --live --host ${host}`);
}

function tell({ tenant, accountId, livemode, revision, endpoints, leftOver, permissions }: StripeConnected): void {
  const done = revision === null ? 'is connected, as before' : `is connected (revision ${revision})`;
  console.log(`${accountId}, ${livemode ? 'live mode' : 'test mode'}, ${done} to ${tenant}.`);
  for (const { scope, endpointId, outcome } of endpoints) console.log(`Webhook endpoint ${endpointId} (${scope}): ${outcome}.`);
  if (leftOver.length > 0) console.log(`Not needed any more, and not removed yet: ${leftOver.join(', ')}. Run this again.`);
  const open = permissions.filter(({ state }) => state === 'unknown');
  console.log(
    open.length === 0
      ? `The key has all ${permissions.length} permissions that the program needs.`
      : 'Stripe did not say whether the key has:',
  );
  for (const { permission } of open) console.log(`  ${inWords(permission)}`);
}

/** Page by page, so that it may be broken off and gone on with. */
async function importAll(host: string, from: string | null): Promise<void> {
  let [seen, reported] = [0, 0];
  for (let after = from; ; ) {
    const page = (await runAdmin('stripe.import_customers', { host, after })) as Result<PageImported>;
    if (!page.ok)
      throw new Error(`The import broke off${after === null ? '' : `; go on with --import-customers --after ${after}`}.\n${explain(page)}`);
    seen += page.value.seen;
    reported += page.value.reported;
    after = page.value.next;
    if (after === null) break;
    console.log(`${seen} customers seen, so far up to ${after}.`);
  }
  console.log(`${seen} customers seen, ${reported} of them remembered as existing from now on.`);
}

function listPermissions(): void {
  const all = permissionsFor([
    'stripe_balance_credit',
    'stripe_subscription_discount',
    'stripe_credit_grant',
    'entitlement_unlock',
    'stripe_transfer',
  ]);
  console.log('A restricted key needs, beside what every key may do:\n');
  for (const permission of all) {
    const kinds = permission.kinds === undefined ? 'always' : `for rewards of kind ${permission.kinds.join(', ')}`;
    console.log(`  ${permission.resource.padEnd(22)} ${permission.access.padEnd(6)} ${permission.why}; ${kinds}`);
  }
}

/** From a pipe, or typed without an echo. */
async function askForKey(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim();
  process.stdout.write('Secret or restricted key (not shown): ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const key = await lines.question('');
  lines.close();
  process.stdout.write('\n');
  return key.trim();
}

main().catch(exitOn);
