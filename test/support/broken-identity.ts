/** Every part of a decision about who somebody is, broken, and what the commit then fails with. */
import type { IdentityChanges } from '../../src/domain/identity-changes.ts';
import { hashOf, wholeIdentity as whole } from './identity-decision.ts';

type Parts = Required<IdentityChanges>;
type Lists = { [P in keyof Parts]: Parts[P] extends readonly unknown[] ? P : never }[keyof Parts];
type Way<P extends keyof Parts> = readonly [what: string, part: Parts[P], sqlState: string];

/** Each row of a list, changed. */
const each = <P extends Lists>(part: P, what: string, change: Partial<Parts[P][number]>, sqlState = 'FD001'): Way<P> => [
  what,
  whole[part].map((row) => ({ ...row, ...change })) as unknown as Parts[P],
  sqlState,
];
const twice = <P extends Lists>(part: P, sqlState = '23505'): Way<P> => [
  'a row twice',
  [...whole[part], whole[part][0]] as unknown as Parts[P],
  sqlState,
];
/** The first row replaces one, the second is new: neither out of turn. */
const outOfTurn = <P extends Lists>(part: P, replaces: number): readonly Way<P>[] => {
  const only = (at: number, version: number) => [{ ...whole[part][at], version }] as unknown as Parts[P];
  return [
    twice(part, '21000'),
    ['a version that somebody else made', only(replaces, 1), 'FD001'],
    ['a version that is left out', only(replaces, 3), 'FD001'],
    ['a second version of what is not there', only(1 - replaces, 2), 'FD001'],
  ];
};

const at = '2026-02-03T04:05:06.000Z';

