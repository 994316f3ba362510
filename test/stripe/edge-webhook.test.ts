/** The bundle that works with Stripe, in a VM of the edge runtime that refuses to make code from strings: signature, webhook and client. */
import { readFile } from 'node:fs/promises';
import { EdgeVM } from '@edge-runtime/vm';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleEdge } from '../../scripts/bundle-edge.ts';
import { createStripeSimulator, type StripeSimulator } from '../../simulators/stripe/simulator.ts';
import { sealStripeConnection } from '../../src/access/stripe-connection.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { connectPostgres } from '../../src/db/drivers/postgres.ts';
import { createWorld } from '../../src/deps.ts';
import { openStripe } from '../../src/effects/stripe/client.ts';
import { type NeonBridge, startNeonBridge } from '../support/neon-bridge.ts';
import { type MigratedDatabase, migratedDatabase, rowsOf } from '../support/postgres-world.ts';
import { paidInvoice } from '../support/stripe-billing.ts';
import { secretKey, signatureOf } from '../support/stripe-world.ts';

const host = 'desk.example.com';
const masterKey = crypto.getRandomValues(new Uint8Array(32));
const cronSecret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
const webhookSecret = 'whsec_edge';

let database: MigratedDatabase;
let bridge: NeonBridge;
let simulator: StripeSimulator;
let stripe: Stripe;
let send: (path: string, init?: RequestInit) => Promise<Response>;
/** Calls of the bundle to Stripe. */
const asked: string[] = [];

beforeAll(async () => {
  [database, bridge] = await Promise.all([migratedDatabase(), startNeonBridge()]);
  simulator = createStripeSimulator({ deliver: async () => 200 });
  stripe = openStripe({ secretKey }, { fetch: simulator.fetch });
  await openTenant(database.appUrl);
  const { code } = await bundleEdge('src/hands.ts', 'script');
  const vm = new EdgeVM({ codeGeneration: { strings: false, wasm: false } });
  Object.assign(vm.context, {
    process: {
      env: {
        DATABASE_URL: database.appUrl,
        FRONTDESK_MASTER_KEY: Buffer.from(masterKey).toString('base64url'),
        CRON_SECRET: cronSecret,
        PUBLIC_ORIGIN: `https://${host}`,
      },
    },
    // Not as on the platform: what leaves goes to the simulator or to the bridge. Node's fetch knows no signal of the VM.
    fetch: (url: string | URL, { signal: _signal, ...init }: RequestInit) => {
      const to = String(url);
      if (!to.startsWith('https://api.stripe.com')) return fetch(bridge.url, init);
      asked.push(`${init.method} ${new URL(to).pathname}`);
      return simulator.fetch(to, init);
    },
  });
  vm.evaluate(code);
  send = (path, init = {}) =>
    vm.evaluate<(url: string, init: RequestInit) => Promise<Response>>('(url, init) => edge.default.fetch(new Request(url, init))')(
      `https://${host}${path}`,
      { ...init, headers: { Host: host, ...init.headers } },
    );
});
afterAll(async () => {
  await bridge?.close();
  await database?.drop();
});

/** A tenant that is connected to the simulator's account. */
async function openTenant(url: string): Promise<void> {
  const db = connectPostgres(url);
  try {
    const release = { region: undefined, commit: undefined };
    const { admin } = createWorld({ db, masterKey, mode: 'postgres', cronSecret: undefined, trustedProxyHops: 1, release });
    const raw: unknown = JSON.parse(await readFile(new URL('../../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
    const applied = await applyVendor(admin, { raw, origin: `https://${host}`, hosts: [host] });
    if (!applied.ok) throw new Error(applied.code);
    const { tenant } = applied.value;
    const connection = { accountId: simulator.account, livemode: false, secretKey, webhookSecrets: [webhookSecret] };
    const stripe_account = await sealStripeConnection(connection, { tenant, masterKey, at: new Date() });
    expect(await admin.memory.commit(tenant, { stripe_account })).toBe('done');
  } finally {
    await db.close();
  }
}

const post = async (body: string, secret = webhookSecret): Promise<Response> =>
  send('/v1/webhooks/stripe', { method: 'POST', headers: { 'Stripe-Signature': await signatureOf(body, secret, new Date()) }, body });

describe('in the edge runtime', () => {
  it('a webhook is verified, stored, and worked off by asking Stripe', async () => {
    const customer = await stripe.customers.create({});
    const invoice = await paidInvoice({ stripe }, { customer: customer.id, amount: 2900 });
    const [event] = simulator.webhooks.events({ type: 'invoice.paid' });
    const answer = await post(JSON.stringify(event));
    expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
    const drained = await send('/internal/cron/drain', { headers: { Authorization: `Bearer ${cronSecret}` } });
    expect(drained.status).toBe(200);
    expect(asked).toContain(`GET /v1/invoices/${invoice.id}`);
    // What the answer kicked off and what the schedule did take turns: either has it.
    await expect
      .poll(() => rowsOf(database.adminUrl, 'select invoice_id, collected_minor::int as collected from frontdesk.payments'), {
        timeout: 10_000,
      })
      .toEqual([{ invoice_id: invoice.id, collected: 2900 }]);
  });

  it('a forged webhook is refused', async () => {
    const [event] = simulator.webhooks.events({ type: 'invoice.paid' });
    expect((await post(JSON.stringify(event), 'whsec_forged')).status).toBe(400);
  });
});
