/** Looks at who somebody is, in the big tenant of `many-identities.ts`. */
import { createHash } from 'node:crypto';
import { queries } from '../../src/db/queries.ts';
import { nth } from './many-rows.ts';
import { type Look, roles } from './query-looks.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const now = new Date('2026-01-02T00:00:00Z');
const page = { after: null, limit: 50 } as const;

const agent = {
  ...({ agent_id: 'text', organization_id: 'text', name: 'text', kind: 'text', client_id: 'text', status: 'text', epoch: 'int4' } as const),
  ...({ created_at: 'timestamptz', revoked_at: 'timestamptz', keys: 'jsonb' } as const),
} as const;
const heldAgent = { ...agent, api_keys: 'jsonb' } as const;
const apiKey = {
  ...({ key_id: 'text', last4: 'text', organization_id: 'text', agent_id: 'text', scopes: 'text[]' } as const),
  ...({ created_at: 'timestamptz', expires_at: 'timestamptz', revoked_at: 'timestamptz' } as const),
} as const;
const conflict = {
  ...({ conflict_id: 'text', domain: 'text', holder_id: 'text', organization_id: 'text', proof_id: 'text', state: 'text' } as const),
  ...({ opened_at: 'timestamptz', decided_at: 'timestamptz', decided_by: 'text', reason: 'text', method: 'text' } as const),
  proven_at: 'timestamptz',
} as const;
const join = {
  ...({ join_id: 'text', organization_id: 'text', agent_id: 'text', state: 'text', requested_at: 'timestamptz' } as const),
  ...({ decided_at: 'timestamptz', decided_by: 'text' } as const),
} as const;
const registration = {
  ...({ registration_id: 'text', claim_hash: 'text', claim_expires_at: 'timestamptz', code_hash: 'text' } as const),
  ...({ code_expires_at: 'timestamptz', polled_at: 'timestamptz', state: 'text', version: 'int4', claimed_by: 'text' } as const),
  ...({ created_at: 'timestamptz', agent_id: 'text', agent: 'jsonb', stated: 'jsonb' } as const),
} as const;
const person = {
  ...({ person_id: 'text', email: 'text', name: 'text', role: 'text', state: 'text', version: 'int4' } as const),
  ...({ oidc_issuer: 'text', oidc_subject: 'text', created_at: 'timestamptz' } as const),
} as const;
const application = {
  ...({ application_id: 'text', email: 'text', organization_name: 'text', domain: 'text', note: 'text', state: 'text' } as const),
  ...({ version: 'int4', created_at: 'timestamptz', decided_at: 'timestamptz', decided_by: 'text', reason: 'text' } as const),
  organization_id: 'text',
} as const;
const linking = { organization_id: 'text', name: 'text', domain: 'text' } as const;

