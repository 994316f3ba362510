import { openStripeConnection, sealStripeConnection } from '../access/stripe-connection.ts';
import type { Statement } from '../db/batch.ts';
import { type Issue, invariant, ok, type Result, refuse } from '../domain/result.ts';
import { type VendorConfig, VendorFile } from '../domain/vendor.ts';
import type { Answer } from '../effects/stripe/answer.ts';
import { openStripe, type StripeAccess } from '../effects/stripe/client.ts';
import { formOfKey, readAccount } from '../effects/stripe/setup/account.ts';
import { checkPermissions, type Permission, type Permitted } from '../effects/stripe/setup/permissions.ts';
import { type EndpointPrepared, type EndpointScope, prepareEndpoint, removeEndpoints } from '../effects/stripe/setup/webhook-endpoint.ts';
import type { StripeConnection } from '../operations/desk.ts';
import { type AdminDeps, attempts } from './admin-deps.ts';
import { planChanges } from './apply-vendor.ts';
import { endpointsWanted, kindsOf } from './stripe-endpoints.ts';
import { loadVendorState, type VendorState } from './vendor-state.ts';

export interface StripeWanted {
  /** Any host of the tenant, as stored. */
  readonly host: string;
  readonly secretKey: string;
  /** Of an endpoint that somebody else keeps: then none is made, and none is looked at. Null: webhooks are not received at all. */
  readonly webhookSecret?: string | null;
  /** Where webhooks are sent, where that is not the tenant's origin. */
  readonly webhookOrigin?: string;
  /** Whether real money may move. */
  readonly live?: boolean;
  /** Puts new endpoints in the place of those that are there, and so new signing secrets. */
  readonly rotate?: boolean;
}

export interface StripeConnected {
  readonly tenant: string;
  readonly accountId: string;
  readonly livemode: boolean;
  /** Instances work with the account from this revision on. Null: everything stood so already. */
  readonly revision: number | null;
  readonly endpoints: readonly {
    readonly scope: EndpointScope;
    readonly endpointId: string;
    readonly outcome: EndpointPrepared['outcome'];
  }[];
  /** Endpoints in whose place others stand, and that could not be removed: doing it again does. */
  readonly leftOver: readonly string[];
  readonly permissions: readonly Permitted[];
}

export type ConnectRefusal = 'request.invalid' | 'tenant.unknown' | 'resource.conflict' | 'upstream.unavailable' | 'ledger.busy';

/**
 * Connects a tenant to an account at Stripe: looks at what the key may do, makes or mends the webhook endpoints, and stores key and
 * signing secrets sealed, in one commit with a new revision and capabilities that say what is now true. Doing it again changes nothing.
 * A new signing secret is stored beside the one before it, and what it replaces is ended only then: no webhook is lost.
 * Refuses `request.invalid` for a key that is none, a live one unless `live` is said, and missing permissions (an issue each);
 * `resource.conflict` for another account or mode once payees or payments of the stored one are known.
 */
export async function connectStripe(
  deps: AdminDeps,
  wanted: StripeWanted,
  access: StripeAccess = {},
): Promise<Result<StripeConnected, ConnectRefusal>> {
  const form = formOfKey(wanted.secretKey);
  if (form === null) return keyIssue('form', 'Give a secret or restricted key of Stripe (sk_test_…, rk_live_…).');
  if (form.livemode && deps.environment === 'dev')
    return keyIssue('live', 'The embedded default takes test keys only: real money belongs on Postgres.');
  if (form.livemode && wanted.live !== true) return keyIssue('live', 'This is a live key: say --live if real money is meant to move.');

  const stripe = openStripe(wanted, access);
  const account = await readAccount(stripe);
  if (account.kind !== 'ok') return unanswered(account);
  const found = await tenantAt(deps, wanted.host);
  if (found === 'unknown') return refuse('tenant.unknown');
  const permissions = await checkPermissions(stripe, kindsOf(found.config));
  const missing = permissions.filter(({ state }) => state === 'missing');
  if (missing.length > 0) return refuse('request.invalid', { detail: 'The key lacks permissions.', issues: missing.map(permissionIssue) });

  const { accountId } = account.value;
  const opened = { ...found, accountId, livemode: form.livemode };
  if (isOther(opened) && found.isUsed)
    return refuse('resource.conflict', {
      detail: 'Payees and payments of another account are booked here: serve the new one at a host of its own.',
    });
  const before = found.connection?.webhookSecrets ?? [];
  const prepared: EndpointPrepared[] = [];
  const endpoints: StripeConnected['endpoints'][number][] = [];
  const given = wanted.webhookSecret === undefined ? null : [wanted.webhookSecret].filter((secret) => secret !== null);
  const origin = wanted.webhookOrigin ?? found.state.desk.origin;
  for (const each of given ? [] : endpointsWanted({ tenant: found.tenant, origin, config: found.config }, { ...wanted, secrets: before })) {
    const made = await prepareEndpoint(stripe, each);
    if (made.kind !== 'ok') return unanswered(made);
    prepared.push(made.value);
    endpoints.push({ scope: each.scope, endpointId: made.value.endpointId, outcome: made.value.outcome });
  }
  const fresh = given ?? prepared.flatMap(({ secret }) => secret ?? []);
  const connection = {
    accountId,
    livemode: form.livemode,
    secretKey: wanted.secretKey,
    webhookSecrets: newestFirst(fresh, isOther(opened) ? [] : before),
  };
  const stored = await store(deps, wanted.host, connection);
  if (!stored.ok) return stored;
  const replaced = prepared.flatMap((each) => each.replaced);
  const removed = await removeEndpoints(stripe, replaced);
  const leftOver = removed.kind === 'ok' ? [] : replaced;
  return ok({ tenant: found.tenant, accountId, livemode: form.livemode, revision: stored.value, endpoints, leftOver, permissions });
}

