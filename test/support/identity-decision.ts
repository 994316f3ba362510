/** The parts of a decision about who somebody is, for `whole-decision.ts`, and the rows that they need beside `firstOfEach()`. */
import type { IdentityChanges } from '../../src/domain/identity-changes.ts';
import { insertInto, rowOf } from './row-of-each-table.ts';

const at = '2026-02-03T04:05:06.000Z';
const later = '2026-03-04T05:06:07.000Z';
/** When the first rows were made. */
const before = '2026-01-02T03:04:05.000Z';
export const hashOf = (byte: string): string => byte.repeat(32);

const proof = { method: 'dns_txt', token: 't', failures: 0, expires_at: later, checked_at: at } as const;
const mailboxProof = {
  ...{ workspace_id: 'ws_1', claim_hash: hashOf('01'), browser_hash: hashOf('01'), email: 'm@o1.example', via: 'mail' as const },
  ...{ expires_at: later, used_at: null },
};
const person = { name: null, oidc_issuer: null, oidc_subject: null } as const;
const application = { organization_name: 'O', domain: null, note: null, reason: null } as const;
const undecided = { decided_at: null, decided_by: null };
const decided = { decided_at: at, decided_by: 'psn_1' };

/** Of what has a version, the first row is replaced and a second one made. A domain goes from one organization to another. */
export const wholeIdentity: Required<IdentityChanges> = {
  spent: [{ kind: 'assertion', digest: 'd2', expires_at: later }],
  agent_keys: [{ agent_id: 'agt_2', organization_id: 'org_2', thumbprint: 'thumb_2', public_jwk: {}, created_at: at }],
  agent_key_states: [{ thumbprint: 'thumb_1', from_state: 'active', state: 'retired', expires_at: later }],
  changed_agents: [{ agent_id: 'agt_1', epoch: 2, status: 'revoked', organization_id: 'org_1', revoked_at: at }],
  adopted_workspaces: [{ workspace_id: 'ws_adopted', from_owner: 'net:1', organization_id: 'org_2', owner: 'org_2' }],
  changed_organizations: [
    {
      ...{ organization_id: 'org_taker', from_tier: 'key_bound', from_domain: null, from_frozen_at: at },
      ...{ tier: 'domain_verified', domain: 'moving.example', frozen_at: null },
    },
    {
      ...{ organization_id: 'org_holder', from_tier: 'domain_verified', from_domain: 'moving.example', from_frozen_at: at },
      ...{ tier: 'key_bound', domain: null, frozen_at: null },
    },
  ],
  domain_proofs: [
    {
      ...{ ...proof, proof_id: 'dpf_2', organization_id: 'org_2', domain: 'o1.example', state: 'verified', version: 1 },
      ...{ created_at: at, verified_at: at },
    },
    {
      ...{ ...proof, proof_id: 'dpf_1', organization_id: 'org_1', domain: 'o1.example', state: 'lapsed', version: 2 },
      ...{ created_at: before, verified_at: before },
    },
  ],
  domain_conflicts: [
    {
      ...{ conflict_id: 'dcf_1', domain: 'o1.example', holder_id: 'org_1', organization_id: 'org_2', proof_id: 'dpf_1' },
      ...{ state: 'moved', version: 2, opened_at: before, ...decided, reason: 'r' },
    },
    {
      ...{ conflict_id: 'dcf_2', domain: 'o1.example', holder_id: 'org_2', organization_id: 'org_1', proof_id: 'dpf_2' },
      ...{ state: 'open', version: 1, opened_at: at, ...undecided, reason: null },
    },
  ],
  join_requests: [
    { join_id: 'jrq_1', organization_id: 'org_1', agent_id: 'agt_1', state: 'approved', version: 2, requested_at: before, ...decided },
    { join_id: 'jrq_2', organization_id: 'org_1', agent_id: 'agt_2', state: 'open', version: 1, requested_at: at, ...undecided },
  ],
  registrations: [
    {
      ...{ registration_id: 'reg_1', agent_id: 'agt_1', claim_hash: hashOf('01'), claim_expires_at: later, code_hash: hashOf('01') },
      ...{ code_expires_at: later, polled_at: at, state: 'claimed', version: 2, claimed_by: 'psn_1', created_at: before },
    },
    {
      ...{ registration_id: 'reg_2', agent_id: 'agt_2', claim_hash: hashOf('f2'), claim_expires_at: later, code_hash: hashOf('f2') },
      ...{ code_expires_at: later, polled_at: null, state: 'open', version: 1, claimed_by: null, created_at: at },
    },
  ],
  ended_api_keys: [{ key_id: 'key_1', expires_at: later, revoked_at: null }],

  people: [
    { ...person, person_id: 'psn_1', email: 'new@o1.example', role: 'partner', state: 'active', version: 2, created_at: before },
    { ...person, person_id: 'psn_2', email: 'p2@o1.example', role: 'operator', state: 'active', version: 1, created_at: at },
  ],
  memberships: [{ person_id: 'psn_2', organization_id: 'org_2', granted_by: 'psn_1', granted_at: at }],
  ended_memberships: [{ person_id: 'psn_1', organization_id: 'org_1' }],
  sessions: [{ session_hash: hashOf('f2'), person_id: 'psn_2', created_at: at, expires_at: later, stepped_up_at: null }],
  ended_sessions: { session_hash: hashOf('01'), at },
  sign_in_links: [
    {
      ...{ link_id: 'lnk_2', token_hash: hashOf('f2'), person_id: 'psn_2', purpose: 'sign_in', browser_hash: hashOf('f2') },
      ...{ created_at: at, expires_at: later },
    },
  ],
  used_link: { link_id: 'lnk_1', at },
  mailbox_proofs: [
    { ...mailboxProof, proof_id: 'mbx_1', token_hash: hashOf('01'), version: 2, created_at: before, proven_at: at },
    { ...mailboxProof, proof_id: 'mbx_2', token_hash: hashOf('f2'), version: 1, created_at: at, proven_at: null },
  ],
  passkeys: [{ credential_id: 'crd_2', person_id: 'psn_2', public_key: 'k', counter: 0, transports: ['internal'], created_at: at }],
  used_passkey: { credential_id: 'crd_1', from_counter: 1, counter: 2, at },
  removed_passkey: { credential_id: 'crd_removed', person_id: 'psn_1' },
  partner_applications: [
    {
      ...{ ...application, application_id: 'app_1', email: 'a1@o1.example', state: 'approved', version: 2, created_at: before },
      ...{ ...decided, organization_id: 'org_2' },
    },
    {
      ...{ ...application, application_id: 'app_2', email: 'a2@o1.example', state: 'open', version: 1, created_at: at },
      ...{ ...undecided, organization_id: null },
    },
  ],
};

