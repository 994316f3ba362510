/** Each invariant as a query for what breaks it: `what` names the offender. They hold for one tenant's writer and for the superuser alike. */

type Queries = Readonly<Record<string, string>>;

/** Kinds of a subject that moves along a chain of transitions, and where it is born. */
const chains = [
  { noun: 'referral', birth: 'pending' },
  { noun: 'reward', birth: 'accrued' },
] as const;

const chainQueries: Queries = Object.fromEntries(
  chains.flatMap(({ noun, birth }) => [
    [
      `the steps of a ${noun} follow one another from ${birth}`,
      `select x.${noun}_id as what from (
         select t.${noun}_id, t.seq, t.from_state, lag(t.to_state, 1, '${birth}') over w as before, 1 + row_number() over w as place
         from frontdesk.${noun}_transitions t window w as (partition by t.tenant_id, t.${noun}_id order by t.seq)) x
       where x.from_state <> x.before or x.seq <> x.place`,
    ],
    [
      `a ${noun} is where its last step led`,
      `select s.${noun}_id as what from frontdesk.${noun}_states s
       left join lateral (select t.seq, t.to_state from frontdesk.${noun}_transitions t
         where t.tenant_id = s.tenant_id and t.${noun}_id = s.${noun}_id order by t.seq desc limit 1) t on true
       where s.status <> coalesce(t.to_state, '${birth}') or s.seq <> coalesce(t.seq, 1)`,
    ],
    [
      `every ${noun} has a state, and every state a ${noun}`,
      `select coalesce(r.${noun}_id, s.${noun}_id) as what from frontdesk.${noun}s r
       full join frontdesk.${noun}_states s on s.tenant_id = r.tenant_id and s.${noun}_id = r.${noun}_id
       where r.${noun}_id is null or s.${noun}_id is null or r.organization_id <> s.organization_id`,
    ],
    [
      `every step of a ${noun} is in the ledger as it was taken`,
      `select t.${noun}_id as what from frontdesk.${noun}_transitions t
       left join frontdesk.ledger_events e on e.tenant_id = t.tenant_id and e.event_id = t.entry_id
       where e.event_id is null or e.subject_id <> t.${noun}_id or e.organization_id <> t.organization_id
         or e.body::jsonb ->> 'from' is distinct from t.from_state or e.body::jsonb ->> 'to' is distinct from t.to_state
         or e.body::jsonb ->> 'seq' is distinct from t.seq::text`,
    ],
    [
      `the database calls every ${noun} in order`,
      `select s.${noun}_id as what from frontdesk.${noun}_states s
       where not coalesce(frontdesk.${noun}_in_order(s.tenant_id, s.${noun}_id), false)`,
    ],
  ]),
);

/** The balance of a reward on one account, by its entries. */
const on = (account: string) => `(select coalesce(sum(p.amount_minor), 0) from frontdesk.entries e
  join frontdesk.postings p on p.tenant_id = e.tenant_id and p.entry_id = e.entry_id
  where e.tenant_id = s.tenant_id and e.reward_id = s.reward_id and p.account = '${account}')`;
const handedOver = (status: string) => `(select coalesce(sum(f.amount_minor), 0) from frontdesk.fulfilments f
  where f.tenant_id = s.tenant_id and f.reward_id = s.reward_id and f.status in (${status}))`;
/** What the provider was asked for again, as far as it did not refuse. */
const tookBack = `(select coalesce(sum(p.amount_minor), 0) from frontdesk.entries e
  join frontdesk.postings p on p.tenant_id = e.tenant_id and p.entry_id = e.entry_id
  where e.tenant_id = s.tenant_id and e.reward_id = s.reward_id and p.account = 'receivable'
    and e.kind in ('reward.take_back_sent', 'reward.take_back_failed', 'reward.taken_back'))`;

