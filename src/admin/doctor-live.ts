import { openStripeConnection } from '../access/stripe-connection.ts';
import { invariant } from '../domain/result.ts';
import { type VendorConfig, VendorFile } from '../domain/vendor.ts';
import type { Answer } from '../effects/stripe/answer.ts';
import { openStripe, type StripeAccess } from '../effects/stripe/client.ts';
import { formOfKey, readAccount } from '../effects/stripe/setup/account.ts';
import { checkPermissions } from '../effects/stripe/setup/permissions.ts';
import { recentEvents } from '../effects/stripe/setup/recent-events.ts';
import { findEndpoints } from '../effects/stripe/setup/webhook-endpoint.ts';
import type { StripeConnection } from '../operations/desk.ts';
import type { AdminDeps } from './admin-deps.ts';
import { inWords } from './connect-stripe.ts';
import { type DueWork, dueWorkOf, knownEvents, type PaymentFacts, paymentFacts } from './doctor-live-queries.ts';
import { endpointsWanted, kindsOf } from './stripe-endpoints.ts';
import { loadVendorState, type VendorState } from './vendor-state.ts';

/** One link of the chain between a payment at Stripe and a credit there. */
export interface Link {
  readonly name: string;
  readonly ok: boolean;
  /** One sentence of ours, never a secret. */
  readonly detail: string;
  /** What to do where it is broken. */
  readonly fix: string | null;
}

/**
 * Looks at every link of the chain for the tenant at a host: connection, key, permissions, clock, endpoints, inbox, schedules, outbox,
 * payees and the last comparison of the books with Stripe's. Changes nothing. Rejects when the database does not answer.
 */
export async function checkLive(deps: AdminDeps, host: string, access: StripeAccess = {}): Promise<readonly Link[]> {
  const state = await loadVendorState(deps, [host]);
  if (state === 'none' || state === 'several')
    return [broken('tenant', 'No tenant is served at this host.', 'npm run vendor:apply, or name another --host.')];
  const tenant = state.desk.tenant_id;
  const [[facts], [due]] = await Promise.all([
    deps.db.batch({ role: 'writer', tenant }, [paymentFacts]),
    deps.db.batch({ role: 'writer' }, [dueWorkOf(tenant)]),
  ]);
  const connection = await connectionOf(deps, state);
  const ofStripe = typeof connection === 'object' ? await linksAtStripe(deps, { state, connection, access }) : [notConnected(connection)];
  const now = deps.now();
  return [
    ...ofStripe,
    ...schedulesAlive(due, now),
    outboxMoves(facts, now),
    payeesFit(facts),
    everybodyLinked(facts),
    booksAgree(facts, now),
  ];
}

const good = (name: string, detail: string): Link => ({ name, ok: true, detail, fix: null });
const broken = (name: string, detail: string, fix: string): Link => ({ name, ok: false, detail, fix });

const setUp = 'npm run stripe:setup';

async function connectionOf(deps: AdminDeps, { desk }: VendorState): Promise<StripeConnection | 'none' | 'sealed'> {
  if (desk.stripe === null) return 'none';
  return openStripeConnection(desk.stripe, desk.tenant_id, deps.masterKey).catch(() => 'sealed' as const);
}

const notConnected = (connection: 'none' | 'sealed'): Link =>
  connection === 'none'
    ? broken('account', 'No account at Stripe is connected.', `${setUp}.`)
    : broken(
        'secrets',
        'Key and signing secrets cannot be opened.',
        `Restore FRONTDESK_MASTER_KEY; without it, ${setUp} with the key again.`,
      );

interface AtStripe {
  readonly state: VendorState;
  readonly connection: StripeConnection;
  readonly access: StripeAccess;
}

