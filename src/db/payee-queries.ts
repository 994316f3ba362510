import type { Tier } from '../domain/actor.ts';
import type { DomainProof } from '../domain/domain-proof.ts';
import type { PayeeKind, StoredPayee } from '../domain/payee.ts';
import { many, one } from './query.ts';

/** Questions about where the money of organizations goes. */
export const payeeQueries = {
  /** For each of up to a hundred links that are wanted, in their order of `n`: the organization, what it has, and who has the wanted one. */
  payeeFiles: (wanted: readonly PayeeAsked[]) =>
    many<PayeeFileRow>(
      'payees.files',
      `select x.n, o.organization_id, o.tier, o.frozen_at is not null as is_domain_disputed, x.kind, p.stripe_id, p.source, p.linked_by,
         p.linked_at, p.frozen_until, p.obstacle, h.organization_id as holder
       from jsonb_to_recordset($1::jsonb -> 'list') x (n int, organization_id text, kind text, stripe_id text)
       left join lateral (select * from frontdesk.organizations o where o.organization_id = x.organization_id limit 1) o on true
       left join lateral (
         select * from frontdesk.payees p where p.organization_id = o.organization_id and p.kind = x.kind limit 1) p on true
       left join lateral (select * from frontdesk.payees h where h.kind = x.kind and h.stripe_id = x.stripe_id limit 1) h on true
       order by x.n`,
      [{ list: wanted.map((one, n) => ({ n, ...one })) }],
    ),

  /** Connected accounts that nothing can be sent to, those first that were linked last. */
  obstructedAccounts: (limit: number) =>
    many<StoredPayee>(
      'payees.obstructed_accounts',
      `select o.organization_id, o.tier, p.kind, p.stripe_id, p.source, p.linked_by, p.linked_at, p.frozen_until, p.obstacle,
         p.organization_id as holder
       from (
         select * from frontdesk.payees p where p.kind = 'account' and p.obstacle is not null order by p.linked_at desc, p.stripe_id limit $1) p
       cross join lateral (select * from frontdesk.organizations o where o.organization_id = p.organization_id limit 1) o`,
      [limit],
    ),

  /** An organization in reach, its payees by kind and its newest proofs of a domain. */
  organization: (organizationId: string) =>
    one<OrganizationRow>(
      'organizations.one',
      `select o.organization_id, o.name, o.domain, o.tier, o.frozen_at, o.created_at, (
         select coalesce(jsonb_agg(to_jsonb(p) - 'tenant_id' order by p.kind), '[]') from frontdesk.payees p
         where p.organization_id = o.organization_id) as payees, (
         select coalesce(jsonb_agg(to_jsonb(d) - 'tenant_id' order by d.proof_id desc), '[]') from (
           select * from frontdesk.domain_proofs d where d.organization_id = o.organization_id order by d.proof_id desc limit 20) d) as proofs
       from frontdesk.organizations o where o.organization_id = $1`,
      [organizationId],
    ),
} as const;

export interface PayeeAsked {
  readonly organization_id: string;
  readonly kind: PayeeKind;
  /** What it shall be linked to; null where only what it has is asked. */
  readonly stripe_id: string | null;
}

export interface PayeeFileRow extends StoredPayee {
  readonly n: number;
  /** Somebody else proved the organization's domain as well, and nobody decided yet. */
  readonly is_domain_disputed: boolean;
}

/** `payees` and `proofs` are JSON: times as Postgres writes them there. */
export interface OrganizationRow {
  readonly organization_id: string;
  readonly name: string;
  readonly domain: string | null;
  readonly tier: Tier;
  readonly frozen_at: string | null;
  readonly created_at: string;
  readonly proofs: readonly DomainProof[];
  readonly payees: readonly {
    readonly kind: PayeeKind;
    readonly stripe_id: string;
    readonly source: NonNullable<StoredPayee['source']>;
    readonly linked_by: string;
    readonly linked_at: string;
    readonly frozen_until: string | null;
    readonly obstacle: string | null;
  }[];
}