const moneyQueries: Queries = {
  'the postings of an entry sum to zero in each currency': `select p.entry_id as what from frontdesk.postings p
    group by p.tenant_id, p.entry_id, p.currency having sum(p.amount_minor) <> 0`,
  'all postings of a tenant sum to zero': `select p.tenant_id as what from frontdesk.postings p
    group by p.tenant_id, p.currency having sum(p.amount_minor) <> 0`,
  'a balance is the sum of its postings': `select coalesce(b.organization_id, p.organization_id) || ' ' || coalesce(b.account, p.account) as what
    from frontdesk.balances b full join (
      select p.tenant_id, p.organization_id, p.currency, p.account, sum(p.amount_minor) as amount from frontdesk.postings p
      where p.organization_id is not null group by 1, 2, 3, 4) p
      on (p.tenant_id, p.organization_id, p.currency, p.account) = (b.tenant_id, b.organization_id, b.currency, b.account)
    where coalesce(b.balance_minor, 0) <> coalesce(p.amount, 0)`,
  'only what is owed is below zero': `select b.organization_id || ' ' || b.account as what from frontdesk.balances b
    where case b.account when 'receivable' then b.balance_minor > 0 else b.balance_minor < 0 end`,
  'a leaf holds the postings of its entry': `select n.entry_id as what from frontdesk.entries n
    left join frontdesk.ledger_events e on e.tenant_id = n.tenant_id and e.event_id = n.entry_id
    where e.kind is distinct from n.kind or e.body::jsonb -> 'postings' is distinct from (
      select coalesce(jsonb_agg(jsonb_build_object('account', p.account, 'organization', p.organization_id, 'currency', p.currency,
        'amount_minor', p.amount_minor::text) order by p.leg), '[]')
      from frontdesk.postings p where p.tenant_id = n.tenant_id and p.entry_id = n.entry_id)`,
  'money of an organization moves for itself': `select p.entry_id as what from frontdesk.postings p
    join frontdesk.entries n on n.tenant_id = p.tenant_id and n.entry_id = p.entry_id where p.organization_id <> n.organization_id`,
  'one fulfilment of a reward at most did not fail': `select f.reward_id as what from frontdesk.fulfilments f
    where f.status <> 'failed' group by f.tenant_id, f.reward_id having count(*) > 1`,
  'what was handed over of a reward was earned and not netted': `select s.reward_id as what from frontdesk.reward_states s
    where ${handedOver("'sent', 'confirmed'")} > s.accrued_minor - s.netted_minor`,
  'what is on its way is what was sent': `select s.reward_id as what from frontdesk.reward_states s
    where ${on('clearing')} <> ${handedOver("'sent'")}
      or (s.status = 'fulfilling') <> (${handedOver("'sent'")} > 0)`,
  'what was paid and not taken back is what was confirmed': `select s.reward_id as what from frontdesk.reward_states s
    where ${on('payout_settled')} + ${on('credit_settled')} + ${tookBack} <> ${handedOver("'confirmed'")}`,
  'a reward is reversed by no more than was accrued': `select s.reward_id as what from frontdesk.reward_states s
    where s.reversed_minor < 0 or s.reversed_minor > s.accrued_minor or s.netted_minor < 0 or s.netted_minor > s.accrued_minor`,
  'a cap counts what was accrued under it, and holds': `select c.name || ' ' || c.subject as what from frontdesk.counters c
    where c.name like 'rewards.%' and (c.value > c.limit or c.value < (
      select coalesce(sum(r.amount_minor), 0) from frontdesk.rewards r
      where r.tenant_id = c.tenant_id and r.currency = split_part(c.name, '.', 3)
        and c.subject = case split_part(c.name, '.', 2) when 'referral' then r.referral_id when 'organization' then r.organization_id else r.program_id end
        and (split_part(c.name, '.', 4) = 'ever'
          or to_char(r.created_at at time zone 'utc', 'YYYY-MM') like split_part(c.name, '.', 4) || '%')))`,
};

const open = "('qualified', 'rewarded')";