async function linksAtStripe(deps: AdminDeps, { state, connection, access }: AtStripe): Promise<readonly Link[]> {
  const stripe = openStripe(connection, access);
  const sentAt = deps.now();
  const account = await readAccount(stripe);
  if (account.kind !== 'ok')
    return [broken('key', `The key does not open the account: ${reasonOf(account)}.`, `${setUp} with a key that works.`)];
  const config = configOf(state);
  const wanted = endpointsWanted(
    { tenant: state.desk.tenant_id, origin: state.desk.origin, config },
    { secrets: connection.webhookSecrets },
  );
  return [
    good('secrets', 'Key and signing secrets can be opened.'),
    good('key', 'The key opens an account.'),
    accountFits(connection, account.value.accountId),
    // What stands in for Stripe shares this clock, but not the one that stamps its answers.
    ...(access.host === undefined ? [clockFits(sentAt, deps.now(), account.value.answeredAt)] : []),
    await permitted(stripe, config),
    ...(await Promise.all(wanted.map((each) => endpointFits(stripe, each)))),
    await eventsArrive(deps, stripe, state.desk.tenant_id, wanted[0]?.types ?? []),
  ];
}

function accountFits({ accountId, livemode, secretKey }: StripeConnection, found: string): Link {
  if (found !== accountId)
    return broken('account', 'The key opens another account than the one that is booked.', `${setUp} with a key of the connected account.`);
  if (formOfKey(secretKey)?.livemode !== livemode)
    return broken('account', 'Key and account are of different modes.', `${setUp} with a key of the connected account.`);
  return good('account', `${accountId}, ${livemode ? 'live mode: real money moves' : 'test mode: no real money moves'}.`);
}

/** Webhooks are believed for 300 seconds; what is close to it is said before webhooks are lost. */
function clockFits(sentAt: Date, receivedAt: Date, answeredAt: Date | null): Link {
  const name = 'clock';
  if (answeredAt === null) return good(name, 'Stripe did not say what time it has.');
  const early = sentAt.getTime() - answeredAt.getTime() - 1000;
  const late = answeredAt.getTime() - receivedAt.getTime();
  const skewS = Math.ceil(Math.max(0, early, late) / 1000);
  if (skewS > 60)
    return broken(name, `This clock differs from Stripe's by ${skewS} s; webhooks are refused from 300 s on.`, 'Set the clock by NTP.');
  return good(name, "This clock agrees with Stripe's.");
}

async function permitted(stripe: ReturnType<typeof openStripe>, config: VendorConfig): Promise<Link> {
  const name = 'permissions';
  const checked = await checkPermissions(stripe, kindsOf(config));
  const missing = checked.filter(({ state }) => state === 'missing').map(({ permission }) => inWords(permission));
  if (missing.length > 0) return broken(name, `The key lacks: ${missing.join('; ')}.`, 'Add them to the restricted key at Stripe.');
  const unknown = checked.filter(({ state }) => state === 'unknown').length;
  if (unknown > 0) return broken(name, `Stripe did not answer for ${unknown} of ${checked.length} permissions.`, 'Run this again.');
  return good(name, `The key has all ${checked.length} permissions that the program needs.`);
}

async function endpointFits(stripe: ReturnType<typeof openStripe>, wanted: ReturnType<typeof endpointsWanted>[number]): Promise<Link> {
  const name = wanted.scope === 'account' ? 'webhook' : 'webhook_connect';
  const found = await findEndpoints(stripe, wanted);
  if (found.kind !== 'ok')
    return broken(name, `The endpoints cannot be listed: ${reasonOf(found)}.`, 'Add Webhook Endpoints: write to the key.');
  const [best] = found.value;
  if (best === undefined) return broken(name, 'There is no endpoint for this tenant.', `${setUp}.`);
  if (best.differs.length > 0) return broken(name, `${best.endpointId} is not as it has to be: ${best.differs.join(', ')}.`, `${setUp}.`);
  return good(name, `${best.endpointId} is enabled, with ${wanted.types.length} types and the pinned version.`);
}