export const brokenIdentity: { readonly [P in keyof Parts]: readonly Way<P>[] } = {
  spent: [twice('spent')],
  agent_keys: [
    twice('agent_keys'),
    each('agent_keys', 'a key that another agent has', { thumbprint: 'thumb_1' }, '23505'),
    each('agent_keys', 'an agent that is not there', { agent_id: 'agt_9' }, '23503'),
  ],
  agent_key_states: [
    twice('agent_key_states', 'FD001'),
    each('agent_key_states', 'a state that it no longer has', { from_state: 'retired' }),
    each('agent_key_states', 'no end', { expires_at: null }, '23514'),
  ],
  changed_agents: [
    twice('changed_agents', 'FD001'),
    each('changed_agents', 'an epoch that somebody else made', { epoch: 1 }),
    each('changed_agents', 'a workspace that it leaves behind', { organization_id: 'org_2' }),
    each('changed_agents', 'a status that its dates deny', { status: 'active' }, '23514'),
  ],
  adopted_workspaces: [
    twice('adopted_workspaces', 'FD001'),
    each('adopted_workspaces', 'another owner meanwhile', { from_owner: 'net:2' }),
    each('adopted_workspaces', 'a workspace that ended', { workspace_id: 'ws_gone', from_owner: 'org_1' }),
  ],
  changed_organizations: [
    twice('changed_organizations', 'FD001'),
    each('changed_organizations', 'another tier meanwhile', { from_tier: 'attested' }),
    each('changed_organizations', 'another domain meanwhile', { from_domain: 'o9.example' }),
    each('changed_organizations', 'thawed meanwhile', { from_frozen_at: null }),
    ['a domain that another one has', whole.changed_organizations.slice(0, 1), '23505'],
  ],
  domain_proofs: [
    ...outOfTurn('domain_proofs', 1),
    ['a domain that another one proved', whole.domain_proofs.slice(0, 1), '23505'],
    each('domain_proofs', 'no date', { state: 'verified', domain: 'o8.example', verified_at: null }, '23514'),
  ],
  domain_conflicts: [
    ...outOfTurn('domain_conflicts', 0),
    ['one that was decided', whole.domain_conflicts.slice(0, 1).map((row) => ({ ...row, conflict_id: 'dcf_over', version: 3 })), 'FD001'],
    each('domain_conflicts', 'an organization against itself', { holder_id: 'org_1', organization_id: 'org_1' }, '23514'),
  ],
  join_requests: [
    ...outOfTurn('join_requests', 0),
    ['one that was decided', whole.join_requests.slice(0, 1).map((row) => ({ ...row, join_id: 'jrq_over', version: 3 })), 'FD001'],
    each('join_requests', 'a decision of nobody', { state: 'refused', decided_at: at, decided_by: null }, '23514'),
  ],
  registrations: [
    ...outOfTurn('registrations', 0),
    [
      'one that was collected',
      whole.registrations.slice(0, 1).map((row) => ({ ...row, registration_id: 'reg_over', version: 3 })),
      'FD001',
    ],
    each('registrations', 'nobody who claimed it', { state: 'claimed', claimed_by: null }, '23514'),
  ],
  ended_api_keys: [
    twice('ended_api_keys', 'FD001'),
    each('ended_api_keys', 'a key that is not there', { key_id: 'key_9' }),
    each('ended_api_keys', 'a key that was revoked', { key_id: 'key_over' }),
    each('ended_api_keys', 'no end', { expires_at: null }),
  ],

  people: [
    ...outOfTurn('people', 0),
    each('people', 'an address in capitals', { email: 'P@o1.example' }, '23514'),
    ['an address that somebody has', whole.people.slice(1).map((row) => ({ ...row, email: 'p1@o1.example' })), '23505'],
  ],
  memberships: [twice('memberships'), each('memberships', 'an organization that is not there', { organization_id: 'org_9' }, '23503')],
  ended_memberships: [
    twice('ended_memberships', 'FD001'),
    each('ended_memberships', 'one that is not there', { organization_id: 'org_9' }),
  ],
  sessions: [twice('sessions'), each('sessions', 'an end before its beginning', { expires_at: at }, '23514')],
  ended_sessions: [['a session that is not there', { ...whole.ended_sessions, session_hash: hashOf('e9') }, 'FD001']],
  sign_in_links: [
    twice('sign_in_links'),
    each('sign_in_links', 'a browser of no concern', { browser_hash: null }, '23514'),
    each('sign_in_links', 'an end before its beginning', { expires_at: at }, '23514'),
  ],
  used_link: [
    ['a link that is not there', { ...whole.used_link, link_id: 'lnk_9' }, 'FD001'],
    ['a link that was used', { ...whole.used_link, link_id: 'lnk_used' }, 'FD001'],
    ['a link that is over', { ...whole.used_link, link_id: 'lnk_over' }, 'FD001'],
  ],
  mailbox_proofs: [
    ...outOfTurn('mailbox_proofs', 0),
    each('mailbox_proofs', 'an end before its beginning', { expires_at: '2026-01-01T00:00:00.000Z' }, '23514'),
    each('mailbox_proofs', 'a workspace that is not there', { workspace_id: 'ws_9' }, '23503'),
    ['one that was used', whole.mailbox_proofs.slice(0, 1).map((row) => ({ ...row, proof_id: 'mbx_used', version: 3 })), 'FD001'],
  ],
  passkeys: [twice('passkeys'), each('passkeys', 'a person who is not there', { person_id: 'psn_9' }, '23503')],
  used_passkey: [['a counter that somebody else used', { ...whole.used_passkey, from_counter: 0 }, 'FD001']],
  removed_passkey: [['a passkey of somebody else', { ...whole.removed_passkey, person_id: 'psn_2' }, 'FD001']],
  partner_applications: [
    ...outOfTurn('partner_applications', 0),
    [
      'one that was decided',
      whole.partner_applications.slice(0, 1).map((row) => ({ ...row, application_id: 'app_over', version: 3 })),
      'FD001',
    ],
    each('partner_applications', 'a decision of nobody', { state: 'refused', decided_at: at, decided_by: null }, '23514'),
  ],
};
