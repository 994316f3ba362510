import { randomBytes } from 'node:crypto';
import type { BackOffice } from './back-office.ts';
import type { Desk } from './desk.ts';
import { expect, granted } from './expectations.ts';
import type { Narrator, Say } from './narrator.ts';

/** What the chapter reads of the answers; /openapi.json describes them all. */
interface Reward {
  readonly id: string;
  readonly beneficiary: string;
  readonly kind: string;
  readonly status: string;
  readonly held_reason: string | null;
  readonly available_at: string;
  readonly amount: { readonly amount_minor: number; readonly currency: string } | null;
  readonly reversed_minor: number;
}
interface ReferralNow {
  readonly status: string;
  readonly organization_id: string;
  readonly rewards: readonly Reward[];
}
interface Balance {
  readonly balances: readonly {
    readonly currency: string;
    readonly escrow_minor: number;
    readonly applied_minor: number;
    readonly owed_minor: number;
  }[];
}
interface Entries {
  readonly data: readonly {
    readonly kind: string;
    readonly recorded_at: string;
    readonly postings: readonly { readonly account: string; readonly amount_minor: number }[];
  }[];
}
interface StripeList<T> {
  readonly data: readonly T[];
}
interface Invoice {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly amount_due: number;
  readonly amount_paid: number;
}

const day = 86_400;

/**
 * What happens when the referral pays: a human of the prospect takes the sandbox over and subscribes, its first invoice qualifies the
 * referral, the hold passes, the referrer's own next invoice is credited once, and a refund takes half of it back. Time passes at what
 * stands in for Stripe. Another prospect each time it is played.
 */
export async function moneyStory(desk: Desk, office: BackOffice, { acme }: { readonly acme: string }, { step }: Narrator): Promise<void> {
  const domain = `harborline-${randomBytes(3).toString('hex')}.example`;
  const opened = await step('Bring Harborline, a second prospect', (say) => provision(desk, acme, domain, say));
  const { referralId, workspaceId } = opened;
  const referral = () => office.call<ReferralNow>('GET', `/v1/referrals/${referralId}`);

  const humanKey = await step('A human of Harborline takes the sandbox over', (say) => claim(desk, office, opened, domain, say));
  const customer = await step('Harborline subscribes, and pays its first invoice', (say) =>
    subscribe(office, { workspaceId, humanKey, domain }, say),
  );
  const rewardId = await step('The referral qualifies; its reward waits in escrow', async (say) => {
    const { rewards } = await office.until(
      referral,
      ({ status }) => status === 'qualified',
      'The first payment did not qualify the referral.',
    );
    const earned = rewards.find(({ beneficiary }) => beneficiary === 'referrer');
    expect(earned?.amount?.amount_minor === 5000 && earned.status === 'held', 'Acme has not earned 50.00 that are held.');
    say('earned', `${money(5000)} for Acme, ${earned.held_reason} until ${earned.available_at}`);
    say(
      'referred',
      rewards
        .filter(({ beneficiary }) => beneficiary === 'referee')
        .map(({ kind, status }) => `${kind}, ${status}`)
        .join() || 'nothing',
    );
    return earned.id;
  });
  const reward = async () => (await referral()).rewards.find(({ id }) => id === rewardId);

  // What an earlier run left owing is paid first.
  const usd = async () =>
    (await office.call<Balance>('GET', '/v1/balance', undefined, acme)).balances.find(({ currency }) => currency === 'usd');
  const credit = 5000 - ((await usd())?.owed_minor ?? 0);
  await step('Fourteen days pass', async (say) => {
    await office.atStripe('advance', { seconds: 14 * day + 3600 });
    const now = await office.until(reward, (one) => one?.status !== 'held', 'The reward was not released after its hold.');
    say('reward', now?.status ?? '');
  });
  await step("Acme's next invoice is drafted; its webhook comes twice", (say) =>
    credited(office, { organizationId: opened.organizationId, rewardId, credit }, reward, say),
  );
  await step('Half of what Harborline paid is refunded', async (say) => {
    const refund = await refundHalf(office, customer);
    const now = await office.until(reward, (one) => (one?.reversed_minor ?? 0) > 0, 'The refund took nothing back.');
    expect(now?.reversed_minor === 2500, `The refund of half took ${now?.reversed_minor} back instead of 2500.`);
    say('refunded', `${money(refund)} of Harborline's invoice`);
    say('taken back', `${money(2500)} of ${money(5000)}: the reward is ${now.status}, ${money(now.reversed_minor)} of it reversed`);
    const balance = await usd();
    say('Acme', `applied ${money(balance?.applied_minor ?? 0)}, owed ${money(balance?.owed_minor ?? 0)}, netted from the next reward`);
  });
  await step('Read it in the ledger', (say) => readLedger(office, acme, say));
}

interface OpenedSandbox {
  readonly referralId: string;
  readonly workspaceId: string;
  readonly organizationId: string;
  readonly workspaceKey: string;
}

async function provision(desk: Desk, acme: string, domain: string, say: Say): Promise<OpenedSandbox> {
  const asked = { prospect: { name: 'Harborline', domain }, idempotency_key: crypto.randomUUID() };
  const { workspace, credentials, referral } = granted(await desk.call('provision_workspace', asked, { key: acme }), 'Provisioning').body;
  expect(workspace && credentials && referral, 'Provisioning answered without a workspace, credentials or a referral.');
  say('prospect', domain);
  say('referral', `${referral.id}, ${referral.status}`);
  return {
    referralId: referral.id,
    workspaceId: workspace.id,
    organizationId: referral.organization_id,
    workspaceKey: credentials.api_key,
  };
}