const judgementQueries: Queries = {
  'attributions of a prospect are numbered without a gap': `select a.prospect_id as what from frontdesk.attributions a
    group by a.tenant_id, a.program_id, a.prospect_id having max(a.seq) <> count(*) or min(a.seq) <> 1`,
  'one referral of a prospect at most is credited': `select s.prospect_id as what from frontdesk.referral_states s
    where s.status in ${open} group by s.tenant_id, s.program_id, s.prospect_id having count(*) > 1`,
  'whoever is credited is whom the newest attribution names': `select s.referral_id as what from frontdesk.referral_states s
    where s.status in ${open} and s.referral_id is distinct from (
      select a.referral_id from frontdesk.attributions a
      where a.tenant_id = s.tenant_id and a.program_id = s.program_id and a.prospect_id = s.prospect_id order by a.seq desc limit 1)`,
  'whom an attribution names qualified by it': `select a.referral_id as what from frontdesk.attributions a
    where not exists (select from frontdesk.referral_transitions t where t.tenant_id = a.tenant_id and t.referral_id = a.referral_id
      and t.to_state = 'qualified' and t.at = a.decided_at and t.dispute_id is not distinct from a.dispute_id)`,
  'whoever lost is out': `select l.item ->> 'referral' as what from frontdesk.attributions a
    cross join lateral jsonb_array_elements(a.trace -> 'losers') l (item)
    where not exists (select from frontdesk.referral_transitions t where t.tenant_id = a.tenant_id and t.referral_id = l.item ->> 'referral'
      and t.to_state in ('rejected', 'reversed', 'expired') and t.at <= a.decided_at)`,
  'who lost is told apart from who won': `select a.referral_id as what from frontdesk.attributions a
    where exists (select from jsonb_array_elements(a.trace -> 'losers') l (item) where l.item ->> 'referral' = a.referral_id)`,
  'a reward belongs to a referral that qualified': `select r.reward_id as what from frontdesk.rewards r
    where not exists (select from frontdesk.referral_transitions t
      where t.tenant_id = r.tenant_id and t.referral_id = r.referral_id and t.to_state = 'qualified' and t.at <= r.created_at)`,
  'a rewarded referral has a reward that was fulfilled': `select s.referral_id as what from frontdesk.referral_states s
    where s.status = 'rewarded' and not exists (select from frontdesk.rewards r
      join frontdesk.reward_transitions t on t.tenant_id = r.tenant_id and t.reward_id = r.reward_id and t.to_state = 'fulfilled'
      where r.tenant_id = s.tenant_id and r.referral_id = s.referral_id)`,
  'nothing of a reversed referral is left': `select s.referral_id as what from frontdesk.referral_states s
    join frontdesk.reward_states w on w.tenant_id = s.tenant_id and w.referral_id = s.referral_id
    where s.status = 'reversed' and w.reversed_minor < w.accrued_minor and w.status <> 'expired'`,
  'a referral of which everything is reversed is reversed': `select s.referral_id as what from frontdesk.referral_states s
    join frontdesk.reward_states w on w.tenant_id = s.tenant_id and w.referral_id = s.referral_id
    where s.status in ${open} group by s.tenant_id, s.referral_id
    having bool_and(w.status in ('reversed', 'expired')) and bool_or(w.status = 'reversed')`,
  'a referral with evidence is marked': `select s.referral_id as what from frontdesk.referral_states s
    where s.evidenced_at is null and exists (select from frontdesk.evidence e where e.tenant_id = s.tenant_id and e.referral_id = s.referral_id)`,
  'evidence and touches are in the ledger': `select x.id as what from (
      select e.tenant_id, e.evidence_id as id, e.entry_id, e.referral_id from frontdesk.evidence e
      union all select t.tenant_id, t.touch_id, t.entry_id, t.referral_id from frontdesk.touches t
      union all select a.tenant_id, a.prospect_id, a.entry_id, a.referral_id from frontdesk.attributions a
      union all select r.tenant_id, r.referral_id, r.entry_id, r.referral_id from frontdesk.referrals r) x
    left join frontdesk.ledger_events e on e.tenant_id = x.tenant_id and e.event_id = x.entry_id
    where e.referral_id is distinct from x.referral_id`,
  'a dispute holds only while it is open': `select h.hold_id as what from frontdesk.holds h
    left join frontdesk.disputes d on d.tenant_id = h.tenant_id and d.dispute_id = h.cause
    where h.kind = 'dispute' and h.closed_at is null and d.status is distinct from 'open'`,
  'an open dispute holds whoever is credited': `select d.dispute_id as what from frontdesk.disputes d
    join lateral (select a.referral_id, a.seq from frontdesk.attributions a
      where a.tenant_id = d.tenant_id and a.program_id = d.program_id and a.prospect_id = d.prospect_id order by a.seq desc limit 1) a on true
    where d.status = 'open' and (a.seq > 1 or d.contested_referral_id is not null) and not exists (select from frontdesk.holds h
      where h.tenant_id = d.tenant_id and h.cause = d.dispute_id and h.referral_id = a.referral_id and h.closed_at is null)`,
};

/** What a counter counts. */
const counted: readonly (readonly [name: string, table: string, subject: string, holds: string])[] = [
  ['referrals.open_declared', 'referral_states', 'organization_id', "x.status = 'pending' and x.evidenced_at is null"],
  ['workspaces.active', 'workspaces', 'owner', "x.status = 'active'"],
  ['disputes.open', 'disputes', 'organization_id', "x.status = 'open'"],
];

