import { openStripeConnection } from '../access/stripe-connection.ts';
import type { Statement } from '../db/batch.ts';
import { canonicalize, sha256Hex } from '../domain/canonical.ts';
import type { Changes, Given } from '../domain/decision.ts';
import { fingerprintOf } from '../domain/prospect.ts';
import { invariant, ok, type Result, refuse } from '../domain/result.ts';
import { openStripe, type StripeAccess } from '../effects/stripe/client.ts';
import { type KnownCustomer, readCustomers } from '../effects/stripe/setup/customers.ts';
import { type AdminDeps, attempts, givenFor } from './admin-deps.ts';
import { loadVendorState } from './vendor-state.ts';

export interface ImportWanted {
  /** Any host of the tenant, as stored. */
  readonly host: string;
  /** The customer after which to go on; null: from the newest. */
  readonly after: string | null;
}

/** What came of one page. */
export interface PageImported {
  readonly seen: number;
  /** Customers that are known as existing from now on. */
  readonly reported: number;
  /** Pass it as `after` to go on; null behind the last page. */
  readonly next: string | null;
}

type ImportRefusal = 'tenant.unknown' | 'state.forbidden' | 'upstream.unavailable' | 'ledger.busy';

/**
 * Reads a hundred customers of the connected account and keeps of each that it exists: the keyed hash of its mail's registrable domain,
 * its id and since when. Whoever refers such a company later earns nothing by it; a referral that is older than the customer does.
 * Left out is a customer that is linked. Doing it again adds nothing; each page is one commit, so that it may be broken off.
 * Refuses `state.forbidden` where no account is connected.
 */
export async function importCustomers(
  deps: AdminDeps,
  wanted: ImportWanted,
  access: StripeAccess = {},
): Promise<Result<PageImported, ImportRefusal>> {
  const state = await loadVendorState(deps, [wanted.host]);
  if (state === 'none' || state === 'several') return refuse('tenant.unknown');
  const { tenant_id: tenant, stripe } = state.desk;
  if (stripe === null) return refuse('state.forbidden', { detail: 'No account at Stripe is connected: run npm run stripe:setup.' });
  const connection = await openStripeConnection(stripe, tenant, deps.masterKey);
  const page = await readCustomers(openStripe(connection, access), wanted.after);
  if (page.kind !== 'ok') return refuse('upstream.unavailable', { detail: 'Stripe does not list the customers now.' });
  const { customers, next } = page.value;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const given = givenFor(deps, tenant, deps.now());
    const subjects = customers.map((customer, n) => ({
      ...{ n, report_id: customer.stripeCustomer },
      fingerprint: customer.domain === null ? null : fingerprintOf(customer.domain, given.derive),
    }));
    const [known] = await deps.db.batch({ role: 'writer', tenant }, [whatIsKnown(subjects)]);
    const { changes, reported } = decide(customers, known, given);
    if (reported === 0) return ok({ seen: customers.length, reported, next });
    const written = await deps.memory.commit(tenant, changes);
    invariant(written !== 'over', 'importing customers counts against no quota');
    if (written === 'done') return ok({ seen: customers.length, reported, next });
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}

function decide(
  customers: readonly KnownCustomer[],
  known: readonly Known[],
  given: Given,
): { readonly changes: Changes; readonly reported: number } {
  const made = new Map<string, string>();
  const received_at = given.now.toISOString();
  const reports = customers.flatMap((customer, n): NonNullable<Changes['reports']>[number][] => {
    const found = known[n];
    if (found === undefined || found.reported || found.linked) return [];
    const occurred_at = customer.createdAt.toISOString();
    return [
      {
        ...{ source: 'stripe', report_id: customer.stripeCustomer, type: 'customer.existing', occurred_at, received_at, data: {} },
        fingerprint: sha256Hex(canonicalize({ type: 'customer.existing', at: occurred_at, subject: {}, data: {} })),
        prospect_id: found.fingerprint === null ? null : (found.prospect_id ?? fresh(made, found.fingerprint, given)),
        // Of whom no company is known, the customer itself is remembered: a later link names its company.
        stripe_customer: found.fingerprint === null ? customer.stripeCustomer : null,
        ...{ referral_id: null, workspace_id: null, token_id: null, visited_at: null, organization_id: null },
      },
    ];
  });
  const prospects = [...made].map(([fingerprint, prospect_id]) => ({ prospect_id, fingerprint, created_at: received_at }));
  return { changes: { ...(prospects.length > 0 ? { prospects } : {}), reports }, reported: reports.length };
}

function fresh(made: Map<string, string>, fingerprint: string, given: Given): string {
  const id = made.get(fingerprint) ?? given.newId('pro');
  made.set(fingerprint, id);
  return id;
}

interface Known {
  readonly fingerprint: string | null;
  readonly prospect_id: string | null;
  readonly reported: boolean;
  readonly linked: boolean;
}

const whatIsKnown = (
  subjects: readonly { readonly n: number; readonly report_id: string; readonly fingerprint: string | null }[],
): Statement<readonly Known[]> => ({
  name: 'customers.known',
  // Every look-up is a lateral one with a limit: joined freely, the planner may read the whole tenant.
  text: `select x.fingerprint, p.prospect_id, r.report_id is not null as reported, c.stripe_customer is not null as linked
    from jsonb_to_recordset($1::jsonb -> 'list') x (n int, report_id text, fingerprint text)
    left join lateral (select r.report_id from frontdesk.reports r where r.source = 'stripe' and r.report_id = x.report_id limit 1) r on true
    left join lateral (select c.stripe_customer from frontdesk.customers c where c.stripe_customer = x.report_id limit 1) c on true
    left join lateral (select p.prospect_id from frontdesk.prospects p where p.fingerprint = decode(x.fingerprint, 'hex') limit 1) p on true
    order by x.n`,
  values: [{ list: subjects }],
  read: (rows) =>
    rows.map((row) => ({
      fingerprint: typeof row.fingerprint === 'string' ? row.fingerprint : null,
      prospect_id: typeof row.prospect_id === 'string' ? row.prospect_id : null,
      reported: row.reported === true,
      linked: row.linked === true,
    })),
});