/** Answers the key that the human has from now on. */
async function claim(desk: Desk, office: BackOffice, opened: OpenedSandbox, domain: string, say: Say): Promise<string> {
  const { workspaceId, workspaceKey } = opened;
  const claimed = await office.call<{ status: string; credentials: { api_key: string } | null }>(
    ...(['POST', `/v1/workspaces/${workspaceId}/claim`, { verified_domain: domain }] as const),
  );
  expect(claimed.status === 'claimed' && claimed.credentials, 'The claim did not hand a key over.');
  const before = await desk.call('get_workspace', { workspace_id: workspaceId, workspace_key: workspaceKey });
  expect(!before.ok, "The agent's key still opens a workspace that a human has taken over.");
  say('claimed', `by a human at ${domain}: the referral is evidenced now`);
  say("agent's key", `dead: ${before.problem.status} ${before.problem.code}`);
  return claimed.credentials.api_key;
}

async function subscribe(
  office: BackOffice,
  { workspaceId, humanKey, domain }: { readonly workspaceId: string; readonly humanKey: string; readonly domain: string },
  say: Say,
): Promise<string> {
  const path = `/v1/workspaces/${workspaceId}/checkout`;
  const { checkout } = await office.call<{ checkout: { id: string; url: string } }>('POST', path, { tier: 'team' }, humanKey);
  await office.atStripe('checkout/complete', { session: checkout.id, email: `billing@${domain}`, name: 'Harborline' });
  const session = await office.stripe<{ customer: string }>('GET', `/v1/checkout/sessions/${checkout.id}`);
  const [invoice] = (await office.stripe<StripeList<Invoice>>('GET', '/v1/invoices', { customer: session.customer })).data;
  expect(invoice?.status === 'paid', "Harborline's first invoice is not paid.");
  say('checkout', checkout.url);
  say('invoice', `${invoice.id}, ${money(invoice.amount_paid)} paid, with the first month's discount`);
  return session.customer;
}

/** Lets time pass until the referrer's own renewal is drafted, and has its webhook come again. */
async function credited(
  office: BackOffice,
  { organizationId, rewardId, credit }: { readonly organizationId: string; readonly rewardId: string; readonly credit: number },
  reward: () => Promise<Reward | undefined>,
  say: Say,
): Promise<void> {
  const { payees } = await office.call<{ payees: readonly { kind: string; stripe_id: string }[] }>(
    'GET',
    `/v1/organizations/${organizationId}`,
  );
  const customer = payees.find(({ kind }) => kind === 'customer')?.stripe_id ?? '';
  const invoices = () => office.stripe<StripeList<Invoice>>('GET', '/v1/invoices', { customer, limit: '100' });
  const before = (await invoices()).data.length;
  for (let steps = 0; steps < 50 && (await invoices()).data.length === before; steps++) {
    const [now, next] = [await office.atStripe<number>('now'), await office.atStripe<number | null>('next')];
    await office.atStripe('advance', { seconds: next === null ? day : Math.max(1, next - now) });
  }
  const [drafted] = (await invoices()).data;
  expect(drafted, 'Acme has no invoice.');
  const events = await office.atStripe<readonly { id: string; object_id?: string }[]>('webhooks/events', { type: 'invoice.created' });
  const event = events.at(-1);
  expect(event, 'Stripe told of no invoice.');
  await office.atStripe('webhooks/duplicate', { event: event.id, times: 1 });
  await office.atStripe('webhooks/emit_again', { event: event.id });
  const now = await office.until(reward, (one) => one?.status === 'fulfilled', 'The credit did not reach the balance.');
  const { data } = await office.stripe<StripeList<{ id: string; amount: number; metadata: Record<string, string> }>>(
    ...(['GET', `/v1/customers/${customer}/balance_transactions`, { limit: '100' }] as const),
  );
  const credits = data.filter(({ metadata }) => metadata.frontdesk_reward === rewardId);
  expect(credits.length === 1 && credits[0]?.amount === -credit, `There are ${credits.length} credits of this reward instead of one.`);
  say('credited', `${credits[0].id}, ${money(credit)} on Acme's own balance, once`);
  say('reward', now?.status ?? '');
  await office.atStripe('advance', { seconds: 2 * 3600 });
  const paid = (await invoices()).data.find(({ id }) => id === drafted.id);
  expect(paid?.status === 'paid', "Acme's invoice was not paid after its draft.");
  say('invoice', `${paid.id}: ${money(paid.total)} in all, ${money(paid.amount_paid)} left to pay`);
}

async function refundHalf(office: BackOffice, customer: string): Promise<number> {
  const { data } = await office.stripe<StripeList<Invoice>>('GET', '/v1/invoices', { customer, limit: '100' });
  const first = data.at(-1);
  expect(first, 'Harborline has no invoice.');
  const payments = await office.stripe<StripeList<{ payment: { payment_intent?: string } }>>('GET', '/v1/invoice_payments', {
    invoice: first.id,
  });
  const half = first.amount_paid / 2;
  const parameters = { payment_intent: payments.data[0]?.payment.payment_intent ?? '', amount: String(half) };
  await office.stripe('POST', '/v1/refunds', parameters);
  return half;
}

async function readLedger(office: BackOffice, acme: string, say: Say): Promise<void> {
  const { data } = await office.call<Entries>('GET', '/v1/ledger/entries?limit=10', undefined, acme);
  for (const { kind, recorded_at, postings } of data.toReversed()) {
    const legs = postings.map(({ account, amount_minor }) => `${account} ${amount_minor > 0 ? '+' : '-'}${money(Math.abs(amount_minor))}`);
    say(recorded_at.slice(0, 10), `${kind.padEnd(18)} ${legs.join('   ')}`);
  }
  expect(data.length >= 5, 'The ledger shows fewer entries than there were steps.');
}

const money = (minor: number): string => `USD ${(minor / 100).toFixed(2)}`;