const workQueries: Queries = {
  ...Object.fromEntries(
    counted.map(([name, table, subject, holds]) => [
      `the counter ${name} counts what there is`,
      `select coalesce(c.subject, x.subject) || ': ' || coalesce(c.value, 0) || ' for ' || coalesce(x.n, 0) as what
       from (select * from frontdesk.counters c where c.name = '${name}') c
       full join (select x.tenant_id, x.${subject} as subject, count(*) as n from frontdesk.${table} x where ${holds} group by 1, 2) x
         on x.tenant_id = c.tenant_id and x.subject = c.subject
       where coalesce(c.value, 0) <> coalesce(x.n, 0)`,
    ]),
  ),
  'an answer that is kept is about something that is there': `select i.operation || ' ' || i.subject_id as what from frontdesk.idempotency i
    where i.subject_id is not null and not case split_part(i.subject_id, '_', 1)
      when 'ref' then exists (select from frontdesk.referrals x where x.tenant_id = i.tenant_id and x.referral_id = i.subject_id)
      when 'rwd' then exists (select from frontdesk.rewards x where x.tenant_id = i.tenant_id and x.reward_id = i.subject_id)
      when 'dsp' then exists (select from frontdesk.disputes x where x.tenant_id = i.tenant_id and x.dispute_id = i.subject_id)
      when 'rtk' then exists (select from frontdesk.referral_tokens x where x.tenant_id = i.tenant_id and x.token_id = i.subject_id)
      when 'ws' then exists (select from frontdesk.workspaces x where x.tenant_id = i.tenant_id and x.workspace_id = i.subject_id)
        or i.result like '%"referral":null%'
      else true end`,
  'what was made by a call has one kept answer': `select x.id as what from (
      select w.tenant_id, w.workspace_id as id, w.created_at, 'provision_workspace' as operation from frontdesk.workspaces w
      union all select k.tenant_id, k.token_id, k.created_at, 'create_referral_token' from frontdesk.referral_tokens k
      union all select d.tenant_id, d.dispute_id, d.opened_at, 'open_dispute' from frontdesk.disputes d) x
    where x.created_at >= (select min(i.committed_at) from frontdesk.idempotency i where i.tenant_id = x.tenant_id)
      and 1 <> (select count(*) from frontdesk.idempotency i
        where i.tenant_id = x.tenant_id and i.subject_id = x.id and i.operation = x.operation)`,
  'a leaf is the hash of its body': `select e.event_id as what from frontdesk.ledger_events e
    where e.leaf <> sha256('\\x00'::bytea || convert_to(e.body, 'UTF8'))`,
  'what is sealed is in the ledger': `select l.event_id as what from frontdesk.leaves l
    left join frontdesk.ledger_events e on e.tenant_id = l.tenant_id and e.event_id = l.event_id where e.leaf is distinct from l.leaf`,
  'an event is sealed once': `select l.event_id as what from frontdesk.leaves l group by l.tenant_id, l.event_id having count(*) > 1`,
  'leaves of a block are numbered without a gap': `select l.tenant_id || ' ' || l.block as what from frontdesk.leaves l
    group by l.tenant_id, l.block having max(l.index) + 1 <> count(*) or min(l.index) <> 0`,
  'the stream is numbered without a gap': `select v.tenant_id as what from frontdesk.events v where v.sequence is not null
    group by v.tenant_id having max(v.sequence) - min(v.sequence) + 1 <> count(*)`,
  'a fact of the ledger is told under its own id': `select v.event_id as what from frontdesk.events v
    join frontdesk.ledger_events e on e.tenant_id = v.tenant_id and e.event_id = 'led_' || substr(v.event_id, 5)
    where v.type <> e.kind or v.subject_id <> e.subject_id or v.organization_id is distinct from e.organization_id`,
};

export const invariantQueries: Queries = { ...chainQueries, ...moneyQueries, ...judgementQueries, ...workQueries };

/** What is so when everything due was done at that time. */
export const quietQueries = (at: string): Queries => ({
  'nothing is due': `select o.kind || ' ' || o.effect_id as what from frontdesk.outbox o where o.state = 'waiting' and o.due_at <= '${at}'`,
  'nothing is leased': `select o.effect_id as what from frontdesk.outbox o where o.leased_until is not null`,
  'nothing was given up': `select o.kind || ' ' || o.last_error as what from frontdesk.outbox o where o.state = 'dead'`,
  'everything is sealed': `select e.event_id as what from frontdesk.ledger_events e
    where not exists (select from frontdesk.leaves l where l.tenant_id = e.tenant_id and l.leaf = e.leaf)`,
  'everything that is told has its place': `select v.event_id as what from frontdesk.events v where v.sequence is null`,
});