/** A permission as a person has to find it at Stripe. */
export const inWords = ({ resource, access, why }: Permission): string => `${resource}: ${access} (${why})`;

interface TenantFound {
  readonly tenant: string;
  readonly config: VendorConfig;
  readonly state: VendorState;
  readonly connection: StripeConnection | null;
  /** Whether anything of the connected account is booked. */
  readonly isUsed: boolean;
}

async function tenantAt(deps: AdminDeps, host: string): Promise<TenantFound | 'unknown'> {
  const state = await loadVendorState(deps, [host]);
  if (state === 'none' || state === 'several') return 'unknown';
  const { tenant_id: tenant, stripe } = state.desk;
  const [isUsed] = await deps.db.batch({ role: 'writer', tenant }, [anythingBooked]);
  const connection = stripe === null ? null : await openStripeConnection(stripe, tenant, deps.masterKey);
  return { tenant, config: configOf(state), state, connection, isUsed };
}

/** Writes the connection, or null where it stands so already. Somebody else's change meanwhile is taken up. */
async function store(deps: AdminDeps, host: string, connection: StripeConnection): Promise<Result<number | null, ConnectRefusal>> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const state = await loadVendorState(deps, [host]);
    if (state === 'none' || state === 'several') return refuse('tenant.unknown');
    const { tenant_id: tenant, origin, stripe: row } = state.desk;
    if (row !== null && isSame(await openStripeConnection(row, tenant, deps.masterKey), connection)) return ok(null);
    const stripe = await sealStripeConnection(connection, { tenant, masterKey: deps.masterKey, at: deps.now() });
    const { changes, applied } = await planChanges(deps, { config: configOf(state), hosts: state.hosts, origin, state, stripe });
    const written = await deps.memory.commit(tenant, changes);
    invariant(written !== 'over', 'connecting an account counts against no quota');
    if (written === 'done') return ok(applied.revision);
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}

function configOf({ desk }: VendorState): VendorConfig {
  const config = VendorFile.safeParse(desk.config);
  invariant(config.success, 'the stored vendor configuration has the form of this release: apply the vendor file again');
  return config.data;
}

const isOther = ({
  connection,
  accountId,
  livemode,
}: {
  connection: StripeConnection | null;
  accountId: string;
  livemode: boolean;
}): boolean => connection !== null && (connection.accountId !== accountId || connection.livemode !== livemode);

/** The new ones first. What was signed with an older one is verified as long as Stripe repeats it, and a few rotations longer. */
const newestFirst = (fresh: readonly string[], before: readonly string[]): readonly string[] =>
  [...new Set([...fresh, ...before])].slice(0, mostSecrets);
const mostSecrets = 4;

function isSame(a: StripeConnection, b: StripeConnection): boolean {
  return (
    a.accountId === b.accountId &&
    a.livemode === b.livemode &&
    a.secretKey === b.secretKey &&
    a.webhookSecrets.join() === b.webhookSecrets.join()
  );
}

const keyIssue = (code: string, message: string) => refuse('request.invalid', { issues: [{ pointer: '/secretKey', code, message }] });

const permissionIssue = ({ permission }: Permitted): Issue => ({ pointer: '/secretKey', code: 'permission', message: inWords(permission) });

function unanswered(answer: Exclude<Answer<unknown>, { kind: 'ok' }>): Result<never, ConnectRefusal> {
  if (answer.kind === 'later' && answer.status === 401) return keyIssue('unknown', 'Stripe does not know this key, or it was rolled.');
  if (answer.kind === 'later' && answer.status === 403)
    return keyIssue('permission', 'The key may not do this: look at the permissions that it needs.');
  const [error, status] =
    answer.kind === 'later' ? [answer.error, answer.status] : [`stripe_${answer.code}`, answer.kind === 'missing' ? 404 : answer.status];
  return refuse('upstream.unavailable', { detail: `Stripe answered ${error}${status === undefined ? '' : ` (${status})`}.` });
}

const anythingBooked: Statement<boolean> = {
  name: 'stripe.anything_booked',
  text: 'select exists (select from frontdesk.payees p) or exists (select from frontdesk.payments p) as used',
  values: [],
  read: (rows) => rows[0]?.used === true,
};