/** An organization of the big tenant has a hundred agents, keys, proofs and requests. */
export const identityLooks = {
  clientFacts: {
    ask: queries.clientFacts({ client_id: nth('agt', 1), key_hash: hashOf('a1'), domain: 'o2.example', spent: 'd1' }, now),
    by: ['writer'],
    columns: { client: 'jsonb', api_key: 'jsonb', holder: 'jsonb', spent: 'bool' },
    // The requests that wait at the holder, a hundred at most.
    looksAt: 112,
  },
  agent: { ask: queries.agent(nth('agt', 1)), by: ['reader'], columns: agent, looksAt: 2 },
  heldAgent: { ask: queries.heldAgent(nth('agt', 1)), by: ['writer'], columns: heldAgent, looksAt: 3 },
  agentKeyKnown: { ask: queries.agentKeyKnown('thumb_1'), by: ['writer'], columns: { thumbprint: 'text' }, looksAt: 1 },
  // Each with its key.
  agents: { ask: queries.agents({ ...page, organizationId: null }), by: ['reader'], columns: agent, looksAt: 102 },
  activeAgents: { ask: queries.activeAgents('org_2', 50), by: ['writer'], columns: heldAgent, looksAt: 153 },
  unrevokedApiKeys: {
    ask: queries.unrevokedApiKeys('org_2', 50),
    by: ['writer'],
    columns: { key_id: 'text', expires_at: 'timestamptz' },
    looksAt: 50,
  },
  organizationKnown: { ask: queries.organizationKnown('org_2'), by: ['writer'], columns: { organization_id: 'text' }, looksAt: 1 },
  liveApiKeys: { ask: queries.liveApiKeys('org_2', 50, now), by: ['writer'], columns: { count: 'int8' }, looksAt: 51 },
  apiKey: { ask: queries.apiKey(nth('key', 1)), by: roles, columns: apiKey, looksAt: 1 },
  apiKeys: { ask: queries.apiKeys({ ...page, organizationId: null }), by: ['reader'], columns: apiKey, looksAt: 51 },
  standings: {
    ask: queries.standings(),
    by: ['reader'],
    columns: {
      ...({ organization_id: 'text', domain: 'text', tier: 'text', frozen_at: 'timestamptz', has_pending_proof: 'bool' } as const),
      payees: 'jsonb',
    },
    looksAt: 103,
  },
  callingAgent: { ask: queries.callingAgent(), by: roles, columns: { agent_id: 'text', kind: 'text', client_id: 'text' }, looksAt: 1 },

  proofGrounds: {
    ask: queries.proofGrounds('d1.example', now),
    by: ['writer'],
    columns: {
      ...({
        organization_id: 'text',
        tier: 'text',
        domain: 'text',
        frozen_at: 'timestamptz',
        live: 'jsonb',
        decided_against: 'bool',
      } as const),
    },
    looksAt: 104,
  },
  proofFile: {
    ask: queries.proofFile(nth('dpf', 1)),
    by: ['writer'],
    columns: {
      ...({ proof_id: 'text', proof: 'jsonb', organization: 'jsonb', holder: 'jsonb', has_payee: 'bool', is_payee_named: 'bool' } as const),
      ...({ agents_there: 'jsonb', is_proven_elsewhere: 'bool', is_contested: 'bool' } as const),
    },
    // All agents of the organization.
    looksAt: 110,
  },
  domainConflicts: { ask: queries.domainConflicts({ ...page, state: null }), by: ['reader'], columns: conflict, looksAt: 102 },
  conflictFile: {
    ask: queries.conflictFile(nth('dcf', 1)),
    by: ['writer'],
    columns: {
      ...conflict,
      ...({ conflict: 'jsonb', holder: 'jsonb', challenger: 'jsonb', has_payee: 'bool', disputed: 'jsonb', verified: 'jsonb' } as const),
      ...({ agents_there: 'jsonb', owner_id: 'text' } as const),
    },
    // All that are open in the tenant, for either side.
    looksAt: 250,
  },
  joinGround: {
    ask: queries.joinGround('o2.example', 20),
    by: ['writer'],
    columns: { organization_id: 'text', open: 'int4', earlier: 'jsonb', has_own_key: 'bool' },
    looksAt: 110,
  },
  organizationJoins: { ask: queries.organizationJoins({ ...page, state: null }), by: ['reader'], columns: join, looksAt: 51 },
  joinFile: {
    ask: queries.joinFile(nth('jrq', 1)),
    by: ['writer'],
    columns: {
      ...join,
      ...({ request: 'jsonb', agent: 'jsonb', tier: 'text', domain: 'text' } as const),
      ...({ workspaces: 'jsonb', api_keys: 'jsonb' } as const),
    },
    looksAt: 110,
  },

  correspondent: {
    ask: queries.correspondent('p1@o.example', hashOf('b1'), now),
    by: ['writer'],
    columns: { person_id: 'text', last_hour: 'int4', last_day: 'int4' },
    looksAt: 202,
  },
  signInLink: {
    ask: queries.signInLink(hashOf('m1')),
    by: ['writer'],
    columns: {
      ...({ link_id: 'text', person_id: 'text', email: 'text', person_state: 'text', browser_hash: 'text' } as const),
      ...({ expires_at: 'timestamptz', used_at: 'timestamptz', purpose: 'text', was_here: 'bool' } as const),
    },
    looksAt: 3,
  },
  mailedLink: {
    ask: queries.mailedLink(nth('lnk', 1)),
    by: ['writer'],
    columns: {
      ...({ purpose: 'text', created_at: 'timestamptz', expires_at: 'timestamptz', used_at: 'timestamptz', email: 'text' } as const),
      ...({ person_state: 'text', in_hour: 'int4', in_day: 'int4' } as const),
    },
    looksAt: 202,
  },
  vouchedPeople: {
    ask: queries.vouchedPeople('https://issuer.example', 's1', 'p2@o.example'),
    by: ['writer'],
    columns: person,
    looksAt: 2,
  },
  personByEmail: { ask: queries.personByEmail('p1@o.example'), by: ['writer'], columns: { person_id: 'text' }, looksAt: 1 },
  person: { ask: queries.person(nth('psn', 1)), by: roles, columns: person, looksAt: 1 },
  // One in a hundred is an operator.
  otherOperator: { ask: queries.otherOperator(nth('psn', 1)), by: ['writer'], columns: person, looksAt: 100 },
  membershipsOf: { ask: queries.membershipsOf(nth('psn', 1)), by: roles, columns: { organization_id: 'text' }, looksAt: 1 },
  organizationsAmong: {
    ask: queries.organizationsAmong(['org_2', 'org_3']),
    by: ['writer'],
    columns: { organization_id: 'text' },
    looksAt: 2,
  },
  people: {
    ask: queries.people({ ...page, role: null, state: null }),
    by: ['reader'],
    columns: {
      ...({ person_id: 'text', email: 'text', name: 'text', role: 'text', state: 'text', created_at: 'timestamptz' } as const),
      organization_ids: 'jsonb',
    },
    looksAt: 102,
  },
  applicationGround: {
    ask: queries.applicationGround('a1@o.example', 20),
    by: ['writer'],
    columns: { is_known: 'bool', is_waiting: 'bool', open: 'int4' },
    looksAt: 22,
  },
  application: { ask: queries.application(nth('app', 1)), by: roles, columns: application, looksAt: 1 },
  isApplicantKnown: { ask: queries.isApplicantKnown(nth('app', 1)), by: ['writer'], columns: { person_id: 'text' }, looksAt: 2 },
  applications: {
    ask: queries.applications({ ...page, state: null }),
    by: ['reader'],
    columns: { ...application, holder_id: 'text' },
    looksAt: 102,
  },
  ownSession: {
    ask: queries.ownSession(hashOf('s1')),
    by: ['writer'],
    columns: {
      ...({
        person_id: 'text',
        created_at: 'timestamptz',
        expires_at: 'timestamptz',
        stepped_up_at: 'timestamptz',
        email: 'text',
      } as const),
    },
    looksAt: 2,
  },
  passkeysOfSession: {
    ask: queries.passkeysOfSession(hashOf('s1')),
    by: ['writer'],
    columns: { credential_id: 'text', transports: 'jsonb', created_at: 'timestamptz', used_at: 'timestamptz' },
    looksAt: 2,
  },
  passkey: {
    ask: queries.passkey('crd_1'),
    by: ['writer'],
    columns: { credential_id: 'text', person_id: 'text', public_key: 'text', counter: 'int8', transports: 'jsonb' },
    looksAt: 1,
  },
  spent: { ask: queries.spent('assertion', 'd1'), by: ['writer'], columns: { kind: 'text' }, looksAt: 1 },

  registrationOfClaim: {
    ask: queries.registrationOfClaim(hashOf('r1')),
    by: ['writer'],
    columns: registration,
    looksAt: 210,
  },
  registrationOfCode: {
    ask: queries.registrationOfCode(hashOf('u1'), hashOf('s1')),
    by: ['writer'],
    columns: registration,
    looksAt: 210,
  },
  registrationOfKey: {
    ask: queries.registrationOfKey('thumb_1'),
    by: ['writer'],
    columns: { key_state: 'text', agent: 'jsonb', registration: 'jsonb' },
    looksAt: 210,
  },
  registrationOfAgent: {
    ask: queries.registrationOfAgent(nth('agt', 1)),
    by: ['writer'],
    columns: { registration_id: 'text' },
    looksAt: 2,
  },
  workspacesToAdopt: {
    ask: queries.workspacesToAdopt({ registrationId: nth('reg', 1) }),
    by: ['writer'],
    columns: { workspace_id: 'text', owner: 'text' },
    looksAt: 110,
  },
  apiKeysToEnd: {
    ask: queries.apiKeysToEnd({ registrationId: nth('reg', 1) }),
    by: ['writer'],
    columns: { key_id: 'text', expires_at: 'timestamptz' },
    looksAt: 3,
  },
  organizationsToLink: { ask: queries.organizationsToLink(), by: ['reader', 'writer'], columns: linking, looksAt: 3 },
  organizationToLink: { ask: queries.organizationToLink('org_2'), by: ['writer'], columns: linking, looksAt: 1 },
} satisfies Partial<{ readonly [K in keyof typeof queries]: Look<K> }>;

/** What only a writer's load may look up among them. */
export const identityRefusedToReaders: readonly (keyof typeof identityLooks)[] = [
  ...(['clientFacts', 'correspondent', 'signInLink', 'mailedLink', 'spent', 'ownSession', 'passkeysOfSession', 'passkey'] as const),
  ...([
    'registrationOfClaim',
    'registrationOfCode',
    'registrationOfKey',
    'registrationOfAgent',
    'workspacesToAdopt',
    'apiKeysToEnd',
  ] as const),
];
