/** Rows of the tables of who somebody is; see `row-of-each-table.ts`. */
import type { Fixture } from './row-of-each-table.ts';

const at = '2026-01-02T03:04:05Z';
const later = '2026-03-04T05:06:07Z';
const hash = (n: number): string => `\\x${`0${n}`.repeat(32)}`;
const decided = { decided_at: at, decided_by: 'staff' };

/** In an order that satisfies the foreign keys. The first domain is proved and in dispute; the second of what is decided once is decided. */
export const identityRows: Readonly<Record<string, (n: 1 | 2) => Fixture>> = {
  agent_keys: (n) => ({
    thumbprint: `thumb_${n}`,
    agent_id: 'agt_1',
    organization_id: 'org_1',
    public_jwk: {},
    state: 'active',
    created_at: at,
  }),
  spent: (n) => ({ kind: 'assertion', digest: `d${n}`, expires_at: at }),
  domain_proofs: (n) => ({
    proof_id: `dpf_${n}`,
    organization_id: 'org_1',
    domain: 'o1.example',
    method: 'dns_txt',
    token: 't',
    ...(n === 1 ? { state: 'verified', verified_at: at } : { state: 'pending' }),
    version: 1,
    failures: 0,
    created_at: at,
    expires_at: later,
  }),
  domain_conflicts: (n) => ({
    conflict_id: `dcf_${n}`,
    domain: 'o1.example',
    holder_id: 'org_1',
    organization_id: 'org_2',
    proof_id: 'dpf_1',
    ...(n === 1 ? { state: 'open' } : { state: 'kept', ...decided }),
    version: 1,
    opened_at: at,
  }),
  join_requests: (n) => ({
    join_id: `jrq_${n}`,
    organization_id: 'org_1',
    agent_id: 'agt_1',
    ...(n === 1 ? { state: 'open' } : { state: 'refused', ...decided }),
    version: 1,
    requested_at: at,
  }),
  registrations: (n) => ({
    registration_id: `reg_${n}`,
    agent_id: 'agt_1',
    claim_hash: hash(n),
    claim_expires_at: later,
    code_hash: hash(n),
    code_expires_at: later,
    state: 'open',
    version: 1,
    created_at: at,
  }),
  people: (n) => ({ person_id: `psn_${n}`, email: `p${n}@o1.example`, role: 'partner', state: 'active', version: 1, created_at: at }),
  memberships: (n) => ({ person_id: 'psn_1', organization_id: `org_${n}`, granted_by: 'staff', granted_at: at }),
  sessions: (n) => ({ session_hash: hash(n), person_id: 'psn_1', created_at: at, seen_at: at, expires_at: later }),
  sign_in_links: (n) => ({
    link_id: `lnk_${n}`,
    token_hash: hash(n),
    person_id: 'psn_1',
    purpose: 'sign_in',
    browser_hash: hash(n),
    created_at: at,
    expires_at: later,
  }),
  mailbox_proofs: (n) => ({
    proof_id: `mbx_${n}`,
    workspace_id: 'ws_1',
    claim_hash: hash(1),
    token_hash: hash(n),
    browser_hash: hash(1),
    email: 'm@o1.example',
    via: 'mail',
    version: 1,
    created_at: at,
    expires_at: later,
  }),
  passkeys: (n) => ({ credential_id: `crd_${n}`, person_id: 'psn_1', public_key: 'k', counter: '1', transports: [], created_at: at }),
  partner_applications: (n) => ({
    application_id: `app_${n}`,
    email: `a${n}@o1.example`,
    organization_name: 'O',
    state: 'open',
    version: 1,
    created_at: at,
  }),
};
