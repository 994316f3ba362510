import { capUse } from './cap-use.ts';

/**
 * What earning depends on beside the terms, as JSON (`StoredEarning`): a subquery of one row and column. `prospect`: the prospect's id; `terms`: canonical terms
 * by version; `spans`: the calendar spans that matter now, an array, to which those of the payments are added; `subjects`: a query of whom
 * caps are counted for, its column `subject`; `referral`: the one whose earnings count. Every look-up is lateral with a limit.
 */
export const earningFacts = (of: { prospect: string; terms: string; spans: string; subjects: string; referral: string }): string => `
  select jsonb_build_object('payments', y.payments, 'earned', w.earned, 'referee', r.organization_id, 'own', k.owners || r.own,
    'free_customer', case when u.payee is null then k.free end, 'linkable', k.linkable,
    'cap_use', ${capUse(of.terms, `(${of.spans}::text[] || y.spans)`, `select x.subject from (${of.subjects}) x union select r.organization_id`)}
  ) as earning
  from (
    select coalesce(jsonb_agg(c.stripe_customer order by c.stripe_customer), '[]') as ids,
      coalesce(jsonb_agg(e.organization_id) filter (where e.organization_id is not null), '[]') as owners,
      coalesce(jsonb_agg(c.stripe_customer) filter (where not c.linked), '[]') as linkable,
      min(c.stripe_customer) filter (where e.organization_id is null) as free
    from (
      select l.stripe_customer, true as linked from (select * from frontdesk.customers c where c.prospect_id = ${of.prospect} limit 100) l
      union
      select n.stripe_customer, false from (
        select m.stripe_customer from (
          select * from frontdesk.reports m where m.prospect_id = ${of.prospect} order by m.occurred_at limit 1000) m
        where m.type = 'customer.linked' and m.stripe_customer is not null) n
      left join lateral (select c.prospect_id from frontdesk.customers c where c.stripe_customer = n.stripe_customer limit 1) c on true
      where c.prospect_id is null
    ) c
    left join lateral (
      select e.organization_id from frontdesk.payees e where e.kind = 'customer' and e.stripe_id = c.stripe_customer limit 1) e on true
  ) k
  cross join lateral (
    select coalesce(o.organization_id, k.owners ->> 0) as organization_id,
      case when o.organization_id is null then '[]' else jsonb_build_array(o.organization_id) end as own
    from (select 1) x
    left join lateral (select o.organization_id from frontdesk.organizations o where o.prospect_id = ${of.prospect} limit 1) o on true
    -- A column, not an expression: what row-level security may let the planner look up by.
    limit 1
  ) r
  cross join lateral (
    select (select e.stripe_id from frontdesk.payees e where e.organization_id = r.organization_id and e.kind = 'customer' limit 1) as payee
  ) u
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('invoice_id', q.invoice_id, 'currency', q.currency, 'paid_at', q.paid_at,
        'collected_minor', q.collected_minor::text, 'paid_minor', q.paid_minor::text, 'given_back_minor', g.amount::text)), '[]') as payments,
      coalesce(array_agg(distinct to_char(q.paid_at at time zone 'UTC', 'YYYY-MM')), '{}')
        || coalesce(array_agg(distinct to_char(q.paid_at at time zone 'UTC', 'YYYY')), '{}') as spans
    from jsonb_array_elements_text(k.ids) i (id)
    cross join lateral (
      (select * from frontdesk.payments p where p.stripe_customer = i.id order by p.paid_at limit 500)
      union
      (select * from frontdesk.payments p where p.stripe_customer = i.id order by p.paid_at desc limit 500)) q
    cross join lateral (
      select coalesce(sum(v.amount_minor), 0) as amount from frontdesk.payment_reversals v
      where v.invoice_id = q.invoice_id and v.state = 'effective') g
    where q.status = 'paid'
  ) y
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('side', q.side, 'rule', q.rule, 'occasion', q.occasion, 'currency', q.currency,
      'value_minor', coalesce(q.details ->> 'value_minor', q.amount_minor::text), 'unsent', s.status in ('accrued', 'available'))), '[]') as earned
    from (
      (select * from frontdesk.rewards q where q.referral_id = ${of.referral} limit 10000)
      union
      (select q.* from (
         select * from frontdesk.reward_states s where s.organization_id = r.organization_id order by s.reward_id desc limit 1000) s
       cross join lateral (select * from frontdesk.rewards q where q.reward_id = s.reward_id limit 1) q
       where q.side = 'referee')
    ) q
    cross join lateral (select * from frontdesk.reward_states s where s.reward_id = q.reward_id limit 1) s
  ) w`;
