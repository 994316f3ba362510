/** Who may read the rows of a table under which policy; `-`: the reader may not ask at all, `*`: no policy, every row. */
export type ReaderPolicy = '-' | '*' | 'staff' | 'tenant' | 'organization' | 'workspace';

export interface TableShape {
  readonly table: string;
  readonly reader: ReaderPolicy;
  /** What the reader may see of a row: every column, or only these. */
  readonly seen: 'all' | readonly string[];
  /** Beside reading and adding, the writer may: change every column, or only these; delete. */
  readonly update: 'all' | readonly string[];
  readonly delete: boolean;
  /** Triggers: name, and where these differ from table to table, after which events and what is checked. */
  readonly triggers: readonly string[];
}

/**
 * How every table of the schema stands to tenants, roles and guards. A migration that makes a table, a grant or a trigger is entered here;
 * what the catalogue of a database says beside it is a finding.
 */
export function tableShapes(): readonly TableShape[] {
  return shapes
    .trim()
    .split('\n')
    .map((line) => {
      const [table = '', read = '', changes = '', ...triggers] = line.trim().split(/\s+/);
      const [reader = '', seen = 'all'] = read.split(':');
      const [update = '', erase = ''] = changes.split('/');
      return {
        table,
        reader: reader as ReaderPolicy,
        seen: seen === 'all' ? seen : seen.split(','),
        update: update === 'all' ? update : update.split(',').filter((column) => column !== '-'),
        delete: erase === 'delete',
        triggers,
      };
    });
}

const shapes = `
agent_keys organization expires_at,organization_id,state
agents organization client_id,epoch,kind,organization_id,revoked_at,status
api_keys organization:agent_id,created_at,expires_at,key_id,last4,organization_id,revoked_at,scopes,tenant_id all
attributions staff - append_only
audits staff -
balances organization balance_minor
blocks tenant - append_only
breakers - all/delete
counters - all
credit_uses organization - append_only
customers - -
dispute_evidence organization content
disputes organization because,decided_at,decided_by,status,trace
documents tenant all keep_published
domain_conflicts staff decided_at,decided_by,reason,state,version
domain_proofs organization checked_at,expires_at,failures,state,verified_at,version/delete
due_work - all/delete
entries organization - append_only stamp_transaction balanced in_order:insert:reward
events organization sequence/delete
evidence organization - append_only
fulfilments organization reference,settled_at,status not_held
holds organization closed_at,closed_because,closed_by in_order:insert,update:referral
idempotency - -/delete
join_requests organization decided_at,decided_by,state,version
leaves tenant - append_only
ledger_events organization - append_only
limits - all/delete
link_visits staff -/delete
mailbox_proofs - expires_at,proven_at,used_at,version/delete
memberships organization -/delete
organizations organization all
outbox organization all/delete
particulars organization -/delete
partner_applications staff decided_at,decided_by,email,note,organization_id,reason,state,version
passkeys - counter,used_at/delete
payees organization frozen_until,linked_at,linked_by,obstacle,source,stripe_id
payment_reversals staff amount_minor,seen_at,state
payments staff collected_minor,out_of_band,paid_at,paid_minor,seen_at,status,subscription
people staff email,name,oidc_issuer,oidc_subject,role,state,version
postings organization - append_only stamp_transaction
program_versions tenant - append_only
prospects - fingerprint
published_documents tenant - append_only
reconciliations staff -
referral_states organization all copy_identity in_order:update:referral
referral_tokens organization all append_only:truncate
referral_transitions organization - append_only in_order:insert:referral
referrals organization - append_only
registrations - claimed_by,code_expires_at,code_hash,polled_at,state,version/delete
reports - data
reward_bases organization - append_only
reward_states organization available_at,changed_at,netted_minor,obstacle,reversed_minor,seq,status in_order:update:reward
reward_transitions organization - append_only in_order:insert:reward not_held
rewards organization - append_only in_order:insert:reward
sessions - ended_at,seen_at,stepped_up_at/delete
sign_in_links - used_at/delete
signing_keys - all
spent - -/delete
stripe_accounts - account_id,connected_at,events_seen_at,livemode,sealed
stripe_events staff -/delete
tenant_hosts * all/delete
tenants tenant all
touches organization - append_only
tree_nodes tenant - append_only
vendor_versions tenant - append_only
verifications tenant - append_only
webhook_endpoints organization deleted_at,disabled_because,previous_until,secret_version,state,types,url
workspace_rows workspace all/delete
workspaces workspace all/delete`;
