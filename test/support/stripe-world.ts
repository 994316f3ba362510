/** A desk that is connected to the simulator of Stripe in its own process, without a socket: one clock, webhooks by the app's own door. */
import Stripe from 'stripe';
import { createStripeSimulator, type StripeSimulator } from '../../simulators/stripe/simulator.ts';
import { sealStripeConnection } from '../../src/access/stripe-connection.ts';
import { loadVendorState } from '../../src/admin/vendor-state.ts';
import { apiVersion, openStripe, type StripeAccess } from '../../src/effects/stripe/client.ts';
import { translators } from '../../src/effects/stripe/events/translators.ts';
import { stripeHands } from '../../src/effects/stripe/hands.ts';
import { demoHost, openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts';

export interface StripeWorld extends TestWorld {
  readonly simulator: StripeSimulator;
  /** The vendor's own hand at its account. Without retries of its own. */
  readonly stripe: Stripe;
  /** How the desk, and who administers it, reach Stripe. */
  readonly access: StripeAccess;
  /** Moves the one clock. What happens at Stripe meanwhile happens in its order, and after each the desk does what it left to be done. */
  readonly advance: (ms: number, options?: { readonly working?: boolean }) => Promise<void>;
  /** Until Stripe has no webhook to deliver now and the desk nothing to do. */
  readonly settle: () => Promise<void>;
  /** Posts a body to the door as Stripe does. Signed with the endpoint's secret, now, unless told. */
  readonly post: (
    body: string | Uint8Array<ArrayBuffer>,
    options?: PostOptions,
  ) => Promise<{ readonly status: number; readonly text: string }>;
  /** The secret that the door's webhooks are signed with. */
  readonly webhookSecret: string;
}

export interface PostOptions {
  readonly host?: string;
  /** The whole header; null: none. */
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StripeWorldOptions extends Omit<TestWorldOptions, 'now' | 'payments'> {
  readonly seed?: number;
  /** Exclusive tax on every invoice; none unless told. */
  readonly taxPercent?: number;
  /** Stands between the desk and Stripe. What the vendor's own hand sends does not pass it. */
  readonly between?: (send: typeof fetch) => typeof fetch;
}

export const secretKey = 'sk_test_51VendorOfTheTestWorld';

/** Opens a world whose demo vendor is connected. Everything of `openTestWorld` holds. */
export async function openStripeWorld(options: StripeWorldOptions = {}): Promise<StripeWorld> {
  const { seed = 1, taxPercent = 0, startAt, between = (send) => send, ...more } = options;
  const shiftMs = startAt === undefined ? 0 : Date.parse(startAt) - Date.now();
  let delivered = 0;
  const simulator = createStripeSimulator({
    seed,
    taxPercent,
    now: () => Math.floor((Date.now() + shiftMs) / 1000),
    async deliver(url, headers, body) {
      delivered += 1;
      const answer = await t.app.fetch(new Request(url, { method: 'POST', headers: { Host: new URL(url).host, ...headers }, body }));
      return answer.status;
    },
  });
  const access = { fetch: between(simulator.fetch) };
  const payments = stripeHands(access);
  const t: TestWorld = await openTestWorld({ ...more, now: clockOf(simulator, shiftMs), payments });
  const stripe = openStripe({ secretKey }, { fetch: simulator.fetch });
  const webhookSecret = await connect(t, stripe, simulator.account);

  async function settle(): Promise<void> {
    for (let before = -1; before !== delivered; ) {
      before = delivered;
      await simulator.settled();
      await t.settle();
      await simulator.settled();
    }
  }
  return {
    ...t,
    simulator,
    stripe,
    access,
    webhookSecret,
    settle,
    async advance(ms, { working = true } = {}) {
      await simulator.advance(Math.ceil(ms / 1000), working ? { afterEach: () => t.settle() } : {});
      if (working) await settle();
    },
    async post(body, { host = demoHost, signature, headers = {} } = {}) {
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
      const signed = signature === undefined ? await signatureOf(text, webhookSecret, t.world.deps.now()) : signature;
      const request = new Request(`http://${host}/v1/webhooks/stripe`, {
        method: 'POST',
        headers: { Host: host, ...(signed === null ? {} : { 'Stripe-Signature': signed }), ...headers },
        body,
      });
      const answer = await t.app.fetch(request);
      return { status: answer.status, text: await answer.text() };
    },
  };
}

/** Makes the webhook endpoint, and gives the desk key and secret before it is opened for the first time. Answers the secret. */
export async function connect({ world }: TestWorld, stripe: Stripe, accountId: string): Promise<string> {
  const endpoint = await stripe.webhookEndpoints.create({
    url: `http://${demoHost}/v1/webhooks/stripe`,
    enabled_events: Object.keys(translators) as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
    api_version: apiVersion,
  });
  const state = await loadVendorState(world.admin, [demoHost]);
  if (endpoint.secret === undefined || typeof state === 'string') throw new Error('there is no endpoint, or no tenant');
  const { tenant_id: tenant } = state.desk;
  const connection = { accountId, livemode: false, secretKey, webhookSecrets: [endpoint.secret] };
  const { masterKey } = world.admin;
  const stripe_account = await sealStripeConnection(connection, { tenant, masterKey, at: world.deps.now() });
  const written = await world.deps.memory.commit(tenant, { stripe_account });
  const desk = await world.deps.desks.find(demoHost);
  if (written !== 'done' || !desk?.stripe) throw new Error('the desk is not connected');
  return endpoint.secret;
}

/** The header that Stripe signs a body with at a time. */
export function signatureOf(payload: string, secret: string, at: Date): Promise<string> {
  const timestamp = Math.floor(at.getTime() / 1000);
  return Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp });
}

/** The simulator's clock with milliseconds, which its seconds do not have; it never goes back. */
function clockOf(simulator: StripeSimulator, shiftMs: number): () => Date {
  let latest = 0;
  return () => {
    latest = Math.max(latest, simulator.now() * 1000 + ((((Date.now() + shiftMs) % 1000) + 1000) % 1000));
    return new Date(latest);
  };
}
