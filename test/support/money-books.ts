/** Holds the ledger against the objects at Stripe, and against what whoever acted there remembers, once all is quiet. */
import { returned, type Story } from './money-story.ts';
import type { MoneyWorld } from './money-world.ts';
import { sql } from './sql.ts';

interface RewardRow {
  readonly id: string;
  readonly organization: string;
  readonly currency: string;
  readonly status: string;
  readonly occasion: string;
  readonly standing: number;
  readonly payable: number;
  readonly holds: number;
}

interface FulfilmentRow {
  readonly id: string;
  readonly reward: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly reference: string | null;
  readonly target: string;
}

/** What the books of one moment came to. */
export interface MoneyBooks {
  /** What does not hold, each with the seed of its story. */
  readonly wrong: readonly string[];
  readonly credits: number;
  readonly takenBack: number;
  /** Transactions on the balance of customers that were deleted before anybody could look: nobody can use them. */
  readonly stranded: number;
  /** How often something was taken back that a bill had consumed meanwhile, so that the customer came to owe it on the next one. */
  readonly overdrawn: number;
}

/**
 * Everything that has to hold of these stories now. Exactly one transaction at Stripe for each reward that was handed over, none for
 * others; to the cent the same sums on both sides; nothing on its way; and of each reward as much standing as its payment still is worth.
 */
export async function auditMoney(world: MoneyWorld, stories: readonly Story[]): Promise<MoneyBooks> {
  const wrong: string[] = [];
  const rows = await rowsOf(world, stories);
  const total = { credits: 0, takenBack: 0, stranded: 0, overdrawn: 0 };
  const shown = world.simulator().summary().balanceTransactions;
  for (const story of stories) {
    const say = (what: string) => void wrong.push(`seed ${story.seed}: ${what}`);
    const own = shown.filter(({ customer, metadata }) => customer === story.customer && metadata.frontdesk_tenant !== undefined);
    const fulfilments = rows.fulfilments.filter(({ organization }) => organization === story.organizationId);
    const backs = rows.backs.filter(({ organization }) => organization === story.organizationId);
    const known = new Map<string, number>();
    for (const { id, status, amount, reference, reward } of fulfilments) {
      if (status === 'sent') say(`${reward} is still on its way`);
      if (status !== 'confirmed') continue;
      if (reference === null || known.has(reference)) say(`${reward} has no transaction of its own`);
      const there = own.filter(({ metadata }) => metadata.frontdesk_reward === reward && metadata.frontdesk_fulfilment !== undefined);
      const [only, ...more] = there.filter((one) => one.id === reference || !story.isDeleted);
      if (only?.amount !== -amount || only.id !== reference || only.metadata.frontdesk_fulfilment !== id || more.length > 0)
        say(`${reward} of ${amount} is at Stripe as ${JSON.stringify(there)}`);
      if (reference !== null) known.set(reference, -amount);
    }
    for (const { reference, amount } of backs) {
      const there = own.filter(({ id }) => id === reference);
      if (there[0]?.amount !== amount || known.has(reference)) say(`${reference} took back ${amount}, and is ${JSON.stringify(there)}`);
      known.set(reference, amount);
    }
    for (const one of own.filter(({ id }) => !known.has(id))) {
      if (story.isDeleted) total.stranded += 1;
      else say(`nobody knows of ${JSON.stringify(one)}`);
    }
    total.credits += fulfilments.filter(({ status }) => status === 'confirmed').length;
    total.takenBack += backs.length;
    for (const currency of ['usd', 'eur']) {
      const atStripe = own.filter((one) => one.currency === currency && known.has(one.id)).reduce((sum, { amount }) => sum - amount, 0);
      const on = (account: string) => rows.balances.get(`${story.organizationId} ${currency} ${account}`) ?? 0;
      if (on('credit_settled') !== atStripe) say(`${atStripe} ${currency} at Stripe, and ${on('credit_settled')} in the ledger`);
      if (on('clearing') !== 0) say(`${on('clearing')} ${currency} are on their way`);
    }
    total.overdrawn += overdrawn(shown.filter(({ customer }) => customer === story.customer));
    auditRewards(story, rows.rewards, say);
  }
  for (const finding of rows.findings) {
    const about = stories.find(({ organizationId }) =>
      rows.fulfilments.some((one) => one.id === finding.fulfilment && one.organization === organizationId),
    );
    if (finding.what !== 'object_missing' || !about?.isDeleted) wrong.push(`reconciliation finds ${JSON.stringify(finding)}`);
  }
  for (const { kind, state, error } of rows.effects) wrong.push(`an effect ${kind} is ${state}: ${error}`);
  for (const bug of world.t.reported) wrong.push(`reported as a bug: ${bug instanceof Error ? bug.stack : String(bug)}`);
  return { wrong, ...total };
}