/** Between five minutes and a week old: a younger one may still be under way. */
async function eventsArrive(
  deps: AdminDeps,
  stripe: ReturnType<typeof openStripe>,
  tenant: string,
  types: readonly string[],
): Promise<Link> {
  const name = 'events';
  const now = deps.now().getTime();
  const told = await recentEvents(stripe, types, { from: new Date(now - 7 * day), to: new Date(now - 5 * minute) });
  if (told.kind !== 'ok') return broken(name, `Stripe's events cannot be listed: ${reasonOf(told)}.`, 'Add Events: read to the key.');
  const newest = told.value[0];
  if (newest === undefined) return good(name, 'Stripe had nothing to tell in the last week.');
  const [known] = await deps.db.batch({ role: 'writer', tenant }, [knownEvents(told.value.map(({ eventId }) => eventId))]);
  const lost = told.value.filter(({ eventId }) => !known.includes(eventId));
  if (lost.length > 0)
    return broken(
      name,
      `${lost.length} of the last ${told.value.length} events did not arrive.`,
      'Look at the endpoint’s failed deliveries at Stripe; the schedule reconcile fetches what was lost.',
    );
  return good(name, `The last ${told.value.length} events arrived, the newest from ${age(now - newest.createdAt.getTime())} ago.`);
}

function schedulesAlive(due: readonly DueWork[], now: Date): readonly Link[] {
  return due.map(({ kind, at }) => {
    const name = `schedule_${kind}`;
    const late = now.getTime() - Date.parse(at);
    if (late <= (patience[kind] ?? 15 * minute)) return good(name, 'Nothing is overdue.');
    return broken(
      name,
      `Its work is overdue for ${age(late)}.`,
      `Call /internal/cron/${kind} with CRON_SECRET and read the answer; see the schedules of the runbook.`,
    );
  });
}

function outboxMoves({ outbox }: PaymentFacts, now: Date): Link {
  const name = 'outbox';
  if (outbox.dead > 0)
    return broken(name, `${outbox.dead} effects were given up.`, 'GET /v1/dead-letters, mend the cause, then retry or discard each.');
  const late = outbox.oldestDue === null ? 0 : now.getTime() - Date.parse(outbox.oldestDue);
  if (late > 15 * minute)
    return broken(name, `The oldest effect waits since ${age(late)}.`, 'Call /internal/cron/drain with CRON_SECRET and read the answer.');
  return good(name, 'Nothing was given up, nothing waits for long.');
}

function payeesFit({ payees }: PaymentFacts): Link {
  if (payees.obstructed > 0)
    return broken(
      'payees',
      `Nothing can be sent to ${payees.obstructed} of ${payees.count} payees.`,
      'GET /v1/organizations/{id} names the obstacle; link another customer or let the payee finish its onboarding.',
    );
  return good('payees', payees.count === 0 ? 'No payee is linked yet.' : `Linked: ${payees.count}; nothing stands in their way.`);
}

function everybodyLinked({ unlinked }: PaymentFacts): Link {
  if (unlinked > 0)
    return broken(
      'unlinked',
      `${unlinked} organizations have rewards and no payee.`,
      'Link each to its customer, or ask its agent for a payout link.',
    );
  return good('unlinked', 'Every organization with available rewards has a payee.');
}

function booksAgree({ reconciled }: PaymentFacts, now: Date): Link {
  const name = 'books';
  if (reconciled.at === null) return good(name, 'The books were not compared with Stripe yet: nothing is due, or it is a new connection.');
  if (reconciled.findings > 0)
    return broken(
      name,
      `The last comparison with Stripe left ${reconciled.findings} residuals.`,
      'Read the last row of reconciliations; see the runbook, Stripe trouble.',
    );
  return good(name, `The books agreed with Stripe ${age(now.getTime() - Date.parse(reconciled.at))} ago.`);
}

function configOf({ desk }: VendorState): VendorConfig {
  const config = VendorFile.safeParse(desk.config);
  invariant(config.success, 'the stored vendor configuration has the form of this release: apply the vendor file again');
  return config.data;
}

function reasonOf(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): string {
  return answer.kind === 'later' ? answer.error : `stripe_${answer.code}`;
}

const minute = 60_000;
const day = 86_400_000;
/** How late the work of a schedule may be, by kind; the platform calls them once a minute or every five. */
const patience: Readonly<Record<string, number>> = { seal: 5 * minute, drain: 5 * minute, reconcile: 2 * 60 * minute };

function age(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < 120 * minute) return `${Math.floor(ms / minute)} min`;
  return ms < 2 * day ? `${Math.floor(ms / (60 * minute))} h` : `${Math.floor(ms / day)} days`;
}