/** Two organizations that dispute a domain, and what was decided, used, revoked or ended before. */
export function neededIdentityRows(): readonly string[] {
  const another = (table: string, change: object) => insertInto(table, { ...rowOf(table, 1), ...change });
  const over = { state: 'refused', version: 2, ...decided };
  const secrets = (byte: string) => ({ key_hash: `\\x${hashOf(byte)}`, claim_hash: `\\x${hashOf(byte)}` });
  const workspace = { ...secrets('e7'), owner: 'net:1', organization_id: null };
  return [
    another('organizations', { organization_id: 'org_holder', tier: 'domain_verified', domain: 'moving.example', frozen_at: at }),
    another('organizations', { organization_id: 'org_taker', tier: 'key_bound', domain: null, frozen_at: at }),
    another('workspaces', { workspace_id: 'ws_adopted', ...workspace }),
    another('workspaces', { workspace_id: 'ws_of_agent', ...secrets('e8'), agent_id: 'agt_1' }),
    another('workspace_rows', { workspace_id: 'ws_adopted', row_id: 'row_adopted', organization_id: null }),
    another('domain_conflicts', { conflict_id: 'dcf_over', ...over, state: 'kept' }),
    another('join_requests', { join_id: 'jrq_over', ...over }),
    another('registrations', {
      ...{ registration_id: 'reg_over', claim_hash: `\\x${hashOf('e1')}`, state: 'collected', version: 2, claimed_by: 'psn_1' },
    }),
    another('partner_applications', { application_id: 'app_over', ...over }),
    another('api_keys', { key_id: 'key_over', secret_hash: `\\x${hashOf('e1')}`, revoked_at: at }),
    another('sign_in_links', { link_id: 'lnk_over', token_hash: `\\x${hashOf('e1')}`, expires_at: at }),
    another('sign_in_links', { link_id: 'lnk_used', token_hash: `\\x${hashOf('e2')}`, used_at: at }),
    another('mailbox_proofs', { proof_id: 'mbx_used', token_hash: `\\x${hashOf('e1')}`, version: 2, proven_at: at, used_at: at }),
    another('passkeys', { credential_id: 'crd_removed' }),
  ];
}