/** How many of these, in order, took more than was there. Negative is credit. */
function overdrawn(transactions: readonly Transaction[]): number {
  const balances = new Map<string, number>();
  let count = 0;
  for (const { amount, currency, metadata } of transactions) {
    const ending = (balances.get(currency) ?? 0) + amount;
    balances.set(currency, ending);
    if (metadata.frontdesk_effect !== undefined && ending > 0) count += 1;
  }
  return count;
}
type Transaction = ReturnType<ReturnType<MoneyWorld['simulator']>['summary']>['balanceTransactions'][number];

/** What is left of each reward, and that nothing which may be credited waits any more. */
function auditRewards(story: Story, rewards: readonly RewardRow[], say: (what: string) => void): void {
  const own = rewards.filter(({ organization }) => organization === story.organizationId);
  for (const { rewardId, accruedMinor, by } of story.rewards) {
    const family = own.filter(({ id, occasion }) => id === rewardId || occasion.startsWith(`restored:${rewardId}:`));
    const standing = family.reduce((sum, one) => sum + one.standing, 0);
    const lost = Math.floor((accruedMinor * Math.min(by.paid, returned(by))) / by.paid);
    if (standing !== accruedMinor - lost) say(`${rewardId} stands at ${standing} instead of ${accruedMinor - lost} (${by.invoiceId})`);
  }
  for (const { id, status, currency, payable, holds } of own) {
    if (holds > 0 || currency !== 'usd' || story.isDeleted) continue;
    if (status === 'accrued' || (status === 'available' && payable > 0))
      say(`${id} is ${status} with ${payable}, and nothing is in its way`);
  }
}

async function rowsOf({ t }: MoneyWorld, stories: readonly Story[]) {
  const ids = [stories.map(({ organizationId }) => organizationId)];
  const rewards = await sql(
    t,
    `select s.reward_id, s.organization_id, s.currency, s.status, r.occasion, s.accrued_minor - s.reversed_minor as standing,
       h.risk_holds + h.dispute_holds + h.other_holds as holds,
       (select coalesce(sum(p.amount_minor), 0) from frontdesk.entries e join frontdesk.postings p on p.entry_id = e.entry_id
         where e.reward_id = s.reward_id and p.account = 'payable') as payable
     from frontdesk.reward_states s join frontdesk.rewards r on r.reward_id = s.reward_id
     join frontdesk.referral_states h on h.referral_id = s.referral_id where s.organization_id = any($1::text[])`,
    ids,
  );
  const fulfilments = await sql(t, 'select * from frontdesk.fulfilments f where f.organization_id = any($1::text[])', ids);
  const backs = await sql(
    t,
    `select e.organization_id, e.source, e.cumulative_minor from frontdesk.entries e
     where e.organization_id = any($1::text[]) and e.kind = 'reward.taken_back'`,
    ids,
  );
  const balances = await sql(t, 'select * from frontdesk.balances b where b.organization_id = any($1::text[])', ids);
  const effects = await sql(
    t,
    "select o.kind, o.state, o.last_error, o.attempts from frontdesk.outbox o where o.state in ('waiting', 'dead')",
  );
  const found = await sql(t, 'select r.findings from frontdesk.reconciliations r order by r.reconciliation_id desc limit 1');
  return {
    findings: findingsIn(found[0]?.findings),
    rewards: rewards.map(
      (row): RewardRow => ({
        ...{
          id: String(row.reward_id),
          organization: String(row.organization_id),
          currency: String(row.currency),
          status: String(row.status),
        },
        ...{ occasion: String(row.occasion), standing: Number(row.standing), payable: Number(row.payable), holds: Number(row.holds) },
      }),
    ),
    fulfilments: fulfilments.map((row): FulfilmentRow & { readonly organization: string } => ({
      ...{ id: String(row.fulfilment_id), reward: String(row.reward_id), organization: String(row.organization_id) },
      ...{ status: String(row.status), amount: Number(row.amount_minor), currency: String(row.currency), target: String(row.target) },
      reference: typeof row.reference === 'string' ? row.reference : null,
    })),
    backs: backs.map((row) => ({
      ...{ organization: String(row.organization_id), reference: String(row.source), amount: Number(row.cumulative_minor) },
    })),
    balances: new Map(balances.map((row) => [`${row.organization_id} ${row.currency} ${row.account}`, Number(row.balance_minor)])),
    effects: effects.map((row) => ({ kind: String(row.kind), state: String(row.state), error: `${row.last_error}, ${row.attempts}` })),
  };
}

function findingsIn(stored: unknown): readonly Partial<Record<string, unknown>>[] {
  const findings: unknown = typeof stored === 'string' ? JSON.parse(stored) : stored;
  return Array.isArray(findings) ? findings : [{ what: 'nothing was compared' }];
}
