import type { Row, Statement } from '../db/batch.ts';

/** What the database says of a tenant's payments; under its context, as its writer. Times as the database writes them. */
export interface PaymentFacts {
  readonly payees: { readonly count: number; readonly obstructed: number };
  /** Organizations with rewards that Stripe is to hand over, and nobody to hand them to. */
  readonly unlinked: number;
  readonly outbox: { readonly dead: number; readonly oldestDue: string | null };
  readonly reconciled: { readonly at: string | null; readonly findings: number };
}

export const paymentFacts: Statement<PaymentFacts> = {
  name: 'doctor.payments',
  text: `select
      (select count(*) from frontdesk.payees p) as payees,
      (select count(*) from frontdesk.payees p where p.obstacle is not null) as obstructed,
      (select count(distinct s.organization_id) from frontdesk.reward_states s
        where s.status = 'available' and s.kind <> 'external'
          and not exists (select from frontdesk.payees p where p.organization_id = s.organization_id
            and p.kind = case s.kind when 'stripe_transfer' then 'account' else 'customer' end)) as unlinked,
      (select count(*) from frontdesk.outbox o where o.state = 'dead') as dead,
      (select o.due_at from frontdesk.outbox o where o.state = 'waiting' order by o.due_at limit 1) as oldest_due,
      r.ran_at, coalesce(jsonb_array_length(r.findings), 0) as findings
    from (select) nothing
    left join lateral (
      select c.ran_at, c.findings from frontdesk.reconciliations c order by c.reconciliation_id desc limit 1) r on true`,
  values: [],
  read: ([row]) => ({
    payees: { count: Number(row?.payees), obstructed: Number(row?.obstructed) },
    unlinked: Number(row?.unlinked),
    outbox: { dead: Number(row?.dead), oldestDue: textOf(row, 'oldest_due') },
    reconciled: { at: textOf(row, 'ran_at'), findings: Number(row?.findings) },
  }),
};

export interface DueWork {
  readonly kind: string;
  readonly at: string;
}

/** What schedules have to look at for a tenant, and since when. Outside of any tenant's context, as the schedules themselves ask. */
export const dueWorkOf = (tenant: string): Statement<readonly DueWork[]> => ({
  name: 'doctor.due_work',
  text: 'select d.kind, d.at from frontdesk.due_work d where d.tenant_id = $1',
  values: [tenant],
  read: (rows) => rows.map(({ kind, at }) => ({ kind: String(kind), at: String(at) })),
});

/** Which of these events the inbox knows. */
export const knownEvents = (eventIds: readonly string[]): Statement<readonly string[]> => ({
  name: 'doctor.known_events',
  text: 'select e.event_id from frontdesk.stripe_events e where e.event_id = any($1::text[])',
  values: [eventIds],
  read: (rows) => rows.map(({ event_id }) => String(event_id)),
});

const textOf = (row: Row | undefined, column: string): string | null => (typeof row?.[column] === 'string' ? row[column] : null);
